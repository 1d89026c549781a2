"""What a comparison says of a pair: intervals for the difference of two risks, joint first and
contrast after, and the verdict in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from boundcalc.conventions import Side
from boundcalc.errors import prefix_errors
from boundcalc.numeric.decide.certification import (
    DIRECTION_ONLY,
    Margin,
    forecast_in_words,
    margin_in_words,
)
from boundcalc.numeric.decide.decision import Decision, is_asked, rounded_down
from boundcalc.numeric.decide.pairs import COUNTS, EXACT
from boundcalc.numeric.decide.sample import ANY
from boundcalc.study.evidence import (
    CERTIFICATE,
    PairEvidence,
    SubsetEvidence,
    from_catalogue,
    missing,
)
from boundcalc.study.ledger import JointLimits, Ledger, Part
from boundcalc.study.outlook import outlook
from boundcalc.study.records import Row, SubsetResult, Verdict
from boundcalc.study.study import Study, Subset
from boundcalc.study.training_bounds import GIBBS, LEARNED
from boundcalc.text import lower as lower_limit
from boundcalc.text import significant

Interval = tuple[float | None, float | None]
_BY_THEMSELVES = (
    (GIBBS, "pac-bayes", "of r(Q), the mean risk of a predictor drawn from Q"),
    (LEARNED, "stability", "of the risk of the predictor that a stable learner learned"),
)
_NOTES = {EXACT: "discordant pairs", COUNTS: "error counts"}
_SMALL = 1e-3  # below, a certified gap is printed with two digits instead of four decimals


@dataclass(frozen=True)
class PairRows:
    """Makes the rows of one pair."""

    known: PairEvidence
    limits: JointLimits

    def joint(self) -> tuple[Row, ...]:
        """The rows that hold together."""
        decision = self.limits.decisions.get(self.known.pair)
        by_test, note = self._from_limits(partial(self.limits.get, "held-out")), ""
        if decision is not None:
            asks = self.known.study.question.asks
            # r(more) − r(less) is minus the difference that is tested
            low = -decision.upper if asks("less") else None
            high = -decision.lower if asks("more") else None
            by_test, note = (low, high), _NOTES.get(decision.method, "paired differences")
        by_training = self._from_limits(partial(self.limits.get, "deviation"))
        rows = [self._row("held-out", by_test, note=note), self._row("deviation", by_training)]
        rows = [row for row in rows if (row.lower, row.upper) != (None, None)]
        low, high = combined = self._from_limits(self.limits.best)
        if (low is not None and all(row.lower is None or low > row.lower for row in rows)) or (
            high is not None and all(row.upper is None or high < row.upper for row in rows)
        ):
            rows.append(self._row("combined", combined))
        return tuple(rows)

    def alone(self, part: Part) -> Iterator[Row]:
        """The rows that hold on their own only."""
        if Part.HELD_OUT in part:
            yield from self._held_out_alone()
        if Part.TRAINING in part:
            yield from self._certificates()
            yield from self._theorems()
            yield from self._by_themselves()

    def _row(self, method: str, interval: Interval, *, joint: bool = True, **said: Any) -> Row:
        study, sample = self.known.study, self.known.sample
        C = study.loss_bound if sample is None else sample.width
        lower, upper = (None if end is None else min(max(end, -C), C) for end in interval)
        return Row(*self.known.pair, method, joint, lower, upper, study.probability, **said)

    def _from_limits(self, limit: Callable[[Side, Subset], float | None]) -> Interval:
        """From a limit on each risk: lower(more) − upper(less) and upper(more) − lower(less)."""
        more, less = self.known.pair
        low = _minus(limit(Side.LOWER, more), limit(Side.UPPER, less))
        return low, _minus(limit(Side.UPPER, more), limit(Side.LOWER, less))

    def _held_out_alone(self) -> Iterator[Row]:
        """By each method that does not decide; four limits at δ/4. None holds at any time."""
        more, less = self.known.more.held_out, self.known.less.held_out
        if more is None or less is None or self.known.study.question.looks == ANY:
            return
        decides = self.known.method is None and more.methods[0] == less.methods[0]
        used = more.methods[:1] if decides else ()
        share = rounded_down(self.known.study.each_look / 4)
        for method in (m for m in more.methods if m in less.methods and m not in used):
            with prefix_errors(self.known.place):
                low_m, high_m = more.limits(method, share)
                low_l, high_l = less.limits(method, share)
            name = f"held-out-{method.replace('_', '-')}"
            yield self._row(name, (low_m - high_l, high_m - low_l), joint=False)

    def _certificates(self) -> Iterator[Row]:
        """Both directions at δ/2 each, or the one that has its numbers at δ."""
        more, less = self.known.more, self.known.less
        # an upper limit on r(less) − r(more) is a lower limit on r(more) − r(less)
        directions = {Side.UPPER: (more, less), Side.LOWER: (less, more)}
        for kind in ("erm", "any") if self.known.study.erm else ("any",):
            ready = {side: found for side, d in directions.items() if (found := _ready(kind, *d))}
            if ready:
                tried = more.subset.candidates * less.subset.candidates
                share = rounded_down(self.known.study.each_look / (len(ready) * tried))
                with prefix_errors(self.known.place):
                    ends = {
                        side: float(from_catalogue(CERTIFICATE, *found, delta=share).value)
                        for side, found in ready.items()
                    }
                low = ends.get(Side.LOWER)
                interval = (None if low is None else -low, ends.get(Side.UPPER))
                yield self._row(f"certificate-{kind}", interval, joint=False)

    def _theorems(self) -> Iterator[Row]:
        """Of Theorem 1 τ, everything but γ: f̂_M has to be an ERM up to a gap that is known. By
        Theorem 2 η(ĝ_N) ≥ 0, so γ ≤ η(ĝ_M) ≤ its bound.
        """
        known = self.known.more
        more, less = self.known.pair
        nearly = self.known.study.erm or more.optimisation_gap is not None
        tau, quality = known.threshold if nearly else None, known.latent_quality
        if tau is not None:
            note = (
                f"certifies {more.label} over {less.label} only if γ < −τ; "
                "γ = η(ĝ_M) − η(ĝ_N) is not observable"
            )
            value = float(tau.value)
            yield self._row("theorem1", (None, None), joint=False, value=value, note=note)
        if quality is not None:
            note = f"γ ≤ η(ĝ_M) ≤ value, never negative, so it cannot certify {more.label}"
            note += "; the training loss stands in for L̂" if more.centred_loss is None else ""
            value = max(float(quality.value), 0.0)
            yield self._row("theorem2", (None, None), joint=False, value=value, note=note)

    def _by_themselves(self) -> Iterator[Row]:
        """From limits on both sides of each of two risks of one kind: all events at equal shares.

        The first of a kind is the tightest.
        """
        study, both = self.known.study, (self.known.more, self.known.less)
        for quantity, name, note in _BY_THEMSELVES:
            found = [
                (known, bound)
                for known in both
                for bound in [b for b in known.by_itself if b.quantity == quantity and b.events][:1]
            ]
            if len(found) < len(both):
                continue
            share = rounded_down(study.each_look / sum(bound.events for _, bound in found))
            (low_m, high_m), (low_l, high_l) = (
                [
                    min(max(known.limited_by(bound, share, upper=up), 0.0), study.loss_bound)
                    for up in (False, True)
                ]
                for known, bound in found
            )
            yield self._row(name, (low_m - high_l, high_m - low_l), joint=False, note=note)


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _ready(
    kind: str, more: SubsetEvidence, less: SubsetEvidence
) -> tuple[str, dict[str, float]] | None:
    """The variant of a certificate and its numbers, if all are known but δ."""
    per_subset = ("train_loss", "rademacher", "rademacher_empirical")
    shared = ("m", "lipschitz", "loss_bound")
    numbers = {k: v for k, v in more.numbers.items() if k in shared}
    for side, known in (("m", more), ("n", less)):
        numbers |= {f"{k}_{side}": v for k, v in known.numbers.items() if k in per_subset}
    if less.subset.optimisation_gap is not None:
        numbers["optimisation_gap"] = less.subset.optimisation_gap
    variant = more.form(kind, f"{kind}-empirical")
    if variant is None or missing(CERTIFICATE, variant, numbers):
        return None
    return variant, numbers


def joint_interval(rows: Sequence[Row]) -> Interval:
    """What the rows of a pair say together."""
    lower = max((row.lower for row in rows if row.lower is not None), default=None)
    upper = min((row.upper for row in rows if row.upper is not None), default=None)
    return lower, upper


def verdict_on(
    known: PairEvidence,
    rows: Sequence[Row],
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
    more, less = known.pair
    asked = known.study.question
    lower, upper = joint_interval(rows)
    # what was not asked for is not said
    lower, upper = lower if asked.asks("less") else None, upper if asked.asks("more") else None
    decision = limits.decisions.get(known.pair)
    found = Verdict(
        *known.pair,
        "undecided",
        lower,
        upper,
        "",
        method=None if decision is None else decision.method,
        p_value=None if decision is None else min(decision.p_value_a, decision.p_value_b),
        level=(ledger.share or None) if decision is None else decision.level,
        n=known.examples if Part.HELD_OUT in part and known.is_known else None,
        margin=_margin(known.study, lower, upper),
    )
    if broken:
        sentence = (
            f"{known.label}: no verdict, because the joint limits contradict one another; an "
            "assumption fails, or the data are very unusual"
        )
        return replace(found, verdict="contradictory", sentence=sentence)
    of_margin = ""
    if found.margin is not None:
        said = margin_in_words(found.margin, less.label, more.label, asked.direction)
        of_margin = f". {said.removesuffix('.')}"
    which, amount = _decided(lower, upper, decision)
    if which is not None:
        better, worse = (more, less) if which == "more" else (less, more)
        sentence = _certified(better, worse, amount) + of_margin
        return replace(found, verdict=which, sentence=sentence, amount=amount)
    if found.equivalent:
        return replace(found, sentence=f"{known.label}: neither is certified better{of_margin}")
    needed = outlook(known, limits, ledger, part)
    reasons = []
    if needed.forecast:
        units = "groups" if known.study.population.groups is not None else "test examples"
        better = more if known.gap < 0 else less
        reasons.append(forecast_in_words(needed.forecast, units, better.label))
    if needed.m is not None:
        reasons.append(needed.reasons[1])
    if not reasons:
        reasons = [reason for reason in needed.reasons if reason]
    sentence = f"{known.label} is undecided: {'; or '.join(reasons)}{of_margin}"
    return replace(found, sentence=sentence, needed=needed)


def _decided(
    lower: float | None, upper: float | None, decision: Decision | None
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
    less_holds, more_holds = lower is not None and lower > -size, upper is not None and upper < size
    return Margin(
        size, less_holds, more_holds, "margin" if asked.margin is not None else "equivalence"
    )


def contradictory(study: Study, limits: JointLimits, joint: Sequence[Sequence[Row]]) -> bool:
    """Whether the joint limits exclude each other: then the event of probability δ has happened, or
    an assumption fails, and nothing joint can be relied on.
    """
    found = [(limits.best(Side.LOWER, s), limits.best(Side.UPPER, s)) for s in study.subsets]
    found += [joint_interval(rows) for rows in joint]
    return any(low is not None and high is not None and low > high for low, high in found)


def answer(
    verdicts: Sequence[Verdict], subsets: Sequence[SubsetResult], direction: str = "both"
) -> str:
    """Which subset to use: the smallest that nothing is certified better than."""
    if any(v.verdict == "contradictory" for v in verdicts):
        return (
            "No answer: what was measured contradicts itself. An assumption fails (are the test "
            "examples from the same distribution?), or the data are very unusual."
        )
    if not any(v.is_limited for v in verdicts):
        return (
            "Nothing can be decided: from what the study gives, no limit on the difference of two "
            "risks follows."
        )
    beaten = {id(v.less if v.verdict == "more" else v.more) for v in verdicts if v.certified}
    members = {id(s): s for v in verdicts for s in (v.more, v.less)}
    left = [s for key, s in members.items() if key not in beaten]
    if not left:
        return "No answer: of every subset another one is certified better."
    losses = {id(r.subset): r.observed_loss for r in subsets}

    def order(s: Subset) -> tuple[int, float, str]:
        loss = losses.get(id(s))
        return len(s.names), float("inf") if loss is None else loss, s.label

    chosen = min(left, key=order)
    alike = sum(len(s.names) == len(chosen.names) for s in left)
    many = alike > 1
    if not beaten:
        least = f"; of the {alike} of that size its loss is the least" if many else ""
        gaps = [_minus(losses.get(id(v.less)), losses.get(id(v.more))) for v in verdicts]
        said = "what was observed may be chance"
        if not all(is_asked(direction, gap) for gap in gaps if gap):
            said = f"only whether the one that sees {direction} is better was asked"
        return (
            f"Nothing is certified: no subset is proved better than another. {chosen.label} is "
            f"{'among the smallest' if many else 'the smallest'}{least}; {said}."
        )
    which = "the smallest such subset"
    if many:
        which = f"one of the {alike} smallest such subsets, the one with the least loss"
    return f"Use {chosen.label}: no other subset is certified better than it. It is {which}."
