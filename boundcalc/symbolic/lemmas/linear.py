"""Facts of the linear composite model: squared loss, linear predictors of what is seen."""

from __future__ import annotations

from sympy import Expr, Rel, StrictGreaterThan, StrictLessThan, ceiling, expand_mul

from boundcalc.errors import SideConditionError
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    equal,
    exact,
    nonnegative,
    require,
    require_possible,
)
from boundcalc.symbolic.quantities import (
    ModalitySubset,
    Name,
    Quantity,
    Sample,
    best_linear_quality,
    best_linear_risk,
    least_squares_risk,
    true_linear_risk,
)


def least_squares(subset: ModalitySubset, *, sample: Sample) -> Fact:
    """E r(f̂) = inf r · (1 + p/(m − p − 1)), f̂ ordinary least squares on p directions of a
    Gaussian x.

    Given the x of the sample, r(f̂) exceeds inf r by inf r · tr((XᵀX)⁻¹ Σ) in the mean over y,
    because what the seen x leaves of y has mean 0 and the same variance whatever it is; and E
    tr((XᵀX)⁻¹ Σ) = p/(m − p − 1), the inverse Wishart mean.

    Why: given the inputs the excess risk is the noise times a trace, and that trace is the mean
    of an inverse Wishart matrix.

    Loses: nothing: it is an equation.
    """
    rank, size = subset.rank, sample.size
    if rank is None or not (rank.is_integer and rank.is_nonnegative):
        raise SideConditionError(f"{rank} is not a rank")
    require(bool(size.is_integer and size.is_positive), f"{size} is not a sample size")
    exists = require_possible(
        size - rank - 2, f"least squares on {size} examples of rank {rank} has no mean: m > p + 1"
    )
    return equal(
        "mean of least squares",
        least_squares_risk(subset, sample),
        (1 + rank / (size - rank - 1)) * best_linear_risk(subset),
        "mardia1979",
        "x is Gaussian with mean 0 and y − θᵀx is noise with mean 0 and variance σ², given x",
        "ordinary least squares without intercept and without norm limit, m > p + 1",
        conditions=(exists,),
    )


def linear_quality(subset: ModalitySubset) -> Fact:
    """η = inf r − r(θ): what the best predictor from a subset loses against the true weights.

    Why: it is the difference of two least risks.

    Loses: nothing: it is an equation.
    """
    excess = best_linear_risk(subset) - true_linear_risk()
    return equal("definition of η", best_linear_quality(subset), excess, "huang2021")


def explained_gain(
    better: Quantity, worse: Quantity, *, least_variance: Expr, added_norm: Expr
) -> Fact:
    """λ ‖b‖² ≤ η_N − η_M for N ⊆ M, so η never rises when modalities are added.

    The best predictor of M is that of N plus bᵀ(x_{M∖N} − its best prediction from x_N), two
    uncorrelated parts (normal equations): η_N − η_M = bᵀ S b, S the covariance of x_{M∖N} that x_N
    leaves, λ = λ_min(S).

    Why: the better predictor adds a part that is uncorrelated with what the other sees; its
    covariance has the least eigenvalue λ.

    Loses: how much larger than λ the other eigenvalues are.
    """
    more, less = (_seen_by_best(quality) for quality in (better, worse))
    require(less.is_within(more), f"{less.text} is not declared to be in {more.text}")
    gain = worse - better
    lhs = nonnegative(least_variance) * nonnegative(added_norm) ** 2
    why = "N ⊆ M, predictors linear, squared loss; the norm limit B holds the best weights of both"
    return at_most("explained variance", lhs, gain, "boundcalc", why, settles=gain)


def _seen_by_best(quality: Quantity) -> ModalitySubset:
    """What the best linear predictor sees whose latent quality this is."""
    known = quality.measure == "latent_quality" and isinstance(quality.subjects[0], ModalitySubset)
    require(known, "only the latent qualities of best linear predictors gain from modalities")
    seen: ModalitySubset = quality.subjects[0]
    return seen


def overtaking(
    first: Quantity, *, more: tuple[Expr, Expr], less: tuple[Expr, Expr], where: tuple[Rel, ...]
) -> Fact:
    """The least m with a(1 + p/(m − p − 1)) ≤ b(1 + q/(m − q − 1)): ⌈p + 1 + a(p − q)/(b − a)⌉.

    Times (m − p − 1)(m − q − 1)/(m − 1) > 0 that is a(m − q − 1) ≤ b(m − p − 1), or
    a(p − q) ≤ (b − a)(m − p − 1).

    Parameters
    ----------
    first : Quantity
    more, less : (level, rank)
        (a, p) and (b, q) with 0 < a < b and p > q; then the solution is above p + 1.
    where : tuple of Rel
        Conditions ``x > y`` from which those three follow.

    Why: times its denominators the inequality is linear in m.

    Loses: nothing: it is an equation.
    """
    require(isinstance(first, Name), f"{first.name} is not a quantity that a solution may define")
    strict = all(isinstance(condition, StrictGreaterThan | StrictLessThan) for condition in where)
    require(strict, "the conditions are not all of the form x > y")
    (a, p), (b, q) = (tuple(map(exact, pair)) for pair in (more, less))
    for needed in (a, b - a, p - q):
        spare = (expand_mul(needed - (condition.gts - condition.lts)) for condition in where)
        require(any(map(provably_nonnegative, spare)), f"{needed} is not known to be positive")
    solution = ceiling(p + 1 + a * (p - q) / (b - a))
    what, why = "solution for the sample size", map(str, where)
    return equal(what, first, solution, "boundcalc", *why, settles=first, conditions=where)
