"""Losses of two predictors on the same examples: what is compared, by which method, and what it
needs.

Every command that decides a pair goes through these functions, so that two commands given the same
losses and the same δ say the same.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import DomainError, InputError, argument, refuse_unknown, shown
from boundcalc.numeric.decide import pairs
from boundcalc.numeric.decide.decision import Decision, PairTest, is_asked
from boundcalc.numeric.decide.forecast import (
    Needed,
    PowerAt,
    betting_power,
    exact_power,
    normal_power,
)
from boundcalc.numeric.decide.losses import Groups, class_weights, grouped
from boundcalc.numeric.decide.pairs import Summary, paired

Losses = NDArray[np.float64]
INTERVALS = ("empirical_bernstein", "hoeffding")
METHODS = (pairs.EXACT, pairs.BETTING, *INTERVALS)
ANY = "any"
_MOST_LOOKS = 1000


@dataclass(frozen=True, eq=False)
class Population:
    """What the examples are.

    Attributes
    ----------
    groups : list, optional
        The group of each example.
    group_size : int, optional
        The most examples that a group can have: the mean is then over examples.
    classes : list, optional
        The class of each example.
    weights : mapping, optional
        The positive weight of each class.
    """

    groups: Any = None
    group_size: int | None = None
    classes: Any = None
    weights: Mapping[Any, float] | None = None

    def __post_init__(self) -> None:
        if (self.classes is None) != (self.weights is None):
            raise InputError(
                f"{argument('classes')} and {argument('weights')} go together: the class of each "
                "example, a weight for each class"
            )
        size = self.group_size
        if size is None:
            return
        if self.groups is None:
            groups = argument("groups")
            raise InputError(f"{argument('group_size')} is for groups; give {groups} as well")
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            said = f"a whole number from 1 on, not {shown(size)}"
            raise InputError(f"{argument('group_size')} must be {said}")

    @property
    def plain(self) -> bool:
        """Whether every example counts alike and by itself."""
        return self.groups is None and self.weights is None

    @property
    def mean(self) -> str:
        """Which mean losses and risks are, in words; nothing for the plain one."""
        weighted = "" if self.weights is None else "weighted by class"
        over = "" if self.groups is None else "mean over groups"
        if self.group_size is not None:
            over = "mean over examples that come in groups"
        return ", ".join(filter(None, (weighted, over)))

    def on(self, rows: NDArray[np.int64]) -> Population:
        """The same for some of the examples."""

        def some(names: Any) -> Any:
            return None if names is None else [names[row] for row in rows.tolist()]

        return Population(some(self.groups), self.group_size, some(self.classes), self.weights)


PLAIN = Population()


@dataclass(frozen=True, eq=False)
class PairedSample:
    """Losses of A and B: one observation an example, or one a group.

    Attributes
    ----------
    a, b : ndarray
    width : float
        They lie in [0, width].
    weights : ndarray or None
        In [0, 1].
    zero_one : bool
    groups : Groups or None
    n : int
        The number of examples.
    """

    a: Losses
    b: Losses
    width: float
    weights: Losses | None
    zero_one: bool
    groups: Groups | None
    n: int

    @property
    def means(self) -> tuple[float, float]:
        """The mean losses of A and B, over observations as much as they count."""
        return _mean(self.a, self.weights), _mean(self.b, self.weights)

    @property
    def only(self) -> tuple[int, int]:
        """On how many examples only A, only B is worse."""
        return int(np.sum(self.a > self.b)), int(np.sum(self.b > self.a))


def paired_sample(
    a: Losses,
    b: Losses,
    width: float,
    zero_one: bool,
    population: Population = PLAIN,
) -> PairedSample:
    """Weight the losses by class, and take means over groups."""
    groups = None if population.groups is None else grouped(population.groups, a.size)
    (first, second), most, weights = _observations((a, b), groups, population)
    zero_one = zero_one and population.plain
    return PairedSample(first, second, width * most, weights, zero_one, groups, a.size)


def mean_loss(losses: Losses, population: Population = PLAIN) -> float:
    """The loss of one predictor as verdicts mean it, of the examples that have one: weighted by
    class, over groups.
    """
    known = np.flatnonzero(~np.isnan(losses))
    some = population.on(known)
    groups = None if some.groups is None else grouped(some.groups, known.size, least=1)
    (found,), _, weights = _observations((losses[known],), groups, some)
    return _mean(found, weights)


def _observations(
    losses: Sequence[Losses], groups: Groups | None, population: Population
) -> tuple[list[Losses], float, Losses | None]:
    """What is observed of each predictor, the largest weight of a class, and how much each
    observation counts.
    """
    found, most = list(losses), 1.0
    if population.weights is not None:
        n = losses[0].size
        factor, most = class_weights(population.classes, population.weights, n)
        found = [x * factor for x in found]
    if groups is None:
        return found, most, None
    largest = population.group_size
    weights = None if largest is None else groups.weights(largest)
    return [groups.means(x) for x in found], most, weights


def _mean(values: Losses, weights: Losses | None) -> float:
    return float(np.average(values, weights=weights))


def margin_in_range(name: str, value: float | None, width: float) -> float | None:
    """A margin that lies in the range of the loss."""
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float, np.number))
        or not math.isfinite(value)
    ):
        raise InputError(f"{argument(name)} must be a number, not {shown(value)}")
    if not 0 <= value <= width:
        raise DomainError(
            f"{argument(name)} = {float(value):g} is outside [0, {width:g}], the range of the loss"
        )
    return float(value)


def refuse_two_questions(margin: float | None, equivalence: float | None) -> None:
    """Refuse to ask whether one is no worse and whether the two are equivalent at once."""
    if margin is not None and equivalence is not None:
        both = f"{argument('margin')} and {argument('equivalence')}"
        raise InputError(f"{both} are two questions: ask one of them")


def checked_looks(value: int | str) -> int | str:
    """How often the data are looked at: a whole number, or "any"."""
    if isinstance(value, str) and value == ANY:
        return ANY
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_LOOKS:
        raise InputError(
            f"{argument('looks')} must be 'any' or a whole number from 1 to {_MOST_LOOKS}, not "
            f"{shown(value)}"
        )
    return value


def counted_looks(looks: int | str) -> int:
    """How many looks share δ: a method that holds at any time needs one share."""
    return 1 if looks == ANY else int(looks)


def checked_seed(value: Any) -> int:
    """A seed: a whole number of at most 256 bits, of Python or of NumPy, that is not negative."""
    try:
        seed = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        seed = None
    if seed is None or not 0 <= seed < 2**256:
        said = "is outside the domain: it must be a whole number from 0 on"
        raise DomainError(f"{argument('seed')} = {shown(value)} {said}")
    return seed


def deciding_method(
    method: str | None, *, zero_one: bool, weighted: bool = False, looks: int | str = 1
) -> str:
    """The method that decides: as named, else by the kind of the losses.

    Parameters
    ----------
    weighted : bool
        Whether observations count unequally.
    """
    if method is None:
        return pairs.EXACT if zero_one and looks != ANY else pairs.BETTING
    name = method.strip().replace("-", "_")
    refuse_unknown("method", name, METHODS)
    if name != pairs.BETTING and (looks == ANY or weighted):
        what = f"{argument('looks')} = any" if looks == ANY else argument("group_size")
        raise InputError(f"with {what} the method is 'betting', not '{name}'")
    if name == pairs.EXACT and not zero_one:
        raise InputError(
            "the method 'discordant' is for 0/1 losses (every loss 0 or 1, "
            f"{argument('loss_bound')} = 1, no groups, no class weights)"
        )
    return name


def pair_test(
    method: str,
    sample: PairedSample,
    level: float,
    looks: int | str = 1,
    seed: int = 0,
    certified: bool = False,
) -> PairTest:
    """Both one-sided tests of a pair, made for one level."""
    differences = sample.a - sample.b
    if looks == ANY:
        if sample.groups is not None:
            sample.groups.refuse_scattered()
        return pairs.anytime_pair(differences, sample.width, weights=sample.weights)
    if method == pairs.EXACT:
        counts = sample.only
        return pairs.zero_one_pair(*counts, differences.size, level=level, certified=certified)
    if method == pairs.BETTING:
        return pairs.bounded_pair(
            differences, sample.width, level=level, weights=sample.weights, seed=seed
        )
    return pairs.limits_pair(method, differences, sample.width, level=level)


def pair_forecast(
    sample: PairedSample, decision: Decision, *, direction: str = "both", seed: int = 0
) -> tuple[Needed, ...]:
    """How many examples decide it; for any looks and for groups as for one look at so many
    of them. None do where the means are equal, or are what was not asked.
    """
    if decision.difference == 0 or not is_asked(direction, decision.difference):
        return ()
    differences, level = sample.a - sample.b, decision.level
    if decision.method == pairs.EXACT:
        power = exact_power(level).at(float(np.mean(differences != 0)))
    elif decision.method in INTERVALS:
        power = limit_power(decision.method, Summary.of(differences), sample.width, level)
    else:
        speaking = math.copysign(1, decision.difference) * differences
        power = betting_power(speaking, sample.width, level, seed)
    found = power.range(decision.difference, decision.lower, decision.upper)
    if direction == "both":
        return found
    # the far end is of the side that was not asked, so that nothing is known of it
    return tuple(replace(needed, least=None) for needed in found)


def limit_power(method: str, gap: Summary, width: float, level: float) -> PowerAt:
    """By the half-width of the interval, which is all that such a method looks at."""
    spread = math.sqrt(gap.spread)

    def power(theta: float, n: int) -> float:
        low, high = paired(method, Summary(max(n, 2), 0.0, gap.spread), width, 2 * level)
        return normal_power(abs(theta), spread, n, (high - low) / 2 * math.sqrt(n))

    return PowerAt(power, spread, level)
