"""The record of an estimated complexity, and what it says in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scipy.special import stdtrit

from boundcalc.conventions import Average, Noise, Output, Side, Signs
from boundcalc.errors import ConventionError, DomainError
from boundcalc.numeric.domains import single
from boundcalc.record import Record
from boundcalc.text import confidence, probability, significant

LEMMA = {
    Noise.RADEMACHER: "bounded differences on the signs",
    Noise.GAUSSIAN: "Gaussian concentration",
}


@dataclass(frozen=True)
class StudentInterval(Record):
    """Where the complexity lies, approximately.

    Attributes
    ----------
    lower, upper : float
    level : float
        The share of such intervals that contain it, if the mean of the draws is about normal.
    guarantee : bool
        False: no finite number of draws makes this exact.
    """

    lower: float
    upper: float
    level: float
    guarantee: bool = False


@dataclass(frozen=True)
class NoiseLimit(Record):
    """A limit on the complexity that holds with the probability named, for every number of draws.

    Attributes
    ----------
    value : float
    side : Side
    cost : float
        Its failure probability, which it takes from the δ of a derivation that uses it.
    event : str
        The event that the cost pays for.
    guarantee : bool
    """

    value: float
    side: Side
    cost: float
    event: str
    guarantee: bool = True

    @property
    def probability(self) -> float:
        """1 − cost."""
        return float(probability(self.cost))

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True)
class Estimate(Record):
    """A Monte-Carlo estimate of an empirical complexity, R̂_S(F) or Ĝ_S(F).

    Attributes
    ----------
    value, standard_error : float
        The estimate, with the control variate where there is one.
    mean, plain_standard_error : float
        The plain mean of the draws, on which the limits rest, and its standard error.
    side : Side or None
        ``Side.LOWER`` if the draws are below the suprema, so that the estimate is one of a lower
        bound.
    kind : str
        The class: linear, kernel, finite or sklearn.
    members : str
        What its functions are.
    noise : Noise
    draws, seed, examples, features : int
    bound, largest : float
        With |f(x_i)| ≤ b_i for all f, or |Σ_j σ_ij f_j(x_i)| ≤ b_i for several outputs: the root
        mean square and the maximum of the b_i.
    rounding : float
        The mean of the draws is off by at most this because numbers are rounded; the limits contain
        it.
    precision : str
        Of the products of the noise with a block of data.
    freedom : int
        Degrees of freedom of the standard error.
    parameters : mapping
        Of the class.
    ceiling : float or None
        For ℓ2 balls and kernels the root of the mean of the squared draws, which is known: by
        Jensen the complexity is never above it.
    notes : tuple of str
    average, signs, output
        The conventions: on the given sample, signed, one real output or several.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("value", "standard_error", "mean", "plain_standard_error", "kind", "members", "draws"),
        *("seed", "side", "parameters", "ceiling", "limits_rest_on=lemma", "examples", "features"),
        *("bound", "largest", "rounding", "precision", "average", "signs", "output", "noise"),
        *("status", "notes"),
    )
    value: float
    standard_error: float
    mean: float
    plain_standard_error: float
    side: Side | None
    kind: str
    members: str
    noise: Noise
    draws: int
    seed: int
    examples: int
    features: int
    bound: float
    largest: float
    rounding: float
    precision: str
    freedom: int
    parameters: Mapping[str, float | str]
    ceiling: float | None = None
    notes: tuple[str, ...] = ()
    average: Average = Average.EMPIRICAL
    signs: Signs = Signs.SIGNED
    output: Output = Output.SCALAR

    @property
    def symbol(self) -> str:
        """What is estimated."""
        return "Ĝ_S(F)" if self.noise is Noise.GAUSSIAN else "R̂_S(F)"

    @property
    def variance_reduction(self) -> float:
        """How many times fewer draws the control variate needs for the same standard error."""
        if self.standard_error == 0:
            return 1.0 if self.plain_standard_error == 0 else math.inf
        return (self.plain_standard_error / self.standard_error) ** 2

    def interval(self, level: float = 0.95) -> StudentInterval:
        """Student's interval around the value: approximate, not a guarantee.

        Parameters
        ----------
        level : float
            In (0, 1).
        """
        if isinstance(level, bool) or not isinstance(level, (int, float)) or not 0 < level < 1:
            raise DomainError(f"level = {level!r} is outside the domain (a number between 0 and 1)")
        # from the lower tail, which a level next to 1 does not round to 0
        half = -float(stdtrit(self.freedom, (1 - level) / 2)) * self.standard_error
        return StudentInterval(self.value - half, self.value + half, float(level))

    def upper(self, delta: float = 0.05) -> NoiseLimit:
        """An upper limit with probability at least 1 − delta over the noise: the Monte-Carlo lemma.

        The mean of K draws moves by at most 2 b_i/(mK) when the signs of one example change in one
        draw, so it is below R̂_S by more than b √(2 ln(1/δ)/(mK)) with probability at most δ, b²
        the mean of the b_i². For normals the same amount follows from Gaussian concentration. It
        rests on the plain mean, not on the control variate.

        Raises
        ------
        ConventionError
            If the estimate is one of a lower bound.
        """
        if self.side is Side.LOWER:
            raise ConventionError(
                "a fitted classifier gives a lower bound on the supremum: it has no upper limit"
            )
        return self._limit(delta, Side.UPPER)

    def lower(self, delta: float = 0.05) -> NoiseLimit:
        """A lower limit with probability at least 1 − delta over the noise."""
        return self._limit(delta, Side.LOWER)

    def _limit(self, delta: float, side: Side) -> NoiseLimit:
        cost = single("delta", delta)
        margin = self.margin(cost)
        value = self.mean + margin if side is Side.UPPER else max(0.0, self.mean - margin)
        which = "below" if side is Side.UPPER else "above"
        far = f"{which} {self.symbol} by more than the margin ({self.lemma})"
        event = f"the mean of the draws is {far}"
        return NoiseLimit(value, side, cost, event)

    @property
    def lemma(self) -> str:
        """What the limits rest on."""
        return "Hoeffding" if self.side is Side.LOWER else LEMMA[self.noise]

    def margin(self, delta: float) -> float:
        """How far the limit for this δ is from the mean of the draws."""
        # what a fit does when one sign changes is unknown: then a draw is one value in an interval
        terms = self.draws * (1 if self.side is Side.LOWER else self.examples)
        return self.bound * math.sqrt(-2 * math.log(delta) / terms) * (1 + 1e-12) + self.rounding

    @property
    def status(self) -> str:
        """One sentence on what the number is."""
        error = f"(standard error {self.standard_error:.2g}, {self.draws:,} draws)"
        shown = f"{self.value:.6g} {error}"
        if self.side is Side.LOWER:
            return (
                f"{self.symbol} is at least about {shown}: each draw is what a fit reached, which "
                "is a lower bound on the supremum; nothing here bounds it from above."
            )
        return f"{self.symbol} ≈ {shown}: an estimate, not a bound."

    def guarantee(self, delta: float) -> str:
        """The best limit on the side that matters, in one sentence."""
        if self.ceiling is not None and self.ceiling <= self.upper(delta).value:
            ceiling = significant(self.ceiling, up=True)
            return f"Always, {self.symbol} ≤ {ceiling} (Jensen's inequality)."
        lower = self.side is Side.LOWER
        limit = (self.lower if lower else self.upper)(delta)
        shown = f"{'≥' if lower else '≤'} {significant(limit.value, up=not lower)}"
        return (
            f"With probability at least {confidence(delta)} over the noise, "
            f"{self.symbol} {shown} ({self.lemma})."
        )

    def to_dict(self, *, delta: float = 0.05, level: float = 0.95) -> dict[str, Any]:
        """Plain numbers, text and lists, ready for JSON."""
        between = self.interval(level)
        upper = None if self.side is Side.LOWER else self.upper(delta).value
        limits = {
            "interval": between.to_dict(),
            "delta": delta,
            "lower_limit": self.lower(delta).value,
            "upper_limit": upper,
        }
        said = list(super().to_dict().items())
        at = self.json_keys.index("ceiling")
        return dict([*said[:at], *limits.items(), *said[at:]])
