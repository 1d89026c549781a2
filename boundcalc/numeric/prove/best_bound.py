"""The best bound that a pool of facts can prove, with the certificate that proves it.

The largest value of a linear form subject to the facts is a linear program; by duality it is the
least bound that a combination of the facts proves. The solver proposes which facts to combine.
Their multipliers are then computed exactly and the kernel checks the certificate: what is reported
is the value of the certificate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from sympy import Expr, Rational, expand_mul

from boundcalc.conventions import Relation, Side
from boundcalc.errors import CertificateError, ConvergenceError
from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.prove.pool import Pool, exact_multipliers
from boundcalc.numeric.prove.program import Ending, Floats, Optimum, maximise
from boundcalc.numeric.prove.refusal import contradiction, missing_link
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.quantities import Quantity, coefficients

_THRESHOLDS = (1e-9, 1e-7, 1e-12, 1e-5)
_ACCURACY = 1e-8
_LONGEST_ORDERED = 1_000
_MOST_TRIED, _LARGE = 8, 2_000


@dataclass(frozen=True, eq=False)
class Certificate:
    """A bound and its proof.

    Attributes
    ----------
    derivation : Derivation
        Checked by the kernel; its last line has multiplier `prices[-1]`.
    value : float
        The bound, rounded up; for a lower limit, of the limit's negation.
    exact : Fraction or None
        The bound itself, if it is rational.
    carriers : tuple of int
        Which facts of the pool carry it, in the order of the proof.
    prices : tuple of float
        By how much the bound falls if the right-hand side of each falls by one: its multiplier.
    point : ndarray
        Values of the quantities at which the bound is attained.
    """

    derivation: Derivation
    value: float
    exact: Fraction | None
    carriers: tuple[int, ...]
    prices: tuple[float, ...]
    point: Floats


def best_bound(claim: Expr, pool: Pool, *, side: Side = Side.UPPER) -> Certificate:
    """The least upper bound on `claim` that the facts of a pool prove.

    Parameters
    ----------
    claim : sympy.Expr
        Linear in the quantities of the pool.
    pool : Pool
    side : Side
        ``LOWER`` if what was asked for is a lower limit on −claim.

    Raises
    ------
    ContradictionError
        If the facts contradict one another.
    UnboundedError
        If no combination of them bounds the claim.
    ConvergenceError
        If no exact certificate was found for what the solver proposes.
    """
    objective = pool.objective(claim)
    optimum = maximise(objective, pool.rows)
    if optimum.ending is Ending.INFEASIBLE:
        raise contradiction(pool)
    if optimum.ending is Ending.UNBOUNDED:
        raise missing_link(objective, pool, side)
    found = _carrying(claim, pool, optimum)
    order = reading_order(claim, [fact for _, fact, _ in found], [times for *_, times in found])
    carrying = [found[i] for i in order]
    lines = tuple(Apply(fact, times) for _, fact, times in carrying)
    failure = Rational(pool.failure) if pool.budget is None else pool.budget
    derivation = Derivation(claim, lines, stated_failure=failure, side=side)
    try:
        derivation.check()
    except CertificateError as error:
        raise ConvergenceError(
            f"the kernel does not accept the certificate that was found: {error}"
        ) from None
    result = derivation.expression if side is Side.UPPER else -derivation.expression
    value, exact = rounded_up(result, pool.values)
    attained = float(objective @ optimum.point) + pool.numeric(coefficients(claim)[1])
    scale = max(1.0, abs(value), float(np.abs(objective) @ np.abs(optimum.point)))
    if not abs(value - attained) <= _ACCURACY * scale:
        raise ConvergenceError(
            f"the certificate proves {value:.6g} where {attained:.6g} is attained: "
            "the linear program was not solved accurately enough"
        )
    return Certificate(
        derivation,
        value,
        exact,
        tuple(row for row, *_ in carrying),
        tuple(pool.numeric(times) for *_, times in carrying),
        optimum.point,
    )


def _carrying(claim: Expr, pool: Pool, optimum: Optimum) -> list[tuple[int, Fact, Expr]]:
    """The facts that carry the optimum, with their exact multipliers."""
    sizes = np.abs(optimum.multipliers)
    largest = float(sizes.max(initial=0.0))
    for threshold in _THRESHOLDS:
        chosen = np.flatnonzero(sizes > threshold * largest).tolist()
        facts = [pool.fact(i) for i in chosen]
        times = exact_multipliers(facts, claim)
        if times is None:
            continue
        used = [i for i, c in enumerate(times) if c != 0]
        if all(facts[i].relation is Relation.EQUAL or provably_nonnegative(times[i]) for i in used):
            return [(chosen[i], facts[i], times[i]) for i in used]
    raise ConvergenceError(
        "the optimum of the linear program could not be turned into an exact certificate; "
        "the numbers of the facts may be too far apart"
    )


def reading_order(claim: Expr, facts: Sequence[Fact], times: Sequence[Expr]) -> list[int]:
    """The order in which the proof reads best: each fact cancels something of the running bound.

    Of those that do, the one that leaves the fewest quantities.
    """
    if len(facts) > _LONGEST_ORDERED:
        return list(range(len(facts)))
    moves = [
        {q: c * times[i] for q, c in coefficients(fact.rhs - fact.lhs)[0].items()}
        for i, fact in enumerate(facts)
    ]
    bound, left, order = dict(coefficients(claim)[0]), set(range(len(facts))), list[int]()
    speaking: dict[Quantity, set[int]] = {}
    for i, move in enumerate(moves):
        for quantity in move:
            speaking.setdefault(quantity, set()).add(i)
    # by how many quantities each fact that cancels something would lengthen the bound
    longer, changed = dict[int, int](), set(left)
    while left:
        for i in changed & left:
            longer.pop(i, None)
            if not bound.keys().isdisjoint(moves[i]):
                after = _moved(bound, moves[i])
                longer[i] = sum((c != 0) - (q in bound) for q, c in after.items())
        best = min(longer or left, key=lambda i: (longer.get(i, 0), i))
        after = _moved(bound, moves[best])
        bound |= after
        for quantity in (q for q, c in after.items() if c == 0):
            del bound[quantity]
        changed = set().union(*(speaking[quantity] for quantity in after))
        left.remove(best)
        longer.pop(best, None)
        order.append(best)
    return order


def _moved(bound: Mapping[Quantity, Expr], move: Mapping[Quantity, Expr]) -> dict[Quantity, Expr]:
    """The bound's coefficients, after a fact is added, of the quantities that it speaks of."""
    return {quantity: expand_mul(bound.get(quantity, 0) + c) for quantity, c in move.items()}


def closest(
    pool: Pool, certificate: Certificate, among: Iterable[int], *, most: int
) -> list[tuple[int, float]]:
    """The inequalities that carry nothing but come closest to it, the nearest first.

    For each, by how much its right-hand side has to fall before the bound does: how slack it is at
    most, wherever the bound is attained. At any one such point it is no slacker than that, so the
    facts are looked at in the order of their slack at one, until the next cannot be nearer, or
    until as many have been looked at as the size of the pool allows. A fact that would contradict
    the others if its right-hand side fell further is none of them.
    """
    rows, carrying = pool.rows, np.zeros(len(pool.rows), dtype=bool)
    carrying[list(certificate.carriers)] = True
    slack = rows.bounds - rows.matrix @ certificate.point
    # the bound is attained where the facts that carry it hold with equality
    attaining = replace(rows, equal=rows.equal | carrying)
    idle = [i for i in among if not attaining.equal[i]]
    found: list[tuple[float, int]] = []
    tries = _MOST_TRIED if len(slack) <= _LARGE else most
    for i in sorted(idle, key=lambda i: (slack[i], i))[:tries]:
        if len(found) >= most and slack[i] >= found[most - 1][0]:
            break
        row = rows.matrix[[i]].toarray().ravel()
        try:
            furthest, beyond = (maximise(-row, where) for where in (attaining, rows))
        except ConvergenceError:
            continue  # how close an idle fact comes is a remark: the bound stands without it
        if furthest.ending is not Ending.OPTIMAL:
            continue
        reached, bound = float(row @ furthest.point), float(rows.bounds[i])
        rounding = _ACCURACY * max(abs(reached), abs(bound))
        if beyond.ending is Ending.OPTIMAL and row @ beyond.point >= reached - rounding:
            continue
        found = sorted([*found, (max(bound - reached, 0.0), i)])
    return [(i, needed) for needed, i in found[:most]]
