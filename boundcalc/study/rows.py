"""Rows of a comparison: intervals for the difference of two risks, joint first, contrast after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from boundcalc.conventions import Side
from boundcalc.errors import prefix_errors
from boundcalc.numeric.decide.decision import rounded_down
from boundcalc.numeric.decide.pairs import COUNTS, EXACT
from boundcalc.numeric.domains import exactly
from boundcalc.study.evidence import (
    CERTIFICATE,
    Evidence,
    PairEvidence,
    from_catalogue,
    missing,
)
from boundcalc.study.ledger import JointLimits, Part
from boundcalc.study.records import Row
from boundcalc.study.study import Study, Subset
from boundcalc.study.training_bounds import GIBBS, LEARNED
from boundcalc.text import probability

Interval = tuple[float | None, float | None]
_BY_THEMSELVES = (
    (GIBBS, "pac-bayes", "of r(Q), the mean risk of a predictor drawn from Q"),
    (LEARNED, "stability", "of the risk of the predictor that a stable learner learned"),
)
_NOTES = {EXACT: "discordant pairs", COUNTS: "error counts"}


@dataclass(frozen=True)
class PairRows:
    """Makes the rows of one pair."""

    evidence: Evidence
    more: Subset
    less: Subset
    limits: JointLimits

    @property
    def study(self) -> Study:
        """The study."""
        return self.evidence.study

    @property
    def pair(self) -> PairEvidence:
        """What is known of the pair."""
        return self.evidence.pair(self.more, self.less)

    def joint(self) -> tuple[Row, ...]:
        """The rows that hold together."""
        decision = self.limits.decisions.get((self.more, self.less))
        by_test, note = self._from_limits(partial(self.limits.get, "held-out")), ""
        if decision is not None:
            asks = self.study.question.asks
            # r(more) − r(less) is minus the difference that is tested
            low = -decision.upper if asks("less") else None
            high = -decision.lower if asks("more") else None
            by_test, note = (low, high), _NOTES.get(decision.method, "paired differences")
        by_training = self._from_limits(partial(self.limits.get, "deviation"))
        rows = [self._row("held-out", by_test, note=note), self._row("deviation", by_training)]
        rows = [row for row in rows if (row.lower, row.upper) != (None, None)]
        combined = self._from_limits(self.limits.best)
        if any(_tighter(combined, rows)):
            rows.append(self._row("combined", combined))
        return tuple(rows)

    def alone(self, part: Part) -> tuple[Row, ...]:
        """The rows that hold on their own only."""
        found: list[Row] = []
        if Part.HELD_OUT in part:
            found += self._held_out_alone()
        if Part.TRAINING in part:
            found += [*self._certificates(), *self._theorem1(), *self._theorem2()]
            found += self._by_themselves()
        return tuple(found)

    def _row(self, method: str, interval: Interval, **more: object) -> Row:
        C = self.study.loss_bound
        if self.pair.sample is not None:
            C = self.pair.sample.width
        lower, upper = (None if end is None else min(max(end, -C), C) for end in interval)
        held = probability(exactly(self.study.delta))
        fields = {"joint": True, "probability": held, **more}
        return Row(self.more, self.less, method, lower=lower, upper=upper, **fields)

    def _from_limits(self, limit: Callable[[Side, Subset], float | None]) -> Interval:
        """From a limit on each risk: lower(more) − upper(less) and upper(more) − lower(less)."""
        low = _minus(limit(Side.LOWER, self.more), limit(Side.UPPER, self.less))
        high = _minus(limit(Side.UPPER, self.more), limit(Side.LOWER, self.less))
        return low, high

    def _held_out_alone(self) -> Iterator[Row]:
        """By each method that does not decide; four limits at δ/4."""
        more, less = self.pair.more.held_out, self.pair.less.held_out
        if more is None or less is None:
            return
        used = (
            more.methods[:1]
            if self.pair.method is None and more.methods[0] == less.methods[0]
            else ()
        )
        share = rounded_down(exactly(self.study.delta) / 4)
        for method in (m for m in more.methods if m in less.methods and m not in used):
            with prefix_errors(f"{self.study.place}, {self.more.label} against {self.less.label}"):
                (low_m, high_m), (low_l, high_l) = (
                    more.limits(method, share),
                    less.limits(method, share),
                )
            name = f"held-out-{method.replace('_', '-')}"
            yield self._row(name, (low_m - high_l, high_m - low_l), joint=False)

    def _certificates(self) -> Iterator[Row]:
        """Both directions at δ/2 each, or the one that has its numbers at δ."""
        for kind in ("erm", "any") if self.study.erm else ("any",):
            ready = {
                side: variant
                for side, pair in self._directions().items()
                if (variant := self._certificate_variant(kind, *pair)) is not None
            }
            if ready:
                tried = self.more.candidates * self.less.candidates
                share = rounded_down(exactly(self.study.delta) / (len(ready) * tried))
                ends = {side: self._certificate(ready[side], side, share) for side in ready}
                low = ends.get(Side.LOWER)
                interval = (None if low is None else -low, ends.get(Side.UPPER))
                yield self._row(f"certificate-{kind}", interval, joint=False)

    def _directions(self) -> dict[Side, tuple[Subset, Subset]]:
        """An upper limit on r(less) − r(more) is a lower limit on r(more) − r(less)."""
        return {Side.UPPER: (self.more, self.less), Side.LOWER: (self.less, self.more)}

    def _certificate_numbers(self, more: Subset, less: Subset) -> dict[str, float]:
        per_subset = ("train_loss", "rademacher", "rademacher_empirical")
        numbers, of_less = self.evidence.of(more).numbers, self.evidence.of(less).numbers
        both = {f"{k}_m": v for k, v in numbers.items() if k in per_subset}
        both |= {f"{k}_n": v for k, v in of_less.items() if k in per_subset}
        if less.optimisation_gap is not None:
            both["optimisation_gap"] = less.optimisation_gap
        return both | {k: v for k, v in numbers.items() if k in ("m", "lipschitz", "loss_bound")}

    def _certificate_variant(self, kind: str, more: Subset, less: Subset) -> str | None:
        variant = self.evidence.of(more).form(kind, f"{kind}-empirical")
        if variant is None or missing(CERTIFICATE, variant, self._certificate_numbers(more, less)):
            return None
        return variant

    def _certificate(self, variant: str, side: Side, share: float) -> float:
        numbers = self._certificate_numbers(*self._directions()[side])
        with prefix_errors(f"{self.study.place}, {self.more.label} against {self.less.label}"):
            return float(from_catalogue(CERTIFICATE, variant, numbers, delta=share).value)

    def _theorem1(self) -> Iterator[Row]:
        """τ: everything but γ. f̂_M has to be an ERM up to a gap that is known."""
        nearly = self.study.erm or self.more.optimisation_gap is not None
        tau = self.evidence.of(self.more).threshold if nearly else None
        if tau is None:
            return
        note = (
            f"certifies {self.more.label} over {self.less.label} only if γ < −τ; "
            "γ = η(ĝ_M) − η(ĝ_N) is not observable"
        )
        yield self._row("theorem1", (None, None), joint=False, value=float(tau.value), note=note)

    def _theorem2(self) -> Iterator[Row]:
        """η(ĝ_N) ≥ 0, so γ ≤ η(ĝ_M) ≤ Theorem 2's bound."""
        limit = self.evidence.of(self.more).latent_quality
        if limit is None:
            return
        stands_in = (
            "" if self.more.centred_loss is not None else "; the training loss stands in for L̂"
        )
        note = (
            f"γ ≤ η(ĝ_M) ≤ value, never negative, so it cannot certify {self.more.label}{stands_in}"
        )
        yield self._row(
            "theorem2", (None, None), joint=False, value=max(float(limit.value), 0.0), note=note
        )

    def _by_themselves(self) -> Iterator[Row]:
        """From limits on both sides of each of two risks of one kind: all events at equal shares.

        The first of a kind is the tightest.
        """
        subsets = [self.evidence.of(subset) for subset in (self.more, self.less)]
        for quantity, name, note in _BY_THEMSELVES:
            both = [
                next((b for b in known.by_itself if b.quantity == quantity and b.events), None)
                for known in subsets
            ]
            if None in both:
                continue
            events = sum(bound.events for bound in both if bound is not None)
            share = rounded_down(exactly(self.study.delta) / events)
            ends = [
                [
                    min(max(bound.limit(found.value, upper=up), 0.0), self.study.loss_bound)
                    for up in (False, True)
                    for found in (known.bounded_by(bound, share, upper=up),)
                ]
                for known, bound in zip(subsets, both, strict=True)
                if bound is not None
            ]
            (low_m, high_m), (low_l, high_l) = ends
            yield self._row(name, (low_m - high_l, high_m - low_l), joint=False, note=note)


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _tighter(interval: Interval, rows: list[Row]) -> Iterator[bool]:
    """Whether either end improves on every row."""
    low, high = interval
    yield low is not None and all(row.lower is None or low > row.lower for row in rows)
    yield high is not None and all(row.upper is None or high < row.upper for row in rows)
