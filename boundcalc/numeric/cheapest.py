"""The cheapest whole counts at which a bound that falls with every count reaches a target.

What is proved, and how
-----------------------
The bound never rises with a count (`boundcalc.symbolic.analysis.trends` proves it from the
expression), and the cost rises with every count. So, once all counts but one are chosen, the best
choice of that one is the least that reaches the target, found by bisection; and in a box lo ≤ x ≤
hi of the others no plan costs less than

    cost(lo, least last count that reaches the target at hi).

Boxes whose floor is not below the cheapest plan so far are dropped, the others are halved; the
floor of a box of one point is what it costs. When no box is left, the cheapest plan so far is the
cheapest. Nothing but monotonicity is used: the continuous relaxation (for sums of powers convex in
the logarithms of the counts, solved by SciPy) only gives the first plan to beat, and says which
count is left to bisection, the largest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize

from boundcalc.errors import ConvergenceError
from boundcalc.numeric.bound import Bound

Floats = NDArray[np.float64]
LARGEST = 10**15
"""The largest count that is tried: whole numbers up to here are exact as floats."""
_MOST_BOXES = 8_000_000
_ROUNDING = 1e-13
_UNREACHED = 1e300


@dataclass(frozen=True)
class Basket:
    """What is bought, at which prices, and what for.

    Attributes
    ----------
    bound : Bound
        Free in what is bought.
    low, high : mapping of str to int
        The counts that are bought, each with the least and the most that may be.
    prices : mapping of str to float
        Of a unit of m, of a labelled example (n·tasks of them) and of a task, in any unit of money.
    labels_per_n : int
        The tasks, where their number is fixed; 1 where it is bought.
    target : float
    """

    bound: Bound
    low: Mapping[str, int]
    high: Mapping[str, int]
    prices: Mapping[str, float]
    labels_per_n: int
    target: float

    @property
    def bought(self) -> tuple[str, ...]:
        """The names of what is bought."""
        return tuple(self.low)

    @property
    def sign(self) -> int:
        """1 for an upper limit, which must come down to the target; −1 for a lower one."""
        return 1 if self.bound.upper else -1

    def reached(self, points: Floats, margin: float = 0.0) -> NDArray[np.bool_]:
        """Whether the bound reaches the target at each row of counts, and the side conditions hold.

        `margin` moves the target by so many times the rounding error of the bound, 1 to be lenient.
        """
        distance, scale, holds = self._distance(points)
        return np.asarray((distance <= margin * _ROUNDING * scale) & holds)

    def distance(self, points: Floats) -> Floats:
        """How far the bound is from the target: positive where it is missed."""
        return self._distance(points)[0]

    def _distance(self, points: Floats) -> tuple[Floats, Floats, Any]:
        columns = {name: points[:, i] for i, name in enumerate(self.bought)}
        parts, allowed = self.bound.rough_terms(**columns)
        miss = self.sign * (sum(parts) - self.target)
        scale = sum(np.abs(part) for part in parts)
        each = (np.broadcast_to(x, len(points)) for x in (miss, scale, allowed))
        return tuple(each)  # type: ignore[return-value]

    def cost(self, points: Floats) -> Floats:
        """What each row of counts costs."""
        columns = {name: points[:, i] for i, name in enumerate(self.bought)}
        tasks = columns.get("tasks", self.labels_per_n)
        total = np.zeros(len(points))
        for name, column in columns.items():
            total = total + self.prices[name] * (column * tasks if name == "n" else column)
        return total


def cheapest(basket: Basket, margin: float) -> dict[str, int] | None:
    """The cheapest counts, or None where the target is out of reach.

    Parameters
    ----------
    basket : Basket
        With a bound that never rises with a count.
    margin : float
        1 to be lenient by the rounding error of the bound, −1 to be strict by it.
    """
    low = np.array([[float(v) for v in basket.low.values()]])
    high = np.array([[float(v) for v in basket.high.values()]])
    if not basket.reached(high, margin)[0]:
        return None
    if basket.reached(low, margin)[0]:
        return dict(basket.low)
    first = _relaxed(basket, low[0], high[0])
    order = np.argsort(first, kind="stable")  # the largest last: it is the one left to bisection
    best = _search(_Columns(basket, order, margin), low[:, order], high[:, order], first[order])
    found = np.empty(len(order))
    found[order] = best
    return {name: int(v) for name, v in zip(basket.bought, found, strict=True)}


@dataclass(frozen=True)
class _Columns:
    """The basket with its counts in another order, the last one left to bisection."""

    basket: Basket
    order: NDArray[np.intp]
    margin: float

    def _natural(self, others: Floats, last: Floats) -> Floats:
        points = np.empty((len(last), len(self.order)))
        points[:, self.order] = np.column_stack([others, last])
        return points

    def cost(self, others: Floats, last: Floats) -> Floats:
        return self.basket.cost(self._natural(others, last))

    def distance(self, others: Floats, last: Floats) -> Floats:
        return self.basket.distance(self._natural(others, last))

    def least(self, others: Floats, start: Floats, most: float) -> Floats:
        """The least last count, from `start` on, that reaches the target; inf where `most` does
        not.
        """
        miss, hit = start - 1, start.copy()
        step = np.ones_like(start)
        open_ = np.arange(len(start))
        while len(open_):
            short = ~self.basket.reached(self._natural(others[open_], hit[open_]), self.margin)
            open_ = open_[short]
            miss[open_] = hit[open_]
            hit[open_[hit[open_] >= most]] = np.inf
            open_ = open_[np.isfinite(hit[open_])]
            hit[open_] = np.minimum(hit[open_] + step[open_], most)
            step[open_] *= 2
        open_ = np.flatnonzero(np.isfinite(hit) & (hit - miss > 1))
        while len(open_):
            middle = np.floor((miss[open_] + hit[open_]) / 2)
            good = self.basket.reached(self._natural(others[open_], middle), self.margin)
            hit[open_[good]], miss[open_[~good]] = middle[good], middle[~good]
            open_ = open_[hit[open_] - miss[open_] > 1]
        return hit


def _search(columns: _Columns, low: Floats, high: Floats, first: Floats) -> Floats:
    """Halve boxes of all counts but the last until none can hold a plan that is cheaper, or as
    cheap.
    """
    bottom, most = low[:, -1], float(high[0, -1])
    low, high = low[:, :-1], high[:, :-1]
    start = np.clip(np.ceil(first[None, :-1]), low, high)
    best = _better(columns, None, start, columns.least(start, bottom, most))
    boxes = 0
    while len(low):
        boxes += len(low)
        if boxes > _MOST_BOXES:
            raise ConvergenceError(
                "the search for the cheapest plan did not end: the counts are too large"
            )
        bottom = columns.least(high, bottom, most)
        best = _better(columns, best, high, bottom)
        worth = (columns.cost(low, bottom) <= (best[0] if best else np.inf)) & np.isfinite(bottom)
        worth &= np.any(low < high, axis=1)
        low, high, bottom = _halved(low[worth], high[worth], bottom[worth])
    assert best is not None  # the largest counts reach the target: the first corner was a plan
    return best[2]


Found = tuple[float, float, Floats]
"""What a plan costs, how far the bound is from the target there, and the plan."""


def _better(columns: _Columns, best: Found | None, others: Floats, last: Floats) -> Found | None:
    """The cheapest of these plans and the best so far; of equally cheap ones that with the lowest
    bound.
    """
    costs = np.where(np.isfinite(last), columns.cost(others, last), np.inf)
    least = float(costs.min())
    if not np.isfinite(least) or (best is not None and least > best[0]):
        return best
    level = np.flatnonzero(costs == least)
    distances = columns.distance(others[level], last[level])
    at = int(np.argmin(distances))
    found = (least, float(distances[at]), np.append(others[level[at]], last[level[at]]))
    return found if best is None or found[:2] < best[:2] else best


def _halved(low: Floats, high: Floats, bottom: Floats) -> tuple[Floats, Floats, Floats]:
    """Cut each box in two at the geometric middle of its relatively widest side."""
    if not len(low):
        return low, high, bottom
    rows = np.arange(len(low))
    side = np.argmax(np.log(high / low), axis=1)
    middle = np.floor(np.sqrt(low[rows, side] * high[rows, side]))
    left_high, right_low = high.copy(), low.copy()
    left_high[rows, side] = middle
    right_low[rows, side] = middle + 1
    return (
        np.concatenate([low, right_low]),
        np.concatenate([left_high, high]),
        np.concatenate([bottom, bottom]),
    )


def _relaxed(basket: Basket, low: Floats, high: Floats) -> Floats:
    """The optimum in real numbers, from where the line between the corners meets the target.

    A start only: where the optimiser fails, the search is slower and as exact.
    """
    bottom, top = np.log(low), np.log(high)

    def miss(logs: Floats) -> float:
        far = float(basket.distance(np.exp(logs)[None])[0])
        return far if np.isfinite(far) else _UNREACHED

    def spent(logs: Floats) -> float:
        return float(np.log(basket.cost(np.exp(logs)[None])[0]))

    ends = miss(bottom), miss(top)
    if len(low) == 1 or not ends[0] > 0 > ends[1]:
        return low
    along = brentq(lambda t: miss(bottom + t * (top - bottom)), 0, 1, xtol=1e-6)
    start = bottom + along * (top - bottom)
    scale = max(abs(ends[1]), 1e-12)
    found = minimize(
        spent,
        start,
        method="SLSQP",
        bounds=list(zip(bottom, top, strict=True)),
        constraints={"type": "ineq", "fun": lambda logs: -miss(logs) / scale},
        options={"maxiter": 200, "ftol": 1e-12},
    )
    point = found.x if np.all(np.isfinite(found.x)) else start
    return np.asarray(np.exp(np.clip(point, bottom, top)))
