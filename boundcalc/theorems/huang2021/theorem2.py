"""Theorem 2: an upper bound on the latent representation quality from the training loss.

Setting
-------
As in Theorem 1. L̂(f̂_M, S) = r̂(f̂_M) − r̂(h*∘g*) is the centred empirical loss (`centred_loss`);
where r̂(h*∘g*) is unknown and the loss is ≥ 0, r̂(f̂_M) is an upper bound on it.

Claim
-----
η(ĝ_M) ≤ L̂ + complexity + concentration, with these constants and probability 1 − δ:

- ``sharp``: 2 L R_m(H∘G_M) + C √(2 ln(1/δ)/m);
- ``sharp-vector``: the same with √2 L R^vec for L R;
- ``sharp-empirical``: 2 L R̂_S(H∘G_M) + 3 C √(ln(1/δ)/(2m));
- ``published``: 4 L R_m(H∘G_M) + 4 L R_m(H∘G) + 6 C √(2 ln(2/δ)/m).

Assumptions
-----------
Classes fixed before the data; (h*, g*) one fixed pair that minimises the risk over H∘G. f̂_M is any
member of H∘ĝ_M: it need not be an ERM. ``published`` also holds for |ℓ| ≤ C.

Source
------
Huang, Du, Xue, Chen, Zhao, Huang, NeurIPS 2021 (arXiv 2106.04538), Theorem 2: ``published``. The
other variants are derived here.

How the constants arise
-----------------------
η(ĝ_M) ≤ r(f̂_M) − r(h*∘g*) = [r − r̂](f̂_M) + L̂ + [r̂ − r](h*∘g*): one uniform deviation and one
fixed predictor on the same sample, hence one event. R_m(H∘G) disappears because h*∘g* is one fixed
function. ``published`` is this at δ/2 with range 2C, and nonnegativity (2 ≤ 4, 0 ≤ R_m(H∘G), 2 ≤
6).

Worked number
-------------
The concentration term of ``published`` with C = 1, m = 10 000, δ = 0.05: 0.1629722.
"""

from sympy import log, sqrt

from boundcalc.conventions import Average, Output, Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    complexity_is_nonnegative,
    definition,
    fixed_deviation,
    given,
    infimum,
    root_is_nonnegative,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    best_risk,
    deviation,
    empirical_risk,
    rademacher,
    risk,
)
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.classic._setting import SAMPLE as S
from boundcalc.theorems.classic._setting import C, L, complexity, delta, m, measured
from boundcalc.theorems.huang2021._setting import centred_loss, latent_quality, seen, true_pair

R_full = symbol("rademacher_full")


def latent(output: Output, *, published: bool = False, empirical: bool = False) -> Derivation:
    """Everything but `published` is `sharp`, with R expected, vector or measured on the sample."""
    width, cost = (2 * C, delta / 2) if published else (C, delta)
    M, f_star = seen("M", width=width, output=output), true_pair(width=width, output=output)
    f_M, F_M, F = M.learned(), M.joint, f_star.member_of
    average = Average.EMPIRICAL if empirical else Average.EXPECTED
    statistic = deviation(F_M, S, Side.UPPER) + empirical_risk(f_star, S) - risk(f_star)
    quality, centred = latent_quality(M, f_star), centred_loss(M, f_star)
    above_best = empirical_risk(f_M, S) - empirical_risk(f_star, S)
    *contracted, known = complexity(F_M, average=average)
    slack = (
        Apply(complexity_is_nonnegative(F_M, sample=S), times=2 * L),
        Apply(complexity_is_nonnegative(F, sample=S), times=4 * L),
        Apply(given(rademacher(F, S), R_full, term="complexity_full")),
        Apply(root_is_nonnegative(sqrt(2 * log(2 / delta) / m), term="concentration"), times=4 * C),
    )
    return Derivation(
        quality,
        (
            Apply(
                definition(
                    quality,
                    best_risk(M.given_encoder) - risk(f_star),
                    of="η",
                    source="huang2021",
                )
            ),
            Apply(infimum(M.given_encoder, at=f_M)),
            Apply(uniform_deviation(f_M, over=F_M, sample=S, side=Side.UPPER)),
            Apply(definition(above_best, centred, of="L̂", source="huang2021"), times=1),
            Apply(given(centred, symbol("centred_loss"), term="centred_loss")),
            Apply(bounded_differences(statistic - measured(F_M, average=average), cost=cost)),
            Apply(fixed_deviation(f_star, sample=S)),
            Apply(symmetrisation(F_M, sample=S, side=Side.UPPER)),
            *contracted,
            *(slack if published else ()),
            known,
        ),
        stated_failure=delta,
    )


ANY = ("f̂_M is any member of H∘ĝ_M", "(h*, g*) is one fixed pair that minimises the risk over H∘G")
VECTOR = ("R is the vector complexity R^vec; the loss is L-Lipschitz in ℓ2",)

THEOREM = theorem(
    id="huang2021.theorem2",
    title="Upper bound on the latent representation quality",
    statement="η(ĝ_M)",
    source="huang2021",
    credit="`published` is Theorem 2 of the paper; the other variants are derived here.",
    variants=(
        Variant("sharp", latent(Output.SCALAR), assumes=ANY, trivial=C),
        Variant("sharp-vector", latent(Output.VECTOR), assumes=ANY + VECTOR, trivial=C),
        Variant("sharp-empirical", latent(Output.SCALAR, empirical=True), assumes=ANY, trivial=C),
        Variant(
            "published",
            latent(Output.SCALAR, published=True),
            status=Status.PUBLISHED,
            assumes=(*ANY, "|ℓ| ≤ C is enough"),
            trivial=C,
        ),
    ),
    example_variant="published",
    example={
        "m": 10_000,
        "delta": 0.05,
        "lipschitz": 1,
        "loss_bound": 1,
        "rademacher": 0,
        "rademacher_full": 0,
        "centred_loss": 0,
    },
    page=__doc__,
)
