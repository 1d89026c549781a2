"""Micro-worlds: a distribution on few points, where everything a fact speaks of is enumerated.

A sample enters only through how often each point occurs, so all samples of m points are the
compositions of m, with exact multinomial probabilities. Risks, deviations, complexities and learned
predictors are arrays over the samples; an expectation is a finite sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from sympy import S

from boundcalc.conventions import Average, Output, Side
from boundcalc.errors import BoundcalcError, InputError, find
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.exact import value_of
from boundcalc.symbolic.lemmas.views import ConditionalMean
from boundcalc.symbolic.quantities import FunctionClass, ModalitySubset, Predictor, Quantity, Sample
from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.finite_classes import Table
from boundcalc.worlds.micro.samples import Chances, Draws

SLACK = 1e-10

Values = Callable[["MicroWorld", tuple[Any, ...]], Any]
"""What a world has of its own: a function of the world and the subjects of a quantity, by the names
that they have in the world.
"""

Names = Mapping[Any, str]
"""What the objects that facts speak of are called in a world; where left out, as in the facts."""

Key = tuple[str, str, tuple[Any, ...]]
"""A quantity as a world knows it: measure, label, and subjects by name."""


def key_of(quantity: Quantity, names: Names) -> Key:
    """A quantity with the names that a world has for its subjects."""
    subjects = tuple(_named(subject, names) for subject in quantity.subjects)
    return quantity.measure, quantity.label, subjects


def _named(subject: Any, names: Names) -> Any:
    if isinstance(subject, Quantity):
        return key_of(subject, names)
    if isinstance(subject, ConditionalMean):
        given = frozenset(_named(view, names) for view in subject.given)
        return ConditionalMean(_named(subject.of, names), given)
    return names.get(subject, getattr(subject, "text", subject))


@dataclass(frozen=True, eq=False)
class Chosen:
    """A class that depends on the sample: which of the classes, for each sample."""

    classes: Sequence[Table]
    which: Sequence[int]


@dataclass(frozen=True, eq=False)
class MicroWorld:
    """Distributions on a few points, classes and predictors on them, and all samples.

    Parameters
    ----------
    name : str
    draws : mapping of str to Draws
        The samples by name; a world of one sample takes every name for it.
    chances : Chances
        The probability of each outcome: a sample, or one sample of each kind.
    classes : mapping of str to Table or Chosen
        By name; `Chosen` for a class that depends on the sample.
    predictors : mapping of str to ndarray
        The losses at all points: shape (points,) if fixed, (outcomes, points) if learned.
    numbers : mapping of str to float
        The values of parameters.
    extra : mapping of str to callable
        What else facts speak of, by measure of a quantity or name of a parameter: a function of the
        world and the names of the quantity's subjects.
    home : mapping of str to str
        The sample on whose points a class or predictor lives, where there are several.
    independent : bool
        Whether the samples are independent, where there are several.
    roles : tuple
        The predictors, distributions, views and subsets of the world, declared as facts declare
        theirs: what stands for what is found by comparing declarations, never names.
    """

    name: str
    draws: Mapping[str, Draws]
    chances: Chances
    classes: Mapping[str, Table | Chosen]
    predictors: Mapping[str, Floats]
    numbers: Mapping[str, float]
    extra: Mapping[str, Values] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)
    independent: bool = True
    roles: tuple[Any, ...] = ()
    _known: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        sums = [sum(d.law) == 1 and np.ptp(d.counts.sum(axis=1)) == 0 for d in self.draws.values()]
        if not all(sums) or sum(self.chances.weights) != self.chances.total:
            raise InputError(
                f"{self.name}: probabilities do not sum to 1, or the samples differ in their size"
            )

    def probability(self, holds: Any) -> Fraction:
        """The exact probability of a set of outcomes."""
        weights = self.chances.weights
        return Fraction(sum(weights[i] for i in np.flatnonzero(holds)), self.chances.total)

    def exact_risks(self, of: str, *, empirical: bool = False) -> tuple[Fraction, ...]:
        """The risk of a predictor on each outcome, or its mean loss on the sample, as fractions.

        Losses are read as decimals: 0.1 is 1/10.
        """
        draws, found = self.sample(of), []
        for counts, row in zip(draws.counts.tolist(), self.losses(of).tolist(), strict=True):
            weights = [Fraction(c, draws.size) for c in counts] if empirical else draws.law
            parts = (w * exactly(v) for w, v in zip(weights, row, strict=True))
            found.append(sum(parts, Fraction(0)))
        return tuple(found)

    def expectation(self, values: Sequence[Fraction | float]) -> Fraction:
        """The exact mean of one number an outcome; floats are read as decimals."""
        pairs = zip(self.chances.weights, values, strict=True)
        return sum((w * exactly(v) for w, v in pairs), Fraction(0)) / self.chances.total

    def on_outcomes(self, value: Any) -> Floats:
        """A number or an array over the outcomes, as an array over the outcomes."""
        return np.broadcast_to(np.asarray(value, dtype=float), self.chances.floats.shape)

    def sample(self, of: str) -> Draws:
        """The sample of a name, or on whose points a class or predictor lives."""
        if len(self.draws) == 1:
            return next(iter(self.draws.values()))
        return find("sample", self.home.get(of, of), self.draws, self.name)

    def class_named(self, of: str) -> Table | Chosen:
        """The class of a name."""
        return find("class", of, self.classes, self.name)

    def losses(self, of: str) -> Floats:
        """The losses of a predictor at all points, shape (outcomes, points)."""
        rows = find("predictor", of, self.predictors, self.name)
        return np.broadcast_to(rows, self.sample(of).frequencies.shape)

    def lowest(self, of: str, weights: Floats) -> Floats:
        """inf over a class of Σ_j w_j ℓ(j), weights of shape (outcomes, points)."""
        members = self.class_named(of)
        if not isinstance(members, Chosen):
            return members.lowest(weights)
        each = zip(members.which, weights, strict=True)
        return np.array([members.classes[i].lowest(w) for i, w in each])

    def complexities(
        self, kind: str, of: str, sample: str | None = None, *, of_loss: bool
    ) -> Floats:
        """The ``rademacher`` or ``gaussian`` complexity of a class on each outcome's sample."""
        members = self.class_named(of)
        if isinstance(members, Chosen):
            raise InputError(f"{of} depends on the sample: its complexity is not enumerated")
        counts = self.sample(of if sample is None else sample).counts
        measured: Floats = getattr(members, kind)(counts, of_loss=of_loss)
        return measured

    def mean(self, values: Floats) -> float:
        """The mean of one number an outcome, in floating point."""
        return float(self.chances.floats @ values)

    def value(self, quantity: Quantity, names: Names = MappingProxyType({})) -> Floats:
        """A quantity on every outcome.

        Raises
        ------
        UnknownNameError
            If it is not defined in this world.
        """
        return self.measured(key_of(quantity, names))

    def measured(self, key: Key) -> Floats:
        """A quantity that is given by its measure and the names of its subjects."""
        measure, label, subjects = key
        if measure not in MEASURES:
            return self.named(label, subjects)
        return self._once(key, lambda: MEASURES[measure](self, *subjects))

    def named(self, name: str, subjects: tuple[Any, ...] = ()) -> Floats:
        """One of the `extra` values on every outcome."""
        compute = find("value", name, self.extra, self.name)
        return self._once((name, subjects), lambda: compute(self, subjects))

    def _once(self, key: Any, compute: Callable[[], Any]) -> Floats:
        """Compute a value only once."""
        if key not in self._known:
            self._known[key] = self.on_outcomes(compute())
        known: Floats = self._known[key]
        return known

    def number(self, expr: Any) -> float:
        """The value of an expression in the parameters that are constants of the world."""
        unknown = sorted(s.name for s in S(expr).free_symbols if s.name not in self.numbers)
        if unknown:
            raise InputError(f"{self.name}: {unknown[0]} is not defined")
        return float(value_of(S(expr), self.numbers))

    def contradicts(self, declared: Any, names: Names = MappingProxyType({})) -> str | None:
        """What is declared of an object that facts speak of and false in this world, or None."""
        over = ("member_of", "risk_minimiser_of", "erm_over")
        about = [declared, *(getattr(declared, name, None) for name in over)]
        about += names if isinstance(declared, Sample) else ()
        key = ("declared", *((thing, names.get(thing)) for thing in about))
        if key not in self._known:
            self._known[key] = next(_problems(self, declared, names), None)
        problem: str | None = self._known[key]
        return problem


# --- what facts speak of ------------------------------------------------------------------------


def risk_of(world: MicroWorld, f: str) -> Any:
    """The population risk of a predictor."""
    return world.losses(f) @ world.sample(f).probabilities


def mean_loss_of(world: MicroWorld, f: str, sample: object = None) -> Any:
    """The mean loss on the sample."""
    return (world.losses(f) * world.sample(f).frequencies).sum(axis=1)


def variance_of(world: MicroWorld, f: str, sample: str) -> Any:
    """The unbiased variance of the losses on the sample, of at least two examples."""
    draws, losses = world.sample(sample), world.losses(f)
    if draws.size < 2:
        raise InputError(f"{world.name}: one example has no variance")
    mean = (losses * draws.frequencies).sum(axis=1)
    spread = (losses**2 * draws.frequencies).sum(axis=1) - mean**2
    return np.maximum(spread, 0) * draws.size / (draws.size - 1)


def _deviation(world: MicroWorld, over: str, sample: str, side: Side) -> Any:
    draws = world.sample(sample)
    gap = draws.probabilities - draws.frequencies
    return -world.lowest(over, -gap if side is Side.UPPER else gap)


def _rademacher(
    world: MicroWorld, over: str, sample: str, average: Average, loss_class: bool
) -> Any:
    measured = world.complexities("rademacher", over, sample, of_loss=loss_class)
    return measured if average is Average.EMPIRICAL else world.mean(measured)


MEASURES: Mapping[str, Callable[..., Any]] = {
    "risk": risk_of,
    "empirical_risk": mean_loss_of,
    "sample_variance": variance_of,
    "best_risk": lambda world, over: world.lowest(over, world.sample(over).everywhere),
    "deviation": _deviation,
    "rademacher": _rademacher,
    "gaussian": lambda world, over, sample, of_loss: world.mean(
        world.complexities("gaussian", over, sample, of_loss=of_loss)
    ),
    "mean": lambda world, of: world.mean(world.measured(of)),
}


# --- what is declared and false -----------------------------------------------------------------


def _problems(world: MicroWorld, declared: Any, names: Names) -> Iterator[str]:
    name = _named(declared, names)
    if isinstance(declared, FunctionClass):
        yield from _class_problems(world, declared, name)
    elif isinstance(declared, Predictor):
        yield from _predictor_problems(world, declared, name, names)
    elif isinstance(declared, Sample):
        yield from _sample_problems(world, declared, name, names)
    elif isinstance(declared, ModalitySubset) and declared.rank is not None:
        rank = world.named("rank", (name,))[0]
        if world.number(declared.rank) != rank:
            yield f"the rank of {declared.text} is {rank:g}"


def _sample_problems(world: MicroWorld, declared: Sample, name: str, names: Names) -> Iterator[str]:
    draws = world.sample(name)
    try:
        size = world.number(declared.size)
    except BoundcalcError:
        size = None
    if size != draws.size:
        yield f"the sample {declared.text} has not the size {declared.size}"
    others = {names.get(s, s.text): s for s in names if isinstance(s, Sample) and s != declared}
    apart = any(s.text in declared.independent_of for s in others.values())
    alone = sum(names.get(s, s.text) == name for s in names if isinstance(s, Sample)) > 1
    if declared.independent_of and (not world.independent or (apart and alone)):
        yield f"the sample {declared.text} is not independent of the others"


def _class_problems(world: MicroWorld, of: FunctionClass, name: str) -> Iterator[str]:
    members = world.class_named(name)
    if of.fixed and isinstance(members, Chosen):
        yield f"{of.text} depends on the sample"
    each = members.classes if isinstance(members, Chosen) else (members,)
    width, slope = world.number(of.loss.width), world.number(of.loss.lipschitz)
    low, high = min(f.interval[0] for f in each), max(f.interval[1] for f in each)
    ranges = ((start - SLACK, start + width + SLACK) for start in (0.0, -width / 2))
    if not any(start <= low and high <= end for start, end in ranges):
        yield f"the losses of {of.text} are in [{low}, {high}], not in [0, {width}]"
    if of.loss.zero_one and not all(f.zero_one for f in each):
        yield f"the losses of {of.text} are not all 0 or 1"
    if max(f.lipschitz for f in each) > slope * (1 + SLACK):
        yield f"the loss of {of.text} is steeper than {slope}"
    if of.output is Output.SCALAR and any(f.k > 1 for f in each):
        yield f"{of.text} has several outputs"


def _predictor_problems(world: MicroWorld, f: Predictor, name: str, names: Names) -> Iterator[str]:
    losses, draws = world.losses(name), world.sample(name)

    def of(over: FunctionClass) -> str:
        return names.get(over, over.text)

    members = world.class_named(of(f.member_of))
    which = np.asarray(members.which if isinstance(members, Chosen) else [0] * len(losses))
    each = members.classes if isinstance(members, Chosen) else (members,)
    if not all(each[i].contains(losses[which == i]) for i in np.unique(which)):
        yield f"{f.text} is not in {f.member_of.text}"
    if (f.fixed or f.independent_of) and np.ptp(losses, axis=0).max() > SLACK:
        yield f"{f.text} depends on the sample"
    gap = world.numbers.get("optimisation_gap", 0.0)
    for over, weights, spare in (
        (f.risk_minimiser_of, draws.everywhere, 0.0),
        (f.erm_over, draws.frequencies, gap),
    ):
        if over is None:
            continue
        if np.any((losses * weights).sum(axis=1) > world.lowest(of(over), weights) + spare + SLACK):
            yield f"{f.text} does not minimise over {over.text}"
