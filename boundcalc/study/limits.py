"""Limits on one quantity of a study, every number from the catalogue.

Held-out samples, the training sample and Theorem 2's latent quality; what a comparison does with them is
decided by the ledger and the rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from boundcalc.conventions import Side
from boundcalc.errors import InputError, placed
from boundcalc.numeric.certifying.paired import Summary, discordant, mean_limits
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.evaluate import Evaluation, evaluate
from boundcalc.study.counts import error_counts
from boundcalc.study.records import Limit
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.symbolic.catalogue import theorem
from boundcalc.text import probability

DEVIATION = "classic.uniform_deviation"
LATENT = "huang2021.theorem2"
_ROUNDING = 1e-9


# quantiles at a failure probability below this are beyond floating point
LEAST = 1e-300


def spend(cost: Fraction) -> float:
    """The largest float that is at most the cost, so that the costs never add up to more than δ."""
    value = float(cost)
    return value if Fraction(value) <= cost else math.nextafter(value, 0.0)


@dataclass(frozen=True)
class HeldOut:
    """What a held-out sample says of one mean.

    Attributes
    ----------
    sample : Summary
        Of values in [0, width].
    width : float
    shift : float
        What was added to make them so: C for differences of losses in [0, C].
    errors : (int, int) or None
        For a 0/1 loss: the fewest and the most errors that there may have been.
    methods : tuple of str
        The ``holdout`` theorems whose inputs are there, or ``discordant``; the ledger takes the first.
    only : (float, float) or None
        For a pair with 0/1 losses: the shares of the examples on which only the first, only the second errs.
    """

    sample: Summary
    width: float
    methods: tuple[str, ...]
    shift: float = 0.0
    errors: tuple[int, int] | None = None
    only: tuple[float, float] | None = None

    @property
    def theorem(self) -> str:
        """The catalogue entry that the ledger uses."""
        method = self.methods[0]
        return f"holdout.{'clopper_pearson' if method == 'discordant' else method}"

    @property
    def mean(self) -> float:
        """The observed mean."""
        return self.sample.mean - self.shift

    @property
    def only_counts(self) -> tuple[int, int]:
        """For a pair with 0/1 losses: the numbers of examples on which only one errs."""
        assert self.only is not None
        first, second = (round(part * self.sample.n) for part in self.only)
        return first, second

    def repeated(self, n: int) -> HeldOut:
        """The same values in the same shares, n of them."""
        return replace(self, sample=self.sample.repeated(n), errors=None)

    def limits(self, method: str, share: float) -> tuple[float, float]:
        """Lower and upper limit on the mean, each missed with probability at most `share`."""
        if self.errors is None:
            return _limits(self, method, share)
        means = (count / self.sample.n for count in self.errors)
        fewest, most = (replace(self, sample=replace(self.sample, mean=mean)) for mean in means)
        return _limits(fewest, method, share)[0], _limits(most, method, share)[1]


@lru_cache(maxsize=4096)
def _limits(test: HeldOut, method: str, share: float) -> tuple[float, float]:
    """Remembered, since a subset is in many pairs."""
    sample, width = test.sample, test.width
    if method == "kl":
        numbers = {"n": sample.n, "delta": share, "test_loss": sample.mean / width}
        low, high = (evaluate("holdout.kl", variant=side, **numbers).value for side in ("lower", "upper"))
        return low * width, high * width
    if method == "discordant":
        return discordant(*test.only_counts, sample.n, 2 * share)  # two of its four limits make a side
    low, high = mean_limits(method, sample, width, share)
    return low - test.shift, high - test.shift


def held_out(study: Study, subset: Subset) -> HeldOut | None:
    """The test losses of a subset, or None where they or their number are not given."""
    n, C = study.test_n, study.loss_bound
    if n is None:
        return None
    bernstein = ("empirical_bernstein",) if n >= 2 else ()
    always = ("hoeffding", "kl")
    summary = Summary.of(subset.test_losses) if subset.test_losses is not None else None
    errors = error_counts(study, subset)
    if errors is not None:
        reported = errors[0] / n if subset.test_loss is None else subset.test_loss
        sample = summary or Summary(n, reported, _spread(subset, n))
        spread_known = subset.test_losses is not None or subset.variance is not None
        methods = ("clopper_pearson", *(bernstein if spread_known else ()), *always)
        return HeldOut(sample, C, methods, errors=errors)
    if summary is not None:
        return HeldOut(summary, C, (*bernstein, *always))
    if subset.test_loss is None:
        return None
    sample = Summary(n, subset.test_loss, _spread(subset, n))
    return HeldOut(sample, C, (*(bernstein if subset.variance is not None else ()), *always))


def _spread(subset: Subset, n: int) -> float:
    return 0.0 if subset.variance is None else subset.variance * (n - 1) / n


def check_variance(study: Study, subset: Subset) -> None:
    """Let the catalogue refuse a variance that losses with this mean cannot have.

    Raises
    ------
    InputError
        If it is too large by more than rounding.
    """
    n, variance, mean = study.test_n, subset.variance, subset.test_loss
    if n is None or n < 2 or variance is None or mean is None:
        return
    numbers = {"n": n, "loss_bound": study.loss_bound, "test_loss": mean}
    with placed(subset.place):
        try:
            _bernstein(numbers, variance * (1 - _ROUNDING))
        except InputError:
            _bernstein(numbers, variance)  # refused as well, with the number that was written


def _bernstein(numbers: Mapping[str, float], variance: float) -> None:
    from_catalogue("holdout.empirical_bernstein", "upper", {**numbers, "variance": variance}, delta=0.5)


def paired(study: Study, more: Subset, less: Subset) -> HeldOut | None:
    """The differences of the two losses on each test example, or None where either list is missing."""
    if more.test_losses is None or less.test_losses is None:
        return None
    C, n = study.loss_bound, more.test_losses.size
    differences = Summary.of(more.test_losses - less.test_losses)
    methods: tuple[str, ...] = ("empirical_bernstein", "hoeffding") if n >= 2 else ("hoeffding",)
    if study.loss is not LossKind.ZERO_ONE:
        return HeldOut(differences.shifted(C), 2 * C, methods, shift=C)
    first, second = more.test_losses, less.test_losses
    only = float((first > second).mean()), float((first < second).mean())
    return HeldOut(differences.shifted(C), 2 * C, ("discordant", *methods), shift=C, only=only)


def divided(share: float, parts: int) -> float:
    """A share of δ for each of several classes, one of which the training examples chose."""
    return spend(Fraction(share) / parts)


def training_numbers(study: Study, subset: Subset, m: float | None = None) -> dict[str, float]:
    """What the training-based theorems may use of a subset, by parameter name; `m` replaces the study's.

    A complexity that was measured on the sample, of a class with R ≤ √(c/m), falls with m like that.
    """
    falls = 1.0 if m is None or study.m is None else math.sqrt(study.m / m)
    m = study.m if m is None else m
    measured = subset.rademacher_empirical
    if measured is not None and subset.intrinsic is not None:
        measured *= falls
    found = {
        "m": m,
        "lipschitz": study.lipschitz,
        "loss_bound": study.loss_bound,
        "train_loss": subset.train_loss,
        "rademacher": subset.expected_complexity(m),
        "rademacher_empirical": measured,
        "optimisation_gap": subset.optimisation_gap,
        "centred_loss": subset.train_loss if subset.centred_loss is None else subset.centred_loss,
    }
    return {name: value for name, value in found.items() if value is not None}


def missing(id: str, variant: str, numbers: Mapping[str, float]) -> tuple[str, ...]:
    """The parameters that a theorem needs beyond these numbers and δ."""
    chosen = theorem(id).variant(variant)
    return tuple(p.name for p in chosen.parameters if p.name not in {*numbers, *chosen.defaults, "delta"})


def from_catalogue(id: str, variant: str, numbers: Mapping[str, float], *, delta: float) -> Evaluation:
    """Evaluate a theorem with those of the numbers that it uses."""
    used = {p.name for p in theorem(id).variant(variant).parameters}
    return _evaluated(id, variant, delta, tuple((k, v) for k, v in numbers.items() if k in used))


@lru_cache(maxsize=4096)
def _evaluated(id: str, variant: str, delta: float, numbers: tuple[tuple[str, float], ...]) -> Evaluation:
    """Remembered, as the limits are."""
    return evaluate(id, variant=variant, delta=delta, **dict(numbers))


def form(study: Study, subset: Subset, expected: str, empirical: str | None) -> str | None:
    """The variant that fits how the complexity is given, or None: nothing uses R̂ of vector outputs."""
    if subset.rademacher_empirical is not None:
        return None if study.vector_outputs else empirical
    return f"{expected}-vector" if study.vector_outputs else expected


def deviation_variant(study: Study, subset: Subset, side: Side) -> str | None:
    """The variant of the uniform deviation bound; for an ERM the lower limit pays no complexity."""
    if side is Side.UPPER:
        return form(study, subset, "expected", "empirical")
    return "lower-erm" if study.erm else form(study, subset, "lower", "lower-empirical")


def deviation(study: Study, subset: Subset, side: Side, share: float, m: float | None = None) -> Evaluation:
    """A limit on the risk from the training sample; its inputs must be there."""
    variant = deviation_variant(study, subset, side)
    assert variant is not None
    if subset.sampled is not None:
        subset = replace(subset, rademacher_empirical=subset.sampled)
    numbers = training_numbers(study, subset, m)
    with placed(subset.place):
        return from_catalogue(DEVIATION, variant, numbers, delta=divided(share, subset.candidates))


def latent_quality(study: Study, subset: Subset) -> Limit | None:
    """Theorem 2 for one subset on its own, or None where a number is missing.

    r̂(f̂) stands in for the centred loss where that is not given: r̂(h*∘g*) ≥ 0.
    """
    variant = form(study, subset, "sharp", "sharp-empirical")
    numbers = training_numbers(study, subset)
    if variant is None or missing(LATENT, variant, numbers):
        return None
    with placed(subset.place):
        result = from_catalogue(LATENT, variant, numbers, delta=divided(study.delta, subset.candidates))
    return Limit(
        "latent quality",
        LATENT,
        variant,
        Side.UPPER,
        result.value,
        bool(result.vacuous),
        False,
        probability(exactly(study.delta)),
    )
