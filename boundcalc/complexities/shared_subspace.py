"""Linear predictors of several tasks on one subspace that all share.

Setting
-------
(x, t) ↦ ⟨w_t, P x⟩ with one projection P onto K dimensions for all of T tasks, and ‖w_t‖₂ ≤ B for
each. An example names its task; there are m of all tasks, and at most N of any one.

Claim
-----
- ``data``: R̂_S(F) ≤ B √( (T/m)(K λ + X² √(2 K N/m)) ), λ the largest eigenvalue of Σ_i x_i x_iᵀ/m.

For tasks of equal size n = m/T this is B √((K λ + X² √(2 K/T))/n): for many tasks the price is that
of K dimensions of variance λ, where T separate balls have B X/√n.

Assumptions
-----------
‖x‖₂ ≤ X for every input. The risk is the mean over examples of all tasks: with tasks of equal size,
the mean over tasks.

Source
------
Maurer, Pontil & Romera-Paredes 2016 for the class and the question; the bound and its constants are
derived here.

How the constants arise
-----------------------
With v_t = Σ σ_i x_i over the examples of task t, m R̂_S = B E sup_P Σ_t ‖P v_t‖ ≤ B √(T E sup_P
tr(P V)), V = Σ_t v_t v_tᵀ. K eigenvalues of E V = Σ x_i x_iᵀ are at most mλ each. For the rest M =
V − E V, tr(P M) ≤ √K ‖M‖_F, and E‖M‖_F² ≤ 2 X⁴ Σ_t n_t² ≤ 2 X⁴ N m.

Worked number
-------------
B = 1, K = 2, T = 50, N = 40, λ = 0.05, X = 1, m = 2 000: 0.0978319.
"""

from boundcalc.symbolic.complexity import EMPIRICAL, Form, Place, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.multitask import shared_dual_norm, tasks_together, top_eigenvalues


def data(at: Place) -> tuple[Apply, ...]:
    """From the weights to the sums, to their second moments, to the covariance."""
    steps = (shared_dual_norm, tasks_together, top_eigenvalues)
    return tuple(Apply(lemma(at.complexity)) for lemma in steps)


CLASS = complexity_class(
    id="shared-subspace",
    title="Linear predictors of several tasks on a shared subspace",
    members="(x, t) ↦ ⟨w_t, P x⟩, P of rank K for all tasks, ‖w_t‖₂ ≤ B",
    source="maurer2016chain",
    credit="The class is Maurer, Pontil & Romera-Paredes'; the bound is derived here.",
    forms=(
        Form(
            "data",
            ("norm", "subspace", "tasks", "task_size", "top_variance", "radius"),
            data,
            averages=EMPIRICAL,
            assumes=("an example names its task",),
        ),
    ),
    example_form="data",
    example={
        "norm": 1,
        "subspace": 2,
        "tasks": 50,
        "task_size": 40,
        "top_variance": 0.05,
        "radius": 1,
        "m": 2_000,
    },
    page=__doc__,
)
