"""Signs of expressions, and which of two bounds is smaller: proved, or refuted by numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, TypeAlias

import numpy as np
from sympy import Add, Expr, Rel, S, Symbol, expand_log, expand_mul, factor_terms

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.arithmetic import floats
from boundcalc.numeric.compile import tape
from boundcalc.numeric.exact import enclosed, rational
from boundcalc.record import Record
from boundcalc.symbolic.analysis.ranges import domains, ordered_pairs
from boundcalc.symbolic.analysis.trends import TrendFacts
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.kernel import below_one, provably_nonnegative
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import quantities_in
from boundcalc.symbolic.theorem import Theorem, Variant

_TRIALS, _SLOW_TRIALS, _CERTIFIED, _DIGITS = 4000, 200, 5, 30
_COUNTS = (1, 2, 3, 10, 30, 100, 1000, 10**4, 10**6)
_SIZES = ("0", "1/1000", "1/100", "1/10", "1/3", "1", "2", "10", "100")
_SHARES = ("1/1000", "1/100", "1/20", "1/10", "1/4", "1/2", "9/10")

Bounded: TypeAlias = str | Theorem | Variant | Derivation | Expr


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


@dataclass(frozen=True)
class BoundsCompared(Record):
    """Which of two bounds is smaller, for all values of their parameters.

    Attributes
    ----------
    first, second : str
        What they are called.
    relation : str
        ``equal``; ``first`` or ``second``, the one that is nowhere larger; ``where``, if
        `condition` says exactly where the first is at most the second; ``neither``, if each is
        smaller somewhere; ``open``, if nothing was proved.
    condition : str
    difference : sympy.Expr
        The second minus the first.
    first_smaller, second_smaller : mapping of str to str, or None
        Values at which it is so, decided exactly; None where none was found.
    notes : tuple of str
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("first", "second", "relation", "statement", "condition", "difference=difference_text"),
        *("first_smaller", "second_smaller", "notes"),
    )

    first: str
    second: str
    relation: str
    condition: str
    difference: Expr
    first_smaller: Mapping[str, str] | None
    second_smaller: Mapping[str, str] | None
    notes: tuple[str, ...] = ()

    @property
    def difference_text(self) -> str:
        """The second minus the first, as text."""
        return plain(self.difference)

    @property
    def statement(self) -> str:
        """The answer in one sentence."""
        first, second = self.first, self.second
        if self.relation == "equal":
            return f"{first} and {second} are the same."
        if self.relation in ("first", "second"):
            small, large = (first, second) if self.relation == "first" else (second, first)
            return f"{small} ≤ {large} everywhere."
        if self.relation == "where":
            return f"{first} ≤ {second} exactly where {self.condition}."
        if self.relation == "neither":
            return f"Neither is always smaller: {first} at {_said(self.first_smaller)}; " + (
                f"{second} at {_said(self.second_smaller)}."
            )
        seen = self.first_smaller or self.second_smaller
        if seen is None:
            return (
                f"Not decided: {first} and {second} were equal, or not comparable, wherever tried."
            )
        less = first if self.first_smaller else second
        return f"Not decided: {less} was smaller wherever they differed, but that is not proved."


def _said(values: Mapping[str, str] | None) -> str:
    return ", ".join(f"{name} = {value}" for name, value in (values or {}).items())


def compare_bounds(first: Bounded, second: Bounded) -> BoundsCompared:
    """Say which of two bounds is smaller for all values of their parameters, or where each is.

    Both are taken at the same failure probability δ: a bound that holds with probability 1 − δ/2
    is taken at 2δ.

    Parameters
    ----------
    first, second : str, Theorem, Variant, Derivation or sympy.Expr
        A catalogue id, with ``:variant`` for another variant than the first; or a formula.

    Returns
    -------
    BoundsCompared
        `relation` and `statement` have the answer; what is claimed is proved by signs, and a
        counterexample is decided exactly.

    Raises
    ------
    UnknownNameError, InputError
        For what is no bound, and for an upper and a lower limit.

    Examples
    --------
    >>> compare_bounds("huang2021.theorem1:sharp", "huang2021.theorem1:published").relation
    'first'
    >>> compare_bounds("holdout.hoeffding:upper", "holdout.empirical_bernstein:upper").relation
    'neither'
    """
    a, b = _Side.of(first), _Side.of(second)
    if a.side is not b.side:
        raise InputError(f"{a.name} and {b.name} are limits on different sides")
    notes = tuple(note for note in (a.note, b.note, _apart(a, b)) if note)
    difference = b.expression - a.expression
    if quantities_in(difference):
        raise InputError(f"{quantities_in(difference)[0].name} is no parameter: it has no value")
    facts = _facts(difference, (*a.requires, *b.requires))
    answer, condition = _proved(expand_mul(difference), facts)
    smaller: dict[int, Mapping[str, str]] = {}
    if answer in ("open", "where"):
        smaller = dict(_examples(difference, (*a.requires, *b.requires)))
        if answer == "open" and len(smaller) == 2:
            answer = "neither"
    return BoundsCompared(
        first=a.name,
        second=b.name,
        relation=answer,
        condition=condition,
        difference=difference,
        first_smaller=smaller.get(1),
        second_smaller=smaller.get(-1),
        notes=notes,
    )


def _apart(a: _Side, b: _Side) -> str:
    """What keeps the comparison from being one of two bounds on one thing."""
    if a.bounds and b.bounds and a.bounds != b.bounds:
        return f"they bound different things: {a.bounds} and {b.bounds}"
    return ""


@dataclass(frozen=True)
class _Side:
    """One of the two bounds, at failure probability δ."""

    name: str
    expression: Expr
    side: Side
    requires: tuple[Rel, ...] = ()
    note: str = ""
    bounds: str = ""

    @classmethod
    def of(cls, what: Bounded) -> _Side:
        if isinstance(what, str):
            id, _, variant = what.partition(":")
            entry = theorem(id)
            form = entry.variant(variant or next(iter(entry.variants)))
            return cls._at_delta(f"{id} ({form.name})", form.derivation, form)
        if isinstance(what, Theorem):
            return cls.of(what.id)
        if isinstance(what, Variant):
            return cls._at_delta(what.name, what.derivation, what)
        if isinstance(what, Derivation):
            return cls._at_delta(plain(what.expression), what, None)
        if isinstance(what, Expr):
            return cls(plain(what), what, Side.UPPER)
        raise InputError(f"no bound to compare: {type(what).__name__}")

    @classmethod
    def _at_delta(cls, name: str, proof: Derivation, form: Variant | None) -> _Side:
        requires = tuple(r.relation for r in form.requires) if form else ()
        delta = symbol("delta")
        share = expand_mul(proof.failure / delta)
        expression, note = proof.expression, ""
        if proof.failure.has(delta) and share != 1:
            if share.is_number:
                expression = expression.subs(delta, delta / share)
                note = f"{name} fails with probability {plain(proof.failure)}: here at δ as well"
            else:
                note = f"{name} fails with probability {plain(proof.failure)}: compared as it is"
        return cls(name, expression, proof.side, requires, note, plain(proof.claim))


def _facts(difference: Expr, requires: tuple[Rel, ...]) -> TrendFacts:
    known = {s for s in difference.free_symbols if isinstance(s, ParameterSymbol)}
    known |= {s for r in requires for s in r.free_symbols if isinstance(s, ParameterSymbol)}
    ranges = domains([s.parameter for s in known], requires)
    return TrendFacts(ranges, ordered_pairs(requires), tuple(r.gts - r.lts for r in requires))


def _proved(difference: Expr, facts: TrendFacts) -> tuple[str, str]:
    """What is proved of the sign of a difference, and the condition for it."""
    if difference == 0:
        return "equal", ""
    for answer, signed in (("first", difference), ("second", -difference)):
        if _known(signed, facts) or _known(factor_terms(signed), facts) or _outweighed(signed):
            return answer, ""
    for s in sorted(difference.free_symbols, key=str):
        # linear in one parameter, with a coefficient whose sign is known
        slope = difference.coeff(s)
        rest = expand_mul(difference - slope * s)
        if slope != 0 and not rest.has(s) and not slope.has(s):
            for relation, signed in (("≥", slope), ("≤", -slope)):
                if _positive(signed):
                    return "where", f"{plain(s)} {relation} {plain(factor_terms(-rest / slope))}"
    return "open", ""


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


def _examples(
    difference: Expr, requires: tuple[Rel, ...]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """For each sign that the difference has somewhere, the values of a place; decided exactly."""
    every = difference.free_symbols.union(*(r.free_symbols for r in requires))
    symbols = sorted(every, key=str)
    if any(not isinstance(s, ParameterSymbol) for s in symbols):
        return
    draw = np.random.default_rng(0)
    choices = {s: _values(s.parameter) for s in symbols}
    count = _SLOW_TRIALS if difference.has(LimitFunction) else _TRIALS
    drawn = {s: draw.integers(len(numbers), size=count) for s, numbers in choices.items()}
    numbers = {s.name: np.array([float(x) for x in choices[s]])[drawn[s]] for s in symbols}
    rough = np.broadcast_to(floats(tape(difference), numbers)[0], count)
    for way in (1, -1):
        clear = np.argsort(-way * np.where(np.isfinite(rough), rough, 0), kind="stable")
        for i in clear[rough[clear] * way > 0][:_CERTIFIED]:
            at = {s: choices[s][drawn[s][i]] for s in symbols}
            if _allowed(requires, at) and _decided(difference, at) == way:
                yield way, {s.name: str(at[s]) for s in symbols}
                break


def _allowed(requires: tuple[Rel, ...], at: Mapping[Symbol, Fraction]) -> bool:
    exact = {s: rational(x) for s, x in at.items()}
    return all(relation.xreplace(exact) is S.true for relation in requires)


def _decided(difference: Expr, at: Mapping[Symbol, Fraction]) -> int:
    """The sign at a place where interval arithmetic shows it, else 0."""
    try:
        return enclosed(difference, at, _DIGITS).sign or 0
    except TypeError:
        return 0
