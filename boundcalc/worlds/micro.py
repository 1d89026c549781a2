"""Micro-worlds: a distribution on few points, where everything a fact speaks of is enumerated.

A sample enters only through how often each point occurs, so all samples of m points are the
compositions of m, with exact multinomial probabilities. Risks, deviations, complexities and learned
predictors are arrays over the samples; an expectation is a finite sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from sympy import S

from boundcalc.conventions import Average, Output, Side
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.domains import exactly
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Predictor, Quantity, Sample
from boundcalc.worlds.expressions import numeric
from boundcalc.worlds.families import Family, Floats, Ints
from boundcalc.worlds.samples import Chances, Draws

SLACK = 1e-10


@dataclass(frozen=True, eq=False)
class Chosen:
    """A class that depends on the sample: which of the families, for each sample."""

    families: Sequence[Family]
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
    classes : mapping of str to Family or Chosen
        By the name that facts use; `Chosen` for a class that depends on the sample.
    predictors : mapping of str to ndarray
        The losses at all points: shape (points,) if fixed, (outcomes, points) if learned.
    numbers : mapping of str to float
        The values of parameters.
    extra : mapping of str to callable
        What else facts speak of, by measure of a quantity or name of a parameter: a function of the world
        and the quantity's subjects.
    home : mapping of str to str
        The sample on whose points a class or predictor lives, where there are several.
    independent : bool
        Whether the samples are independent, where there are several.
    """

    name: str
    draws: Mapping[str, Draws]
    chances: Chances
    classes: Mapping[str, Family | Chosen]
    predictors: Mapping[str, Floats]
    numbers: Mapping[str, float]
    extra: Mapping[str, Callable[[MicroWorld, tuple[Any, ...]], Any]] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)
    independent: bool = True

    def __post_init__(self) -> None:
        sums = [sum(d.law) == 1 and np.ptp(d.counts.sum(axis=1)) == 0 for d in self.draws.values()]
        if not all(sums) or sum(self.chances.weights) != self.chances.total:
            raise InputError(f"{self.name}: probabilities do not sum to 1, or samples differ in size")
        object.__setattr__(self, "_known", {})
        object.__setattr__(self, "_problems", {})

    def probability(self, holds: Any) -> Fraction:
        """The exact probability of a set of outcomes."""
        return Fraction(sum(self.chances.weights[i] for i in np.flatnonzero(holds)), self.chances.total)

    def exact_risks(self, of: str, *, empirical: bool = False) -> tuple[Fraction, ...]:
        """The risk of a predictor on each outcome, or its mean loss on the sample, as exact fractions.

        Losses are read as decimals: 0.1 is 1/10.
        """
        draws = self.sample(of)
        rows = self.losses(of).tolist()
        weights = [[Fraction(int(c), draws.size) for c in row] for row in draws.counts] if empirical else None
        return tuple(
            sum(
                (w * exactly(v) for w, v in zip(weights[i] if weights else draws.law, row, strict=True)),
                Fraction(0),
            )
            for i, row in enumerate(rows)
        )

    def expectation(self, values: Sequence[Fraction | float]) -> Fraction:
        """The exact mean of one number an outcome; floats are read as decimals."""
        total = sum((w * exactly(v) for w, v in zip(self.chances.weights, values, strict=True)), Fraction(0))
        return total / self.chances.total

    def on_outcomes(self, value: Any) -> Floats:
        """A number or an array over the outcomes, as an array over the outcomes."""
        return np.broadcast_to(np.asarray(value, dtype=float), self.chances.floats.shape)

    def sample(self, of: Sample | FunctionClass | Predictor | str) -> Draws:
        """The sample of a name, or on whose points a class or predictor lives."""
        name = of if isinstance(of, str) else of.text
        if len(self.draws) == 1:
            return next(iter(self.draws.values()))
        name = self.home.get(name, name)
        if name not in self.draws:
            raise UnknownNameError(f"sample in the world {self.name}", name, self.draws)
        return self.draws[name]

    def family(self, of: FunctionClass) -> Family | Chosen:
        """The class that a name stands for in this world."""
        if of.text not in self.classes:
            raise UnknownNameError(f"class in the world {self.name}", of.text, self.classes)
        return self.classes[of.text]

    def losses(self, of: Predictor | str) -> Floats:
        """The losses of a predictor at all points, shape (outcomes, points)."""
        name = of if isinstance(of, str) else of.text
        if name not in self.predictors:
            raise UnknownNameError(f"predictor in the world {self.name}", name, self.predictors)
        return np.broadcast_to(self.predictors[name], self.sample(of).frequencies.shape)

    def lowest(self, of: FunctionClass, weights: Floats) -> Floats:
        """inf over a class of Σ_j w_j ℓ(j), weights of shape (outcomes, points)."""
        family = self.family(of)
        if not isinstance(family, Chosen):
            return family.lowest(weights)
        return np.array([family.families[i].lowest(w) for i, w in zip(family.which, weights, strict=True)])

    def value(self, quantity: Quantity) -> Floats:
        """A quantity on every outcome.

        Raises
        ------
        UnknownNameError
            If it is not defined in this world.
        """
        if quantity.measure not in MEASURES:
            return self.named(quantity.label, quantity.subjects)
        return self._once(quantity.measure, quantity.subjects, MEASURES[quantity.measure])

    def named(self, name: str, subjects: tuple[Any, ...] = ()) -> Floats:
        """One of the `extra` values on every outcome."""
        if name not in self.extra:
            raise UnknownNameError(f"value in the world {self.name}", name, self.extra)
        return self._once(name, subjects, lambda world, *given: self.extra[name](world, given))

    def _once(self, name: str, subjects: tuple[Any, ...], compute: Callable[..., Any]) -> Floats:
        """Compute a value only once; things of one name are one thing in a world."""
        key = (name, tuple(getattr(s, "text", getattr(s, "name", s)) for s in subjects))
        known: dict[Any, Floats] = self.__dict__["_known"]
        if key not in known:
            known[key] = self.on_outcomes(compute(self, *subjects))
        return known[key]

    def number(self, expr: Any) -> float:
        """The value of an expression in the parameters that are constants of the world."""
        return float(numeric(S(expr), {symbol(name): v for name, v in self.numbers.items()}.__getitem__))

    def contradicts(self, declared: Sample | FunctionClass | Predictor) -> str | None:
        """What is declared of a sample, class or predictor and false in this world, or None."""
        known: dict[Any, str | None] = self.__dict__["_problems"]
        if declared not in known:
            known[declared] = next(_problems(self, declared), None)
        return known[declared]


def risk(world: MicroWorld, f: Predictor | str) -> Any:
    """The population risk of a predictor."""
    return world.losses(f) @ world.sample(f).probabilities


def empirical_risk(world: MicroWorld, f: Predictor | str, sample: object = None) -> Any:
    """The mean loss on the sample."""
    return (world.losses(f) * world.sample(f).frequencies).sum(axis=1)


def _best_risk(world: MicroWorld, over: FunctionClass) -> Any:
    draws = world.sample(over)
    return world.lowest(over, np.broadcast_to(draws.probabilities, draws.frequencies.shape))


def _deviation(world: MicroWorld, over: FunctionClass, sample: Sample, side: Side) -> Any:
    draws = world.sample(sample)
    gap = draws.probabilities - draws.frequencies
    return -world.lowest(over, -gap if side is Side.UPPER else gap)


def _fixed_family(world: MicroWorld, over: FunctionClass, loss_class: bool) -> Family:
    family = world.family(over)
    if isinstance(family, Chosen):
        raise InputError(f"{over.text} depends on the sample: its complexity is not enumerated")
    if family.k > 1 and over.output is Output.SCALAR and not loss_class:
        raise InputError(f"{over.text} has {family.k} outputs in the world {world.name}")
    return family


def by_sample(measure: Callable[..., float], counts: Ints, *, of_loss: bool) -> Floats:
    """A complexity on each of the samples, computed once for those that are the same."""
    known: dict[bytes, float] = {}
    for row in counts:
        if row.tobytes() not in known:
            known[row.tobytes()] = measure(row, of_loss=of_loss)
    return np.array([known[row.tobytes()] for row in counts])


def _rademacher(
    world: MicroWorld, over: FunctionClass, sample: Sample, average: Average, loss_class: bool
) -> Any:
    family = _fixed_family(world, over, loss_class)
    measured = by_sample(family.rademacher, world.sample(sample).counts, of_loss=loss_class)
    return measured if average is Average.EMPIRICAL else world.chances.floats @ measured


def _gaussian(world: MicroWorld, over: FunctionClass, sample: Sample, loss_class: bool) -> Any:
    family = _fixed_family(world, over, loss_class)
    return world.chances.floats @ by_sample(family.gaussian, world.sample(sample).counts, of_loss=loss_class)


def _mean(world: MicroWorld, of: Quantity) -> Any:
    return world.chances.floats @ world.value(of)


MEASURES: Mapping[str, Callable[..., Any]] = {
    "risk": risk,
    "empirical_risk": empirical_risk,
    "best_risk": _best_risk,
    "deviation": _deviation,
    "rademacher": _rademacher,
    "gaussian": _gaussian,
    "mean": _mean,
}


def _problems(world: MicroWorld, declared: Sample | FunctionClass | Predictor) -> Iterator[str]:
    if isinstance(declared, FunctionClass):
        yield from _class_problems(world, declared)
    elif isinstance(declared, Predictor):
        yield from _predictor_problems(world, declared)
    elif declared.independent_of and not world.independent:
        yield f"the sample {declared.text} is not independent of the others"


def _class_problems(world: MicroWorld, of: FunctionClass) -> Iterator[str]:
    family = world.family(of)
    if of.fixed and isinstance(family, Chosen):
        yield f"{of.text} depends on the sample"
    members = family.families if isinstance(family, Chosen) else (family,)
    width, slope = world.number(of.loss.width), world.number(of.loss.lipschitz)
    low, high = min(f.interval[0] for f in members), max(f.interval[1] for f in members)
    if not any(start - SLACK <= low and high <= start + width + SLACK for start in (0.0, -width / 2)):
        yield f"the losses of {of.text} are in [{low}, {high}], not in [0, {width}]"
    if max(f.lipschitz for f in members) > slope * (1 + SLACK):
        yield f"the loss of {of.text} is steeper than {slope}"
    if of.output is Output.SCALAR and any(f.k > 1 for f in members):
        yield f"{of.text} has several outputs"


def _predictor_problems(world: MicroWorld, f: Predictor) -> Iterator[str]:
    losses, family, draws = world.losses(f), world.family(f.member_of), world.sample(f)
    if isinstance(family, Chosen):
        which = np.asarray(family.which)
        inside = all(family.families[i].contains(losses[which == i]) for i in np.unique(which))
    else:
        inside = family.contains(losses)
    if not inside:
        yield f"{f.text} is not in {f.member_of.text}"
    if (f.fixed or f.independent_of) and np.ptp(losses, axis=0).max() > SLACK:
        yield f"{f.text} depends on the sample"
    everywhere = np.broadcast_to(draws.probabilities, losses.shape)
    gap = world.numbers.get("optimisation_gap", 0.0)
    for over, weights, spare in (
        (f.risk_minimiser_of, everywhere, 0.0),
        (f.erm_over, draws.frequencies, gap),
    ):
        if over and np.any((losses * weights).sum(axis=1) > world.lowest(over, weights) + spare + SLACK):
            yield f"{f.text} does not minimise over {over.text}"
