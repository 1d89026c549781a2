"""What a study knows of each subset and of each pair: computed once, and passed on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import InputError, prefix_errors
from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.decide.decision import PairTest, part_of, rounded_down
from boundcalc.numeric.decide.pairs import COUNTS, counts_pair
from boundcalc.numeric.decide.sample import (
    ANY,
    METHODS,
    PairedSample,
    counted_looks,
    deciding_method,
    pair_test,
    paired_sample,
)
from boundcalc.numeric.evaluate import Evaluation, evaluate
from boundcalc.study.held_out_losses import HeldOut, of_pair, of_subset
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.study.training_bounds import TrainingBound, training_bounds

DEVIATION, LATENT = "classic.uniform_deviation", "huang2021.theorem2"
CERTIFICATE, GAP = "huang2021.certificate", "huang2021.theorem1"
Pair = tuple[Subset, Subset]


@dataclass(frozen=True, eq=False)
class SubsetEvidence:
    """What is known of one subset.

    Attributes
    ----------
    study : Study
    subset : Subset
    single : bool
        Whether its held-out losses by themselves say something of its risk: they do not where the
        examples come in groups, or where other subsets have losses on other examples.
    """

    study: Study
    subset: Subset
    single: bool = True

    @cached_property
    def held_out(self) -> HeldOut | None:
        """Its test losses."""
        tested = self.single and self.study.test_n is not None
        return of_subset(self.study, self.subset) if tested else None

    @property
    def method(self) -> str | None:
        """The limit of the catalogue on its held-out risk: the one that is named, or the first."""
        if self.held_out is None:
            return None
        asked = self.study.question.method
        return asked if asked in self.held_out.methods else self.held_out.methods[0]

    @cached_property
    def numbers(self) -> dict[str, float]:
        """What the training-based theorems may use, by parameter name."""
        return self._numbers(self.study.m, self.subset.rademacher_empirical)

    def _numbers(self, m: float | None, measured: float | None) -> dict[str, float]:
        """The same for another number of training examples.

        A complexity that was measured on the sample, of a class with R ≤ √(c/m), falls with m like
        that.
        """
        study, subset = self.study, self.subset
        if measured is not None and subset.complexity is not None and m and study.m:
            measured *= math.sqrt(study.m / m)
        centred = subset.train_loss if subset.centred_loss is None else subset.centred_loss
        found = {
            "m": m,
            "lipschitz": study.lipschitz,
            "loss_bound": study.loss_bound,
            "train_loss": subset.train_loss,
            "rademacher": subset.expected_complexity(m),
            "rademacher_empirical": measured,
            "optimisation_gap": subset.optimisation_gap,
            "centred_loss": centred,
        }
        return {name: value for name, value in found.items() if value is not None}

    def form(self, expected: str, empirical: str) -> str | None:
        """The variant that fits how the complexity is given; nothing uses R̂ of vector outputs."""
        if self.subset.rademacher_empirical is not None:
            return None if self.study.vector_outputs else empirical
        return f"{expected}-vector" if self.study.vector_outputs else expected

    def deviation_variant(self, side: Side, **known: float) -> str | None:
        """The variant of the uniform deviation bound, if everything is known that it needs but δ,
        or is taken for known. For an ERM the lower limit pays no complexity.
        """
        variant, numbers = self._deviation_form(side), known | self.numbers
        return None if variant is None or missing(DEVIATION, variant, numbers) else variant

    def _deviation_form(self, side: Side) -> str | None:
        if side is Side.UPPER:
            return self.form("expected", "empirical")
        return "lower-erm" if self.study.erm else self.form("lower", "lower-empirical")

    @property
    def is_trained(self) -> bool:
        """Whether the training examples give a limit on its risk, at a cost."""
        subset = self.subset
        if subset.train_loss is None or not subset.has_complexity:
            return False
        return any(self.deviation_variant(side) is not None for side in (Side.UPPER, Side.LOWER))

    def deviation(self, side: Side, share: float, m: float | None = None) -> Evaluation:
        """A limit on the risk from the training sample; its inputs must be there.

        Once the ledger pays for the draws of a complexity, by their limit.
        """
        variant = self._deviation_form(side)
        assert variant is not None
        numbers = self._numbers(self.study.m if m is None else m, self.subset.measured)
        return self.evaluated(DEVIATION, variant, share, numbers)

    def evaluated(
        self, id: str, variant: str, share: float, numbers: Mapping[str, float]
    ) -> Evaluation:
        """A training-based theorem at a share of δ, which each class that was tried gets a
        part of; computed once.
        """
        key = id, variant, share, frozenset(numbers.items())
        if key not in self._evaluated:
            part = rounded_down(Fraction(share) / self.subset.candidates)
            with prefix_errors(self.subset.place):
                self._evaluated[key] = from_catalogue(id, variant, numbers, delta=part)
        return self._evaluated[key]

    @cached_property
    def _evaluated(self) -> dict[tuple[Any, ...], Evaluation]:
        return {}

    @property
    def latent_quality(self) -> Evaluation | None:
        """Theorem 2 on its own, or None where a number is missing.

        r̂(f̂) stands in for the centred loss where that is not given: r̂(h*∘g*) ≥ 0.
        """
        return self._alone(LATENT, self.numbers)

    @property
    def threshold(self) -> Evaluation | None:
        """τ of Theorem 1, everything but γ; None where a number is missing."""
        return self._alone(GAP, self.numbers | {"gamma": 0.0})

    def _alone(self, id: str, numbers: Mapping[str, float]) -> Evaluation | None:
        variant = self.form("sharp", "sharp-empirical")
        if variant is None or missing(id, variant, numbers):
            return None
        share = part_of(self.study.delta, 1, counted_looks(self.study.question.looks))
        return self.evaluated(id, variant, share, numbers)

    @cached_property
    def by_itself(self) -> tuple[TrainingBound, ...]:
        """What a posterior or β says of the training examples."""
        given = self.subset.posterior, self.subset.stability
        return () if given == (None, None) else tuple(training_bounds(self.study, self.subset))

    def bounded_by(self, bound: TrainingBound, share: float, *, upper: bool) -> Evaluation:
        """One side of it, at a share of δ."""
        return self.evaluated(bound.id, bound.variant, share, bound.at(upper=upper))

    def limited_by(self, bound: TrainingBound, share: float, *, upper: bool) -> float:
        """The limit on the risk that this side says."""
        return bound.limit(self.bounded_by(bound, share, upper=upper).value, upper=upper)


@dataclass(frozen=True, eq=False)
class PairEvidence:
    """What is known of a pair; in the terms of certify, A is `less` and B is `more`.

    Attributes
    ----------
    study : Study
    more, less : SubsetEvidence
    zero_one : bool
        Whether the losses are 0/1, as declared or as they look.
    """

    study: Study
    more: SubsetEvidence
    less: SubsetEvidence
    zero_one: bool

    @property
    def pair(self) -> Pair:
        """The subset that sees more, and the other one."""
        return self.more.subset, self.less.subset

    @property
    def label(self) -> str:
        """For example ``text+audio against text``."""
        return f"{self.more.subset.label} against {self.less.subset.label}"

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"{self.study.place}, {self.label}"

    @cached_property
    def sample(self) -> PairedSample | None:
        """The losses on the examples on which both have one, or None where they are not known."""
        b, a = (subset.test_losses for subset in self.pair)
        if a is None or b is None:
            return None
        both = np.flatnonzero(~(np.isnan(a) | np.isnan(b)))
        if both.size < 2:
            raise InputError(
                f"{self.place}: {both.size} examples have a loss of both; at least two are needed"
            )
        population = self.study.population.on(both)
        with prefix_errors(self.place):
            return paired_sample(a[both], b[both], self.study.loss_bound, self.zero_one, population)

    @property
    def examples(self) -> int | None:
        """How many examples have a loss of both."""
        return self.study.test_n if self.sample is None else self.sample.n

    @cached_property
    def method(self) -> str | None:
        """The method of the paired test; None where only limits on each risk are known."""
        asked, looks = self.study.question.method, self.study.question.looks
        if self.sample is not None:
            named = asked if asked in METHODS else None
            weighted, zero_one = self.sample.weights is not None, self.sample.zero_one
            return deciding_method(named, zero_one=zero_one, weighted=weighted, looks=looks)
        if looks == ANY:
            raise InputError(
                f"{self.study.place}: looks = any needs a loss for each example of every subset"
            )
        return COUNTS if asked == COUNTS and self._counts is not None else None

    @property
    def _counts(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """The fewest and the most errors of `less`, then of `more`."""
        less, more = self.less.held_out, self.more.held_out
        if less is None or more is None or less.errors is None or more.errors is None:
            return None
        return less.errors, more.errors

    def test(self, level: float) -> PairTest:
        """Both one-sided tests, made for this level."""
        if level not in self._tests:
            self._tests[level] = self._test(level)
        return self._tests[level]

    @cached_property
    def _tests(self) -> dict[float, PairTest]:
        return {}

    def _test(self, level: float) -> PairTest:
        question = self.study.question
        if self.sample is not None:
            assert self.method is not None
            return pair_test(self.method, self.sample, level, question.looks, question.seed)
        assert self._counts is not None
        assert self.study.test_n is not None
        (few_less, most_less), (few_more, most_more) = self._counts
        # each direction takes the counts that speak least for it
        better = counts_pair(few_less, most_more, self.study.test_n, level=level)
        worse = counts_pair(most_less, few_more, self.study.test_n, level=level)
        return replace(better, difference=-self.gap, a_better=worse.a_better)

    @cached_property
    def gap(self) -> float:
        """The observed r(more) − r(less)."""
        if self.sample is not None:
            weights = self.sample.weights
            return float(np.average(self.sample.b - self.sample.a, weights=weights))
        assert self.more.held_out is not None
        assert self.less.held_out is not None
        return self.more.held_out.mean - self.less.held_out.mean

    @property
    def is_known(self) -> bool:
        """Whether held-out losses say something of the difference."""
        both = self.more.held_out is not None and self.less.held_out is not None
        return self.sample is not None or both

    @cached_property
    def differences(self) -> HeldOut | None:
        """The differences example by example, for limits of the catalogue."""
        both = self.more.single and self.less.single
        return of_pair(self.study, *self.pair) if both else None


class Evidence:
    """What a study knows of its subsets, and of those pairs that are asked for.

    Parameters
    ----------
    study : Study

    Attributes
    ----------
    missing : bool
        Whether some predictors have no loss on some examples.
    one_risk : bool
        Whether all losses are about the same mean over the same examples.
    zero_one : bool
        Whether the held-out losses are 0/1, as declared or as they look.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        losses = [s.test_losses for s in study.subsets if s.test_losses is not None]
        self.missing = any(bool(np.isnan(x).any()) for x in losses)
        self.one_risk = study.population.plain and not self.missing
        may_be = bool(losses) and study.loss_bound == 1 and not study.loss_declared
        self.zero_one = study.loss is LossKind.ZERO_ONE or (
            may_be and all(bool((np.isnan(x) | (x == 0) | (x == 1)).all()) for x in losses)
        )
        self._subsets = {id(s): SubsetEvidence(study, s, self.one_risk) for s in study.subsets}
        self._pairs: dict[tuple[int, int], PairEvidence] = {}

    def of(self, subset: Subset) -> SubsetEvidence:
        """What is known of one subset of the study."""
        return self._subsets[id(subset)]

    def pair(self, more: Subset, less: Subset) -> PairEvidence:
        """What is known of a pair."""
        key = id(more), id(less)
        if key not in self._pairs:
            self._pairs[key] = PairEvidence(self.study, self.of(more), self.of(less), self.zero_one)
        return self._pairs[key]


def missing(id: str, variant: str, numbers: Mapping[str, float]) -> tuple[str, ...]:
    """The parameters that a theorem needs beyond these numbers and δ."""
    chosen = compiled(id).variant(variant)
    known = {*numbers, *chosen.defaults, "delta"}
    return tuple(p.name for p in chosen.parameters if p.name not in known)


def from_catalogue(
    id: str, variant: str, numbers: Mapping[str, float], *, delta: float
) -> Evaluation:
    """Evaluate a theorem with those of the numbers that it uses."""
    names = {p.name for p in compiled(id).variant(variant).parameters}
    used = {name: value for name, value in numbers.items() if name in names}
    return evaluate(id, variant=variant, delta=delta, **used)
