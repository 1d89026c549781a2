"""Facts from which nothing can be proved: those that contradict one another, and what is missing.

The combinations with A'y = 0 and b'y = −1 form a polyhedron, and the supports of its vertices are
the sets of facts that contradict one another while no proper subset does (Gleeson & Ryan 1990).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack
from sympy import Expr, S

from boundcalc.conventions import Relation, Side
from boundcalc.errors import (
    CertificateError,
    ContradictionError,
    ConvergenceError,
    UnboundedError,
    shorten,
)
from boundcalc.numeric.prove.pool import Pool, exact_multipliers
from boundcalc.numeric.prove.program import SHRINK, Constraints, Floats
from boundcalc.numeric.prove.user_facts import constant_text
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import verify
from boundcalc.symbolic.quantities import coefficients

_NEGLIGIBLE = 1e-9
# well above the 1e-6 to which the solver keeps constraints and whole numbers
_CLEAR = 1e-3
_MOST_SEARCHED = 300
_SECONDS = 2.0
_MOST_SHOWN = 6
_LEFT_OVER = 1e-7
_MOST_NAMED = 4
# a limit on the quantity that was asked about is no news; one that no fact gives at all is
_ASKED, _CHAINED, _END = 4.0, 2.0, 1.0
_Signed = tuple[csr_array, Floats, NDArray[np.int64]]


def contradiction(pool: Pool) -> ContradictionError:
    """The error that names facts which cannot all be true, the fewest that were found.

    Raises
    ------
    ConvergenceError
        If the solver says that there are some, but no exact proof of it is found.
    """
    for shrink in SHRINK:
        signed = _signed(pool.rows.scaled(shrink)[0])
        vertex = _irreducible(signed)
        # fewer than two there cannot be: a fact that speaks of some quantity can be true by itself
        fewest = _fewest(signed, len(pool.rows)) if len(vertex) != 2 else vertex
        for chosen in dict.fromkeys((fewest, vertex)):
            excess = _excess([pool.fact(i) for i in chosen]) if chosen else None
            if excess is not None:
                return _named(chosen, excess, pool, chosen == fewest)
    raise ConvergenceError(
        "the linear program has no solution, but no exact proof was found that the facts "
        "contradict one another: they do so by very little, if at all"
    )


def _named(chosen: tuple[int, ...], excess: str, pool: Pool, fewest: bool) -> ContradictionError:
    shown = "; ".join(shorten(pool.label(i), 90) for i in chosen[:_MOST_SHOWN])
    more = f"; and {len(chosen) - _MOST_SHOWN} more" if len(chosen) > _MOST_SHOWN else ""
    if len(chosen) == 1:
        said = f"this fact cannot be true: {shown}; it says 0 <= {excess}"
    else:
        kind = "without any one of them, the others do not"
        if fewest:
            kind = "no smaller set was found"
        said = (
            f"{len(chosen)} facts contradict one another: {shown}{more} "
            f"({kind}; together they say 0 <= {excess})"
        )
    return ContradictionError(said, chosen)


def _signed(rows: Constraints) -> _Signed:
    """Every row as inequalities, an equation as two; and the fact that each is from."""
    back = np.flatnonzero(rows.equal)
    matrix = csr_array(vstack([rows.matrix, -rows.matrix[back]])) if back.size else rows.matrix
    origin = np.concatenate([np.arange(len(rows)), back])
    return matrix, np.concatenate([rows.bounds, -rows.bounds[back]]), origin


def _irreducible(signed: _Signed) -> tuple[int, ...]:
    """A vertex: facts of which none can be left out."""
    matrix, bounds, origin = signed
    result = linprog(
        np.ones(len(bounds)),
        A_eq=csr_array(vstack([matrix.T, csr_array(bounds[None, :])])),
        b_eq=np.append(np.zeros(matrix.shape[1]), -1.0),
        method="highs-ds",
    )
    return _support(result.x, origin) if result.x is not None else ()


def _fewest(signed: _Signed, facts: int) -> tuple[int, ...]:
    """The fewest facts that contradict one another, if that is found fast; else nothing."""
    matrix, bounds, origin = signed
    count = len(bounds)
    if facts > _MOST_SEARCHED:
        return ()
    picks = csr_array((np.ones(count), (np.arange(count), origin)), shape=(count, facts))
    nothing = csr_array((matrix.shape[1], facts))
    size = np.abs(bounds).max()  # where all are 0 the facts are true at 0
    result = milp(
        np.concatenate([np.zeros(count), np.ones(facts)]),
        constraints=[
            LinearConstraint(csr_array(hstack([matrix.T, nothing])), 0, 0),
            LinearConstraint(np.concatenate([bounds / size, np.zeros(facts)]), -np.inf, -_CLEAR),
            LinearConstraint(csr_array(hstack([eye_array(count), -picks])), -np.inf, 0),
        ],
        bounds=Bounds(0, 1),
        integrality=np.concatenate([np.zeros(count), np.ones(facts)]),
        options={"time_limit": _SECONDS},
    )
    return _support(result.x[:count], origin) if result.status == 0 else ()


def _support(weights: Floats, origin: NDArray[np.int64]) -> tuple[int, ...]:
    used = weights > _NEGLIGIBLE * weights.max()
    return tuple(sorted(set(origin[used].tolist())))


def _excess(facts: Sequence[Fact]) -> str | None:
    """The negative number that 0 is proved to be at most, or None if this is not proved.

    The combination is unique up to its size: the last inequality counts once.
    """
    last = max(range(len(facts)), key=lambda i: (facts[i].relation is Relation.AT_MOST, i))
    others = [fact for i, fact in enumerate(facts) if i != last]
    times = exact_multipliers(others, facts[last].rhs - facts[last].lhs)
    if times is None:
        return None
    steps = [(facts[last], S.One), *zip(others, times, strict=True)]
    costs = {fact.event: fact.cost for fact in facts if fact.event}
    for sign in (1, -1):
        scaled = [(fact, sign * c) for fact, c in steps]
        total: Expr = sum((c * coefficients(f.rhs - f.lhs)[1] for f, c in scaled), S.Zero)
        shown = constant_text(total)
        if not shown.startswith("−"):
            continue
        try:
            verify(S.Zero, total, scaled, sum(costs.values(), S.Zero))
        except CertificateError:
            continue
        return shown
    return None


def missing_link(objective: Floats, pool: Pool, side: Side) -> UnboundedError:
    """The error that names a small set of limits which, if they were facts, would give a bound.

    Σ c (lhs − rhs) has to equal the form; what the facts leave over is made as small as possible.
    """
    rows, count = pool.rows, len(objective)
    identity = eye_array(count)
    result = linprog(
        np.concatenate([np.zeros(len(rows)), *_weights(objective, rows)]),
        A_eq=csr_array(hstack([rows.matrix.T, identity, -identity])),
        b_eq=objective,
        bounds=[
            *((None, None) if equal else (0, None) for equal in rows.equal),
            *[(0, None)] * (2 * count),
        ],
        method="highs-ds",
    )
    bound = "bounded from above" if side is Side.UPPER else "bounded from below"
    if result.x is None:
        return UnboundedError(f"no combination of the facts gives a bound: it is not {bound}")
    missing = [
        f"{pool.quantity(j).name} from {end}"
        for end, left in zip(("above", "below"), np.split(result.x[len(rows) :], 2), strict=True)
        for j in np.flatnonzero(left > _LEFT_OVER).tolist()
    ]
    shown = ", ".join(missing[:_MOST_NAMED]) + (", …" if len(missing) > _MOST_NAMED else "")
    return UnboundedError(f"what was asked for is not {bound} by the facts: nothing bounds {shown}")


def _weights(objective: Floats, rows: Constraints) -> tuple[Floats, Floats]:
    """How little a limit on each quantity, from above and from below, would say."""
    entries = rows.matrix.tocoo()
    both = rows.equal[entries.row]

    def from_one_side(sign: int) -> Floats:
        chained = np.zeros(len(objective), dtype=bool)
        chained[entries.col[both | (sign * entries.data > 0)]] = True
        return np.where(objective != 0, _ASKED, np.where(chained, _CHAINED, _END))

    return from_one_side(1), from_one_side(-1)
