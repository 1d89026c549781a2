"""Linear functions with weights in an ℓp ball.

Setting
-------
x ↦ ⟨w, x⟩ with ‖w‖_p ≤ B, 1/p + 1/q = 1; the norms of the columns of the m × d matrix of inputs are
known.

Claim
-----
- ``small-p``, 1 < p ≤ 2: R̂_S(F) ≤ (B/m) μ(q) ‖(‖X_·j‖₂)_j‖_q with μ(q) = √2 (Γ((q+1)/2)/√π)^(1/q),
  for
  every q in [2, p/(p − 1)]; the best of them is taken;
- ``large-p``, p ≥ 2: R̂_S(F) ≤ (B/m) ‖(‖X_·j‖₂)_j‖_q with q = p/(p − 1).

At p = 2 both are the ``data`` form of `linear-l2`.

Assumptions
-----------
B and p are fixed before the data. q in ``small-p`` may be chosen from the data: each choice bounds
the same number R̂_S(F).

Source
------
Awasthi, Frank & Mohri 2020; the constant μ(q) is that of Haagerup 1981.

How the constants arise
-----------------------
The supremum over the ball is (B/m) ‖Xᵀσ‖_q. Jensen moves the mean inside the sum over columns, and
for each column E|⟨X_·j, σ⟩|^q ≤ E|g|^q ‖X_·j‖₂^q with a standard normal g if q ≥ 2, and ≤ ‖X_·j‖₂^q
if q ≤ 2. ``small-p``: the ball of ℓp lies in that of ℓp′ for p′ ≥ p, so every p′ in [p, 2] gives a
bound.

Worked number
-------------
``small-p`` with p = 1.5, B = 1, columns of norms 30, 20 and 10, m = 1000: 0.0373480.
"""

from sympy import Integer

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import EMPIRICAL, Derived, Form, Place, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.classes import (
    COLUMNS,
    ball_inclusion,
    columnwise,
    dual_norm,
    khintchine,
    measured,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.theorem import Requirement

p = symbol("p")


def small_p(at: Place) -> tuple[Apply, ...]:
    """A larger ball, its dual norm, and Khintchine's inequality in every column."""
    inclusion = ball_inclusion(at.complexity)
    return (
        Apply(inclusion),
        Apply(dual_norm(inclusion.rhs, COLUMNS)),
        Apply(khintchine(inclusion.rhs)),
        Apply(measured(inclusion.rhs, COLUMNS, at["column_sum"])),
    )


def large_p(at: Place) -> tuple[Apply, ...]:
    """The dual norm, and second moments in every column."""
    return (
        Apply(dual_norm(at.complexity, COLUMNS)),
        Apply(columnwise(at.complexity)),
        Apply(measured(at.complexity, COLUMNS, at["column_sum"])),
    )


SUM = Derived("column_sum", "(Σ_j ‖X_·j‖₂^q)^(1/q)")
INPUTS = ("p", "norm", "column_norms")

CLASS = complexity_class(
    id="linear-lp",
    title="Linear functions, ℓp ball",
    members="x ↦ ⟨w, x⟩ with ‖w‖_p ≤ B",
    source="awasthi2020",
    credit="Awasthi, Frank & Mohri; taking the best of the larger balls is derived here.",
    status=Status.PUBLISHED,
    forms=(
        Form(
            "small-p",
            INPUTS,
            small_p,
            averages=EMPIRICAL,
            assumes=("1 < p ≤ 2",),
            derived=(
                Derived(
                    "dual_exponent",
                    "the q in [2, p/(p − 1)] with the least μ(q) (Σ_j ‖X_·j‖₂^q)^(1/q)",
                ),
                SUM,
            ),
            requires=(Requirement(p <= Integer(2), "form small-p is for p ≤ 2"),),
        ),
        Form(
            "large-p",
            INPUTS,
            large_p,
            averages=EMPIRICAL,
            assumes=("p ≥ 2",),
            derived=(Derived("column_sum", "(Σ_j ‖X_·j‖₂^q)^(1/q), q = p/(p − 1)"),),
            requires=(Requirement(p >= Integer(2), "form large-p is for p ≥ 2"),),
        ),
    ),
    example_form="small-p",
    example={"p": 1.5, "norm": 1, "column_norms": (30, 20, 10), "m": 1000},
    page=__doc__,
)
