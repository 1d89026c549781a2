"""Verdicts on pairs, in words, and which subset to use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from boundcalc.conventions import Side
from boundcalc.numeric.decide.certification import (
    DIRECTION_ONLY,
    Margin,
    forecast_in_words,
    margin_in_words,
)
from boundcalc.numeric.decide.decision import Decision
from boundcalc.study.evidence import Evidence
from boundcalc.study.ledger import JointLimits, Ledger, Part
from boundcalc.study.outlook import outlook
from boundcalc.study.records import Row, SubsetResult, Verdict
from boundcalc.study.study import Study, Subset
from boundcalc.text import lower as lower_limit
from boundcalc.text import significant

_SMALL = 1e-3  # below, a certified gap is printed with two digits instead of four decimals


def interval(rows: Sequence[Row]) -> tuple[float | None, float | None]:
    """What the rows of a pair say together."""
    lower = max((row.lower for row in rows if row.lower is not None), default=None)
    upper = min((row.upper for row in rows if row.upper is not None), default=None)
    return lower, upper


def verdict_on(
    evidence: Evidence,
    rows: Sequence[Row],
    pair: tuple[Subset, Subset],
    limits: JointLimits,
    ledger: Ledger,
    *,
    part: Part,
    broken: bool,
) -> Verdict:
    """The verdict on a pair.

    Its interval excludes 0, or its test is decided by a later step: then the direction is certified
    and the amount is not.
    """
    more, less = pair
    lower, upper = interval(rows)
    # what was not asked for is not said
    lower = lower if evidence.study.question.asks("less") else None
    upper = upper if evidence.study.question.asks("more") else None
    decision = limits.decisions.get(pair)
    known = evidence.pair(more, less)
    found = Verdict(
        *pair,
        "undecided",
        lower,
        upper,
        "",
        method=known.method if decision is None else decision.method,
        p_value=None if decision is None else min(decision.p_value_a, decision.p_value_b),
        level=(ledger.share or None) if decision is None else decision.level,
        n=known.examples if Part.HELD_OUT in part and known.is_known else None,
        margin=_margin(evidence.study, lower, upper),
    )
    about = f"{more.label} against {less.label}"
    if broken:
        sentence = (
            f"{about}: no verdict, because the joint limits contradict one another; an assumption "
            "fails, or the data are very unusual"
        )
        return replace(found, verdict="contradictory", sentence=sentence)
    of_margin = _of_the_margin(found, evidence.study.question.direction)
    which, amount = _decided(lower, upper, decision)
    if which is not None:
        better, worse = (more, less) if which == "more" else (less, more)
        sentence = _certified(better, worse, amount) + of_margin
        return replace(found, verdict=which, sentence=sentence, amount=amount)
    needed = outlook(evidence, pair, limits, ledger, part)
    said = []
    if needed.forecast:
        units = "groups" if evidence.study.population.groups is not None else "test examples"
        said.append(forecast_in_words(needed.forecast, units, _better(more, less, known.gap)))
    if needed.m is not None:
        said.append(needed.reasons[1])
    if not said:
        said = [reason for reason in needed.reasons if reason]
    sentence = f"{about} is undecided: {'; or '.join(said)}{of_margin}"
    return replace(found, sentence=sentence, needed=needed)


def _better(more: Subset, less: Subset, gap: float) -> str:
    return more.label if gap < 0 else less.label


def _decided(
    lower: float | None,
    upper: float | None,
    decision: Decision | None,
) -> tuple[Literal["more", "less"] | None, float | None]:
    if upper is not None and upper < 0:
        return "more", -upper
    if lower is not None and lower > 0:
        return "less", lower
    if decision is not None and decision.verdict is not None:
        return ("more" if decision.verdict == "b" else "less"), None
    return None, None


def _certified(better: Subset, worse: Subset, by: float | None) -> str:
    said = f"{better.label} is certified better than {worse.label}"
    if by is None:
        return f"{said}: {DIRECTION_ONLY}"
    amount = lower_limit(by) if by >= _SMALL else significant(by, up=False, digits=2)
    return f"{said}: its risk is lower by at least {amount}"


def _margin(study: Study, lower: float | None, upper: float | None) -> Margin | None:
    """What the interval of r(more) − r(less) says of the margin; a is `less`, b is `more`."""
    asked = study.question
    size = asked.margin if asked.margin is not None else asked.equivalence
    if size is None:
        return None
    less_holds = lower is not None and lower > -size
    more_holds = upper is not None and upper < size
    return Margin(
        size, less_holds, more_holds, "margin" if asked.margin is not None else "equivalence"
    )


def _of_the_margin(verdict: Verdict, direction: str) -> str:
    if verdict.margin is None:
        return ""
    said = margin_in_words(verdict.margin, verdict.less.label, verdict.more.label, direction)
    return f". {said.removesuffix('.')}"


def contradictory(study: Study, limits: JointLimits, joint: Sequence[Sequence[Row]]) -> bool:
    """Whether the joint limits exclude each other: then the event of probability δ has happened, or
    an assumption fails, and nothing joint can be relied on.
    """
    found = [(limits.best(Side.LOWER, s), limits.best(Side.UPPER, s)) for s in study.subsets]
    found += [interval(rows) for rows in joint]
    return any(low is not None and high is not None and low > high for low, high in found)


def answer(verdicts: Sequence[Verdict], subsets: Sequence[SubsetResult]) -> str:
    """Which subset to use: the smallest that nothing is certified better than."""
    if any(v.verdict == "contradictory" for v in verdicts):
        return (
            "No answer: what was measured contradicts itself. An assumption fails (are the test "
            "examples "
            "from the same distribution?), or the data are very unusual."
        )
    beaten = {id(v.less if v.verdict == "more" else v.more) for v in verdicts if v.certified}
    members = {id(s): s for v in verdicts for s in (v.more, v.less)}
    left = [s for key, s in members.items() if key not in beaten]
    if not left:
        return "No answer: of every subset another one is certified better."
    losses = {
        id(r.subset): r.test_loss if r.test_loss is not None else r.train_loss for r in subsets
    }

    def order(s: Subset) -> tuple[int, float, str]:
        loss = losses.get(id(s))
        return len(s.names), float("inf") if loss is None else loss, s.label

    chosen = min(left, key=order)
    alike = [s for s in left if len(s.names) == len(chosen.names)]
    many = len(alike) > 1
    if not beaten:
        least = f"; of the {len(alike)} of that size its loss is the least" if many else ""
        return (
            f"Nothing is certified: no subset is proved better than another. {chosen.label} is "
            f"{'among the smallest' if many else 'the smallest'}{least}; what was observed may be "
            f"chance."
        )
    which = "the smallest such subset"
    if many:
        which = f"one of the {len(alike)} smallest such subsets, the one with the least loss"
    return f"Use {chosen.label}: no other subset is certified better than it. It is {which}."
