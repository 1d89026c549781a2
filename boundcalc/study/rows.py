"""Rows of a comparison: intervals for the difference of two risks, joint first, contrast after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from boundcalc.conventions import Side
from boundcalc.errors import placed
from boundcalc.numeric.domains import exactly
from boundcalc.study.ledger import JointLimits, Pair
from boundcalc.study.limits import (
    divided,
    form,
    from_catalogue,
    held_out,
    latent_quality,
    missing,
    paired,
    spend,
    training_numbers,
)
from boundcalc.study.records import DISCORDANT, Row
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.text import probability

GAP, CERTIFICATE = "huang2021.theorem1", "huang2021.certificate"
Interval = tuple[float | None, float | None]


@dataclass(frozen=True)
class Rows:
    """Makes the rows of one pair."""

    study: Study
    more: Subset
    less: Subset
    limits: JointLimits

    def joint(self) -> tuple[Row, ...]:
        """The rows that hold together."""
        low, high = (
            self.limits.get("paired", side, self.more, self.less) for side in (Side.LOWER, Side.UPPER)
        )
        is_paired = low is not None
        by_test = (low, high) if is_paired else self._from_limits(partial(self.limits.get, "held-out"))
        note = DISCORDANT if self.study.loss is LossKind.ZERO_ONE else "paired differences"
        rows = [
            self._row("held-out", by_test, note=note if is_paired else ""),
            self._row("deviation", self._from_limits(partial(self.limits.get, "deviation"))),
        ]
        rows = [row for row in rows if (row.lower, row.upper) != (None, None)]
        combined = self._from_limits(self.limits.best)
        if any(_tighter(combined, rows)):
            rows.append(self._row("combined", combined))
        return tuple(rows)

    def alone(self) -> tuple[Row, ...]:
        """The rows that hold on their own only."""
        return (*self._held_out_alone(), *self._certificates(), *self._theorem1(), *self._theorem2())

    def _row(
        self,
        method: str,
        interval: Interval,
        *,
        joint: bool = True,
        value: float | None = None,
        note: str = "",
    ) -> Row:
        C = self.study.loss_bound
        lower, upper = (None if end is None else min(max(end, -C), C) for end in interval)
        held = probability(exactly(self.study.delta))
        return Row(self.more, self.less, method, joint, lower, upper, held, value, note)

    def _from_limits(self, limit: Callable[[Side, Subset], float | None]) -> Interval:
        """From a limit on each risk: lower(more) − upper(less) and upper(more) − lower(less)."""
        low = _minus(limit(Side.LOWER, self.more), limit(Side.UPPER, self.less))
        high = _minus(limit(Side.UPPER, self.more), limit(Side.LOWER, self.less))
        return low, high

    def _held_out_alone(self) -> Iterator[Row]:
        """By each method that is not the ledger's for these losses; four limits at δ/4."""
        more, less = held_out(self.study, self.more), held_out(self.study, self.less)
        if more is None or less is None:
            return
        is_paired = paired(self.study, self.more, self.less) is not None
        used = () if is_paired or more.methods[0] != less.methods[0] else more.methods[:1]
        share = spend(exactly(self.study.delta) / 4)
        for method in (m for m in more.methods if m in less.methods and m not in used):
            with placed(f"{self.study.place}, {self.more.label} against {self.less.label}"):
                (low_m, high_m), (low_l, high_l) = more.limits(method, share), less.limits(method, share)
            yield self._row(
                f"held-out-{method.replace('_', '-')}", (low_m - high_l, high_m - low_l), joint=False
            )

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
                share = spend(exactly(self.study.delta) / (len(ready) * tried))
                ends = {side: self._certificate(ready[side], side, share) for side in ready}
                low = ends.get(Side.LOWER)
                interval = (None if low is None else -low, ends.get(Side.UPPER))
                yield self._row(f"certificate-{kind}", interval, joint=False)

    def _directions(self) -> dict[Side, Pair]:
        """An upper limit on r(less) − r(more) is a lower limit on r(more) − r(less)."""
        return {Side.UPPER: (self.more, self.less), Side.LOWER: (self.less, self.more)}

    def _certificate_numbers(self, more: Subset, less: Subset) -> dict[str, float]:
        per_subset = ("train_loss", "rademacher", "rademacher_empirical")
        numbers = training_numbers(self.study, more)
        both = {f"{k}_m": v for k, v in numbers.items() if k in per_subset}
        of_less = training_numbers(self.study, less)
        both |= {f"{k}_n": v for k, v in of_less.items() if k in per_subset}
        if less.optimisation_gap is not None:
            both["optimisation_gap"] = less.optimisation_gap
        return both | {k: v for k, v in numbers.items() if k in ("m", "lipschitz", "loss_bound")}

    def _certificate_variant(self, kind: str, more: Subset, less: Subset) -> str | None:
        variant = form(self.study, more, kind, f"{kind}-empirical")
        if variant is None or missing(CERTIFICATE, variant, self._certificate_numbers(more, less)):
            return None
        return variant

    def _certificate(self, variant: str, side: Side, share: float) -> float:
        pair = self._directions()[side]
        with placed(f"{self.study.place}, {self.more.label} against {self.less.label}"):
            return float(
                from_catalogue(CERTIFICATE, variant, self._certificate_numbers(*pair), delta=share).value
            )

    def _theorem1(self) -> Iterator[Row]:
        """τ: everything but γ. f̂_M has to be an ERM up to a gap that is known."""
        numbers = training_numbers(self.study, self.more) | {"gamma": 0.0}
        nearly = self.study.erm or self.more.optimisation_gap is not None
        variant = form(self.study, self.more, "sharp", "sharp-empirical") if nearly else None
        if variant is None or missing(GAP, variant, numbers):
            return
        with placed(self.more.place):
            share = divided(self.study.delta, self.more.candidates)
            tau = from_catalogue(GAP, variant, numbers, delta=share).value
        note = (
            f"certifies {self.more.label} over {self.less.label} only if γ < −τ; "
            "γ = η(ĝ_M) − η(ĝ_N) is not observable"
        )
        yield self._row("theorem1", (None, None), joint=False, value=tau, note=note)

    def _theorem2(self) -> Iterator[Row]:
        """η(ĝ_N) ≥ 0, so γ ≤ η(ĝ_M) ≤ Theorem 2's bound."""
        limit = latent_quality(self.study, self.more)
        if limit is None:
            return
        stands_in = "" if self.more.centred_loss is not None else "; the training loss stands in for L̂"
        note = f"γ ≤ η(ĝ_M) ≤ value, never negative, so it cannot certify {self.more.label}{stands_in}"
        yield self._row("theorem2", (None, None), joint=False, value=max(limit.value, 0.0), note=note)


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _tighter(interval: Interval, rows: list[Row]) -> Iterator[bool]:
    """Whether either end improves on every row."""
    low, high = interval
    yield low is not None and all(row.lower is None or low > row.lower for row in rows)
    yield high is not None and all(row.upper is None or high < row.upper for row in rows)
