"""Facts of the linear composite model: squared loss, linear predictors of what is seen."""

from __future__ import annotations

from sympy import Expr, ceiling

from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import at_most, equal, require
from boundcalc.symbolic.quantities import Quantity


def least_squares(mean_risk: Quantity, *, best: Quantity, rank: Expr, size: Expr) -> Fact:
    """E r(f̂) = inf r · (1 + p/(m − p − 1)), f̂ ordinary least squares on p directions of a Gaussian x.

    Given the x of the sample, r(f̂) exceeds inf r by inf r · tr((XᵀX)⁻¹ Σ) in the mean over y, because what
    the seen x leaves of y has mean 0 and the same variance whatever it is; and E tr((XᵀX)⁻¹ Σ) =
    p/(m − p − 1), the inverse Wishart mean.
    """
    require(mean_risk.subjects == best.subjects, f"{mean_risk.name} and {best.name} are of different subsets")
    return equal(
        "mean of least squares",
        mean_risk,
        (1 + rank / (size - rank - 1)) * best,
        "mardia1979",
        "x is Gaussian with mean 0 and y − θᵀx is noise with mean 0 and variance σ², given x",
        "ordinary least squares without intercept and without norm limit, m > p + 1",
    )


def explained_gain(better: Quantity, worse: Quantity, *, least_variance: Expr, added_norm: Expr) -> Fact:
    """λ ‖b‖² ≤ η_N − η_M for N ⊆ M, so η never rises when modalities are added.

    The best predictor of M is that of N plus bᵀ(x_{M∖N} − its best prediction from x_N), two uncorrelated
    parts (normal equations): η_N − η_M = bᵀ S b, S the covariance of x_{M∖N} that x_N leaves, λ = λ_min(S).
    """
    require(better.measure == worse.measure == "latent_quality", "only latent qualities gain from modalities")
    return at_most(
        "explained variance",
        least_variance * added_norm**2,
        worse - better,
        "boundcalc",
        "N ⊆ M, predictors linear, squared loss; the norm limit B holds the best weights of both",
    )


def overtaking(first: Quantity, *, more: tuple[Expr, Expr], less: tuple[Expr, Expr]) -> Fact:
    """The least m with a(1 + p/(m − p − 1)) ≤ b(1 + q/(m − q − 1)): ⌈(b(p + 1) − a(q + 1))/(b − a)⌉.

    Both sides are multiplied by (m − p − 1)(m − q − 1)/(m − 1) > 0, which leaves a(m − q − 1) ≤ b(m − p − 1).

    Parameters
    ----------
    first : Quantity
    more, less : (level, rank)
        (a, p) and (b, q) with 0 < a < b and p > q; then the solution is above p + 1.
    """
    (a, p), (b, q) = more, less
    require(not (p == q or a == b), "the two levels and the two ranks have to differ")
    return equal(
        "solution for the sample size",
        first,
        ceiling((b * (p + 1) - a * (q + 1)) / (b - a)),
        "boundcalc",
        "0 < σ² + η_M < σ² + η_N and p_M > p_N",
    )
