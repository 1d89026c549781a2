"""Tasks that share a linear representation: T vectors of weights on one subspace of the inputs."""

from __future__ import annotations

from sympy import sqrt

from boundcalc.symbolic.complexity import StructuredClass, subscript
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.classes import class_of, data_norm, require_measured, whole_number
from boundcalc.symbolic.lemmas.guards import at_most, equal
from boundcalc.symbolic.quantities import Quantity, convention

_ID = "shared-subspace"


def _shared(of: Quantity) -> StructuredClass:
    """The class of a complexity on the given sample, with one output."""
    over = class_of(of, (_ID,))
    require_measured(of)
    for name in ("tasks", "subspace", "task_size"):
        whole_number(over, name)
    return over


def _projected(of: Quantity) -> Quantity:
    mark = of.subjects[0].mark
    text, latex = f"sup_P Σ_t ‖P v{mark}_t‖₂", rf"\sup_P\sum_t\|P v{subscript(mark)}^t\|_2"
    return data_norm(of, f"E {text}", rf"\mathbb{{E}}{latex}", "projected sums")


def _root_of_eigenvalues(of: Quantity) -> Quantity:
    mark = of.subjects[0].mark
    sums = rf"(\mathbb{{E}}\sum_{{k\leq K}}\lambda_k(V{subscript(mark)}))^{{1/2}}"
    return data_norm(of, f"(E Σ_k≤K λ_k(V{mark}))^½", sums, "top eigenvalues")


def shared_dual_norm(of: Quantity) -> Fact:
    """R̂(F) = (B/m) E sup_P Σ_t ‖P v_t‖, v_t = Σ σ_i x_i over task t, P a projection of rank K.

    Why: the supremum over each w_t, ‖w_t‖ ≤ B, is a dual norm.

    Loses: nothing: it is an equation.
    """
    over = _shared(of)
    rhs = over.constant("norm") * _projected(of) / convention(of).sample.size
    return equal("dual norm", of, rhs, "definition", "w_t is any vector with ‖w_t‖₂ ≤ B")


def tasks_together(of: Quantity) -> Fact:
    """E sup_P Σ_t ‖P v_t‖ ≤ √T (E Σ_{k≤K} λ_k(V))^½, V = Σ_t v_t v_tᵀ.

    Why: Cauchy–Schwarz over the tasks, Jensen's inequality, and the largest tr(P V) is the sum of
    the K largest eigenvalues.

    Loses: how much the tasks differ in ‖P v_t‖.
    """
    rhs = sqrt(_shared(of).constant("tasks")) * _root_of_eigenvalues(of)
    return at_most("Cauchy–Schwarz", _projected(of), rhs, "definition")


def top_eigenvalues(of: Quantity) -> Fact:
    """E Σ_{k≤K} λ_k(V) ≤ m K λ + X² √(2 K N m), λ the largest eigenvalue of Σ x_i x_iᵀ/m.

    E V = Σ x_i x_iᵀ, whose K largest eigenvalues are at most mλ each. For M = V − E V, tr(P M) ≤
    √K ‖M‖_F, and E‖M‖_F² = Σ_t Σ_{i≠j in t} (‖x_i‖²‖x_j‖² + ⟨x_i, x_j⟩²) ≤ 2X⁴ Σ_t n_t² ≤ 2X⁴ N m:
    the products σ_i σ_j are uncorrelated.

    Why: the mean of V is the covariance, and what V deviates from it by has a known mean square.

    Loses: 1.2 to 1.6 times for one task on orthogonal inputs; more where the eigenvalues fall.
    """
    over, m = _shared(of), convention(of).sample.size
    names = ("subspace", "top_variance", "task_size", "radius")
    K, largest, N, X = (over.constant(name) for name in names)
    lhs, rhs = _root_of_eigenvalues(of), sqrt(m * K * largest + X**2 * sqrt(2 * K * N * m))
    why = "‖x‖₂ ≤ X for every input; no task has more than N examples"
    return at_most("top eigenvalues", lhs, rhs, "boundcalc", why, observed=True)
