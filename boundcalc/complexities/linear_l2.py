"""Linear functions with weights in an ℓ2 ball.

Setting
-------
x ↦ ⟨w, x⟩ with ‖w‖₂ ≤ B; m inputs x_i, the rows of the matrix X.

Claim
-----
- ``radius``: R(F) ≤ B X/√m if ‖x‖₂ ≤ X for every input, on every sample and in the mean;
- ``data``: R̂_S(F) ≤ (B/m) ‖X‖_F, and R̂_S(F) ≥ (1/√2)(B/m) ‖X‖_F;
- ``concatenated``: several inputs side by side with ‖x_k‖₂ ≤ X_k and one norm for all weights
  together:
  ``radius`` with X = √(Σ_k X_k²).

Assumptions
-----------
B is fixed before the data. The mean over samples needs no more than X = √(E‖x‖₂²).

Source
------
Kakade, Sridharan & Tewari 2008; the lower bound from Latała & Oleszkiewicz 1994.

How the constants arise
-----------------------
The supremum over the ball is (B/m) ‖Σ σ_i x_i‖₂. By Jensen its mean is at most the root of
E‖Σ σ_i x_i‖₂² = Σ‖x_i‖₂² = ‖X‖_F², and by the Khinchin–Kahane inequality it is at least 1/√2 of
that root.

Worked number
-------------
``radius`` with B = X = 1, m = 1000: 0.0316228.
"""

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import EMPIRICAL, Derived, Form, complexity_class
from boundcalc.symbolic.hilbert_ball import HilbertBall
from boundcalc.symbolic.lemmas.classes import EUCLIDEAN

BALL = HilbertBall(EUCLIDEAN, size=lambda at: at["frobenius"])

CLASS = complexity_class(
    id="linear-l2",
    title="Linear functions, ℓ2 ball",
    members="x ↦ ⟨w, x⟩ with ‖w‖₂ ≤ B",
    source="kakade2008",
    credit="Kakade, Sridharan & Tewari; the lower bound from the best constant of Latała & "
    "Oleszkiewicz.",
    status=Status.PUBLISHED,
    forms=(
        Form("radius", ("norm", "radius"), BALL.radius, assumes=(EUCLIDEAN.limit,)),
        Form("data", ("norm", "frobenius"), BALL.data, averages=EMPIRICAL, lower=BALL.lower),
        Form(
            "concatenated",
            ("norm", "radii"),
            BALL.radius,
            derived=(Derived("radius", "√(Σ X_k²), the longest concatenated input"),),
            assumes=("‖x_k‖₂ ≤ X_k for every input, and one ℓ2 norm bounds all weights together",),
        ),
    ),
    example_form="radius",
    example={"norm": 1, "radius": 1, "m": 1000},
    page=__doc__,
)
