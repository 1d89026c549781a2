"""Compare the modality subsets of a study: limits, rows, verdicts, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import InputError, argument, normal, prefix_errors
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.decide.decision import rounded_down
from boundcalc.numeric.decide.losses import class_weights
from boundcalc.numeric.decide.sample import ANY, margin_in_range
from boundcalc.numeric.domains import checked, exactly
from boundcalc.numeric.evaluate import evaluate
from boundcalc.study.evidence import DEVIATION, LATENT, Evidence, Pair, SubsetEvidence
from boundcalc.study.held_out_losses import check_variance
from boundcalc.study.ledger import (
    UPPER_FIRST,
    JointLimits,
    Ledger,
    Part,
    joint_limits,
    planned_ledger,
    subsets_in,
    with_draws,
)
from boundcalc.study.notes import notes
from boundcalc.study.records import Comparison, Limit, Preference, SubsetResult
from boundcalc.study.study import SharedDelta, Study, Subset, compared_pairs
from boundcalc.study.verdicts import PairRows, answer, contradictory, verdict_on
from boundcalc.symbolic.parameters import parameter


def compare_study(study: Study, *, all_pairs: bool = False, part: Part | None = None) -> Comparison:
    """Compare the subsets of a study; `boundcalc.study.compare.compare` says what the options mean.

    Parameters
    ----------
    part : Part, optional
        What the statement rests on. Where left out: the held-out losses where they say something of
        any pair, with a statement of its own on what the training examples say; else everything.
    """
    for subset in study.subsets:
        if subset.variance is not None:
            check_variance(study, subset)
    _check_margins(study)
    pairs, evidence = compared_pairs(study, all_pairs=all_pairs), Evidence(study)
    if part is not None:
        return _statement(evidence, pairs, part)
    decided = any(evidence.pair(*pair).is_known for pair in pairs)
    trained = any(evidence.of(s).is_trained for s in subsets_in(study, pairs))
    together = study.question.joint == SharedDelta.ALL
    if together and decided and trained and not evidence.one_risk:
        raise InputError(
            f"{study.place}: joint = all combines limits on one risk; with groups, class weights "
            "or missing losses the held-out losses are about another one than the training losses"
        )
    if together or not (decided and trained):
        return _statement(evidence, pairs, Part.ALL)
    held_out = _statement(evidence, pairs, Part.HELD_OUT)
    training = _statement(evidence, pairs, Part.TRAINING)
    if evidence.one_risk:
        held_out = _checked_against(training, held_out)
    return replace(held_out, training=training)


def _checked_against(training: Comparison, held_out: Comparison) -> Comparison:
    """Withhold every verdict where the two statements exclude one another: an assumption fails."""
    both = [
        [
            *((v.lower, v.upper) for v in statement.verdicts),
            *((s.risk_lower, s.risk_upper) for s in statement.subsets),
        ]
        for statement in (held_out, training)
    ]
    if not any(_apart(*first, *second) for first, second in zip(*both, strict=True)):
        return held_out
    said = (
        "no verdict, because what the training examples say contradicts the held-out losses; an "
        "assumption fails, or the data are very unusual"
    )
    verdicts = tuple(
        replace(
            v,
            verdict="contradictory",
            needed=None,
            sentence=f"{v.more.label} against {v.less.label}: {said}",
        )
        for v in held_out.verdicts
    )
    direction = held_out.study.question.direction
    said = answer(verdicts, held_out.subsets, direction)
    return replace(held_out, verdicts=verdicts, answer=said)


def _apart(
    low: float | None, high: float | None, other_low: float | None, other_high: float | None
) -> bool:
    above = low is not None and other_high is not None and low > other_high
    return above or (other_low is not None and high is not None and other_low > high)


def configured(
    study: Study,
    *,
    delta: float | None = None,
    reference: str | Sequence[str] | None = None,
    all_pairs: bool = False,
) -> Study:
    """The study with δ and the reference replaced."""
    if delta is not None:
        study = replace(study, delta=checked(parameter("delta"), delta))
    if reference is not None and all_pairs:
        raise InputError(
            f"{argument('reference')} and {argument('all_pairs')} exclude each other: compare with "
            "one subset, or every two"
        )
    if reference is None:
        return replace(study, reference=None) if all_pairs else study
    names = reference.split("+") if isinstance(reference, str) else reference
    return replace(study, reference=tuple(map(normal, names)))


def _check_margins(study: Study) -> None:
    population, question, width = study.population, study.question, study.loss_bound
    if population.weights is not None:
        width *= class_weights(population.classes, population.weights, len(population.classes))[1]
    with prefix_errors(study.place):
        margin_in_range("margin", question.margin, width)
        margin_in_range("equivalence", question.equivalence, width)


def _statement(evidence: Evidence, pairs: Sequence[Pair], part: Part) -> Comparison:
    """Everything that holds together with probability ≥ 1 − δ."""
    ledger = planned_ledger(evidence, pairs, part)
    if any(event.kind == "complexity" for event in ledger.events):
        evidence, pairs, ledger = _drawn(evidence, pairs, ledger, part)
    study = evidence.study
    limits = joint_limits(evidence, ledger)
    makers = [PairRows(evidence.pair(*pair), limits) for pair in pairs]
    joint, note, broken = tuple(maker.joint() for maker in makers), "", False
    if any(event.kind != "paired" for event in ledger.events):
        from boundcalc.study.best_provable import with_best  # SymPy

        joint, note, broken = with_best(evidence, pairs, ledger.events, limits, joint)
    broken = broken or contradictory(study, limits, joint)
    verdicts = tuple(
        verdict_on(maker.known, rows, limits, ledger, part=part, broken=broken)
        for maker, rows in zip(makers, joint, strict=True)
    )
    subsets = tuple(_subset_result(evidence, s, ledger, limits, part) for s in study.subsets)
    return Comparison(
        study=study,
        subsets=subsets,
        comparisons=tuple(
            chain(*joint, chain.from_iterable(maker.alone(part) for maker in makers))
        ),
        verdicts=verdicts,
        crossovers=tuple(preferences(study, pairs)) if Part.TRAINING in part else (),
        ledger=ledger.events,
        notes=notes(evidence, pairs, ledger, verdicts, part, note),
        answer=answer(verdicts, subsets, study.question.direction),
    )


def _drawn(
    evidence: Evidence, pairs: Sequence[Pair], ledger: Ledger, part: Part
) -> tuple[Evidence, tuple[Pair, ...], Ledger]:
    """With the limits on complexities that were drawn; what an event costs depends on their number
    alone.
    """
    places = {id(s): i for i, s in enumerate(evidence.study.subsets)}
    study = with_draws(evidence.study, ledger.events)
    again = tuple(
        (study.subsets[places[id(more)]], study.subsets[places[id(less)]]) for more, less in pairs
    )
    evidence = Evidence(study)
    return evidence, again, planned_ledger(evidence, again, part)


def _subset_result(
    evidence: Evidence, subset: Subset, ledger: Ledger, limits: JointLimits, part: Part
) -> SubsetResult:
    known = evidence.of(subset)
    return SubsetResult(
        subset=subset,
        train_loss=subset.train_loss,
        test_loss=_test_loss(known),
        rademacher=subset.expected_complexity(evidence.study.m),
        rademacher_empirical=subset.rademacher_empirical,
        risk_lower=limits.best(Side.LOWER, subset),
        risk_upper=limits.best(Side.UPPER, subset),
        limits=tuple(_limits(known, ledger, limits, part)),
    )


def _test_loss(known: SubsetEvidence) -> float | None:
    subset = known.subset
    if subset.test_loss is not None:
        return subset.test_loss
    if subset.test_losses is not None:
        return float(np.nanmean(subset.test_losses))
    return None if known.held_out is None else known.held_out.mean


def _limits(
    known: SubsetEvidence, ledger: Ledger, limits: JointLimits, part: Part
) -> Iterator[Limit]:
    """Joint limits first; then, each on its own at δ, those of methods that are no event of the
    ledger.
    """
    study, subset = known.study, known.subset
    kinds = ("held-out", "deviation")
    events = [e for e in ledger.events if e.subsets == (subset,) and e.kind in kinds]
    for event in events:
        value = limits.values[event.kind, event.side, subset]
        yield _risk(study, event.method, event.variant, event.side, value, joint=True)
    taken = {(event.method, event.side) for event in events}
    share = rounded_down(study.each_look)
    tested = Part.HELD_OUT in part and study.question.looks != ANY
    test = known.held_out if tested else None
    for method in () if test is None else test.methods:
        id = f"holdout.{method}"
        left = [side for side in UPPER_FIRST if (id, side) not in taken]
        if left and test is not None:
            with prefix_errors(subset.place):
                low, high = test.limits(method, share)
            for side in left:
                value = high if side is Side.UPPER else low
                yield _risk(study, id, str(side), side, value, joint=False)
    if Part.TRAINING not in part:
        return
    for side in UPPER_FIRST:
        variant = known.deviation_variant(side)
        if variant is not None and (DEVIATION, side) not in taken:
            value = float(known.deviation(side, share).value)
            yield _risk(study, DEVIATION, variant, side, value, joint=False)
    if (quality := known.latent_quality) is not None:
        said: dict[str, Any] = {"value": float(quality.value), "vacuous": bool(quality.vacuous)}
        about = study, LATENT, quality.variant
        yield _limit(*about, quantity="latent quality", side=Side.UPPER, joint=False, **said)
    for bound in known.by_itself:
        for side in UPPER_FIRST if bound.events else UPPER_FIRST[:1]:
            upper = side is Side.UPPER
            empty = bool(known.bounded_by(bound, share, upper=upper).vacuous)
            value = known.limited_by(bound, share, upper=upper)
            said = {"value": value, "vacuous": empty}
            about = study, bound.id, bound.variant
            yield _limit(*about, quantity=bound.quantity, side=side, joint=False, **said)


def _risk(study: Study, id: str, variant: str, side: Side, value: float, *, joint: bool) -> Limit:
    vacuous = value >= study.loss_bound if side is Side.UPPER else value <= 0
    about = study, id, variant
    return _limit(*about, quantity="risk", side=side, value=value, vacuous=vacuous, joint=joint)


def _limit(study: Study, id: str, variant: str, **said: Any) -> Limit:
    form, sure = compiled(id).variant(variant), study.probability
    known: dict[str, Any] = {"assumes": form.assumes, "status": form.status, "probability": sure}
    return Limit(id=id, variant=variant, **known, **said)


def preferences(study: Study, pairs: Sequence[Pair]) -> Iterator[Preference]:
    """One for each pair whose intrinsic complexities and training losses are known."""
    for more, less in pairs:
        known = [
            more.complexity,
            less.complexity,
            more.train_loss,
            less.train_loss,
            study.lipschitz,
        ]
        if None not in known and not study.vector_outputs:
            yield _preference(study, more, less)


def _preference(study: Study, more: Subset, less: Subset) -> Preference:
    assert more.complexity is not None
    assert less.complexity is not None
    larger, drop = more.complexity - less.complexity, _drop(more, less)

    def said(m_star: int | None, when: str, how: str = "") -> Preference:
        return Preference(
            more, less, m_star, f"{more.label} is {how}preferred to {less.label}{when}"
        )

    if larger > 0 and drop > 0:
        m = _least(study, more, less)
        there = "it is" if study.m is not None and study.m >= m else "not yet"
        now = "" if study.m is None else f"; at this study's {study.m:,} {there}"
        return said(m, f" from m = {m:,} on{now}")
    if larger > 0:
        reason = "it has the larger complexity and no smaller training loss"
        return said(None, f": {reason}", "never ")
    if drop >= 0:
        reason = "it has no larger complexity and no larger training loss"
        return said(1, f" at every m: {reason}")
    if larger == 0:
        reason = "it has the larger training loss and no smaller complexity"
        return said(None, f": {reason}", "never ")
    reason = "there its smaller complexity outweighs its larger training loss"
    return said(None, f" only below m = {_least(study, less, more):,}: {reason}")


def _drop(more: Subset, less: Subset) -> float:
    """How much lower the training loss of `more` is, from the decimals that were written."""
    return float(exactly(less.train_loss) - exactly(more.train_loss))


def _least(study: Study, more: Subset, less: Subset) -> int:
    result = evaluate(
        "huang2021.selection",
        variant="crossover",
        lipschitz=study.lipschitz,
        complexity_m=more.complexity,
        complexity_n=less.complexity,
        loss_drop=_drop(more, less),
    )
    return int(result.value)
