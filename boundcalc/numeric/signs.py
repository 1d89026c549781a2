"""Signs of expressions: proved by the kernel and by inequalities, or refuted by numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
from sympy import Add, Expr, Rel, S, Symbol, expand_log, expand_mul, factor_terms, log, sqrt

from boundcalc.errors import InputError
from boundcalc.numeric.arithmetic import floats
from boundcalc.numeric.compile import tape
from boundcalc.numeric.exact import enclosed, rational
from boundcalc.symbolic.analysis.ranges import domains, ordered_pairs
from boundcalc.symbolic.analysis.trends import TrendFacts
from boundcalc.symbolic.functions import (
    BinomialLower,
    BinomialUpper,
    KLLower,
    KLUpper,
    LimitFunction,
)
from boundcalc.symbolic.kernel import below_one, provably_nonnegative
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.printing import plain

_TRIALS, _SLOW_TRIALS, _CERTIFIED, _DIGITS = 4000, 200, 5, 30
_COUNTS = (1, 2, 3, 10, 30, 100, 1000, 10**4, 10**6)
_SIZES = ("0", "1/1000", "1/100", "1/10", "1/3", "1", "2", "10", "100")
_SHARES = ("1/1000", "1/100", "1/20", "1/10", "1/4", "1/2", "9/10")

_MEANS = (
    *("test_loss", "train_loss", "train_loss_m", "train_loss_n"),
    *("optimisation_gap", "loss_drop", "centred_loss", "gamma"),
)
"""Mean losses, and differences of two."""


def nonnegative(expr: Expr) -> bool:
    """Whether the kernel proves that an expression is ≥ 0 for all values of its parameters.

    It is the test that every multiplier of an inequality has to pass. ``False`` means that it is
    not proved, not that it is false.

    Parameters
    ----------
    expr : sympy.Expr
        In the symbols of parameters, `boundcalc.symbol`, or in any symbols with SymPy's
        assumptions.

    Raises
    ------
    InputError
        For what is no expression.

    Examples
    --------
    >>> from sympy import log, sqrt
    >>> from boundcalc import symbol
    >>> L, delta = symbol("lipschitz"), symbol("delta")
    >>> nonnegative(L * log(2 / delta)), nonnegative(4 - 2 * sqrt(2 * log(2))), nonnegative(L - 1)
    (True, True, False)
    """
    if not isinstance(expr, (Expr, int)):
        raise InputError(f"a sign is that of a SymPy expression, not of a {type(expr).__name__}")
    return provably_nonnegative(S(expr))


def facts_on(difference: Expr, requires: tuple[Rel, ...]) -> TrendFacts:
    """What signs of a difference may be read from: domains, order and side conditions."""
    known = {s for s in difference.free_symbols if isinstance(s, ParameterSymbol)}
    known |= {s for r in requires for s in r.free_symbols if isinstance(s, ParameterSymbol)}
    ranges = domains([s.parameter for s in known], requires)
    return TrendFacts(ranges, ordered_pairs(requires), tuple(r.gts - r.lts for r in requires))


def proved_order(difference: Expr, facts: TrendFacts) -> tuple[str, str, str]:
    """What is proved of the sign of a difference, the condition for it, and by what inequality."""
    if difference == 0:
        return "equal", "", ""
    signs = (("first", difference), ("second", -difference))
    for answer, signed in signs:
        if _nonnegative(signed, facts):
            return answer, "", ""
    for answer, signed in signs:
        for smaller, why in _weakened(signed):
            if _nonnegative(smaller, facts):
                return answer, "", f"proved by {why}"
    for s in sorted(difference.free_symbols, key=str):
        # linear in one parameter, with a coefficient whose sign is known
        slope = difference.coeff(s)
        rest = expand_mul(difference - slope * s)
        if slope != 0 and not rest.has(s) and not slope.has(s):
            for relation, signed in (("≥", slope), ("≤", -slope)):
                if _positive(signed):
                    where = f"{plain(s)} {relation} {plain(factor_terms(-rest / slope))}"
                    return "where", where, ""
    return "open", "", ""


def _nonnegative(expr: Expr, facts: TrendFacts) -> bool:
    return _known(expr, facts) or _known(factor_terms(expr), facts) or _outweighed(expr)


def _weakened(expr: Expr) -> Iterator[tuple[Expr, str]]:
    """What an expression is at least, and by which inequalities: each limit that is defined by an
    equation is put on the side of a closed form that makes the expression smaller.
    """
    for limit in sorted(expr.atoms(LimitFunction), key=str):
        times = expr.coeff(limit)
        rest = expr - times * limit
        sign = 1 if isinstance(limit, (KLLower, BinomialLower)) else -1
        if rest.has(limit) or not provably_nonnegative(sign * times):
            continue
        for value, why in _outer(limit):
            weaker = expand_mul(rest + times * value)
            yield weaker, why
            yield from ((least, f"{why} and {more}") for least, more in _weakened(weaker))


def _outer(limit: LimitFunction) -> Iterator[tuple[Expr, str]]:
    """Closed forms that an upper limit does not exceed, and a lower one does not fall below."""
    upper = isinstance(limit, (KLUpper, BinomialUpper))
    if isinstance(limit, (BinomialUpper, BinomialLower)):
        k, n, delta = limit.args
        kl = KLUpper if upper else KLLower
        yield kl(k / n, log(1 / delta) / n), "Chernoff's inequality, P(X ≤ k) ≤ exp(−n kl(k/n‖p))"
    elif isinstance(limit, (KLUpper, KLLower)):
        q, c = limit.args
        yield q + (1 if upper else -1) * sqrt(c / 2), "Pinsker's inequality, kl(q‖p) ≥ 2(p − q)²"
        if upper:
            yield q + c + sqrt(2 * c * (q + c / 2)), "kl(q‖p) ≥ (p − q)²/(2p)"


def _known(expr: Expr, facts: TrendFacts) -> bool:
    return provably_nonnegative(expr) or facts.sign(expr) == 1


def _positive(expr: Expr) -> bool:
    """Whether an expression is above 0 by the signs of its symbols, δ below 1 included."""
    return expand_log(below_one(expr)).is_positive is True


def _outweighed(expr: Expr) -> bool:
    """Whether every term that is subtracted is at most another one that is added.

    √(2 ln(1/δ)) ≤ 6√(2 ln(2/δ)): the difference of their squares is ≥ 0.
    """
    parts = Add.make_args(expr)
    less = [-part for part in parts if part.could_extract_minus_sign()]
    more = [part for part in parts if not part.could_extract_minus_sign()]
    if not all(map(provably_nonnegative, (*less, *more))):
        return False
    for term in less:
        larger = (x for x in more if provably_nonnegative(_squares(x, term)))
        found = next(larger, None)
        if found is None:
            return False
        more.remove(found)
    return True


def _squares(more: Expr, less: Expr) -> Expr:
    """The difference of two squares, over what both share."""
    return expand_mul(expand_log(below_one(more**2 - less**2)))


def _values(parameter: Parameter) -> tuple[Fraction, ...]:
    """Numbers from the domain of a parameter, of all sizes."""
    texts = _SHARES if parameter.high <= 1 else _SIZES
    numbers = [Fraction(x) for x in (_COUNTS if parameter.integer else texts)]
    if parameter.low < 0:
        numbers += [-x for x in numbers if x]
    low, high = parameter.low, parameter.high
    return tuple(
        x
        for x in numbers
        if low <= x <= high
        and not (parameter.open_low and x == low)
        and not (parameter.open_high and x == high)
    )


def examples_of_signs(
    difference: Expr, requires: tuple[Rel, ...]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """For each sign that the difference has somewhere, the values of a place; decided exactly."""
    every = difference.free_symbols.union(*(r.free_symbols for r in requires))
    symbols = sorted(every, key=str)
    if not symbols or any(not isinstance(s, ParameterSymbol) for s in symbols):
        return
    draw = np.random.default_rng(0)
    choices = {s: _values(s.parameter) for s in symbols}
    count = _SLOW_TRIALS if difference.has(LimitFunction) else _TRIALS
    drawn = np.array([draw.integers(len(choices[s]), size=count) for s in symbols])
    drawn = drawn[:, _probably_allowed(requires, _numbers(choices, drawn))]
    rough = np.broadcast_to(floats(tape(difference), _numbers(choices, drawn))[0], drawn.shape[1])
    for way in (1, -1):
        order = np.argsort(-way * np.where(np.isfinite(rough), rough, 0), kind="stable")
        clear = order[rough[order] * way > 0]
        places = (_chosen(choices, drawn[:, i]) for i in clear)
        possible = (at for at in places if _possible(at) and _allowed(requires, at))
        for at in islice(possible, _CERTIFIED):
            if _decided(difference, at) == way:
                yield way, {s.name: str(at[s]) for s in symbols}
                break


def _chosen(choices: Mapping[Symbol, Any], drawn: Any) -> dict[Symbol, Any]:
    return {s: numbers[i] for (s, numbers), i in zip(choices.items(), drawn, strict=True)}


def _numbers(choices: Mapping[Symbol, Sequence[Fraction]], drawn: Any) -> dict[str, Any]:
    arrays = {s: np.array(numbers, dtype=float) for s, numbers in choices.items()}
    return {s.name: found for s, found in _chosen(arrays, drawn).items()}


def _probably_allowed(requires: tuple[Rel, ...], numbers: Mapping[str, Any]) -> Any:
    """Where conditions hold as floats: elsewhere a limit has no value to look for."""
    found = np.ones(len(next(iter(numbers.values()), ())), dtype=bool)
    for relation in requires:
        found &= np.asarray(floats(tape(relation.gts - relation.lts), numbers)[0] >= 0)
    return found


def _possible(at: Mapping[Symbol, Fraction]) -> bool:
    """Whether there are data with these numbers: means in the range of the loss, and no variance
    above the largest that n losses of this mean can have.

    That has as many losses as possible at C, one for the rest of the sum, and 0 for the others.
    """
    values = {s.name: value for s, value in at.items()}
    C = values.get("loss_bound", Fraction(1))
    if any(abs(values.get(name, Fraction(0))) > C for name in _MEANS):
        return False
    if not {"n", "test_loss", "variance"} <= values.keys():
        return True
    n, total = values["n"], values["n"] * values["test_loss"]
    at_most = total // C
    squares = at_most * C**2 + (total - at_most * C) ** 2
    return n > 1 and values["variance"] <= (squares - total**2 / n) / (n - 1)


def _allowed(requires: tuple[Rel, ...], at: Mapping[Symbol, Fraction]) -> bool:
    exact = {s: rational(x) for s, x in at.items()}
    return all(relation.xreplace(exact) is S.true for relation in requires)


def _decided(difference: Expr, at: Mapping[Symbol, Fraction]) -> int:
    """The sign at a place where interval arithmetic shows it, else 0."""
    try:
        return enclosed(difference, at, _DIGITS).sign or 0
    except TypeError:
        return 0
