"""Proposition 1: the linear composite model, where more modalities never have the worse
representation.

Setting
-------
x has mean 0 and covariance Σ, y = θᵀx + noise of variance σ², squared loss. g encodes by a matrix
with orthonormal columns, h is linear with a norm limit B, missing modalities are set to 0: the
predictors of a subset are linear in the coordinates that it sees. N ⊆ M are seen; η_S is the excess
risk of the best predictor on S over σ², the risk of θ, and p_S the rank of the covariance of what S
sees.

Claim
-----
- ``gap``: E r(f̂_M) − E r(f̂_N) = (σ² + η_M)(1 + p_M/(m − p_M − 1)) − (σ² + η_N)(1 + p_N/(m − p_N −
  1)), an
  equation, for ordinary least squares on m examples;
- ``crossover``: m* = ⌈p_M + 1 + (σ² + η_M)(p_M − p_N)/(η_N − η_M)⌉, the least m at which that gap
  is ≤ 0;
- ``population``: η_M − η_N ≤ −λ ‖b‖² ≤ 0. b are the weights of M's best predictor on what N does
  not see,
  and λ = `least_variance` is the least eigenvalue of the covariance that x_N leaves of it (a Schur
  complement). For M = [K] it says η_N ≥ λ ‖θ_N'‖², N' what N does not see.

Assumptions
-----------
B is so large that the best weights of both subsets are allowed. ``gap`` and ``crossover``: x
Gaussian, no intercept, no norm limit, m > p + 1 for both (for m = p − 1, p and p + 1 the mean is
infinite; for fewer examples least squares is not unique, and no closed form is given).
``crossover``: also p_M > p_N, η_N > η_M, σ² + η_M > 0. Squared loss with Gaussian x is neither
bounded nor Lipschitz: Theorems 1 and 2 do not apply to it as it stands.

Source
------
Huang, Du, Xue, Chen, Zhao, Huang, NeurIPS 2021 (arXiv 2106.04538), Proposition 1: γ ≤ 0 in the
population. The sizes and the two statements on least squares are derived here; the inverse Wishart
mean is in Mardia, Kent & Bibby 1979.

How the constants arise
-----------------------
The best predictor of M is that of N plus a part uncorrelated with x_N: η_N − η_M = bᵀSb ≥ λ ‖b‖².
For least squares the sample's x adds tr((XᵀX)⁻¹Σ) times what is left of y, σ² + η, and E
tr((XᵀX)⁻¹Σ) = p/(m − p − 1) is the mean of an inverse Wishart matrix. Multiplying ``gap`` ≤ 0 by (m
− p_M − 1)(m − p_N − 1)/(m − 1) leaves a linear inequality in m.

Worked number
-------------
``gap`` with σ² = 1, η_M = 0, η_N = 0.5, p_M = 20, p_N = 10, m = 61: 1·60/40 − 1.5·60/50 = −0.3.
"""

from functools import partial

from sympy import Integer

from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    definition,
    explained_gain,
    given,
    least_squares,
    linear_quality,
    overtaking,
)
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    ModalitySubset,
    best_linear_quality,
    best_linear_risk,
    least_squares_risk,
    named,
    true_linear_risk,
)
from boundcalc.symbolic.theorem import Requirement, Variant, theorem
from boundcalc.theorems.classic._setting import SAMPLE as S
from boundcalc.theorems.classic._setting import m

noise = symbol("noise_variance")
p = {"M": symbol("rank_m"), "N": symbol("rank_n")}
eta = {"M": symbol("latent_quality_m"), "N": symbol("latent_quality_n")}
M = ModalitySubset("M", rank=p["M"])
seen = {"M": M, "N": ModalitySubset("N", within=(M,), rank=p["N"])}
quality = {name: best_linear_quality(subset) for name, subset in seen.items()}


GROWS = Requirement(
    p["M"] > p["N"], "with rank_m ≤ rank_n there is nothing to pay for M: no crossover"
)
GAINS = Requirement(
    eta["N"] > eta["M"], "never: M needs latent_quality_m < latent_quality_n to overtake N"
)
LEFT = Requirement(
    noise + eta["M"] > 0,
    "the crossover formula needs noise_variance + latent_quality_m > 0: without both, M makes no "
    "error",
)


def learned(subset: str, sign: int) -> tuple[Apply, Apply]:
    """sign · E r(f̂) in terms of r(θ) and η."""
    best = best_linear_risk(seen[subset])
    fact = least_squares(seen[subset], sample=S)
    return Apply(fact), Apply(linear_quality(seen[subset]), times=-sign * fact.rhs.coeff(best))


def gap() -> Derivation:
    """Both means, and the numbers that are given."""
    return Derivation(
        least_squares_risk(seen["M"], S) - least_squares_risk(seen["N"], S),
        (
            *learned("M", 1),
            *learned("N", -1),
            Apply(given(true_linear_risk(), noise, term="noise")),
            *(
                Apply(given(quality[s], eta[s], term=f"latent_quality_{s.lower()}"))
                for s in ("M", "N")
            ),
        ),
    )


def crossover() -> Derivation:
    """The least m at which the gap is ≤ 0."""
    first = named("overtaking", "m*", "m^*", seen["M"], seen["N"])
    levels = {s: (noise + eta[s], p[s]) for s in ("M", "N")}
    where = tuple(requirement.relation for requirement in (GROWS, GAINS, LEFT))
    fact = overtaking(first, more=levels["M"], less=levels["N"], where=where)
    return Derivation(first, (Apply(fact),), term="crossover")


def population() -> Derivation:
    """γ ≤ −λ ‖b‖²."""
    gamma = named("population_gamma", "γ(M,N)", r"\gamma(M,N)", seen["M"], seen["N"])
    return Derivation(
        gamma,
        (
            Apply(definition(gamma, quality["M"] - quality["N"], of="γ", source="huang2021")),
            Apply(
                explained_gain(
                    quality["M"],
                    quality["N"],
                    least_variance=symbol("least_variance"),
                    added_norm=symbol("added_norm"),
                )
            ),
        ),
        term="explained variance",
    )


LINEAR = (
    "linear composite model: y = θᵀx + noise, squared loss, predictors linear in what is seen",
)
GAUSSIAN = (*LINEAR, "x Gaussian; ordinary least squares without intercept and without norm limit")


def finite(rank: ParameterSymbol) -> Requirement:
    """The mean exists."""
    return Requirement(
        m >= rank + 2,
        f"the formula needs m ≥ {rank.name} + 2: below, the mean is infinite or has no closed form",
    )


SEES_MORE = (
    Requirement(p["M"] >= p["N"], "M sees all that N sees, so rank_m is at least rank_n"),
    Requirement(
        eta["N"] >= eta["M"],
        "M sees all that N sees, so latent_quality_m is at most latent_quality_n",
    ),
)
exact = partial(Variant, assumes=GAUSSIAN)

THEOREM = theorem(
    id="huang2021.proposition1",
    title="Proposition 1: expected risks and qualities in the linear composite model",
    statement="E r(f̂_M) − E r(f̂_N)",
    source="huang2021",
    credit="γ ≤ 0 in the population is the paper's; the sizes and the exact risks are derived "
    "here.",
    variants=(
        exact("gap", gap(), requires=(*SEES_MORE, finite(p["M"]), finite(p["N"]))),
        exact(
            "crossover",
            crossover(),
            requires=(GROWS, GAINS, LEFT),
            statement="the sample size from which on M has no larger expected risk than N",
        ),
        Variant(
            "population",
            population(),
            assumes=(*LINEAR, "the norm limit B allows the best weights of both subsets"),
            trivial=Integer(0),
            statement="γ(M, N) = η_M − η_N of the best predictors",
        ),
    ),
    example_variant="gap",
    example={
        "m": 61,
        "noise_variance": 1,
        "latent_quality_m": 0,
        "latent_quality_n": 0.5,
        "rank_m": 20,
        "rank_n": 10,
    },
    page=__doc__,
)
