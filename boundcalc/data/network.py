"""What the weights of a network prove: norms, complexities, and bounds on its error by margins."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from boundcalc.arguments import typed
from boundcalc.calculus import Complexity, function_class
from boundcalc.conventions import Average
from boundcalc.data.weights import Layer, frobenius_norm, network_layers, row_norm, spectral_norm
from boundcalc.errors import DomainError, InputError, shown
from boundcalc.numeric.arithmetic import float_above
from boundcalc.numeric.complexity import complexity
from boundcalc.numeric.evaluate import evaluate
from boundcalc.numeric.search import boundary, first_beyond
from boundcalc.record import Record
from boundcalc.symbolic.parameters import parameter
from boundcalc.text import count, significant

_MOST = 10**15
_LEAST, _LARGEST = 2.0**-10, 2.0**1000
MARGIN = "the margin was fixed before the data"
CHOSEN = (
    "a complexity is that of the class with these norms; a bound on the error pays for norms that "
    "the data chose"
)
UNITS = "the activation between the layers is ReLU, leaky ReLU or the absolute value"
CARRIED = (
    "biases: a constant unit is carried through all layers, and every input has one more "
    "coordinate, 1"
)


@dataclass(frozen=True)
class LayerNorms(Record):
    """The norms of one layer, rounded up, with the constant unit where there are biases.

    Attributes
    ----------
    name : str
    outputs, inputs : int
    frobenius, spectral : float
        ‖W‖_F and ‖W‖.
    distance : float
        ‖(W − M)ᵀ‖_{2,1}, M the initial weights or 0.
    bias : str
        The name of the vector that was taken for its bias; empty for none.
    """

    name: str
    outputs: int
    inputs: int
    frobenius: float
    spectral: float
    distance: float
    bias: str = ""


@dataclass(frozen=True)
class ClassBound(Record):
    """What one class says of the network.

    Attributes
    ----------
    id : str
        The class of the catalogue.
    statement : str
        What is bounded.
    value : float or None
    vacuous : bool or None
        Whether the complexity is at least ½, the most for values in [0, 1]; None where nothing is
        known of the values.
    risk : float or None
        With a margin: the bound on the probability of an error; 1 or more says nothing.
    formula : str
        How it is made of the complexity.
    needed_m : int or None
        As many examples, with inputs and norms as they are, for a bound on the risk below 1; None
        where it is, or is never.
    reason : str
        Why there is no value.
    """

    id: str
    statement: str = ""
    value: float | None = None
    vacuous: bool | None = None
    risk: float | None = None
    formula: str = ""
    needed_m: int | None = None
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What it says, in one sentence."""
        if self.value is None:
            return f"{self.id}: no value: {self.reason}."
        said = f"{self.id}: {self.statement} ≤ {significant(self.value, up=True)}"
        if self.risk is None:
            return said + (", which says nothing: it is never above ½." if self.vacuous else ".")
        limit = significant(self.risk, up=True)
        if self.risk < 1:
            return f"{said}; the error is at most {limit}."
        more = f"m = {self.needed_m:,} would be needed" if self.needed_m else "no m would do"
        return (
            f"{said}; vacuous: the bound on the error is {limit}, and at 1 or more it says "
            f"nothing; {more}, with norms and inputs as they are."
        )


@dataclass(frozen=True)
class NetworkBounds(Record):
    """What the weights of a network prove."""

    json_keys: ClassVar[tuple[str, ...]] = (
        *("m", "outputs", "layers", "bounds", "assumes", "unused"),
    )

    layers: tuple[LayerNorms, ...]
    bounds: tuple[ClassBound, ...]
    m: int
    outputs: int
    assumes: tuple[str, ...]
    unused: tuple[str, ...] = ()


@typed
def network(
    weights: str | Path | Mapping[str, Any],
    *,
    m: int,
    radius: float | None = None,
    frobenius: float | None = None,
    initial: str | Path | Mapping[str, Any] | None = None,
    layers: Sequence[str] | None = None,
    encoders: Sequence[str] | None = None,
    head: str | None = None,
    margin: float | None = None,
    delta: float | None = None,
    train_loss: float | None = None,
    lipschitz: float = 1.0,
) -> NetworkBounds:
    """Bound the complexity of a network of linear layers, and its error, from its weights.

    Parameters
    ----------
    weights : path or mapping of str to array
        ``.npz`` or ``.safetensors``; matrices are outputs × inputs, as in PyTorch.
    m : int
        The number of training examples.
    radius, frobenius : float
        One of them: a bound on the norm of every input, or ‖X‖_F, the size of the data. For
        several modalities it is that of the inputs side by side.
    initial : path or mapping, optional
        The weights before training, from which `network-spectral` measures; else from 0.
    layers : sequence of str, optional
        The matrices in order; where left out, sorted by name.
    encoders, head : sequence of str and str, optional
        How the names of the arrays of each modality's encoder, and of the head that takes all that
        they put out, begin.
    margin, delta, train_loss : float, optional
        All of them, for a bound on the error: the margin, the failure probability, and the mean
        ramp loss at that margin on the training examples.
    lipschitz : float
        Without a margin: the Lipschitz constant, in ℓ2, of the loss with values in [0, 1] of
        which `network-spectral` speaks.

    Raises
    ------
    InputError, DomainError
        For weights that are no network of linear layers, and numbers that cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> found = network({"fc1": np.eye(3), "fc2": np.ones((1, 3))}, m=10_000, radius=1.0)
    >>> [layer.frobenius < 1.7321 for layer in found.layers], found.bounds[0].id
    ([True, True], 'network-frobenius')
    """
    size = parameter("m").check(m)
    if (radius is None) == (frobenius is None):
        raise InputError("the inputs need one of radius and frobenius")
    given = {"margin": margin, "delta": delta, "train_loss": train_loss}
    missing = [name for name, value in given.items() if value is None]
    if missing and len(missing) < 3:
        raise InputError(f"a bound on the error needs {', '.join(missing)} as well")
    numbers = {} if missing else {k: parameter(k).check(v) for k, v in given.items()}
    if numbers and numbers["train_loss"] > 1:
        raise DomainError(f"train_loss = {shown(train_loss)} is no mean ramp loss: it is above 1")
    stack, unused = network_layers(weights, initial, layers, encoders, head)
    inputs = _Inputs(size, radius, frobenius, any(layer.bias for layer in stack))
    measured = tuple(map(_norms, stack))
    outputs = stack[-1].weight.shape[0]
    said = (CHOSEN, MARGIN if numbers else "", UNITS, CARRIED if inputs.constant else "")
    return NetworkBounds(
        layers=measured,
        bounds=(
            _by_frobenius(measured, inputs, numbers),
            _by_spectral(measured, inputs, numbers, parameter("lipschitz").check(lipschitz)),
        ),
        m=size,
        outputs=outputs,
        assumes=tuple(filter(None, said)),
        unused=unused,
    )


def _norms(layer: Layer) -> LayerNorms:
    outputs, inputs = layer.weight.shape
    return LayerNorms(
        layer.name,
        outputs,
        inputs,
        frobenius_norm(layer.weight),
        spectral_norm(layer.weight),
        row_norm(layer.weight - layer.reference),
        layer.bias,
    )


@dataclass(frozen=True)
class _Inputs:
    """The sizes of the inputs; with a constant coordinate where there are biases."""

    m: int
    radius: float | None
    frobenius: float | None
    constant: bool

    def sizes(self, m: int) -> dict[str, Any]:
        """For another number of examples that are alike."""
        one = 1.0 if self.constant else 0.0
        if self.radius is not None:
            return {"radius": _length(parameter("radius").check(self.radius), one)}
        size = parameter("frobenius").check(self.frobenius) * math.sqrt(m / self.m)
        return {"frobenius": _length(size, one * math.sqrt(m))}

    def total(self, m: int) -> float:
        """‖X‖_F, or a bound on it."""
        ((name, size),) = self.sizes(m).items()
        return float(size) if name == "frobenius" else _length(size * math.sqrt(m), 0.0)


def _length(*sides: float) -> float:
    """√(a² + b²), rounded up: no square overflows, or vanishes."""
    found = math.hypot(*sides)
    return math.nextafter(found * (1 + 2.0**-50), math.inf) if found else 0.0


def _by_frobenius(
    layers: tuple[LayerNorms, ...], inputs: _Inputs, given: Mapping[str, float]
) -> ClassBound:
    id, outputs = "network-frobenius", layers[-1].outputs
    if outputs > 1:
        return ClassBound(id, reason=f"it is for one real output, and there are {outputs}")
    sizes = [layer.frobenius for layer in layers]

    def of(norms: Sequence[float]) -> Callable[[int], Complexity]:
        return lambda m: function_class(id, norms=norms, m=m, **inputs.sizes(m))

    def chosen() -> _Chosen:
        # a layer may be scaled and the next scaled back, so only the product of the norms counts
        product, weight = _rounded_up(_product(sizes), "norm_product")
        return _Chosen(of([product, *(1.0 for _ in sizes[1:])]), weight, "ΠM")

    return _bound(id, of(sizes), inputs.m, chosen, given)


def _rounded_up(norm: float, name: str, finer: int = 1) -> tuple[float, Fraction]:
    """The first point not below a norm of a grid that was fixed before the data, and its weight.

    The points are 2^(k/4), k whole, or finer, which products may use. That of k has the weight
    2/(3(|k| + 1)(|k| + 2)): by telescoping they add up to 1.
    """
    if norm > _LARGEST:
        raise DomainError(f"{name} is too large")
    least, steps = max(norm, _LEAST), 4 * finer
    k = math.floor(steps * math.log2(least)) - 1
    while 2.0 ** (k / steps) < least:
        k += 1
    return 2.0 ** (k / steps), Fraction(2, 3 * (abs(k) + 1) * (abs(k) + 2))


@dataclass(frozen=True)
class _Chosen:
    """The class of a grid that holds the network, by the number of examples, and its weight."""

    at: Callable[[int], Complexity]
    weight: Fraction
    norms: str


def _product(sizes: Sequence[float]) -> float:
    """A product, rounded up: that of the first few may underflow where that of all is large."""
    return float_above(math.prod(map(Fraction, sizes), start=Fraction(1)))


def _by_spectral(
    layers: tuple[LayerNorms, ...], inputs: _Inputs, given: Mapping[str, float], lipschitz: float
) -> ClassBound:
    id, outputs = "network-spectral", layers[-1].outputs
    still = next((layer.name for layer in layers if layer.spectral == 0), None)
    if still is not None:
        return ClassBound(id, reason=f"the layer {still} is 0")
    if not any(layer.distance for layer in layers):
        return ClassBound(id, reason="the weights are the initial ones: nothing was learned")
    # v ↦ v_y − max of the others is √2-Lipschitz in ℓ2, and y v is 1-Lipschitz
    slope = math.nextafter(math.sqrt(2), 2) if outputs > 1 else 1.0
    if given:
        lipschitz = math.nextafter(slope / given["margin"], math.inf)

    def of(spectral: Sequence[float], distances: Sequence[float]) -> Callable[[int], Complexity]:
        return lambda m: function_class(
            id,
            form="centred",
            m=m,
            lipschitz=lipschitz,
            frobenius=inputs.total(m),
            spectral_norms=spectral,
            distances=distances,
            activations=[1] * len(layers),
            width=max(max(layer.outputs, layer.inputs) for layer in layers),
        )

    def chosen() -> _Chosen:
        large = [_rounded_up(size, "a spectral norm", len(layers)) for size in spectral]
        far = [_rounded_up(size, "a distance") for size in distances]
        weight = math.prod(share for _, share in (*large, *far))
        sizes = ([size for size, _ in points] for points in (large, far))
        return _Chosen(of(*sizes), Fraction(weight), "every norm")

    spectral, distances = (
        [getattr(layer, name) for layer in layers] for name in ("spectral", "distance")
    )
    return _bound(id, of(spectral, distances), inputs.m, chosen, given)


def _bound(
    id: str,
    at: Callable[[int], Complexity],
    m: int,
    chosen: Callable[[], _Chosen],
    given: Mapping[str, float],
) -> ClassBound:
    try:
        found = complexity(at(m))
        own = chosen() if given else None
        risk = None if own is None else _risk(own, m, given)
    except InputError as error:  # also what is larger than any float
        return ClassBound(id, reason=str(error))
    made = ClassBound(
        id,
        statement=found.statement,
        value=found.value,
        vacuous=found.value >= 0.5 * (1 - 1e-12) if found.loss_class else None,
    )
    if own is None or risk is None:
        return made
    root = "√(2 ln(1/(wδ))/m)" if found.average is Average.EMPIRICAL else "√(ln(1/(wδ))/(2m))"
    formula = (
        f"r̂ + 2{found.statement}{'' if found.loss_class else '/ρ'} + {root}, with {own.norms} "
        f"rounded up on a grid fixed before the data and w = 1/{count(int(1 / own.weight))}: so "
        "the norms may be chosen from the data"
    )
    needed = None if risk < 1 else _needed(lambda n: _risk(own, n, given) < 1, m)
    return replace(made, risk=risk, formula=formula, needed_m=needed)


def _risk(chosen: _Chosen, m: int, given: Mapping[str, float]) -> float:
    """The bound on the error where the data chose one class of the grid."""
    found = complexity(chosen.at(m))
    empirical = found.average is Average.EMPIRICAL
    result = evaluate(
        "classic.structural_risk",
        variant="weights-empirical" if empirical else "weights",
        m=m,
        lipschitz=1 if found.loss_class else math.nextafter(1 / given["margin"], math.inf),
        loss_bound=1,
        **{"rademacher_empirical" if empirical else "rademacher": found.value},
        weight=math.nextafter(float(chosen.weight), 0),
        train_loss=given["train_loss"],
        delta=given["delta"],
    )
    return float(result.value)


def _needed(holds: Callable[[int], bool], m: int) -> int | None:
    """The least number of examples above m for which something holds that then goes on to hold."""
    found = first_beyond(holds, m, _MOST)
    return None if found is None else boundary(holds, *found)
