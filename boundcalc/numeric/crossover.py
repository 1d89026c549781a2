"""The sample sizes at which the better of two bounds changes: all of them, not only the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from boundcalc.arguments import typed
from boundcalc.errors import ConvergenceError, DomainError, InputError, UnknownNameError
from boundcalc.numeric.search import LARGEST_COUNT, Stretch, stretches, turns
from boundcalc.numeric.two_bounds import OneSide, TwoBounds, placed, proved_sign, side_of
from boundcalc.record import Record
from boundcalc.symbolic.parameters import SAMPLE_SIZES, parameter
from boundcalc.text import number

_FURTHEST = (10**15, 10**12, 10**9, 10**7)
_GRID = 4000
_DECIDED_EXACTLY = 20


@dataclass(frozen=True)
class Crossing(Record):
    """A change of the better bound.

    Attributes
    ----------
    size : int
        The first size at which the other one is better.
    better : str
        ``first`` or ``second``: which one is better from there on.
    before, at : (int, float, float)
        A size and the two values there: the last size at which the one before was better, and
        `size`.
    over : str
        The name of the size.
    """

    size: int
    better: str
    before: tuple[int, float, float]
    at: tuple[int, float, float]
    over: str = "m"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers; the size has its own name."""
        keys = (self.over, "first", "second")
        values = {name: getattr(self, name) for name in ("before", "at")}
        named = {name: dict(zip(keys, each, strict=True)) for name, each in values.items()}
        return {self.over: self.size, "better": self.better} | named


@dataclass(frozen=True)
class Winner(Record):
    """From `first` to `last` (None: without end) this one is better: ``first``, ``second`` or
    ``equal``.
    """

    json_keys: ClassVar[tuple[str, ...]] = ("from=first", "to=last", "better")

    first: int
    last: int | None
    better: str


@dataclass(frozen=True)
class Crossover(Record):
    """Two bounds compared over all sizes of a sample.

    Attributes
    ----------
    first, second : OneSide
    labels : dict of str to str
        What the two are called: by id and variant, and by place where these agree.
    over : str
        The size that grows.
    crossings : tuple of Crossing
        In order; empty if the same one is better throughout.
    stretches : tuple of Winner
        Which one is better from where to where.
    method : str
        ``closed form`` or ``scan``.
    sizes : (int, int or None)
        The sizes that the answer covers; None where there is no largest one.
    status : str
        What the answer is and why.
    notes : tuple of str
        What to keep in mind when the two are compared.
    caveats : tuple of str
        Those of the notes that are said before the answer: where the two are no bounds on one
        thing.
    word : str
        What the winner is: ``better``, or only ``the smaller number``.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("first", "second", "over", "crossings", "stretches", "method", "sizes", "status"),
        *("notes", "caveats"),
    )

    first: OneSide
    second: OneSide
    labels: Mapping[str, str]
    over: str
    crossings: tuple[Crossing, ...]
    stretches: tuple[Winner, ...]
    method: str
    sizes: tuple[int, int | None]
    status: str
    notes: tuple[str, ...]
    caveats: tuple[str, ...] = ()
    word: str = "better"


@dataclass(frozen=True)
class _Finding:
    """Stretches, the sizes that they cover, and why they are as they are."""

    stretches: tuple[Winner, ...]
    sizes: tuple[int, int | None]
    method: str
    reason: str


@typed
def crossover(
    first: str,
    second: str,
    /,
    *,
    over: str,
    only_first: Mapping[str, Any] | None = None,
    only_second: Mapping[str, Any] | None = None,
    **shared: Any,
) -> Crossover:
    """Find all sample sizes at which the better of two bounds changes.

    Parameters
    ----------
    first, second : str
        ``ID`` or ``ID:VARIANT``. Both upper limits (the smaller one is better) or both lower
        limits.
    over : str
        The size that grows, ``m`` or ``n``; everything else is held fixed.
    only_first, only_second : mapping of str to float, optional
        Values for one side; they win over shared ones.
    **shared : float
        Values for every side that knows the parameter.

    Returns
    -------
    Crossover
        Where both are of the form A + B/√size, exact and complete. Otherwise from a scan of the
        sizes up to 10¹⁵, whose range it states; each crossing is checked at both neighbouring
        sizes.

    Raises
    ------
    UnknownNameError, DomainError, InputError
        For what cannot be used, is missing or cannot be compared.

    Examples
    --------
    >>> numbers = {"delta": 0.05, "C": 1, "test_loss": 0.1}
    >>> found = crossover(
    ...     "holdout.hoeffding", "holdout.empirical_bernstein", over="n", variance=0.05, **numbers
    ... )
    >>> [(c.size, c.better) for c in found.crossings]
    [(197, 'second')]
    """
    size = parameter(over)
    if size.name not in SAMPLE_SIZES:
        allowed = " or ".join(SAMPLE_SIZES)
        raise InputError(f"crossover looks at a sample size, {allowed}, not at {size.name}")
    for place in (first, second):
        placed(place)  # a name that is not known is said before what the other one needs
    sides = [
        side_of(place, size, shared, own or {}, which)
        for place, own, which in ((first, only_first, "first"), (second, only_second, "second"))
    ]
    _refuse_unused(shared, sides)
    two = TwoBounds(sides[0], sides[1])
    finding = _closed_form(two) or _scan(two)
    return Crossover(
        first=sides[0],
        second=sides[1],
        labels=two.labels,
        over=size.name,
        crossings=_crossings(two, finding.stretches),
        stretches=finding.stretches,
        method=finding.method,
        sizes=finding.sizes,
        status=_status(two, finding),
        notes=(*two.caveats(), *two.notes()),
        caveats=two.caveats(),
        word=two.word,
    )


def _refuse_unused(shared: Mapping[str, Any], sides: list[OneSide]) -> None:
    known = {name for side in sides for name in side.bound.numbers}
    for name in shared:
        if parameter(name).name not in known:
            places = " and ".join(dict.fromkeys(side.bound.name for side in sides))
            raise UnknownNameError("parameter", name, known, places)


def _crossings(two: TwoBounds, stretches: tuple[Winner, ...]) -> tuple[Crossing, ...]:
    """Between two stretches with different winners; sizes of equality in between belong to
    neither.
    """
    won = [s for s in stretches if s.better != "equal"]
    found = []
    for old, new in pairwise(won):
        if old.better != new.better and old.last is not None:
            before = (old.last, *two.both(old.last))
            at = (new.first, *two.both(new.first))
            found.append(Crossing(new.first, new.better, before, at, two.size.name))
    return tuple(found)


def _status(two: TwoBounds, finding: _Finding) -> str:
    """Who is better where, in one sentence, and how that is known."""
    size, parts = two.size.name, []
    for stretch in finding.stretches:
        where = _where(stretch, size)
        if len(finding.stretches) == 1:
            scanned = " that was scanned" if finding.method == "scan" else ""
            where = f"at every {size}{scanned}"
        subject = f"{two.labels[stretch.better]} is {two.word}"
        if stretch.better == "equal":
            subject = "the two are equal"
        parts.append(f"{subject} {where}")
    sentence = "; ".join(parts)
    start = "T" if sentence.startswith("the ") else sentence[0]  # an id keeps its small letter
    return f"{start}{sentence[1:]}. {finding.reason}"


def _where(stretch: Winner, size: str) -> str:
    if stretch.last == stretch.first:
        return f"at {size} = {stretch.first:,}"
    if stretch.last is None:
        return f"from {size} = {stretch.first:,} on"
    return f"from {size} = {stretch.first:,} to {size_text(stretch.last)}"


def _closed_form(two: TwoBounds) -> _Finding | None:
    """The answer for two bounds A + B/√size, which cross at most once; None if one has another
    form.
    """
    low, _, ends = two.sizes()
    parts = [side.root_parts for side in (two.first, two.second)]
    if ends or parts[0] is None or parts[1] is None:
        return None
    pairs = list(zip(parts[0], parts[1], strict=True))
    try:
        signs = [proved_sign(*pair) for pair in pairs]
    except TypeError:
        return None
    form, size = f"Both have the form A + B/√{two.size.name}", two.size.name
    middles = [[sum(box) / 2 for box in pair] for pair in pairs]
    if signs[0] * signs[1] >= 0:
        # no part of the winner is larger than the other's
        better = two.winner(signs[0] or signs[1])
        A, B = ([number(float(x)) for x in pair] for pair in middles)
        end = "." if better == "equal" else ", and no part speaks for the other one."
        reason = f"{form}: A = {A[0]} against {A[1]}, B = {B[0]} against {B[1]}{end}"
        return _Finding((Winner(low, None, better),), (low, None), "closed form", reason)
    gaps = [b - a for a, b in middles]
    root = (gaps[1] / gaps[0]) ** 2
    where = int(root)
    if where > LARGEST_COUNT:
        where_text = f"{size} ≈ {Decimal(where):.3g}"
        raise InputError(f"the two cross at {where_text}, too large for a sample size")
    shown = number(float(root), 8)
    reason = f"{form}, so they cross once at most: at {size} = ((B₂ − B₁)/(A₁ − A₂))² = {shown}."
    near = range(max(low, where - 1), max(low, where + 2) + 1)
    *found, last = _winners(two, sorted({low, *near}), exactly=True)
    endless = Winner(last.first, None, last.better)
    return _Finding((*found, endless), (low, None), "closed form", reason)


def _scan(two: TwoBounds) -> _Finding:
    """The answer from a fine grid of sizes; every change is refined to neighbouring sizes."""
    low, last, _ = two.sizes()
    reason = ""
    for furthest in _FURTHEST:
        if min(last, furthest) < low:
            continue
        try:
            return _scanned(two, low, min(last, furthest))
        except (ConvergenceError, DomainError) as error:
            reason = str(error)
    raise ConvergenceError(
        f"the two bounds cannot be evaluated for {two.size.name} from {low} on: {reason}"
    )


def _scanned(two: TwoBounds, low: int, high: int) -> _Finding:
    steps = np.arange(min(high - low + 1, 500)) + low
    spread = np.round(np.geomspace(low, high, _GRID))
    sizes = [int(k) for k in np.unique(np.concatenate([steps, spread, [low, high]]))]
    leads = two.leads(np.array(sizes, dtype=float))
    alike = int(np.sum(leads == 0))
    # two changes may hide where the lead turns close to 0
    sizes = sorted({*sizes, *turns(two.lead, sizes, leads)})
    exactly = alike <= _DECIDED_EXACTLY
    found = _winners(two, sizes, exactly=exactly)
    values = [
        f"at {two.size.name} = {size_text(k)} the two are {apart(*two.both(k))}"
        for k in (low, high)
    ]
    reason = (
        f"Found by a scan of {len(sizes):,} sizes from {size_text(low)} to {size_text(high)}, "
        f"every change refined to two neighbouring sizes; {values[0]}, {values[1]}."
    )
    if any(s.better == "equal" for s in found):
        reason += " Sizes at which 12 digits agree count as equal"
        reason += ", unless 50 digits tell the two apart." if exactly else "."
    return _Finding(found, (low, high), "scan", reason)


def _winners(two: TwoBounds, sizes: list[int], *, exactly: bool) -> tuple[Winner, ...]:
    """Who is better between sizes at which it is known, refined to neighbouring sizes."""

    def state(size: int) -> str:
        return two.states([size], exactly=exactly)[0]

    found: list[Stretch[str]] = stretches(state, sizes, two.states(sizes, exactly=exactly))
    return tuple(Winner(s.first, s.last, s.state) for s in found)


def apart(first: float, second: float) -> str:
    """Two numbers with as many digits as it takes to see which is larger."""
    pairs = [(number(first, digits), number(second, digits)) for digits in range(6, 15)]
    return " and ".join(next((pair for pair in pairs if pair[0] != pair[1]), pairs[-1]))


def size_text(size: int) -> str:
    """A size as text: 13,200, but 10^15."""
    power = len(str(size)) - 1
    return f"10^{power}" if power >= 9 and size == 10**power else f"{size:,}"
