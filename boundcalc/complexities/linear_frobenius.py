"""Linear functions with k outputs and a bounded Frobenius norm.

Setting
-------
x ↦ W x with k outputs, ‖W‖_F ≤ B; m inputs, the rows of the matrix X. The complexity is the vector
one, with one sign for each example and output.

Claim
-----
- ``radius``: R^vec(F) ≤ B √k X/√m if ‖x‖₂ ≤ X for every input, on every sample and in the mean;
- ``data``: R̂^vec_S(F) ≤ (B/m) √k ‖X‖_F, and at least 1/√2 of that.

Assumptions
-----------
B is fixed before the data. The mean over samples needs no more than X = √(E‖x‖₂²).

Source
------
Cauchy–Schwarz and Jensen; derived here. The lower bound from Latała & Oleszkiewicz 1994.

How the constants arise
-----------------------
Σ_ij σ_ij (W x_i)_j = ⟨W, Σ_ij σ_ij e_j x_iᵀ⟩: the supremum over the ball is (B/m) times the
Frobenius norm of a sum of mk uncorrelated matrices. Their squared norms add up to k ‖X‖_F².

Worked number
-------------
``radius`` with k = 4, B = X = 1, m = 1000: 0.0632456.
"""

from boundcalc.conventions import Output
from boundcalc.symbolic.complexity import EMPIRICAL, Form, Tags, complexity_class
from boundcalc.symbolic.hilbert_ball import HilbertBall
from boundcalc.symbolic.lemmas.classes import FROBENIUS

BALL = HilbertBall(FROBENIUS, size=lambda at: at["frobenius"])

CLASS = complexity_class(
    id="linear-frobenius",
    title="Linear functions with k outputs, Frobenius ball",
    members="x ↦ W x with k outputs and ‖W‖_F ≤ B",
    source="boundcalc",
    credit="Cauchy–Schwarz and Jensen, written out here.",
    tags=Tags(output=Output.VECTOR),
    forms=(
        Form("radius", ("outputs", "norm", "radius"), BALL.radius, assumes=(FROBENIUS.limit,)),
        Form(
            "data",
            ("outputs", "norm", "frobenius"),
            BALL.data,
            averages=EMPIRICAL,
            lower=BALL.lower,
        ),
    ),
    example_form="radius",
    example={"outputs": 4, "norm": 1, "radius": 1, "m": 1000},
    page=__doc__,
)
