"""The ball of a reproducing kernel Hilbert space.

Setting
-------
f with ‖f‖ ≤ B in the Hilbert space of a kernel k; K is the kernel matrix (k(x_i, x_j)) of the m
inputs.

Claim
-----
- ``data``: R̂_S(F) ≤ (B/m) √(tr K), and at least 1/√2 of that;
- ``radius``: R(F) ≤ B X/√m if √k(x, x) ≤ X for every input, on every sample and in the mean.

Assumptions
-----------
The kernel and B are fixed before the data.

Source
------
Bartlett & Mendelson 2002, Lemma 22; the lower bound from Latała & Oleszkiewicz 1994.

How the constants arise
-----------------------
f(x_i) = ⟨f, φ(x_i)⟩: the supremum over the ball is (B/m) ‖Σ σ_i φ(x_i)‖. By Jensen its mean is at
most the root of Σ‖φ(x_i)‖² = tr K. (Their factor 2 is that of the normalisation 2/m.)

Worked number
-------------
``data`` with B = 10, tr K = 1000, m = 1000: 0.3162278.
"""

from sympy import sqrt

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import EMPIRICAL, Form, complexity_class
from boundcalc.symbolic.hilbert_ball import HilbertBall
from boundcalc.symbolic.lemmas.classes import KERNEL

BALL = HilbertBall(KERNEL, size=lambda at: sqrt(at["trace"]))

CLASS = complexity_class(
    id="kernel",
    title="Ball of a reproducing kernel Hilbert space",
    members="f with ‖f‖ ≤ B in the Hilbert space of a kernel",
    source="bartlett2002",
    credit="Bartlett & Mendelson; the lower bound from the best constant of Latała & Oleszkiewicz.",
    status=Status.PUBLISHED,
    forms=(
        Form("data", ("norm", "trace"), BALL.data, averages=EMPIRICAL, lower=BALL.lower),
        Form("radius", ("norm", "radius"), BALL.radius, assumes=(KERNEL.limit,)),
    ),
    example_form="data",
    example={"norm": 10, "trace": 1000, "m": 1000},
    page=__doc__,
)
