"""The sample sizes at which the better of two bounds changes: all of them, not only the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.crossing.contender import Contender, contender
from boundcalc.numeric.crossing.contest import Contest
from boundcalc.numeric.crossing.stretches import Finding, Stretch, closed_form, scan, tidy
from boundcalc.symbolic.parameters import parameter

SIZES = ("m", "n")


@dataclass(frozen=True)
class Crossing:
    """A change of the better bound.

    Attributes
    ----------
    size : int
        The first size at which the other one is better.
    better : str
        ``first`` or ``second``: which one is better from there on.
    before, at : (int, float, float)
        A size and the two values there: the last size at which the one before was better, and `size`.
    """

    size: int
    better: str
    before: tuple[int, float, float]
    at: tuple[int, float, float]


@dataclass(frozen=True)
class Crossover:
    """Two bounds compared over all sizes of a sample.

    Attributes
    ----------
    first, second : Contender
    labels : dict of str to str
        What the two are called: by id and variant, and by place where these agree.
    over : str
        The size that grows.
    crossings : tuple of Crossing
        In order; empty if the same one is better throughout.
    stretches : tuple of Stretch
        Which one is better from where to where.
    method : str
        ``closed form`` or ``scan``.
    sizes : (int, int or None)
        The sizes that the answer covers; None where there is no largest one.
    status : str
        What the answer is and why.
    notes : tuple of str
        What to keep in mind when the two are compared.
    """

    first: Contender
    second: Contender
    labels: Mapping[str, str]
    over: str
    crossings: tuple[Crossing, ...]
    stretches: tuple[Stretch, ...]
    method: str
    sizes: tuple[int, int | None]
    status: str
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        sides = {
            side: {"id": c.id, "variant": c.variant.name, "parameters": dict(c.given)}
            for side, c in (("first", self.first), ("second", self.second))
        }
        return sides | {
            "over": self.over,
            "crossings": [_plain(c, self.over) for c in self.crossings],
            "stretches": [{"from": s.first, "to": s.last, "better": s.better} for s in self.stretches],
            "method": self.method,
            "sizes": list(self.sizes),
            "status": self.status,
            "notes": list(self.notes),
        }


def _plain(crossing: Crossing, over: str) -> dict[str, Any]:
    keys = (over, "first", "second")
    sides = {"before": crossing.before, "at": crossing.at}
    values = {name: dict(zip(keys, side, strict=True)) for name, side in sides.items()}
    return {over: crossing.size, "better": crossing.better} | values


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
        ``ID`` or ``ID:VARIANT``. Both upper limits (the smaller one is better) or both lower limits.
    over : str
        The size that grows, ``m`` or ``n``; everything else is held fixed.
    only_first, only_second : mapping of str to float, optional
        Values for one side; they win over shared ones.
    **shared : float
        Values for every side that knows the parameter.

    Returns
    -------
    Crossover
        Where both are of the form A + B/√size, exact and complete. Otherwise from a scan of the sizes up to
        10¹⁵, whose range it states; each crossing is checked at both neighbouring sizes.

    Raises
    ------
    UnknownNameError, DomainError, InputError
        For what cannot be used, is missing or cannot be compared.
    """
    size = parameter(over)
    if size.name not in SIZES:
        raise InputError(f"crossover looks at a sample size, {' or '.join(SIZES)}, not at {size.name}")
    sides = tuple(
        contender(place, size, shared, own or {}, side)
        for place, own, side in ((first, only_first, "first"), (second, only_second, "second"))
    )
    _refuse_unused(shared, sides)
    contest = Contest(sides[0], sides[1])
    finding = closed_form(contest) or scan(contest)
    return Crossover(
        first=sides[0],
        second=sides[1],
        labels=contest.labels,
        over=size.name,
        crossings=_crossings(contest, finding.stretches),
        stretches=finding.stretches,
        method=finding.method,
        sizes=finding.sizes,
        status=_status(contest, finding),
        notes=contest.notes(),
    )


def _refuse_unused(shared: Mapping[str, Any], sides: tuple[Contender, ...]) -> None:
    known = {name for side in sides for name in side.given}
    for name in shared:
        if parameter(name).name not in known:
            places = " and ".join(dict.fromkeys(side.name for side in sides))
            raise UnknownNameError(f"parameter of {places}", name, known)


def _crossings(contest: Contest, stretches: tuple[Stretch, ...]) -> tuple[Crossing, ...]:
    """Between two stretches with different winners; sizes of equality in between belong to neither."""
    won = [s for s in stretches if s.better != "equal"]
    found = []
    for old, new in pairwise(won):
        if old.better != new.better and old.last is not None:
            before, at = contest.both(old.last), contest.both(new.first)
            found.append(Crossing(new.first, new.better, (old.last, *before), (new.first, *at)))
    return tuple(found)


def _status(contest: Contest, finding: Finding) -> str:
    """Who is better where, in one sentence, and how that is known."""
    size = contest.size.name
    word = "smaller" if contest.first.variant.relation == "=" else "better"
    parts = []
    for stretch in finding.stretches:
        where = _where(stretch, size)
        if len(finding.stretches) == 1:
            where = f"at every {size}" + (" that was scanned" if finding.method == "scan" else "")
        equal = stretch.better == "equal"
        subject = "the two are equal" if equal else f"{contest.labels[stretch.better]} is {word}"
        parts.append(f"{subject} {where}")
    sentence = "; ".join(parts)
    start = "T" if sentence.startswith("the ") else sentence[0]  # an id keeps its small letter
    return f"{start}{sentence[1:]}. {finding.reason}"


def _where(stretch: Stretch, size: str) -> str:
    if stretch.last == stretch.first:
        return f"at {size} = {stretch.first:,}"
    if stretch.last is None:
        return f"from {size} = {stretch.first:,} on"
    return f"from {size} = {stretch.first:,} to {tidy(stretch.last)}"
