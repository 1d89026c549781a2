"""Linear functions with weights in an ℓ1 ball.

Setting
-------
x ↦ ⟨w, x⟩ with ‖w‖₁ ≤ B on inputs with d features; m inputs, the rows of the matrix X.

Claim
-----
- ``radius``: R(F) ≤ B X √(2 ln(2d)/m) if ‖x‖_∞ ≤ X for every input, on every sample and in the
  mean;
- ``data``: R̂_S(F) ≤ (B/m) √(2 ln(2d)) max_j ‖X_·j‖₂, from the norms of the d columns.

Assumptions
-----------
B is fixed before the data. X bounds the largest *coordinate* of an input.

Source
------
Awasthi, Frank & Mohri 2020.

How the constants arise
-----------------------
The supremum over the ball is (B/m) max_j |⟨X_·j, σ⟩|, a maximum over 2d vectors, the columns and
their negatives: Massart's lemma. A column is no longer than √m X.

Worked number
-------------
``radius`` with B = X = 1, d = 100, m = 1000: 0.1029400.
"""

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import EMPIRICAL, Derived, Form, Place, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.classes import (
    SUPREMUM,
    almost_surely,
    dual_norm,
    massart_columns,
    measured,
)


def columns(at: Place) -> tuple[Apply, ...]:
    """The dual norm and Massart's lemma for the columns and their negatives."""
    return (
        Apply(dual_norm(at.complexity, SUPREMUM)),
        Apply(massart_columns(at.complexity)),
    )


def radius(at: Place) -> tuple[Apply, ...]:
    """No column is longer than √m times the largest coordinate."""
    return (*columns(at), Apply(almost_surely(at.complexity, SUPREMUM)))


def data(at: Place) -> tuple[Apply, ...]:
    """The longest column as measured."""
    return (*columns(at), Apply(measured(at.complexity, SUPREMUM, at["largest_column"])))


CLASS = complexity_class(
    id="linear-l1",
    title="Linear functions, ℓ1 ball",
    members="x ↦ ⟨w, x⟩ with ‖w‖₁ ≤ B",
    source="awasthi2020",
    credit="Awasthi, Frank & Mohri; the bound itself is older.",
    status=Status.PUBLISHED,
    forms=(
        Form(
            "radius",
            ("norm", "radius", "features"),
            radius,
            assumes=(SUPREMUM.limit,),
        ),
        Form(
            "data",
            ("norm", "column_norms"),
            data,
            averages=EMPIRICAL,
            derived=(
                Derived("features", "the number of columns"),
                Derived("largest_column", "the largest norm of a column"),
            ),
        ),
    ),
    example_form="radius",
    example={"norm": 1, "radius": 1, "features": 100, "m": 1000},
    page=__doc__,
)
