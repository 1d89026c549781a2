"""Stretches of sample sizes on which one of two bounds is better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from mpmath import mp

from boundcalc.errors import ConvergenceError, DomainError, InputError
from boundcalc.numeric.crossing.contender import DIGITS, Contender, proved_sign
from boundcalc.numeric.crossing.contest import Contest
from boundcalc.numeric.solving.axis import LARGEST_COUNT, boundary
from boundcalc.text import number

_FURTHEST = (10**15, 10**12, 10**9, 10**7)
_GRID = 4000
_DECIDED_EXACTLY = 20


@dataclass(frozen=True)
class Stretch:
    """From `first` to `last` (None: without end) this one is better: ``first``, ``second`` or ``equal``."""

    first: int
    last: int | None
    better: str


@dataclass(frozen=True)
class Finding:
    """Stretches, the sizes that they cover, and why they are as they are."""

    stretches: tuple[Stretch, ...]
    sizes: tuple[int, int | None]
    method: str
    reason: str


def closed_form(contest: Contest) -> Finding | None:
    """The answer for two bounds A + B/√size, which cross at most once; None if one has another form."""
    low, _, ends = contest.sizes()
    parts = [_parts(side) for side in (contest.first, contest.second)]
    if ends or parts[0] is None or parts[1] is None:
        return None
    with mp.workdps(DIGITS):
        gaps = [b - a for a, b in zip(parts[0], parts[1], strict=True)]
        try:
            signs = [proved_sign(a, b) for a, b in zip(parts[0], parts[1], strict=True)]
        except TypeError:
            return None
        if signs[0] * signs[1] >= 0:
            return _one_winner(contest, low, signs, (parts[0], parts[1]))
        root = (mp.mpf(gaps[1].mid) / mp.mpf(gaps[0].mid)) ** 2
        where = int(mp.floor(root))
    if where > LARGEST_COUNT:
        raise InputError(
            f"the two cross at {contest.size.name} ≈ {mp.nstr(root, 3)}, too large for a sample size"
        )
    near = range(max(low, where - 1), max(low, where + 2) + 1)
    reason = (
        f"Both have the form A + B/√{contest.size.name}, so they cross once at most: at "
        f"{contest.size.name} = ((B₂ − B₁)/(A₁ − A₂))² = {mp.nstr(root, 8)}."
    )
    stretches = tuple(_stretches(contest, [low, *near], None, exactly=True))
    return Finding(stretches, (low, None), "closed form", reason)


def _parts(side: Contender) -> tuple[Any, Any] | None:
    """Enclosures of A and B; None if the bound is not A + B/√size."""
    form = side.form
    if form is None:
        return None
    try:
        return side.enclosed(form.constant), side.enclosed(form.slope)
    except TypeError:
        return None


def _one_winner(
    contest: Contest, low: int, signs: list[int], parts: tuple[tuple[Any, Any], tuple[Any, Any]]
) -> Finding:
    """No part of the winner is larger than the other's."""
    lead = signs[0] or signs[1]
    better = contest.winner(lead)
    values = [[number(float(p.mid)) for p in pair] for pair in parts]
    size = contest.size.name
    reason = (
        f"Both have the form A + B/√{size}: A = {values[0][0]} against {values[1][0]}, "
        f"B = {values[0][1]} against {values[1][1]}"
    )
    end = "." if better == "equal" else ", and no part speaks for the other one."
    return Finding((Stretch(low, None, better),), (low, None), "closed form", reason + end)


def scan(contest: Contest) -> Finding:
    """The answer from a fine grid of sizes; every change is refined to neighbouring sizes.

    Raises
    ------
    ConvergenceError
        If the bounds cannot be evaluated on any of the ranges that are tried.
    """
    low, last, _ = contest.sizes()
    reason = ""
    for furthest in _FURTHEST:
        high = min(last, furthest)
        if high < low:
            continue
        try:
            return _scanned(contest, low, high)
        except (ConvergenceError, DomainError) as error:
            reason = str(error)
    raise ConvergenceError(
        f"the two bounds cannot be evaluated for {contest.size.name} from {low} on: {reason}"
    )


def _scanned(contest: Contest, low: int, high: int) -> Finding:
    steps = np.arange(min(high - low + 1, 500)) + low
    grid = np.unique(np.concatenate([steps, np.round(np.geomspace(low, high, _GRID)), [low, high]]))
    sizes = [int(k) for k in grid]
    leads = contest.leads(np.array(sizes, dtype=float))
    alike = int(np.sum(leads == 0))
    sizes = sorted({*sizes, *_turns(contest, sizes, leads)})
    exactly = alike <= _DECIDED_EXACTLY
    stretches = tuple(_stretches(contest, sizes, high, exactly=exactly))
    reason = _scan_reason(contest, sizes)
    if any(s.better == "equal" for s in stretches):
        reason += " Sizes at which 12 digits agree count as equal"
        reason += ", unless 50 digits tell the two apart." if exactly else "."
    return Finding(stretches, (low, high), "scan", reason)


def _scan_reason(contest: Contest, sizes: list[int]) -> str:
    name, ends = contest.size.name, (sizes[0], sizes[-1])
    values = [f"at {name} = {tidy(k)} the two are {apart(*contest.both(k))}" for k in ends]
    return (
        f"Found by a scan of {len(sizes):,} sizes from {tidy(ends[0])} to {tidy(ends[1])}, every change "
        f"refined to two neighbouring sizes; {values[0]}, {values[1]}."
    )


def apart(first: float, second: float) -> str:
    """Two numbers with as many digits as it takes to see which is larger."""
    for digits in range(6, 15):
        pair = number(first, digits), number(second, digits)
        if pair[0] != pair[1]:
            break
    return f"{pair[0]} and {pair[1]}"


def tidy(size: int) -> str:
    """A size as text: 13,200, but 10^15."""
    power = len(str(size)) - 1
    return f"10^{power}" if power >= 9 and size == 10**power else f"{size:,}"


def _turns(contest: Contest, sizes: list[int], lead: Any) -> Iterator[int]:
    """Sizes at which the lead turns close to 0 between grid sizes: two crossings may hide there."""
    for i in range(1, len(sizes) - 1):
        left, here, right = (abs(x) for x in lead[i - 1 : i + 2])
        alike = len(set(np.sign(lead[i - 1 : i + 2]))) == 1
        if alike and 0 < here <= min(left, right) and here <= max(left, right) - here:
            sign = np.sign(lead[i])
            low, high = sizes[i - 1], sizes[i + 1]
            while high - low > 2:
                third = max((high - low) // 3, 1)
                a, b = low + third, high - third
                pair = sign * contest.leads(np.array([a, b], dtype=float))
                low, high = (low, b) if pair[0] <= pair[1] else (a, high)
            yield from range(low, high + 1)


def _stretches(contest: Contest, sizes: list[int], high: int | None, *, exactly: bool) -> Iterator[Stretch]:
    """Stretches between sizes of known state, their ends refined to neighbouring sizes."""

    def state(size: int) -> str:
        return contest.states([size], exactly=exactly)[0]

    ordered = sorted(set(sizes))
    states = contest.states(ordered, exactly=exactly)
    start, current = ordered[0], states[0]
    for (a, s), (b, t) in pairwise(zip(ordered, states, strict=True)):
        here = s
        while here != t:
            held = here
            change = boundary(lambda k, held=held: state(k) == held, a, b)  # type: ignore[misc]
            yield Stretch(start, change, current)
            start = a = change + 1
            current = here = state(a) if a < b else t
    yield Stretch(start, high, current)
