"""What classes are made of in a small world: functions on a few points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from rational_intervals import ZERO, Interval, exact, largest, least, total, value_of
from sympy import pi, sqrt

Output = tuple[Fraction, ...]
HALF = exact(Fraction(1, 2))
_DIRECTIONS = {1: (Fraction(1),), 2: (Fraction(3, 5), Fraction(4, 5))}
_HALF_NORMAL = value_of(1 / sqrt(2 * pi), lambda s: ZERO)
"""E max(g, 0)."""


class Unknown(Exception):
    """What a world does not know exactly, and says nothing about."""


@dataclass(frozen=True)
class Rule:
    """A loss as it is: how it grows with the distance to the target, and where it stops.

    `affine` losses are linear in the output, and never stop.
    """

    slope: Fraction
    width: Fraction
    targets: tuple[Fraction, ...]
    zero_one: bool = False
    affine: bool = False

    def loss(self, output: Output, point: int) -> Fraction:
        """The loss at a point, in [0, width]."""
        seen = sum(
            (a * b for a, b in zip(_DIRECTIONS[len(output)], output, strict=True)), Fraction(0)
        )
        miss = seen - self.targets[point]
        if self.zero_one:
            return Fraction(miss != 0)
        return self.slope * miss if self.affine else min(self.width, self.slope * abs(miss))


@dataclass(frozen=True)
class Row:
    """One function: its outputs and its losses at every point."""

    outputs: tuple[Output, ...]
    losses: tuple[Fraction, ...]


def row(outputs: Iterable[Output], rule: Rule) -> Row:
    """A function under a loss."""
    outputs = tuple(outputs)
    return Row(outputs, tuple(rule.loss(o, j) for j, o in enumerate(outputs)))


Vector = list[Fraction]


def coordinates(rows: Sequence[Row], draw: Sequence[int], of_loss: bool) -> list[Vector]:
    """Each function on a sample: one number for each example (and output)."""
    if of_loss:
        return [[f.losses[j] for j in draw] for f in rows]
    return [[v for j in draw for v in f.outputs[j]] for f in rows]


def signed_mean(vectors: Sequence[Vector], *, absolute: bool = False) -> Interval:
    """E sup Σ σ_i v_i over all signs."""
    values = []
    for signs in product((1, -1), repeat=len(vectors[0])):
        sums = [
            sum((s * v for s, v in zip(signs, vector, strict=True)), Fraction(0))
            for vector in vectors
        ]
        values.append(max(map(abs, sums)) if absolute else max(sums))
    return exact(sum(values) / len(values))


def normal_mean(vectors: Sequence[Vector], *, absolute: bool = False) -> Interval:
    """E sup Σ g_i v_i over standard normals: in closed form on a line, or for three vectors."""
    if absolute:
        vectors = [*vectors, *([-v for v in vector] for vector in vectors)]
    distinct = [list(v) for v in dict.fromkeys(map(tuple, vectors))]
    moved = [[a - b for a, b in zip(v, distinct[0], strict=True)] for v in distinct]
    along = max(moved, key=lambda v: sum(a * a for a in v))
    size = sum(a * a for a in along)
    if not size:
        return ZERO
    shares = [sum(a * b for a, b in zip(v, along, strict=True)) / size for v in moved]
    if all(v == [share * a for a in along] for v, share in zip(moved, shares, strict=True)):
        return exact(size).root() * exact(max(shares) - min(shares)) * _HALF_NORMAL
    if len(distinct) > 3:
        raise Unknown("the Gaussian complexity of many functions")
    spreads = []
    for i, v in enumerate(moved):
        for w in moved[:i]:
            spreads.append(exact(sum((a - b) ** 2 for a, b in zip(v, w, strict=True))).root())
    return total(spreads) * _HALF_NORMAL * HALF


def entropy_integral(vectors: Sequence[Vector]) -> Interval:
    """Of two functions, one of them 0: one ball covers them from half their distance on."""
    if len(vectors) > 2 or any(vectors[0]):
        raise Unknown("covering numbers of many functions")
    m, reach = exact(len(vectors[0])), HALF * exact(sum(v * v for v in vectors[-1])).root()
    slope = exact(12) * exact(2).log().root() * m.inverse()
    ends = exact(4) * reach * m.root().inverse(), slope * reach
    best = min(ends, key=lambda e: e.high)
    return least(best, HALF)


def norm(vector: Sequence[Interval], q: float) -> Interval:
    """The ℓq norm, q in 1, 2, 4, ∞."""
    sizes = [largest(v, -v) for v in vector]
    if q == 1:
        return total(sizes)
    if q == 2:
        return total([v * v for v in sizes]).root()
    if q == 4:
        return total([v.power(Fraction(4)) for v in sizes]).root().root()
    return largest(*sizes)


@dataclass(frozen=True)
class Ball:
    """Linear functions of two features, and of one or two outputs, with weights in a ball.

    Its loss is linear in the output, so it is largest at the border of the ball.
    """

    radius: Fraction
    q: float
    inputs: tuple[tuple[Fraction, Fraction], ...]
    slope: Fraction
    outputs: int = 1

    def support(self, weights: Sequence[Fraction]) -> Interval:
        """sup over the ball of Σ_j w_j ⟨w, x_j⟩."""
        return exact(self.radius) * self._norm_of(self._sum(weights))

    def _norm_of(self, vector: Sequence[Fraction]) -> Interval:
        return norm([exact(v) for v in vector], self.q)

    def _sum(self, weights: Sequence[Fraction]) -> list[Fraction]:
        return [
            sum((w * x[i] for w, x in zip(weights, self.inputs, strict=True)), Fraction(0))
            for i in (0, 1)
        ]

    def signed_sum(self, draw: Sequence[int], *, q: float, outputs: int) -> Interval:
        """E ‖Σ σ_i x_i‖, one sign an example and output; the Frobenius norm for several outputs."""
        values = []
        for signs in product((1, -1), repeat=len(draw) * outputs):
            sums = [
                sum(
                    (s * self.inputs[j][i] for s, j in zip(signs[k::outputs], draw, strict=True)),
                    Fraction(0),
                )
                for k in range(outputs)
                for i in (0, 1)
            ]
            values.append(norm([exact(v) for v in sums], 2 if outputs > 1 else q))
        return total(values) * exact(Fraction(1, len(values)))

    def column_norms(self, draw: Sequence[int]) -> list[Interval]:
        """‖X_·j‖₂ of both columns."""
        return [exact(sum(self.inputs[j][i] ** 2 for j in draw)).root() for i in (0, 1)]

    def frobenius(self, draw: Sequence[int]) -> Interval:
        """(Σ ‖x_i‖²)^½."""
        return exact(sum(v * v for j in draw for v in self.inputs[j])).root()


def combined(
    parts: Sequence[Sequence[Row]], rule: Rule, join: Callable[[Sequence[Fraction]], Fraction]
) -> tuple[Row, ...]:
    """Functions of functions, output by output."""
    found = []
    for chosen in product(*parts):
        points = zip(*(f.outputs for f in chosen), strict=True)
        found.append(
            row((tuple(map(join, zip(*outputs, strict=True))) for outputs in points), rule)
        )
    return tuple(dict.fromkeys(found))
