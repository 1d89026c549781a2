"""Excess risk of the unimodal learner: ERM over the composite class on x alone.

Setting
-------
T fixed tasks with n labelled examples (x, z) each; û_t minimises the empirical loss over F∘G on
task t's examples. ℓ has values in [0, C]. The composite class grows with n: G_n(ℓ∘F∘G) = c_FG
n^(a−1), ½ ≤ a ≤ 1.

Claim
-----
(1/T) Σ_t r_t(û_t) exceeds the baseline (1/T) Σ_t min over F∘G of r_t by at most
√(2π) c_FG n^(a−1) + concentration:

- ``one-event``: C √(2 ln(1/δ)/(nT)), probability 1 − δ;
- ``expected``: no concentration term; the bound is on the expected excess.

Assumptions
-----------
F∘G fixed before the data. The baseline is the best predictor from x alone in F∘G; it agrees with
that of ``lu2023.multimodal`` only if, say, κ = 0 and y is a function of x.

Source
------
Lu, NeurIPS 2023 (arXiv 2309.12458) for the setting and the rate. The constants are derived here.

How the constants arise
-----------------------
One uniform deviation and one fixed predictor on the same sample: one event with 2C/(nT) an example;
symmetrisation (2) and Gaussian from Rademacher (√(π/2)) give √(2π). A {0,1}-valued loss class that
shatters every sample has c_FG = 1/√(2π), a = 1: the bound is ≥ 1 at every n, vacuous.

Worked number
-------------
``expected`` with n = 10 000, a = 1/2, c_FG = 1/√(2π): 1/100 = 0.01.
"""

from boundcalc.conventions import Side
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    erm,
    fixed_deviation,
    gaussian_from_rademacher,
    given,
    in_expectation,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import deviation, empirical_risk, gaussian, mean, risk
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.lu2023._setting import COMPOSITES, C, delta, n, samples, u_best, u_hat

c_composite, growth = symbol("c_composite"), symbol("growth")


def one_stage(*, expected: bool) -> Derivation:
    """ERM against one fixed best predictor, with one event or in expectation."""
    _, Z = samples(independent=True)
    gap = deviation(COMPOSITES, Z, Side.UPPER) + empirical_risk(u_best, Z) - risk(u_best)
    pathwise = (
        uniform_deviation(u_hat, over=COMPOSITES, sample=Z, side=Side.UPPER),
        erm(u_hat, against=u_best, sample=Z),
    )
    value = c_composite * n ** (growth - 1)
    return Derivation(
        (mean(risk(u_hat)) if expected else risk(u_hat)) - risk(u_best),
        (
            *(Apply(in_expectation(fact) if expected else fact) for fact in pathwise),
            *(() if expected else (Apply(bounded_differences(gap, cost=delta)),)),
            Apply(fixed_deviation(u_best, sample=Z)),
            Apply(symmetrisation(COMPOSITES, sample=Z, side=Side.UPPER)),
            Apply(gaussian_from_rademacher(COMPOSITES, sample=Z)),
            Apply(given(gaussian(COMPOSITES, Z, loss_class=True), value, term="composite")),
        ),
    )


BASELINE = "baseline: the best predictor from x alone in F∘G, min r_t over F∘G"

THEOREM = theorem(
    id="lu2023.unimodal",
    title="Excess risk of the unimodal learner",
    statement="excess of û(x) over the best u in F∘G",
    source="lu2023",
    credit="The setting and the rate are Lu's; the constants are derived here.",
    variants=(
        Variant(
            "one-event",
            one_stage(expected=False),
            assumes=(BASELINE,),
            trivial=C,
            defaults={"tasks": 1.0},
        ),
        Variant(
            "expected",
            one_stage(expected=True),
            assumes=(BASELINE,),
            trivial=C,
            defaults={"loss_bound": 1.0},
            statement="expected excess of û(x) over the best u in F∘G",
        ),
    ),
    example_variant="expected",
    example={"n": 10_000, "growth": 0.5, "c_composite": 0.3989422804014327},
    page=__doc__,
)
