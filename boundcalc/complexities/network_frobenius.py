"""Neural networks with bounded Frobenius norms.

Setting
-------
x ↦ W_q a(W_{q−1} a(… W_1 x)) with real output, q weight matrices, ‖W_j‖_F ≤ M_j, no biases; m
inputs, the rows of the matrix X. The widths are free.

Claim
-----
- ``radius``: R(F) ≤ X (√(2 ln 2 · q) + 1) Π_j M_j/√m if ‖x‖₂ ≤ X for every input, on every sample
  and in
  the mean;
- ``data``: R̂_S(F) ≤ (√(2 ln 2 · q) + 1) Π_j M_j ‖X‖_F/m.

Assumptions
-----------
The norms are fixed before the data. The activations act on each unit, are 1-Lipschitz and
positively homogeneous: ReLU, leaky ReLU, absolute value, none.

Source
------
Golowich, Rakhlin & Shamir 2018, Theorem 1.

How the constants arise
-----------------------
The layers are peeled inside ln E exp(λ ·): each costs a factor 2 inside the logarithm, together q
ln 2, and its norm outside. What is left is ‖Σ σ_i x_i‖₂, sub-Gaussian around a mean of at most
‖X‖_F; the best λ gives √(2 ln 2 · q) + 1.

Worked number
-------------
``radius`` with norms 2, 1 and 3, X = 1, m = 10 000: 0.1823601.
"""

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import EMPIRICAL, Derived, Form, Place, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.classes import (
    NO_BIASES,
    SHORT,
    UNITS,
    measured_inputs,
    network_inputs,
    peeling,
)


def radius(at: Place) -> tuple[Apply, ...]:
    """The layers are peeled; no input is longer than X."""
    return (Apply(peeling(at.complexity)), Apply(network_inputs(at.complexity)))


def data(at: Place) -> tuple[Apply, ...]:
    """The layers are peeled; the inputs as measured."""
    moment = measured_inputs(at.complexity, at["frobenius"])
    return (Apply(peeling(at.complexity)), Apply(moment))


DERIVED = (
    Derived("depth", "the number of weight matrices"),
    Derived("norm_product", "Π_j M_j, the product of the norms"),
)

CLASS = complexity_class(
    id="network-frobenius",
    title="Neural networks, Frobenius norms",
    members="networks with ‖W_j‖_F ≤ M_j and real output, of any width",
    source="golowich2018",
    credit="Golowich, Rakhlin & Shamir, Theorem 1, with its constants.",
    status=Status.PUBLISHED,
    forms=(
        Form(
            "radius",
            ("norms", "radius"),
            radius,
            derived=DERIVED,
            assumes=(SHORT, NO_BIASES, UNITS),
        ),
        Form(
            "data",
            ("norms", "frobenius"),
            data,
            averages=EMPIRICAL,
            derived=DERIVED,
            assumes=(NO_BIASES, UNITS),
        ),
    ),
    example_form="radius",
    example={"norms": (2, 1, 3), "radius": 1, "m": 10_000},
    page=__doc__,
)
