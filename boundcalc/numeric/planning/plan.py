"""Plan a data collection: the cheapest numbers of examples at which a bound reaches a target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from boundcalc.conventions import Side
from boundcalc.errors import ConvergenceError, InputError
from boundcalc.numeric.evaluate import check_requirements
from boundcalc.numeric.planning.cheapest import Basket, cheapest
from boundcalc.numeric.planning.obstacle import obstacle
from boundcalc.numeric.planning.planned import Outcome, Plan
from boundcalc.numeric.planning.purchase import Purchase, counts_of, equal_or_better, evaluated, purchase
from boundcalc.numeric.solving.axis import boundary_near
from boundcalc.numeric.solving.problem import ImpossibleTargetError
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.theorem import Theorem
from boundcalc.text import number

RIVALS = {"lu2023.multimodal": "lu2023.unimodal"}
"""Which bound a plan is compared with: what the same labels prove without the second modality."""
_SHARES = (Fraction(99, 100), Fraction(1, 10))
_OBSERVED = (
    "train_loss",
    "train_loss_m",
    "train_loss_n",
    "test_loss",
    "variance",
    "errors",
    "centred_loss",
    "gamma",
)

Progress = Callable[[int, int], None]


def plan(
    id: str,
    /,
    *,
    target: Any,
    prices: Mapping[str, Any],
    variant: str | None = None,
    at_least: Mapping[str, Any] | None = None,
    at_most: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    **values: Any,
) -> Plan:
    """Find the cheapest counts at which a bound reaches a target.

    Parameters
    ----------
    id : str
        Catalogue id of a bound that falls with m, n or tasks, for example ``"lu2023.multimodal"``.
    target : float
        The value to reach: the bound is at most `target` (at least, for a lower limit).
    prices : mapping of str to float
        Price, above 0, of one of m, of one labelled example (n·tasks of them are paid) and of one task. What
        has a price is bought; every other count must have a value among `values` and is not paid.
    variant : str, optional
        As in `evaluate`.
    at_least, at_most : mapping of str to int, optional
        Limits on counts that are bought, inside the parameters' domains.
    progress : callable, optional
        Called with the number of searches done and their total.
    **values : float
        The other parameters. For ``lu2023.multimodal``, `c_composite` and `growth` may be added: they are
        used for the comparison with ``lu2023.unimodal`` only.

    Returns
    -------
    Plan
        Whole counts that reach the target exactly. No whole counts within the limits (and up to
        10^15) are cheaper: of one count exactly, of several up to the rounding of floats, 1e-13 of
        the bound; `boundcalc.numeric.planning.cheapest` says why.

    Raises
    ------
    UnknownNameError
        For an unknown id, variant, parameter or count.
    DomainError
        For a number outside its domain.
    ImpossibleTargetError
        For a target out of reach, with the term that is left.
    InputError
        For a count with both a price and a value, or neither; a bound that is not proved to fall with what is
        bought.
    ConvergenceError
        If the counts are so large that the search would not end.

    Source
    ------
    The bounds are the catalogue's; the search is proved in `boundcalc.numeric.planning.cheapest`.
    """
    entry = theorem(id)
    if not prices:
        raise InputError("a plan needs the price of at least one count")
    extra = _rival_names(entry)
    own = {name: value for name, value in values.items() if parameter(name).name not in extra}
    limits = {"at_least": at_least or {}, "at_most": at_most or {}}
    request = purchase(entry, variant=variant, target=target, prices=prices, values=own, **limits)
    rival = _rival(request, {name: value for name, value in values.items() if name not in own})
    search = _Searches(_searches(request, rival), progress)
    best = search(request, request.target)
    if best.cost is None:
        raise ImpossibleTargetError(f"target {number(best.target)} is out of reach: {best.reason}")
    tighter = [search.aside(request, request.target * share) for share in _shares(request)]
    unimodal = search.aside(rival, rival.target) if rival else None
    return _record(request, best, tighter, unimodal)


class _Searches:
    """Searches, counted for who shows progress."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def __call__(self, request: Purchase, target: Fraction) -> Outcome:
        result = outcome(request, target)
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)
        return result

    def aside(self, request: Purchase, target: Fraction) -> Outcome:
        """A search beside the plan: where it does not end, that is its reason, and the plan stands."""
        try:
            return self(request, target)
        except ConvergenceError as error:
            return _outcome(request, target, reason=str(error))


def _shares(request: Purchase) -> tuple[Fraction, ...]:
    """What a lower target costs is asked where lower is harder and a share of the target is lower."""
    return _SHARES if request.variant.side is Side.UPPER and request.target > 0 else ()


def _searches(request: Purchase, rival: Purchase | None) -> int:
    return 1 + len(_shares(request)) + (rival is not None)


def _rival_names(entry: Theorem) -> set[str]:
    """The parameters that only the bound it is compared with has."""
    if entry.id not in RIVALS:
        return set()
    return {p.name for p in theorem(RIVALS[entry.id]).parameters} - {p.name for p in entry.parameters}


def _rival(request: Purchase, extra: Mapping[str, Any]) -> Purchase | None:
    """The same labels, tasks, prices and limits for the bound that it is compared with."""
    if not extra:
        return None
    entry = theorem(RIVALS[request.entry.id])
    form = request.variant.name if request.variant.name in entry.variants else next(iter(entry.variants))
    used = {p.name for p in entry.variant(form).parameters} | {"tasks"}
    counts = counts_of(entry)

    def theirs(numbers: Mapping[str, Any]) -> dict[str, Any]:
        return {name: number for name, number in numbers.items() if name in counts}

    return purchase(
        entry,
        variant=form,
        target=request.target,
        prices=theirs(request.prices),
        at_least=theirs(request.at_least),
        at_most=theirs(request.at_most),
        values={name: value for name, value in request.fixed.items() if name in used} | dict(extra),
    )


def outcome(request: Purchase, target: Fraction) -> Outcome:
    """The cheapest counts for one target, or why there are none.

    One count alone is decided exactly. For several the search is lenient by the rounding error of
    the bound first: what it finds is the optimum if it reaches the target exactly. Else, in the rare
    case that bound and target agree to about 13 digits, the search is repeated on the strict side.

    Raises
    ------
    InputError
        If what is bought contradicts another parameter, as in `evaluate`.
    ConvergenceError
        As `plan`.
    """
    basket = request.basket(target)
    check_requirements(request.variant.requires, {**basket.fixed, **basket.high})
    for margin in (1.0, -1.0):
        counts = cheapest(basket, margin)
        if counts is None:
            return _outcome(request, target, reason=obstacle(request, float(target), basket.high))
        counts = _least(request, target, basket, counts)
        if equal_or_better(request, target, counts):
            everything = request.everything(counts)
            value = float(evaluated(request, everything).value)
            # a float beyond the target is so by rounding alone
            best = min(basket.sign * value, basket.sign * basket.target) * basket.sign
            return _outcome(request, target, counts=everything, achieved=best)
    raise ConvergenceError(f"the bound is too close to the target {float(target):g} to decide")


def _least(request: Purchase, target: Fraction, basket: Basket, counts: dict[str, int]) -> dict[str, int]:
    """The least of a single count that reaches the target, from one that floats found."""
    if len(counts) != 1:
        return counts
    ((name, guess),) = counts.items()

    def reaches(value: int) -> bool:
        return equal_or_better(request, target, {name: value})

    if not reaches(basket.high[name]):
        return counts
    return {name: boundary_near(reaches, guess, basket.high[name], basket.low[name] - 1)}


def _outcome(
    request: Purchase,
    target: Fraction,
    *,
    counts: Mapping[str, int] | None = None,
    achieved: float | None = None,
    reason: str = "",
) -> Outcome:
    return Outcome(
        id=request.entry.id,
        variant=request.variant.name,
        target=float(target),
        cost=None if counts is None else float(sum(request.spending(counts).values())),
        counts=counts or {},
        achieved=achieved,
        reason=reason,
        assumes=request.variant.assumes,
    )


def _record(request: Purchase, best: Outcome, tighter: list[Outcome], unimodal: Outcome | None) -> Plan:
    result = evaluated(request, best.counts)
    assert best.cost is not None
    assert best.achieved is not None
    return Plan(
        id=best.id,
        variant=best.variant,
        status=result.status,
        side=result.side,
        target=best.target,
        achieved=best.achieved,
        cost=best.cost,
        counts=best.counts,
        prices={name: float(price) for name, price in request.prices.items()},
        spending={name: float(spent) for name, spent in request.spending(best.counts).items()},
        at_least=request.at_least,
        at_most=request.at_most,
        terms=result.terms,
        binding=result.deciding,
        probability=result.probability,
        vacuous=result.vacuous,
        parameters=result.parameters,
        one_percent=tighter[0] if tighter else None,
        one_more_decimal=tighter[1] if tighter else None,
        unimodal=unimodal,
        assumes=result.assumes,
        notes=_notes(request, compared=unimodal is not None),
    )


def _notes(request: Purchase, *, compared: bool) -> tuple[str, ...]:
    """What the reader has to know about the numbers that were held fixed."""
    notes = []
    used = {p.name for p in request.variant.parameters}
    held = sorted(name for name in used if name.startswith("rademacher"))
    if held and "m" in request.prices:
        notes.append(f"{', '.join(held)}: held fixed; it has to bound the complexity at the m found")
    guessed = [name for name in _OBSERVED if name in used]
    if guessed:
        notes.append(f"{', '.join(guessed)}: held as given, an assumption until the examples are there")
    if "tasks" in request.counts and "tasks" not in used:
        notes.append(f"{request.entry.id} ({request.variant.name}) does not depend on tasks: they only cost")
    if request.entry.id in RIVALS and not compared:
        extra = " and ".join(sorted(_rival_names(request.entry)))
        notes.append(f"Give {extra} to compare with {RIVALS[request.entry.id]}")
    return tuple(notes)
