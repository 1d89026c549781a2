"""A small world: all samples of a few points, and every quantity on each of them, exactly.

What facts say is judged here and nowhere else, so nothing of the product's lemmas is used: only the
objects that facts speak of (samples, classes, predictors, quantities), each with its truth beside
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import log
from random import Random
from typing import Any

from rational_intervals import Interval, Undefined, around, exact, largest, value_of
from scipy.optimize import minimize_scalar
from sympy import Add, Expr, S, Symbol
from tables import Ball, Row, Unknown, coordinates, entropy_integral, norm, normal_mean, signed_mean

from boundcalc.conventions import Average, Side
from boundcalc.symbolic.quantities import FunctionClass, Predictor, Quantity, Sample

Draw = tuple[int, ...]
Values = list[Interval]
Family = tuple[Row, ...] | Ball


@dataclass
class World:
    """Outcomes with their probabilities, and what everything is on each.

    Attributes
    ----------
    random : Random
    law : tuple of Fraction
        The probability of each point.
    draws : list of dict
        For each outcome the points of each sample, by the sample's name.
    weights : list of Fraction
        The probability of each outcome.
    families : dict
        The functions of each class: one family, or one for each outcome.
    predictors : dict
        The function that each predictor is, for each outcome.
    numbers : dict
        What symbols stand for: one number, or one for each outcome.
    definitions : dict
        What names stand for.
    constants : dict
        What constructors have to be told of an object, by object and kind: the one true number.
    composed : dict
        Losses with a predicted second modality.
    """

    random: Random
    law: tuple[Fraction, ...]
    draws: list[dict[str, Draw]]
    weights: list[Fraction]
    families: dict[FunctionClass, Family | list[Family]] = field(default_factory=dict)
    predictors: dict[Predictor, list[Row]] = field(default_factory=dict)
    numbers: dict[Symbol, Interval | Values] = field(default_factory=dict)
    definitions: dict[Quantity, Expr] = field(default_factory=dict)
    constants: dict[tuple[Any, str], Any] = field(default_factory=dict)
    composed: dict[tuple[Predictor, Predictor], list[tuple[Fraction, ...]]] = field(
        default_factory=dict
    )
    _known: dict[Quantity, Values | Exception] = field(default_factory=dict)

    @property
    def outcomes(self) -> range:
        """Their indices."""
        return range(len(self.draws))

    def values(self, quantity: Quantity) -> Values:
        """A quantity on every outcome.

        Raises
        ------
        Unknown
            If the world does not say what it is.
        """
        if quantity not in self._known:
            try:
                self._known[quantity] = self._values(quantity)
            except (Unknown, Undefined) as error:
                self._known[quantity] = error
        found = self._known[quantity]
        if isinstance(found, Exception):
            raise found
        return found

    def _values(self, quantity: Quantity) -> Values:
        if quantity in self.definitions:
            return self.all_of(self.definitions[quantity])
        if quantity.measure == "mean":
            return self._mean(quantity.subjects[0])
        if quantity.measure == "largest":
            parts = [self.values(part) for part in quantity.subjects]
            return [largest(*each) for each in zip(*parts, strict=True)]
        if (quantity.subjects, quantity.measure) in self.constants:
            return [exact(self.constants[quantity.subjects, quantity.measure])] * len(self.draws)
        if quantity.measure not in MEASURES:
            raise Unknown(quantity.measure)
        return MEASURES[quantity.measure](self, *quantity.subjects)

    def all_of(self, expr: Expr) -> Values:
        """The value of an expression on every outcome."""
        return [self.at(expr, i) for i in self.outcomes]

    def at(self, expr: Expr, outcome: int) -> Interval:
        """The value of an expression on one outcome."""
        return value_of(S(expr), lambda s: self.look(s, outcome))

    def sums(self, expr: Expr) -> Values:
        """The value of a sum on every outcome: what is the same on all is computed once."""
        totals = [exact(0)] * len(self.draws)
        for term in Add.make_args(expr):
            random = [s for s in term.free_symbols if self._is_random(s)]
            factor, rest = term.as_independent(*random, as_Add=False) if random else (term, S.One)
            constant = self.at(factor, 0)
            for i in self.outcomes:
                totals[i] += constant * self.at(rest, i)
        return totals

    def _is_random(self, s: Symbol) -> bool:
        return isinstance(s, Quantity) or isinstance(self.numbers.get(s), list)

    def look(self, s: Symbol, outcome: int) -> Interval:
        """The value of a symbol on one outcome."""
        if isinstance(s, Quantity):
            return self.values(s)[outcome]
        if s not in self.numbers:
            raise Unknown(s.name)
        found = self.numbers[s]
        return found[outcome] if isinstance(found, list) else found

    def _mean(self, of: Quantity) -> Values:
        """Over all samples; given the others, where a predictor was fixed before the sample."""
        inner = self.values(of)
        samples = [s for s in of.subjects if isinstance(s, Sample)]
        partly = [
            f for f in of.subjects if isinstance(f, Predictor) and f.independent_of and not f.fixed
        ]
        apart = (
            frozenset.intersection(*(f.independent_of for f in partly)) if partly else frozenset()
        )
        if not (samples and samples[0].text in apart):
            return self.averaged(inner, lambda draw: ())
        return self.averaged(
            inner, lambda draw: tuple(d for s, d in draw.items() if s not in apart)
        )

    def averaged(self, values: Values, given: Callable[[dict[str, Draw]], Any]) -> Values:
        """The conditional expectation, given a function of the outcome."""
        sums: dict[Any, tuple[Interval, Fraction]] = {}
        for draw, weight, value in zip(self.draws, self.weights, values, strict=True):
            before, mass = sums.get(given(draw), (exact(0), Fraction(0)))
            sums[given(draw)] = before + exact(weight) * value, mass + weight
        return [(lambda s: s[0] * exact(1 / s[1]))(sums[given(draw)]) for draw in self.draws]

    def family(self, over: FunctionClass, outcome: int) -> Family:
        """The functions of a class on one outcome."""
        if over not in self.families:
            raise Unknown(over.text)
        found = self.families[over]
        return found[outcome] if isinstance(found, list) else found

    def draw(self, sample: Sample, outcome: int) -> Draw:
        """The points of a sample."""
        return self.draws[outcome][sample.text]

    def frequencies(self, sample: Sample, outcome: int) -> tuple[Fraction, ...]:
        """How often each point occurs in a sample."""
        return self.shares(self.draw(sample, outcome))

    def shares(self, draw: Draw) -> tuple[Fraction, ...]:
        """How often each point occurs among some."""
        return tuple(Fraction(draw.count(j), len(draw)) for j in range(len(self.law)))


def dot(weights: Sequence[Fraction], values: Iterable[Fraction]) -> Fraction:
    """Σ w v."""
    return sum((w * v for w, v in zip(weights, values, strict=True)), Fraction(0))


def _on(world: World, f: Predictor) -> list[Row]:
    if f not in world.predictors:
        raise Unknown(f.text)
    return world.predictors[f]


def _risk(world: World, f: Predictor) -> Values:
    return [exact(dot(world.law, each.losses)) for each in _on(world, f)]


def _empirical_risk(world: World, f: Predictor, sample: Sample) -> Values:
    return [
        exact(dot(world.frequencies(sample, i), each.losses))
        for i, each in enumerate(_on(world, f))
    ]


def _supremum(family: Family, weights: Sequence[Fraction]) -> Interval:
    """sup over a class of Σ_j w_j ℓ_f(j)."""
    if isinstance(family, Ball):
        return exact(family.slope) * family.support(weights)
    return exact(max(dot(weights, f.losses) for f in family))


def _infimum(
    world: World, over: FunctionClass, weights: Callable[[int], Sequence[Fraction]]
) -> Values:
    return [-_supremum(world.family(over, i), [-w for w in weights(i)]) for i in world.outcomes]


def _best_risk(world: World, over: FunctionClass) -> Values:
    return _infimum(world, over, lambda i: world.law)


def _best_empirical_risk(world: World, over: FunctionClass, sample: Sample) -> Values:
    return _infimum(world, over, lambda i: world.frequencies(sample, i))


def _deviation(world: World, over: FunctionClass, sample: Sample, side: Side) -> Values:
    found = []
    for i in world.outcomes:
        seen = world.frequencies(sample, i)
        gaps = [
            p - q if side is Side.UPPER else q - p for p, q in zip(world.law, seen, strict=True)
        ]
        found.append(_supremum(world.family(over, i), gaps))
    return found


def _composed_risk(world: World, f: Predictor, g: Predictor) -> Values:
    if (f, g) not in world.composed:
        raise Unknown("composed risk")
    return [exact(dot(world.law, losses)) for losses in world.composed[f, g]]


def _complexity(*, normal: bool, absolute: bool) -> Callable[..., Values]:
    """A complexity of a class, of its losses or outputs, on a sample or averaged over samples."""

    def measure(world: World, over: FunctionClass, sample: Sample, *rest: Any) -> Values:
        average, of_loss = rest if len(rest) == 2 else (Average.EXPECTED, rest[0])
        known: dict[Any, Interval] = {}
        found = []
        for i in world.outcomes:
            family, draw = world.family(over, i), world.draw(sample, i)
            key = (id(family), draw)
            if key not in known:
                share = exact(Fraction(1, len(draw)))
                known[key] = share * _supremum_mean(
                    family, draw, of_loss, normal=normal, absolute=absolute
                )
            found.append(known[key])
        return found if average is Average.EMPIRICAL else world.averaged(found, lambda draw: ())

    return measure


def _supremum_mean(
    family: Family, draw: Draw, of_loss: bool, *, normal: bool, absolute: bool
) -> Interval:
    if not isinstance(family, Ball):
        vectors = coordinates(family, draw, of_loss)
        return (normal_mean if normal else signed_mean)(vectors, absolute=absolute)
    if normal or (absolute and of_loss):
        raise Unknown("such a complexity of a ball")
    outputs = 1 if of_loss else family.outputs
    slope = family.slope if of_loss else Fraction(1)
    return exact(family.radius * slope) * family.signed_sum(draw, q=family.q, outputs=outputs)


_IN_NORM: dict[str, float] = {
    "linear-l1": float("inf"),
    "linear-l2": 2,
    "kernel": 2,
    "linear-frobenius": 2,
}


def _data(measure: Callable[..., Interval]) -> Callable[..., Values]:
    """A size of the data, on the sample or averaged as the complexity that it belongs to."""

    def values(world: World, over: FunctionClass, sample: Sample, *rest: Any) -> Values:
        average, about = rest[0], rest[-1]
        if not isinstance(average, Average):
            raise Unknown("a size of the data without average")
        draws = [world.draw(sample, i) for i in world.outcomes]
        known = {draw: measure(world.family(over, 0), draw, about) for draw in set(draws)}
        found = [known[draw] for draw in draws]
        return found if average is Average.EMPIRICAL else world.averaged(found, lambda draw: ())

    return values


def _q_of(family: Ball, geometry: Any) -> float:
    return _IN_NORM.get(geometry.ids[0], family.q)


def _signed_sum(family: Family, draw: Draw, geometry: Any) -> Interval:
    if not isinstance(family, Ball):
        raise Unknown("data of a class that is no ball")
    return family.signed_sum(draw, q=_q_of(family, geometry), outputs=family.outputs)


def _data_norm(family: Family, draw: Draw, about: Any) -> Interval:
    if isinstance(family, Ball):
        if about == "log moment":
            return _log_moment(family, draw)
        if isinstance(about, str):
            raise Unknown(about)
        q = _q_of(family, about)
        by_columns = about.ids[0] in ("linear-l1", "linear-lp")
        return norm(family.column_norms(draw), q) if by_columns else family.frobenius(draw)
    vectors = coordinates(family, draw, False)
    if about == "values":
        return exact(max(dot(v, v) for v in vectors)).root()
    if about == "patterns":
        return exact(len(set(map(tuple, vectors)))).log().root()
    if about == "entropy integral":
        return entropy_integral(vectors)
    raise Unknown(str(about))


def _log_moment(family: Ball, draw: Draw) -> Interval:
    """inf over λ of (ln 2 + ln E exp(λ‖Σ σ_i x_i‖))/λ, for one layer."""
    sizes = []
    for signs in product((1, -1), repeat=len(draw)):
        sums = [
            sum(float(s * family.inputs[j][i]) for s, j in zip(signs, draw, strict=True))
            for i in (0, 1)
        ]
        sizes.append((sums[0] ** 2 + sums[1] ** 2) ** 0.5)

    def share(rate: float) -> float:
        top = max(sizes)
        mean = sum(2.718281828459045 ** (rate * (size - top)) for size in sizes) / len(sizes)
        return (log(2) + rate * top + log(mean)) / rate

    found = minimize_scalar(lambda t: share(2.0**t), bounds=(-12, 12), method="bounded")
    value = around(min(float(found.fun), share(2.0**12)))
    spare = Fraction(1, 10**4)
    return Interval(value.low - spare, value.high + spare)


_LINEAR_RISKS = {"M": Fraction(2), "N": Fraction(4)}
_WITHOUT_MEAN = Fraction(10**6)


def _same(world: World, value: Fraction) -> Values:
    return [exact(value)] * len(world.draws)


def _least_squares_risk(world: World, subset: Any, sample: Sample) -> Values:
    """On a sample of any size; a large number where there is no mean."""
    size, rank = (int(world.at(number, 0).low) for number in (sample.size, subset.rank))
    share = 1 + Fraction(rank, size - rank - 1) if size > rank + 1 else _WITHOUT_MEAN
    return _same(world, _LINEAR_RISKS[subset.text] * share)


MEASURES: dict[str, Callable[..., Values]] = {
    "risk": _risk,
    "empirical_risk": _empirical_risk,
    "best_risk": _best_risk,
    "best_empirical_risk": _best_empirical_risk,
    "deviation": _deviation,
    "composed_risk": _composed_risk,
    "rademacher": _complexity(normal=False, absolute=False),
    "gaussian": _complexity(normal=True, absolute=False),
    "rademacher_absolute": _complexity(normal=False, absolute=True),
    "gaussian_absolute": _complexity(normal=True, absolute=True),
    "best_linear_risk": lambda world, subset: _same(world, _LINEAR_RISKS[subset.text]),
    "latent_quality": lambda world, subset: _same(world, _LINEAR_RISKS[subset.text] - 1),
    "noise_variance": lambda world: _same(world, Fraction(1)),
    "least_squares_risk": _least_squares_risk,
    "signed_sum": _data(_signed_sum),
    "data_norm": _data(_data_norm),
}
