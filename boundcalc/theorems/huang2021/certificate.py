"""A computable certificate: the gap of population risks from training losses alone.

Setting
-------
As in Theorem 1: f̂_M in H∘G_M and f̂_N in H∘G_N learned from the same m i.i.d. examples, loss
L-Lipschitz with values in [0, C]. γ of Theorem 1 is not observable; the training losses are.

Claim
-----
r(f̂_M) − r(f̂_N) ≤ r̂(f̂_M) − r̂(f̂_N) + complexity + concentration, with probability 1 − δ:

- ``erm``: 2 L R_m(H∘G_M) + C √(2 ln(1/δ)/m) + ε_N;
- ``any``: 2 L R_m(H∘G_M) + 2 L R_m(H∘G_N) + C √(2 ln(1/δ)/m);
- ``erm-empirical``: 2 L R̂_S(H∘G_M) + 3 C √(ln(1/δ)/(2m)) + ε_N;
- ``any-empirical``: 2 L R̂_S(H∘G_M) + 2 L R̂_S(H∘G_N) + 2 C √(2 ln(1/δ)/m);
- ``erm-vector``, ``any-vector``: √2 L R^vec for L R.

A negative value certifies that M is better than N; in the ``erm`` forms, better than *every*
predictor in H∘G_N.

Assumptions
-----------
Classes fixed before the data. f̂_M is any member of H∘G_M. ``erm``: f̂_N minimises the empirical
risk over H∘G_N up to ε_N (`optimisation_gap`). ``any``: f̂_N is any member of H∘G_N.

Source
------
Derived here, in the setting of Huang et al. 2021.

How the constants arise
-----------------------
``any``: Δ⁺ on H∘G_M plus Δ⁻ on H∘G_N on one sample is one event with range 2C/m a point; two
symmetrisations. ``erm``: r(f̂_N) ≥ r(f°_N) and r̂(f̂_N) ≤ r̂(f°_N) + ε_N for one fixed f°_N, so the
second supremum is a single function and its complexity disappears. Empirical complexities enter the
event: a range of C/m more for each.

Worked number
-------------
``any`` with L = C = 1, R_M = R_N = 0.01, m = 10 000, δ = 0.05, losses 0.30 and 0.42: −0.0555225.
"""

from functools import partial

from boundcalc.conventions import Average, Output, Side
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    erm,
    fixed_deviation,
    given,
    minimiser,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import deviation, empirical_risk, risk
from boundcalc.symbolic.theorem import Variant, theorem, within_range
from boundcalc.theorems.classic._setting import SAMPLE as S
from boundcalc.theorems.classic._setting import C, complexity, delta, measured
from boundcalc.theorems.huang2021._setting import seen

loss_m, loss_n = symbol("train_loss_m"), symbol("train_loss_n")
epsilon = symbol("optimisation_gap")
EXPECTED, EMPIRICAL = Average.EXPECTED, Average.EMPIRICAL


def against_erm(average: Average, output: Output = Output.SCALAR) -> Derivation:
    """f̂_N minimises, so it is compared through one fixed f°_N."""
    M, N = seen("M", output=output), seen("N", output=output)
    f_M, f_N, f_fixed, F_M = M.learned(), N.learned(erm_over=N.joint), N.best, M.joint
    statistic = deviation(F_M, S, Side.UPPER) + empirical_risk(f_fixed, S) - risk(f_fixed)
    return Derivation(
        risk(f_M) - risk(f_N),
        (
            Apply(uniform_deviation(f_M, over=F_M, sample=S, side=Side.UPPER)),
            Apply(minimiser(f_fixed, below=f_N)),
            Apply(bounded_differences(statistic - measured(F_M, average=average), cost=delta)),
            Apply(erm(f_N, against=f_fixed, sample=S, gap=epsilon)),
            Apply(fixed_deviation(f_fixed, sample=S)),
            Apply(symmetrisation(F_M, sample=S, side=Side.UPPER)),
            *complexity(F_M, average=average, subset="_m"),
            Apply(given(empirical_risk(f_M, S), loss_m, term="train_loss_m")),
            Apply(given(empirical_risk(f_N, S), loss_n, term="train_loss_n")),
        ),
    )


def against_any(average: Average, output: Output = Output.SCALAR) -> Derivation:
    """Nothing is known of f̂_N but membership: a uniform deviation on either side."""
    M, N = seen("M", output=output), seen("N", output=output)
    f_M, f_N, F_M, F_N = M.learned(), N.learned(), M.joint, N.joint
    statistic = deviation(F_M, S, Side.UPPER) + deviation(F_N, S, Side.LOWER)
    return Derivation(
        risk(f_M) - risk(f_N),
        (
            Apply(uniform_deviation(f_M, over=F_M, sample=S, side=Side.UPPER)),
            Apply(uniform_deviation(f_N, over=F_N, sample=S, side=Side.LOWER)),
            Apply(bounded_differences(statistic - measured(F_M, F_N, average=average), cost=delta)),
            Apply(symmetrisation(F_M, sample=S, side=Side.UPPER)),
            Apply(symmetrisation(F_N, sample=S, side=Side.LOWER)),
            *complexity(F_M, average=average, subset="_m"),
            *complexity(F_N, average=average, subset="_n"),
            Apply(given(empirical_risk(f_M, S), loss_m, term="train_loss_m")),
            Apply(given(empirical_risk(f_N, S), loss_n, term="train_loss_n")),
        ),
    )


ERM = ("f̂_N minimises the empirical risk over H∘G_N, up to the optimisation gap",)
ANY = ("f̂_M and f̂_N are any members of their classes",)
VECTOR = ("R is the vector complexity R^vec; the loss is L-Lipschitz in ℓ2",)
form = partial(Variant, trivial=C, requires=(within_range(loss_m, C), within_range(loss_n, C)))
erm_form = partial(form, defaults={"optimisation_gap": 0.0})

THEOREM = theorem(
    id="huang2021.certificate",
    title="Computable certificate for the gap of population risks",
    statement="r(f̂_M) − r(f̂_N)",
    source="boundcalc",
    credit="Derived here, in the setting of Huang et al. 2021.",
    variants=(
        erm_form("erm", against_erm(EXPECTED), assumes=ERM),
        erm_form("erm-vector", against_erm(EXPECTED, Output.VECTOR), assumes=ERM + VECTOR),
        erm_form("erm-empirical", against_erm(EMPIRICAL), assumes=ERM),
        form("any", against_any(EXPECTED), assumes=ANY),
        form("any-vector", against_any(EXPECTED, Output.VECTOR), assumes=ANY + VECTOR),
        form("any-empirical", against_any(EMPIRICAL), assumes=ANY),
    ),
    example_variant="any",
    example={
        "m": 10_000,
        "delta": 0.05,
        "lipschitz": 1,
        "loss_bound": 1,
        "rademacher_m": 0.01,
        "rademacher_n": 0.01,
        "train_loss_m": 0.30,
        "train_loss_n": 0.42,
    },
    page=__doc__,
)
