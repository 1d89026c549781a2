"""The proofs that the balls of a Hilbert norm share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr

from boundcalc.symbolic.complexity import Place
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.classes import (
    Geometry,
    almost_surely,
    dual_norm,
    khinchin_kahane,
    measured,
    second_moment,
)


@dataclass(frozen=True)
class HilbertBall:
    """A ball of weights whose dual norm is that of a Hilbert space.

    Attributes
    ----------
    geometry : Geometry
    size : callable
        Place → the size of the data as the user gives it.
    """

    geometry: Geometry
    size: Callable[[Place], Expr]

    def radius(self, at: Place) -> tuple[Apply, ...]:
        """The dual norm, its second moment, and the longest input."""
        return (*self._above(at), Apply(almost_surely(at.complexity, self.geometry)))

    def data(self, at: Place) -> tuple[Apply, ...]:
        """The dual norm and its second moment, on the given sample."""
        return (*self._above(at), Apply(measured(at.complexity, self.geometry, self.size(at))))

    def lower(self, at: Place) -> tuple[Apply, ...]:
        """The dual norm is at least 1/√2 of its root mean square."""
        return (
            Apply(dual_norm(at.complexity, self.geometry)),
            Apply(khinchin_kahane(at.complexity, self.geometry)),
            Apply(measured(at.complexity, self.geometry, self.size(at))),
        )

    def _above(self, at: Place) -> tuple[Apply, ...]:
        return (
            Apply(dual_norm(at.complexity, self.geometry)),
            Apply(second_moment(at.complexity, self.geometry)),
        )
