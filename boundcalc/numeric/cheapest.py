"""What a plan may buy, the cheapest of it at which a bound reaches a target, or why none does.

What is proved, and how
-----------------------
The bound never rises with a count (`boundcalc.symbolic.analysis.trends` proves it from the
expression), and the cost rises with every count. So, once all counts but one are chosen, the best
choice of that one is the least that reaches the target, found by bisection; and in a box lo ≤ x ≤
hi of the others no plan costs less than

    cost(lo, least last count that reaches the target at hi).

Boxes whose floor is not below the cheapest plan so far are dropped, the others are halved; the
floor of a box of one point is what it costs. When no box is left, the cheapest plan so far is the
cheapest. Nothing but monotonicity is used: a search of a few grids only gives the first plan to
beat, and says which count is left to bisection, the largest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import ConvergenceError
from boundcalc.numeric.arithmetic import floats
from boundcalc.numeric.bound import Bound
from boundcalc.numeric.compiled import CompiledTerm, CompiledTheorem
from boundcalc.numeric.evaluate import Evaluation, evaluation
from boundcalc.symbolic.parameter import Role
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import all_of, count, number, significant

Floats = NDArray[np.float64]
LARGEST = 10**15
"""The largest count that is tried: whole numbers up to here are exact as floats."""
_MOST_BOXES = 8_000_000
_ROUNDING = 1e-13
_GRIDS, _POINTS = 3, 33


def sample_counts(entry: CompiledTheorem) -> tuple[str, ...]:
    """The sample counts that any form of the entry depends on."""
    return tuple(p.name for p in entry.parameters if p.role is Role.COUNT)


@dataclass(frozen=True)
class Basket:
    """What is bought, at which prices, within which limits, and what for.

    Attributes
    ----------
    bound : Bound
        Free in what is bought, as far as it depends on it.
    target : Fraction
    prices : mapping of str to Fraction
        Of a unit of m, of a labelled example (n·tasks of them) and of a task.
    at_least, at_most : mapping of str to int
    fixed : mapping of str to number
        What is not bought, as it was given, with the tasks that only cost.
    bought : tuple of str
        The names of what is bought, in the order of the columns of points.
    """

    bound: Bound
    target: Fraction
    prices: Mapping[str, Fraction]
    at_least: Mapping[str, int]
    at_most: Mapping[str, int]
    fixed: Mapping[str, Any]
    bought: tuple[str, ...]

    @cached_property
    def low(self) -> dict[str, int]:
        """The least of each count that may be bought."""
        least = {name: max(1, int(parameter(name).low)) for name in self.bought}
        return {name: self.at_least.get(name, low) for name, low in least.items()}

    @cached_property
    def high(self) -> dict[str, int]:
        """The most."""
        return {name: min(self.at_most.get(name, LARGEST), LARGEST) for name in self.bought}

    @cached_property
    def units(self) -> dict[str, float]:
        """Prices in the largest unit of money of which they are multiples: costs and ties are
        exact.
        """
        common = math.lcm(*(price.denominator for price in self.prices.values()))
        whole = math.gcd(*(int(price * common) for price in self.prices.values()))
        return {name: float(price * common / whole) for name, price in self.prices.items()}

    @property
    def sign(self) -> int:
        """1 for an upper limit, which must come down to the target; −1 for a lower one."""
        return 1 if self.bound.upper else -1

    def own(self, counts: Mapping[str, int]) -> dict[str, Any]:
        """Of these counts those that the bound depends on and that are bought."""
        return {name: counts[name] for name in self.bound.free}

    def everything(self, bought: Mapping[str, int]) -> dict[str, int]:
        """All counts of the entry, those that are fixed included."""
        known = {**self.fixed, **bought}
        names = sample_counts(self.bound.entry)
        return {name: int(known[name]) for name in names if name in known}

    def spending(self, counts: Mapping[str, int]) -> dict[str, Fraction]:
        """What is spent on each count; labels are paid for every task."""
        units = dict(counts)
        if "n" in counts:
            units["n"] = counts["n"] * counts.get("tasks", 1)
        return {name: price * units[name] for name, price in self.prices.items()}

    def reached(self, points: Floats, margin: float) -> NDArray[np.bool_]:
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
        miss = self.sign * (sum(parts) - float(self.target))
        scale = sum(np.abs(part) for part in parts)
        each = (np.broadcast_to(x, len(points)) for x in (miss, scale, allowed))
        return tuple(each)  # type: ignore[return-value]

    def cost(self, points: Floats) -> Floats:
        """What each row of counts costs."""
        columns = {name: points[:, i] for i, name in enumerate(self.bought)}
        tasks = columns.get("tasks", int(self.fixed.get("tasks", 1)))
        total = np.zeros(len(points))
        for name, price in self.units.items():
            total = total + price * (columns[name] * tasks if name == "n" else columns[name])
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
    first = _start(basket, margin, low[0], high[0])
    order = np.argsort(first, kind="stable")  # the largest last: it is the one left to bisection
    basket = replace(basket, bought=tuple(basket.bought[i] for i in order))
    best = _search(basket, margin, low[:, order], high[:, order], first[order])
    return {name: int(v) for name, v in zip(basket.bought, best, strict=True)}


def _least(basket: Basket, margin: float, others: Floats, start: Floats) -> Floats:
    """The least last count, from `start` on, that reaches the target; inf where none does."""
    most = float(basket.high[basket.bought[-1]])
    miss, hit = start.copy(), start.copy()  # nothing is known to miss yet
    step = np.ones_like(start)
    open_ = np.arange(len(start))

    def reached(last: Floats) -> NDArray[np.bool_]:
        return basket.reached(np.column_stack([others[open_], last]), margin)

    while len(open_):
        open_ = open_[~reached(hit[open_])]
        miss[open_] = hit[open_]
        hit[open_[hit[open_] >= most]] = np.inf
        open_ = open_[np.isfinite(hit[open_])]
        hit[open_] = np.minimum(hit[open_] + step[open_], most)
        step[open_] *= 2
    open_ = np.flatnonzero(np.isfinite(hit))
    while len(open_ := open_[hit[open_] - miss[open_] > 1]):
        middle = np.floor((miss[open_] + hit[open_]) / 2)
        good = reached(middle)
        hit[open_[good]], miss[open_[~good]] = middle[good], middle[~good]
    return hit


def _search(basket: Basket, margin: float, low: Floats, high: Floats, first: Floats) -> Floats:
    """Halve boxes of all counts but the last until none can hold a plan that is cheaper, or as
    cheap.
    """
    bottom, low, high = low[:, -1], low[:, :-1], high[:, :-1]
    start = np.clip(np.ceil(first[None, :-1]), low, high)
    best = _better(basket, None, start, _least(basket, margin, start, bottom))
    boxes = 0
    while len(low):
        boxes += len(low)
        if boxes > _MOST_BOXES:
            raise ConvergenceError(
                "the search for the cheapest plan did not end: the counts are too large"
            )
        bottom = _least(basket, margin, high, bottom)
        best = _better(basket, best, high, bottom)
        floor = basket.cost(np.column_stack([low, bottom]))
        worth = (floor <= (best[0] if best else np.inf)) & np.isfinite(bottom)
        worth &= np.any(low < high, axis=1)
        low, high, bottom = _halved(low[worth], high[worth], bottom[worth])
    assert best is not None  # the largest counts reach the target: the first corner was a plan
    return best[2]


Found = tuple[float, float, Floats]
"""What a plan costs, how far the bound is from the target there, and the plan."""


def _better(basket: Basket, best: Found | None, others: Floats, last: Floats) -> Found | None:
    """The cheapest of these plans and the best so far; of equally cheap ones that with the lowest
    bound.
    """
    plans = np.column_stack([others, last])
    costs = np.where(np.isfinite(last), basket.cost(plans), np.inf)
    least = float(costs.min())
    if not np.isfinite(least) or (best is not None and least > best[0]):
        return best
    level = plans[costs == least]
    distances = basket.distance(level)
    at = int(np.argmin(distances))
    found = (least, float(distances[at]), level[at])
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


def _start(basket: Basket, margin: float, low: Floats, high: Floats) -> Floats:
    """A plan near the cheapest: the best on a coarse grid, then on finer ones around it."""
    bottom, top, found = low[:-1], high[:-1], None
    for _ in range(_GRIDS):
        ends = zip(bottom, top, strict=True)
        axes = [np.unique(np.floor(np.geomspace(*pair, _POINTS))) for pair in ends]
        others = np.array(list(product(*axes)))
        last = _least(basket, margin, others, np.full(len(others), low[-1]))
        found = _better(basket, found, others, last)
        if found is None:  # rounding hid the corner that is known to do
            return low
        step = (top / bottom) ** (1 / (_POINTS - 1))
        bottom = np.maximum(np.floor(found[2][:-1] / step), bottom)
        top = np.minimum(np.ceil(found[2][:-1] * step), top)
    assert found is not None
    return found[2]


def out_of_reach(asked: Basket) -> str:
    """One line that names the term that is in the way, its value, and the limit where there is
    one: the bound still misses the target at the largest counts that may be bought.
    """
    bound, target, sign = asked.bound, float(asked.target), asked.sign
    at_high = evaluation(bound, **asked.own(asked.high))
    terms = bound.variant.terms
    moving = [
        t for i, t in enumerate(terms) if any(bound.depends_on(name, i) for name in bound.free)
    ]
    stuck = [t for t in terms if at_high.terms[t.name] and t not in moving]
    left = sum(at_high.terms[term.name] for term in stuck)
    if stuck and sign * left >= sign * target:
        return _stuck(asked, stuck, at_high)
    if bound.upper and target <= 0 and all(value >= 0 for value in at_high.terms.values()):
        return f"the bound is positive{_whatever(asked)}"
    # what moves does not move far enough: the limits, or the fixed counts, are in the way
    largest = max(moving or terms, key=lambda t: sign * at_high.terms[t.name])
    limits = {n: most for n, most in asked.at_most.items() if n in _inputs(asked, [largest])}
    within = [f"{name} ≤ {count(most)}" for name, most in (limits or asked.at_most).items()]
    still = significant(at_high.value, up=bound.upper)
    term = f"{largest.name} = {largest.text} = {number(at_high.terms[largest.name])}"
    start = f"with {all_of(within or ['every count at 10^15'])} the bound is still {still}"
    return f"{start}, of which {term}{_fixed_counts(asked, [largest])}"


def _inputs(asked: Basket, terms: Sequence[CompiledTerm]) -> frozenset[str]:
    """The parameters that terms depend on."""
    form = asked.bound.variant
    return form.formula.part(*map(form.terms.index, terms)).inputs


def _stuck(asked: Basket, stuck: Sequence[CompiledTerm], at_high: Evaluation) -> str:
    exact = floats(asked.bound.variant.formula, at_high.parameters)
    by_name = zip(asked.bound.variant.terms, exact, strict=False)
    values, target = {t.name: float(x) for t, x in by_name if t in stuck}, float(asked.target)
    largest = max(stuck, key=lambda term: values[term.name])
    positive = asked.bound.upper and min(values.values()) >= 0
    if positive and values[largest.name] >= target:
        verb = "alone exceeds" if values[largest.name] > target else "alone uses up"
        name, size = largest.text, values[largest.name]
    else:
        verb = f"leave{'s' * (len(stuck) == 1)} no room for"
        name, size = " + ".join(t.text for t in stuck).replace("+ −", "− "), sum(values.values())
    start = f"{name} = {number(size)} {verb} the target {number(target)}"
    return f"{start}{_whatever(asked)}{_fixed_counts(asked, stuck)}"


def _whatever(asked: Basket) -> str:
    """``, whatever m and n``."""
    return f", whatever {all_of(asked.prices)}" if asked.prices else ""


def _fixed_counts(asked: Basket, terms: Sequence[CompiledTerm]) -> str:
    """The fixed counts that the terms depend on: more of them would help."""
    known = asked.fixed.keys() & _inputs(asked, terms)
    fixed = [name for name in sample_counts(asked.bound.entry) if name in known]
    shown = ", ".join(f"{name} = {count(int(asked.fixed[name]))}" for name in fixed)
    return f" ({shown} {'is' if len(fixed) == 1 else 'are'} fixed)" if fixed else ""
