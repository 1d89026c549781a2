"""Excess risk of the two-stage multimodal learner that sees only x at test time.

Setting
-------
Modalities x and y, label z; T fixed tasks with n labelled triples each, m unlabelled pairs (x, y).
ĝ minimises (1/m) Σ ‖g(x_i) − y_i‖ over G on the pairs, f̂_t the empirical loss over F on task t's
triples; at test time f̂_t(x, ĝ(x)) predicts. ℓ has values in [0, C].

Claim
-----
(1/T) Σ_t r_t(f̂_t(x, ĝ(x))) exceeds the baseline (1/T) Σ_t min over f in F of r_t(f(x, y)) by at
most L κ + √(2π) [ L G_m^vec(G) + (1/T) Σ_t G_n(ℓ∘F) ] + concentration, where G_m^vec(G) = c_G/√m
and G_n(ℓ∘F) = c_F/√n:

- ``one-event``: √(2 ln(1/δ) (L²D²/m + C²/(nT))), probability 1 − δ;
- ``two-event``: L D √(2 ln(2/δ)/m) + C √(2 ln(2/δ)/(nT)), where pairs and triples are not
  independent;
- ``expected``: no concentration term; the bound is on the expected excess.

Assumptions
-----------
y ↦ ℓ(f(x, y), z) is L-Lipschitz in ℓ2 for every f in F, on the support of y and the ranges of G;
‖g(x) − y‖ in [0, D]; κ = inf_g E‖g(x) − y‖ (`connection_gap`); every task has the (x, y) marginal
of the unlabelled pairs (without this the bound is false). ``one-event``: pairs independent of the
triples.

Source
------
Lu, NeurIPS 2023 (arXiv 2309.12458) for the setting and the rate. The constants are derived here.

How the constants arise
-----------------------
y is replaced by ĝ(x) at the price L E‖ĝ(x) − y‖ ≤ L (κ + [d − d̂](ĝ) + [d̂ − d](g°)). Each of the
two stages is a uniform deviation and a fixed predictor: symmetrisation (2) and Gaussian from
Rademacher (√(π/2)) give √(2π), Gaussian comparison removes the norm. One event for the whole sum:
2LD/m a pair, 2C/(nT) a triple.

Worked number
-------------
``expected`` with m = 100, n = 10 000, L = 2, κ = 0.1, c_F = c_G = 1/√(2π): 2·0.1 + 2/10 + 1/100 =
0.41.
"""

from functools import partial

from sympy import sqrt

from boundcalc.conventions import Side
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    erm,
    fixed_deviation,
    gaussian_comparison,
    gaussian_from_rademacher,
    given,
    in_expectation,
    substitution,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    composed_risk,
    deviation,
    empirical_risk,
    gaussian,
    mean,
    risk,
)
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.lu2023._setting import (
    CONNECTIONS,
    PREDICTORS,
    C,
    L,
    delta,
    f_best,
    f_hat,
    g_best,
    g_hat,
    kappa,
    m,
    n,
    samples,
)

c_predictor, c_connection = symbol("c_predictor"), symbol("c_connection")
UPPER = Side.UPPER


def two_stages(events: int) -> Derivation:
    """One event for both samples, two events, or none: the same proof in expectation."""
    P, Z = samples(independent=events == 1)
    connection = deviation(CONNECTIONS, P, UPPER) + empirical_risk(g_best, P) - risk(g_best)
    prediction = deviation(PREDICTORS, Z, UPPER) + empirical_risk(f_best, Z) - risk(f_best)
    pathwise = (
        substitution(f_hat, by=g_hat),
        uniform_deviation(g_hat, over=CONNECTIONS, sample=P, side=UPPER),
        erm(g_hat, against=g_best, sample=P),
        uniform_deviation(f_hat, over=PREDICTORS, sample=Z, side=UPPER),
        erm(f_hat, against=f_best, sample=Z),
    )
    paid = {0: (), 1: (L * connection + prediction,), 2: (L * connection, prediction)}[events]
    excess = composed_risk(f_hat, g_hat)
    return Derivation(
        (excess if events else mean(excess)) - risk(f_best),
        (
            *(Apply(fact if events else in_expectation(fact)) for fact in pathwise),
            *(Apply(bounded_differences(statistic, cost=delta / events)) for statistic in paid),
            Apply(fixed_deviation(g_best, sample=P)),
            Apply(fixed_deviation(f_best, sample=Z)),
            Apply(given(risk(g_best), kappa, term="connection_gap")),
            Apply(symmetrisation(CONNECTIONS, sample=P, side=UPPER)),
            Apply(gaussian_from_rademacher(CONNECTIONS, sample=P)),
            Apply(gaussian_comparison(CONNECTIONS, sample=P)),
            Apply(given(gaussian(CONNECTIONS, P), c_connection / sqrt(m), term="connection")),
            Apply(symmetrisation(PREDICTORS, sample=Z, side=UPPER)),
            Apply(gaussian_from_rademacher(PREDICTORS, sample=Z)),
            Apply(
                given(
                    gaussian(PREDICTORS, Z, loss_class=True),
                    c_predictor / sqrt(n),
                    term="prediction",
                )
            ),
        ),
    )


BASELINE = "baseline: the best f in F that sees x and y, min_F r_t(f(x, y))"
MARGINAL = "every task has the (x, y) marginal of the unlabelled pairs"
INDEPENDENT = "the unlabelled pairs are independent of the labelled triples"
form = partial(Variant, trivial=C, defaults={"tasks": 1.0})

THEOREM = theorem(
    id="lu2023.multimodal",
    title="Excess risk of the two-stage multimodal learner",
    statement="excess of f̂(x, ĝ(x)) over the best f(x, y)",
    source="lu2023",
    credit="The setting and the rate are Lu's; the constants are derived here.",
    variants=(
        form("one-event", two_stages(1), assumes=(BASELINE, MARGINAL, INDEPENDENT)),
        form("two-event", two_stages(2), assumes=(BASELINE, MARGINAL)),
        Variant(
            "expected",
            two_stages(0),
            assumes=(BASELINE, MARGINAL),
            trivial=C,
            defaults={"loss_bound": 1.0},
            statement="expected excess of f̂(x, ĝ(x)) over the best f(x, y)",
        ),
    ),
    example_variant="expected",
    example={
        "m": 100,
        "n": 10_000,
        "lipschitz": 2,
        "connection_gap": 0.1,
        "c_predictor": 0.3989422804014327,
        "c_connection": 0.3989422804014327,
    },
    page=__doc__,
    rival="lu2023.unimodal",
)
