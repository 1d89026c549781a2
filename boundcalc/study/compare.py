"""Compare the modality subsets of a study: limits, rows, verdicts, crossovers, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from boundcalc.conventions import Side
from boundcalc.data.tables import normal
from boundcalc.errors import InputError, placed
from boundcalc.numeric.domains import checked, exactly
from boundcalc.study.best import with_best
from boundcalc.study.crossovers import crossovers
from boundcalc.study.decide import Forecast
from boundcalc.study.ledger import JointLimits, Pair, compared, joint_limits, plan, sampled
from boundcalc.study.limits import (
    DEVIATION,
    check_variance,
    deviation,
    deviation_variant,
    held_out,
    latent_quality,
    missing,
    spend,
    training_numbers,
)
from boundcalc.study.notes import notes
from boundcalc.study.records import Comparison, Event, Limit, Row, SubsetResult, Verdict
from boundcalc.study.rows import Rows
from boundcalc.study.study import Study, Subset, compared_pairs
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import lower as lower_limit
from boundcalc.text import probability, significant

_SIDES = (Side.UPPER, Side.LOWER)
_SMALL = 1e-3  # below, a certified gap is printed with two digits instead of four decimals


def compare_study(
    study: Study,
    *,
    delta: float | None = None,
    reference: str | Sequence[str] | None = None,
    all_pairs: bool = False,
    apart: bool = False,
) -> Comparison:
    """Compare the subsets of a study; `boundcalc.study.front.compare` says what the options mean.

    `apart`: held-out and training examples are in a comparison each, so neither lacks the other's numbers.
    """
    chosen = _configured(study, delta, reference, all_pairs)
    for subset in chosen.subsets:
        check_variance(chosen, subset)
    chosen, pairs, ledger = _planned(chosen, all_pairs)
    limits = joint_limits(chosen, ledger)
    makers = [Rows(chosen, more, less, limits) for more, less in pairs]
    provable = with_best(chosen, pairs, ledger, [maker.joint() for maker in makers])
    joint = provable.joint
    broken = provable.contradictory or _contradictory(chosen, limits, joint)
    share = spend(ledger[0].cost) if ledger else 0.0
    verdicts = tuple(
        _verdict(Forecast(chosen, *pair, limits, share), rows, broken, apart)
        for pair, rows in zip(pairs, joint, strict=True)
    )
    return Comparison(
        study=chosen,
        subsets=tuple(_subset_result(chosen, s, ledger, limits) for s in chosen.subsets),
        comparisons=tuple(row for rows in joint for row in rows)
        + tuple(row for maker in makers for row in maker.alone()),
        verdicts=verdicts,
        crossovers=tuple(crossovers(chosen, pairs)),
        ledger=ledger,
        notes=notes(chosen, ledger, compared(chosen, pairs), verdicts, apart=apart, more=provable.note),
    )


def _configured(
    study: Study, delta: float | None, reference: str | Sequence[str] | None, all_pairs: bool
) -> Study:
    if delta is not None:
        study = replace(study, delta=checked(parameter("delta"), delta))
    if reference is not None and all_pairs:
        raise InputError("reference and all pairs exclude each other: compare with one subset, or every two")
    if reference is None:
        return replace(study, reference=None) if all_pairs else study
    names = reference.split("+") if isinstance(reference, str) else reference
    return replace(study, reference=tuple(map(normal, names)))


def planned_pairs(
    study: Study, *, reference: str | Sequence[str] | None = None, all_pairs: bool = False
) -> tuple[Pair, ...]:
    """The pairs that would be compared; refuses what `compare_study` would refuse."""
    return compared_pairs(_configured(study, None, reference, all_pairs), all_pairs=all_pairs)


def _planned(study: Study, all_pairs: bool) -> tuple[Study, tuple[Pair, ...], tuple[Event, ...]]:
    """The pairs and the events; what an event costs depends on their number alone."""
    pairs = compared_pairs(study, all_pairs=all_pairs)
    ledger = plan(study, pairs)
    if all(event.kind != "complexity" for event in ledger):
        return study, pairs, ledger
    study = sampled(study, ledger)
    pairs = compared_pairs(study, all_pairs=all_pairs)
    return study, pairs, plan(study, pairs)


def _interval(rows: Sequence[Row]) -> tuple[float | None, float | None]:
    """What the rows say together."""
    lower = max((row.lower for row in rows if row.lower is not None), default=None)
    upper = min((row.upper for row in rows if row.upper is not None), default=None)
    return lower, upper


def _contradictory(study: Study, limits: JointLimits, joint: Sequence[Sequence[Row]]) -> bool:
    """Whether the joint limits exclude each other: then the event of probability δ has happened, or an
    assumption fails, and nothing joint can be relied on."""
    intervals = [(limits.best(Side.LOWER, s), limits.best(Side.UPPER, s)) for s in study.subsets]
    intervals += [_interval(rows) for rows in joint]
    return any(low is not None and high is not None and low > high for low, high in intervals)


def _verdict(forecast: Forecast, rows: Sequence[Row], broken: bool, apart: bool) -> Verdict:
    more, less = forecast.more, forecast.less
    lower, upper = _interval(rows)
    pair = f"{more.label} against {less.label}"
    if broken:
        sentence = f"{pair}: no verdict, because the joint limits contradict one another; an assumption fails"
        return Verdict(more, less, "contradictory", lower, upper, f"{sentence}, or the data are very unusual")
    if upper is not None and upper < 0:
        return Verdict(more, less, "more", lower, upper, _certified(more, less, -upper))
    if lower is not None and lower > 0:
        return Verdict(more, less, "less", lower, upper, _certified(less, more, lower))
    needed = forecast.needed()
    found = [r for r, n in zip(needed.reasons, (needed.test_n, needed.m), strict=True) if n is not None]
    by_test, by_training = needed.reasons
    why = needed.reasons if not apart else (by_training if forecast.study.test_n is None else by_test,)
    sentence = f"{pair} is undecided: {'; or '.join(found) if found else '; '.join(why)}"
    return Verdict(more, less, "undecided", lower, upper, sentence, needed)


def _certified(better: Subset, worse: Subset, by: float) -> str:
    amount = lower_limit(by) if by >= _SMALL else significant(by, up=False, digits=2)
    return f"{better.label} is certified better than {worse.label}: its risk is lower by at least {amount}"


def _subset_result(
    study: Study, subset: Subset, ledger: Sequence[Event], limits: JointLimits
) -> SubsetResult:
    test = held_out(study, subset)
    test_loss = subset.test_loss
    if test_loss is None and test is not None:
        test_loss = test.mean
    return SubsetResult(
        subset=subset,
        train_loss=subset.train_loss,
        test_loss=test_loss,
        rademacher=subset.expected_complexity(study.m),
        rademacher_empirical=subset.rademacher_empirical,
        risk_lower=limits.best(Side.LOWER, subset),
        risk_upper=limits.best(Side.UPPER, subset),
        limits=tuple(_limits(study, subset, ledger, limits)),
    )


def _limits(study: Study, subset: Subset, ledger: Sequence[Event], limits: JointLimits) -> Iterator[Limit]:
    """Joint limits first; then, each on its own at δ, those of methods that are no event of the ledger."""
    events = [event for event in ledger if event.subsets == (subset,) and event.kind != "complexity"]
    for event in events:
        value = limits.values[event.kind, event.side, event.subsets]
        yield _limit(study, event.method, event.variant, event.side, value, joint=True)
    taken = {(event.method, event.side) for event in events}
    test = held_out(study, subset)
    share = spend(exactly(study.delta))
    for method in test.methods if test is not None else ():
        with placed(subset.place):
            low, high = test.limits(method, share) if test is not None else (0.0, 0.0)
        for side, value in ((Side.UPPER, high), (Side.LOWER, low)):
            if (f"holdout.{method}", side) not in taken:
                yield _limit(study, f"holdout.{method}", str(side), side, value, joint=False)
    for side in _SIDES:
        variant = deviation_variant(study, subset, side)
        if variant is None or (DEVIATION, side) in taken:
            continue
        if not missing(DEVIATION, variant, training_numbers(study, subset)):
            value = float(deviation(study, subset, side, share).value)
            yield _limit(study, DEVIATION, variant, side, value, joint=False)
    quality = latent_quality(study, subset)
    if quality is not None:
        yield quality


def _limit(study: Study, method: str, variant: str, side: Side, value: float, *, joint: bool) -> Limit:
    vacuous = value >= study.loss_bound if side is Side.UPPER else value <= 0
    held = probability(exactly(study.delta))
    return Limit("risk", method, variant, side, value, vacuous, joint, held)
