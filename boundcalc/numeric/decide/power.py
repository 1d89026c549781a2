"""How many test examples a comparison needs, before there are data."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import ndtri

from boundcalc.arguments import typed
from boundcalc.errors import DomainError, InputError, argument, shown
from boundcalc.numeric.decide import forecast
from boundcalc.numeric.decide.decision import level_of_each
from boundcalc.numeric.decide.forecast import Needed
from boundcalc.numeric.decide.losses import range_end
from boundcalc.numeric.domains import checked
from boundcalc.record import Record
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import count, number

_MOST_PAIRS = 10_000
_QUANTILES = 400  # of the normal law that stands in for the differences
_ROUNDING = 1e-12  # of a probability that may be 0


@dataclass(frozen=True)
class Power(Record):
    """How many examples decide an assumed gap; a forecast.

    Attributes
    ----------
    gap : float
        Assumed, r(A) − r(B) > 0.
    p10, p01 : float or None
        For 0/1 losses: the assumed probabilities that only A is wrong, and only B.
    spread : float or None
        For other losses: the assumed standard deviation of the differences.
    loss_bound, delta : float
    direction : {"both", "more"}
    pairs : int
        How many pairs are decided together.
    level : float
        Of each direction of each pair.
    needed : tuple of Needed
        For a probability of ½ and for the one asked for.
    probability : float or None
        That n examples decide it, if n was given.
    n : int or None
    """

    json_keys = (
        *("gap", "p10", "p01", "spread", "loss_bound", "delta", "direction", "pairs", "level"),
        *("sentence", "needed", "n", "probability"),
    )

    gap: float
    p10: float | None
    p01: float | None
    spread: float | None
    loss_bound: float
    delta: float
    direction: str
    pairs: int
    level: float
    needed: tuple[Needed, ...]
    n: int | None
    probability: float | None

    @property
    def sentence(self) -> str:
        """The answer in words."""
        half, mostly = self.needed
        said = (
            f"If the risks differ by {number(self.gap)}, about {_examples(half.n)} test examples "
            f"decide it with probability {half.probability:g} and {_examples(mostly.n)} with "
            f"probability {mostly.probability:g}"
        )
        if self.n is None or self.probability is None:
            return f"{said}."
        return f"{said}; {count(self.n)} do with probability {self.probability:.2f}."


def _examples(n: int | None) -> str:
    return "more than 10^15" if n is None else count(n)


@typed
def power(
    *,
    p10: float | None = None,
    p01: float | None = None,
    gap: float | None = None,
    risk: float | None = None,
    correlation: float | None = None,
    spread: float | None = None,
    loss_bound: float = 1.0,
    target: float = 0.8,
    n: int | None = None,
    delta: float = 0.05,
    direction: str = "both",
    pairs: int = 1,
    seed: int = 0,
) -> Power:
    """Forecast how many test examples decide which of two predictors is better.

    The truth is assumed in one of three ways: p10 and p01; or gap, risk and correlation of the two
    0/1 losses; or, for other losses, gap and spread.

    Parameters
    ----------
    p10, p01 : float
        The probabilities that only A is wrong, and only B.
    gap : float
        r(A) − r(B), above 0.
    risk, correlation : float
        r(A), and how the two 0/1 losses are correlated (0 if they err independently).
    spread : float
        The standard deviation of the differences of the losses, taken for normal ones.
    loss_bound : float
        With `spread`: the loss is in [0, loss_bound].
    target : float
        The probability of a decision, besides ½.
    n : int, optional
        Also say how probable a decision is with n examples.
    delta, direction, pairs
        As they will be decided: see `certify`; pairs decided together share δ. The direction is
        "both" or "more": "less" asks whether A is better, which it is assumed not to be.
    seed : int

    Returns
    -------
    Power

    Raises
    ------
    InputError
        For numbers that cannot be, or do not belong together.

    Examples
    --------
    >>> import boundcalc as bc
    >>> bc.power(p10=0.04, p01=0.02).needed[1].probability
    0.8
    """
    failure = float(checked(parameter("delta"), delta))
    goal = _probability("target", target, strict=True)
    if not isinstance(pairs, int) or not 1 <= pairs <= _MOST_PAIRS:
        raise InputError(f"{argument('pairs')} must be a whole number from 1 to {_MOST_PAIRS:,}")
    if n is not None and (not isinstance(n, int) or not 2 <= n <= 10**15):
        raise InputError(f"{argument('n')} must be a whole number from 2 to 10^15")
    if direction == "less":
        raise InputError(
            f"{argument('direction')} = less asks only whether A is better, and A is assumed to be "
            "worse: no number of examples decides it; ask more, or both"
        )
    bound = range_end(loss_bound)
    level = level_of_each(failure, pairs, direction)
    if spread is not None:
        assumed = _gap(gap, bound)
        _alone(argument("spread"), p10=p10, p01=p01, risk=risk, correlation=correlation)
        width = _positive("spread", spread, bound)
        if width**2 + assumed**2 > bound**2 * (1 + _ROUNDING):
            raise DomainError(
                f"differences in [−{bound:g}, {bound:g}] with a mean of {assumed:g} have a spread "
                f"of at most {number(sqrt(bound**2 - assumed**2))}, not {width:g}"
            )
        first, second = None, None
        steps = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
        differences = np.clip(width * ndtri(steps), -bound, bound)
        by = forecast.betting_power(differences, bound, level, seed)
    else:
        first, second = _discordance(p10, p01, gap, risk, correlation)
        assumed, width = first - second, None
        by = forecast.exact_power(level).at(first + second)
    return Power(
        gap=assumed,
        p10=first,
        p01=second,
        spread=width,
        loss_bound=bound,
        delta=failure,
        direction=direction,
        pairs=pairs,
        level=level,
        needed=tuple(Needed(t, by.examples(assumed, t)) for t in (0.5, goal)),
        n=n,
        probability=None if n is None else by.power(assumed, n),
    )


def _discordance(
    p10: float | None,
    p01: float | None,
    gap: float | None,
    risk: float | None,
    correlation: float | None,
) -> tuple[float, float]:
    rates = f"{argument('p10')} and {argument('p01')}"
    if p10 is not None or p01 is not None:
        _alone(rates, gap=gap, risk=risk, correlation=correlation)
        if p10 is None or p01 is None:
            raise InputError(f"{rates} go together")
        first, second = _probability("p10", p10), _probability("p01", p01)
        if first + second > 1:
            raise DomainError(
                f"{argument('p10')} + {argument('p01')} = {first + second:g} is above 1"
            )
        if first <= second:
            raise DomainError(
                f"{argument('p10')} must be above {argument('p01')}: call the worse predictor A"
            )
        return first, second
    if gap is None or risk is None or correlation is None:
        raise InputError(
            f"give {rates}; or {argument('gap')}, {argument('risk')} and "
            f"{argument('correlation')}; or {argument('gap')} and {argument('spread')}"
        )
    a = _probability("risk", risk)
    b = a - _gap(gap, a)
    if not -1 <= correlation <= 1:
        raise DomainError(f"{argument('correlation')} = {shown(correlation)} is outside [−1, 1]")
    first, second = forecast.correlated(a, b, float(correlation))
    both, neither = a - first, 1 - a - second
    if min(both, neither, second) < -_ROUNDING:
        raise DomainError(f"risks {a:g} and {b:g} cannot have a correlation of {correlation:g}")
    return first, max(second, 0.0)


def _alone(named: str, **others: float | None) -> None:
    given = [name for name, value in others.items() if value is not None]
    if given:
        raise InputError(f"{named} and {argument(given[0])} are two ways to say it: give one")


def _probability(name: str, value: float, strict: bool = False) -> float:
    if not 0 <= value <= 1 or (strict and value in (0, 1)):
        raise DomainError(
            f"{argument(name)} = {shown(value)} is no probability"
            + (" strictly inside" if strict else "")
        )
    return float(value)


def _gap(gap: float | None, most: float) -> float:
    if gap is None:
        raise InputError(f"{argument('gap')} is missing: the assumed difference of the two risks")
    return _positive("gap", gap, most)


def _positive(name: str, value: float, most: float) -> float:
    if not 0 < value <= most:
        raise DomainError(f"{argument(name)} = {shown(value)} is outside (0, {most:g}]")
    return float(value)
