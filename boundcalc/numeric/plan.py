"""Plan a data collection: the cheapest numbers of examples at which a bound reaches a target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

from boundcalc.arguments import typed
from boundcalc.conventions import Side
from boundcalc.errors import ConvergenceError, ImpossibleTargetError, InputError
from boundcalc.numeric.cheapest import Basket, cheapest, out_of_reach, sample_counts
from boundcalc.numeric.compiled import CompiledTheorem, compiled
from boundcalc.numeric.evaluate import OfBound, evaluation
from boundcalc.numeric.plan_request import request
from boundcalc.numeric.search import boundary_near
from boundcalc.symbolic.parameter import Role
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import number, probability

_LOWER = Fraction(99, 100)
"""The share of the target that is asked for as well: what the last percent costs."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Outcome(OfBound):
    """What a target costs, or why it is out of reach.

    Attributes
    ----------
    target : float
    cost : float or None
        None where the target is out of reach.
    counts : mapping of str to int
        All counts, fixed ones included; empty where the target is out of reach.
    achieved : float or None
        The value of the bound at these counts.
    reason : str
        Why the target is out of reach; else empty.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id", "variant", "target", "cost", "counts", "achieved", "reason", "assumes"),
    )

    target: float
    cost: float | None
    counts: Mapping[str, int]
    achieved: float | None
    reason: str


@dataclass(frozen=True, kw_only=True)
class Plan(Outcome):
    """The cheapest counts at which a bound reaches a target.

    Attributes
    ----------
    status : str
        One sentence on what the bound says at the plan.
    side : Side
    prices, spending : mapping of str to float
        Price a unit, and what is spent, of each count that is bought.
    at_least, at_most : mapping of str to int
        The limits that were given.
    terms : mapping of str to float
        The named terms of the bound; they add up to `achieved`.
    binding : str
        The term that weighs most against the target.
    vacuous : bool
        Whether the bound, though it reaches the target, says nothing.
    parameters : mapping of str to float
        Every number that was used.
    one_percent : Outcome or None
        The plan for a target 1 % lower; None for a lower limit and for a target that is not
        positive.
    unimodal : Outcome or None
        The cheapest plan of the rival bound for the same target, where its parameters were given.
    notes : tuple of str
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id", "variant", "target", "cost", "counts", "prices", "spending", "at_least", "at_most"),
        *("achieved", "status", "terms", "binding", "probability", "vacuous", "parameters"),
        *("marginal_price", "one_percent", "unimodal", "assumes", "notes"),
    )

    status: str
    side: Side
    cost: float
    achieved: float
    prices: Mapping[str, float]
    spending: Mapping[str, float]
    at_least: Mapping[str, int]
    at_most: Mapping[str, int]
    terms: Mapping[str, float]
    binding: str
    vacuous: bool
    parameters: Mapping[str, Any]
    one_percent: Outcome | None
    unimodal: Outcome | None
    notes: tuple[str, ...]

    @property
    def m(self) -> int | None:
        """Unlabelled pairs (training examples outside Lu's setting); None where the entry
        has none.
        """
        return self.counts.get("m")

    @property
    def n(self) -> int | None:
        """Labelled examples of a task (held-out examples outside Lu's setting); None as above."""
        return self.counts.get("n")

    @property
    def tasks(self) -> int | None:
        """Tasks; None where the entry has none."""
        return self.counts.get("tasks")

    @property
    def marginal_price(self) -> float | None:
        """Money for each unit by which the target is lowered, estimated from the last 1 %."""
        if self.one_percent is None or self.one_percent.cost is None:
            return None
        return (self.one_percent.cost - self.cost) / (self.target - self.one_percent.target)


@typed
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
        Price, above 0, of one of m, of one labelled example (n·tasks of them are paid) and of one
        task. What has a price is bought; every other count must have a value among `values` and is
        not paid.
    variant : str, optional
        As in `evaluate`.
    at_least, at_most : mapping of str to int, optional
        Limits on counts that are bought, inside the parameters' domains.
    progress : callable, optional
        Called with the number of searches done and their total.
    **values : float
        The other parameters. Where the entry names a rival bound, the parameters that only that one
        has may be added: they are used for the comparison only.

    Returns
    -------
    Plan
        Whole counts that reach the target exactly. No whole counts within the limits (and up to
        10^15) are cheaper: of one count exactly, of several up to the rounding of floats, 1e-13 of
        the bound; `boundcalc.numeric.cheapest` says why.

    Raises
    ------
    UnknownNameError
        For an unknown id, variant, parameter or count.
    DomainError
        For a number outside its domain.
    ImpossibleTargetError
        For a target out of reach, with the term that is left.
    InputError
        For a count with both a price and a value, or neither; a bound that is not proved to fall
        with what is bought.
    ConvergenceError
        If the counts are so large that the search would not end.

    Examples
    --------
    >>> numbers = {"delta": 0.015, "loss_bound": 1, "test_loss": 0}
    >>> plan("holdout.hoeffding", target=0.05, prices={"n": 3}, **numbers).counts
    {'n': 840}
    """
    entry = compiled(id)
    if not prices:
        raise InputError("a plan needs the price of at least one count")
    others = _only_of_rival(entry)
    extra = {name: value for name, value in values.items() if parameter(name).name in others}
    own = {name: value for name, value in values.items() if name not in extra}
    limits = {"at_least": at_least or {}, "at_most": at_most or {}}
    asked = request(entry, variant=variant, target=target, prices=prices, values=own, **limits)
    searches = {"best": asked}
    if asked.bound.upper and asked.target > 0:
        searches["one_percent"] = replace(asked, target=asked.target * _LOWER)
    if extra:
        searches["unimodal"] = _rival(asked, extra)
    found: dict[str, Outcome] = {}
    for name, basket in searches.items():
        try:
            found[name] = outcome(basket)
        except ConvergenceError as error:
            if name == "best":
                raise
            # a search beside the plan that does not end is no reason to have no plan
            found[name] = _outcome(basket, reason=str(error))
        if progress is not None:
            progress(len(found), len(searches))
        best = found["best"]
        if best.cost is None:
            goal = number(best.target)
            raise ImpossibleTargetError(f"target {goal} is out of reach: {best.reason}")
    return _plan(asked, **found)


def _only_of_rival(entry: CompiledTheorem) -> set[str]:
    """The parameters that only the bound it is compared with has."""
    if not entry.rival:
        return set()
    own = {p.name for p in entry.parameters}
    return {p.name for p in compiled(entry.rival).parameters} - own


def _rival(asked: Basket, extra: Mapping[str, Any]) -> Basket:
    """The same labels, tasks, prices and limits for the bound that it is compared with."""
    entry = compiled(asked.bound.entry.rival)
    form = asked.bound.variant.name
    form = form if form in entry.variants else next(iter(entry.variants))
    used = entry.variant(form).used | {"tasks"}
    counts = sample_counts(entry)

    def theirs(numbers: Mapping[str, Any]) -> dict[str, Any]:
        return {name: number for name, number in numbers.items() if name in counts}

    return request(
        entry,
        variant=form,
        target=asked.target,
        prices=theirs(asked.prices),
        at_least=theirs(asked.at_least),
        at_most=theirs(asked.at_most),
        values={name: x for name, x in asked.fixed.items() if name in used} | dict(extra),
    )


def outcome(asked: Basket) -> Outcome:
    """The cheapest counts for a target, or why there are none.

    One count alone is decided exactly. For several the search is lenient by the rounding error of
    the bound first: what it finds is the optimum if it reaches the target exactly. Else, in the
    rare case that bound and target agree to about 13 digits, the search is repeated on the strict
    side.
    """
    bound, target, sign = asked.bound, asked.target, asked.sign
    bound.check(**asked.high)

    def reaches(counts: Mapping[str, int]) -> bool:
        return sign * bound.compare(target, **asked.own(counts)) <= 0

    for margin in (1.0, -1.0):
        counts = cheapest(asked, margin)
        if counts is None:
            return _outcome(asked, reason=out_of_reach(asked))
        if len(counts) == 1 and reaches(asked.high):
            ((name, guess),) = counts.items()
            ends = asked.high[name], asked.low[name] - 1
            counts = {name: boundary_near(lambda k, n=name: reaches({n: k}), guess, *ends)}  # type: ignore[misc]
        if reaches(counts):
            # a float beyond the target is so by rounding alone
            value = sign * float(bound.value(**asked.own(counts)))
            best = sign * min(value, sign * float(target))
            return _outcome(asked, counts=asked.everything(counts), achieved=best)
    raise ConvergenceError(f"the bound is too close to the target {float(target):g} to decide")


def _outcome(
    asked: Basket,
    *,
    counts: Mapping[str, int] | None = None,
    achieved: float | None = None,
    reason: str = "",
) -> Outcome:
    try:
        cost = None if counts is None else float(sum(asked.spending(counts).values()))
    except OverflowError:
        raise InputError("the cost is too large for a floating-point number") from None
    return Outcome(
        id=asked.bound.id,
        variant=asked.bound.variant.name,
        assumes=asked.bound.variant.assumes,
        probability=probability(asked.bound.failure(**asked.own(counts or asked.high))),
        target=float(asked.target),
        cost=cost,
        counts=counts or {},
        achieved=achieved,
        reason=reason,
    )


def _plan(
    asked: Basket,
    best: Outcome,
    one_percent: Outcome | None = None,
    unimodal: Outcome | None = None,
) -> Plan:
    result = evaluation(asked.bound, **asked.own(best.counts))
    spending = asked.spending(best.counts)
    return Plan(
        **vars(best),
        status=result.status,
        side=result.side,
        prices={name: float(price) for name, price in asked.prices.items()},
        spending={name: float(spent) for name, spent in spending.items()},
        at_least=asked.at_least,
        at_most=asked.at_most,
        terms=result.terms,
        binding=result.deciding,
        vacuous=result.vacuous,
        parameters=result.parameters,
        one_percent=one_percent,
        unimodal=unimodal,
        notes=_notes(asked, compared=unimodal is not None),
    )


def _notes(asked: Basket, *, compared: bool) -> tuple[str, ...]:
    """What the reader has to know about the numbers that were held fixed."""
    notes, used = [], asked.bound.variant.parameters
    held = sorted(p.name for p in used if p.falls_with == "m")
    if held and "m" in asked.prices:
        names = ", ".join(held)
        notes.append(f"{names}: held fixed; it has to bound the complexity at the m found")
    observed = [p.name for p in used if p.role is Role.OBSERVED]
    if observed:
        names = ", ".join(observed)
        notes.append(f"{names}: held as given, an assumption until the examples are there")
    if "tasks" in {*sample_counts(asked.bound.entry)} - {p.name for p in used}:
        notes.append(f"{asked.bound.name} does not depend on tasks: they only cost")
    entry = asked.bound.entry
    if entry.rival and not compared:
        extra = " and ".join(sorted(_only_of_rival(entry)))
        notes.append(f"Give {extra} to compare with {entry.rival}")
    return tuple(notes)
