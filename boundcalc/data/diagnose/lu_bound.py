"""What Lu's bound says on measured data, for linear connections and linear predictors.

Classes
-------
G: x ↦ W x + b with ‖(W, b)‖_F ≤ B_G. F: (x, y) ↦ V (x, y) + c with ‖(V, c)‖_F ≤ B_F and the
part of V that acts on y of spectral norm at most B_y. Inputs are no longer than the radii of the
setup part, because longer ones are shortened. The loss is the ramp loss of margin 1 (two classes:
of z f(x, y), z = ±1; more classes: of the score of the right class less the largest other one) or
the absolute error clipped at C. It is L_ℓ-Lipschitz in the output: L_ℓ = 1, or √2 for more than two
classes, since two scores enter. Hence L = L_ℓ B_y.

How the norms may depend on the data
------------------------------------
The bound is for classes fixed in advance. Each norm is a power
of 2 from a fixed list; for every triple of norms the bound's event is given an equal part of δ. So
all these bounds hold together, and the one for the least norms that contain ĝ and f̂ may be taken.
Radii, D and C come from the setup part.

The distance
------------
The theorem asks for ‖g(x) − y‖ in [0, D]. It is used for the distance min(‖g(x) − y‖,
D), with the same proof: this is 1-Lipschitz in g(x) as well, and replacing y by ĝ(x) changes a loss
in [0, C] by at most min(C, L ‖ĝ(x) − y‖) ≤ L min(‖ĝ(x) − y‖, D), if L D ≥ C, which B_y is chosen
for. Then the limit on κ needs no further assumption.

The Gaussian complexities are the values of the catalogue's ``linear-frobenius``: its proof takes of
the signs only that they are uncorrelated with mean 0 and mean square 1, as normals are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from boundcalc.data.diagnose.connection import Connection
from boundcalc.data.fit.preparation import Prepared
from boundcalc.data.fit.ridge import Ridge
from boundcalc.numeric.complexity import complexity
from boundcalc.numeric.evaluate import evaluate
from boundcalc.record import Record

_NORMS = tuple(2.0**j for j in range(-10, 21))
NORMS_CHOSEN = 3


@dataclass(frozen=True)
class LuBound(Record):
    """Lu's bound on the excess of f̂(x, ĝ(x)) over the best f(x, y) in F, or why it has no value.

    Attributes
    ----------
    missing : str or None
        Why there is no number.
    value : float or None
    observed_term : float
        L κ̂, with the mean distance that was observed in place of its upper limit.
    loss_bound : float
        C; the bound is vacuous from there on.
    terms : mapping of str to float
        They add up to the value.
    numbers : mapping of str to float
        The parameters of the theorem.
    norms : mapping of str to float
        B_G, B_F and B_y.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("theorem", "variant", "missing", "value", "vacuous", "loss_bound", "terms"),
        *("observed_term", "parameters=numbers", "norms", "times_as_many_examples"),
    )
    theorem: ClassVar[str] = "lu2023.multimodal"
    variant: ClassVar[str] = "two-event"
    missing: str | None
    value: float | None
    observed_term: float
    loss_bound: float
    terms: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    norms: Mapping[str, float] = field(default_factory=dict)

    @property
    def vacuous(self) -> bool:
        """Whether it says nothing."""
        return self.value is not None and self.value >= self.loss_bound

    @property
    def connection_term(self) -> float:
        """L κ, which no number of examples lowers."""
        return self.terms.get("connection_gap", math.nan)

    @property
    def times(self) -> int | None:
        """How many times as many examples make it less than C, the limit on κ as it is.

        None if no number does.
        """
        if self.value is None or self.connection_term >= self.loss_bound:
            return None
        # every other term falls like 1/√ of the examples
        rest = self.value - self.connection_term
        return math.floor((rest / (self.loss_bound - self.connection_term)) ** 2) + 1

    @property
    def times_as_many_examples(self) -> int | None:
        """These times, where the bound is vacuous."""
        return self.times if self.vacuous else None


def lu_bound(
    ready: Prepared,
    found: Connection,
    connection: Ridge,
    predictor: Ridge,
    *,
    outputs: int,
    labelled: int,
    loss_bound: float,
    delta: float,
) -> LuBound:
    """Evaluate the theorem for the classes that contain ĝ and f̂.

    Parameters
    ----------
    predictor : Ridge
        f̂ on the columns of x, then those of y.
    outputs, labelled : int
        Scores of f̂, and examples that it was fitted to.
    delta : float
        The failure probability of the bound, the choice of the norms included.
    """
    if connection.weights is None or predictor.weights is None:
        said = "the complexities of kernel classes are not bounded here: use linear"
        return LuBound(said, None, math.nan, loss_bound)
    on_y = float(np.linalg.norm(predictor.weights[connection.weights.shape[0] :], 2))
    of_loss = math.sqrt(2) if outputs > 1 else 1.0
    # B_y may be larger than f̂ needs, and L D ≥ C asks for that
    enough = loss_bound / (of_loss * found.distance_bound)
    norms = {
        "B_G": _power(_frobenius(connection)),
        "B_F": _power(_frobenius(predictor)),
        "B_y": _power(max(on_y, enough)),
    }
    if not all(map(math.isfinite, norms.values())):
        said = f"a norm is above {_NORMS[-1]:,.0f}, the largest that is provided for"
        return LuBound(said, None, math.nan, loss_bound)
    lipschitz = of_loss * norms["B_y"]
    m = len(ready.training)
    x, y = (ready.radii[name] for name in (found.source, found.target))
    width = ready.blocks[found.target].shape[1]
    numbers = {
        "m": m,
        "n": labelled,
        "delta": delta / len(_NORMS) ** NORMS_CHOSEN,
        "lipschitz": lipschitz,
        "loss_bound": loss_bound,
        "distance_bound": found.distance_bound,
        "connection_gap": found.kappa.upper,
        "c_connection": _constant(width, norms["B_G"], math.hypot(x, 1), m),
        "c_predictor": of_loss * _constant(outputs, norms["B_F"], math.hypot(x, y, 1), labelled),
    }
    result = evaluate(LuBound.theorem, variant=LuBound.variant, **numbers)
    observed = lipschitz * (found.kappa.value or 0.0)
    terms = dict(result.terms)
    return LuBound(None, float(result.value), observed, loss_bound, terms, numbers, norms)


def _power(norm: float) -> float:
    """The least norm of the list that is not below; infinite if there is none."""
    return next((power for power in _NORMS if power >= norm), math.inf)


def _frobenius(fitted: Ridge) -> float:
    assert fitted.weights is not None
    assert fitted.intercept is not None
    return math.hypot(
        float(np.linalg.norm(fitted.weights)), float(np.linalg.norm(fitted.intercept))
    )


def _constant(outputs: int, norm: float, radius: float, m: int) -> float:
    """c of G = c/√m."""
    bound = complexity("linear-frobenius", outputs=outputs, norm=norm, radius=radius, m=m)
    return bound.value * math.sqrt(m)
