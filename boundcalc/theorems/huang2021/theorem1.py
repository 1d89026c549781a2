"""Theorem 1: the gap of population risks between two subsets of the modalities.

Setting
-------
K modalities; M and N are any two subsets of them (the paper has N ⊆ M, and no step needs it).
f̂_M = ĥ_M∘ĝ_M is learned in H∘G_M, f̂_N in H∘G_N, from the same m i.i.d. examples. The loss is
L-Lipschitz in its first argument, with values in [0, C]. η(g) = inf_h r(h∘g) − r(h*∘g*) is the
latent representation quality of an encoder (0 is best), γ_S(M, N) = η(ĝ_M) − η(ĝ_N).

Claim
-----
r(f̂_M) − r(f̂_N) ≤ γ_S(M, N) + complexity + concentration, with these constants:

- ``sharp``: 2 L R_m(H∘G_M) + C √(2 ln(1/δ)/m), probability 1 − δ;
- ``sharp-vector``: the same with √2 L R^vec for L R;
- ``sharp-empirical``: 2 L R̂_S(H∘G_M) + 3 C √(ln(1/δ)/(2m));
- ``conditional``: 4 L R_m(H∘G_M) + C √(2 ln(1/δ)/m);
- ``conditional-vector``: the same with √2 L R^vec for L R;
- ``published``: 8 L R_m(H∘G_M) + 4 C/√m + 2 C √(2 ln(2/δ)/m), probability 1 − δ/2.

Assumptions
-----------
Classes fixed before the data. ``sharp``: f̂_M minimises the empirical risk over all of H∘G_M, up to
`optimisation_gap`. ``conditional`` and ``published``: ĝ_M is arbitrary and ĥ_M minimises given ĝ_M.
f̂_N need not be an ERM. ``published`` also holds for |ℓ| ≤ C, and with R_m scalar or vector.

Source
------
Huang, Du, Xue, Chen, Zhao, Huang, NeurIPS 2021 (arXiv 2106.04538), Theorem 1: ``published``. The
other variants are derived here.

How the constants arise
-----------------------
r(f̂_M) − r(f̂_N) = [r(f̂_M) − inf_h r(h∘ĝ_M)] + γ + [inf_h r(h∘ĝ_N) − r(f̂_N)] and the last bracket is
≤ 0. In ``sharp`` the first is ≤ Δ⁺ + [r̂ − r](f°) for one fixed f°: one event (range 2C/m a point)
and one symmetrisation (2). In ``conditional`` the comparison predictor h°∘ĝ_M depends on the sample
and needs a second uniform deviation: 2 + 2. ``published`` is ``conditional`` at δ/2 with range 2C,
and nonnegativity (4 ≤ 8, 0 ≤ 4C/√m).

The 4 is attained: take losses c ± d off a set S and c on it, with an encoder for each S of m of k
points. As k and then m grow, R_m tends to d/2. ĝ_M may choose the sample as S; both heads have then
the empirical risk c, and ĥ_M may choose the worse one: the gap tends to 2d = 4 R_m.

Worked number
-------------
``published`` with L = C = 1, R = 0.01, m = 10 000, δ = 0.05, γ = 0: 0.1743241.
"""

from functools import partial

from sympy import sqrt

from boundcalc.conventions import Average, Output, Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    complexity_is_nonnegative,
    definition,
    erm,
    fixed_deviation,
    given,
    infimum,
    minimiser,
    root_is_nonnegative,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    best_risk,
    deviation,
    empirical_risk,
    named,
    risk,
)
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.classic._setting import SAMPLE as S
from boundcalc.theorems.classic._setting import C, L, complexity, delta, m, measured
from boundcalc.theorems.huang2021._setting import Seen, seen

gamma, epsilon = symbol("gamma"), symbol("optimisation_gap")


def through_latent_space(M: Seen, N: Seen) -> tuple[Apply, ...]:
    """From r(f̂_M) − r(f̂_N) to r(f̂_M) − inf_h r(h∘ĝ_M) + γ."""
    quality = best_risk(M.given_encoder) - best_risk(N.given_encoder)
    name = named("gamma", "γ_S(M,N)", r"\gamma_S(M,N)", M.given_encoder, N.given_encoder)
    return (
        Apply(infimum(N.given_encoder, at=N.learned())),
        Apply(definition(quality, name, of="γ", source="huang2021")),
        Apply(given(name, gamma, term="gamma")),
    )


def sharp(*, output: Output = Output.SCALAR, average: Average = Average.EXPECTED) -> Derivation:
    """The learned pair minimises jointly, so it competes with one fixed predictor f°."""
    M, N = seen("M", output=output), seen("N", output=output)
    f_M, f_fixed, F_M = M.learned(erm_over=M.joint), M.best, M.joint
    statistic = deviation(F_M, S, Side.UPPER) + empirical_risk(f_fixed, S) - risk(f_fixed)
    return Derivation(
        risk(f_M) - risk(N.learned()),
        (
            *through_latent_space(M, N),
            Apply(minimiser(f_fixed, below=M.given_encoder)),
            Apply(uniform_deviation(f_M, over=F_M, sample=S, side=Side.UPPER)),
            Apply(erm(f_M, against=f_fixed, sample=S, gap=epsilon)),
            Apply(bounded_differences(statistic - measured(F_M, average=average), cost=delta)),
            Apply(fixed_deviation(f_fixed, sample=S)),
            Apply(symmetrisation(F_M, sample=S, side=Side.UPPER)),
            *complexity(F_M, average=average),
        ),
    )


def conditional(output: Output, *, published: bool = False) -> Derivation:
    """Only ĥ_M minimises, given ĝ_M; `published` adds what the paper's constants leave over."""
    width, cost = (2 * C, delta / 2) if published else (C, delta)
    M, N = seen("M", width=width, output=output), seen("N", width=width, output=output)
    f_M, f_rival, F_M = M.learned(erm_over=M.given_encoder), M.best_given_encoder, M.joint
    both = deviation(F_M, S, Side.UPPER) + deviation(F_M, S, Side.LOWER)
    spare = (8 - 4 * sqrt(2)) * L if output is Output.VECTOR else 4 * L
    contracted, known = complexity(F_M, average=Average.EXPECTED)
    slack = (
        Apply(complexity_is_nonnegative(F_M, sample=S), times=spare),
        known,
        Apply(root_is_nonnegative(1 / sqrt(m), term="rate"), times=4 * C),
    )
    return Derivation(
        risk(f_M) - risk(N.learned()),
        (
            *through_latent_space(M, N),
            Apply(minimiser(f_rival, below=M.given_encoder)),
            Apply(uniform_deviation(f_M, over=F_M, sample=S, side=Side.UPPER)),
            Apply(erm(f_M, against=f_rival, sample=S, gap=epsilon)),
            Apply(uniform_deviation(f_rival, over=F_M, sample=S, side=Side.LOWER)),
            Apply(bounded_differences(both, cost=cost)),
            Apply(symmetrisation(F_M, sample=S, side=Side.UPPER)),
            Apply(symmetrisation(F_M, sample=S, side=Side.LOWER)),
            contracted,
            *(slack if published else (known,)),
        ),
    )


JOINT = ("f̂_M minimises the empirical risk over all of H∘G_M, up to the optimisation gap",)
HEAD = ("ĥ_M minimises the empirical risk given ĝ_M, up to the optimisation gap; ĝ_M is arbitrary",)
VECTOR = ("R is the vector complexity R^vec; the loss is L-Lipschitz in ℓ2",)
form = partial(Variant, trivial=C, defaults={"optimisation_gap": 0.0})

THEOREM = theorem(
    id="huang2021.theorem1",
    title="Gap of population risks between two modality subsets",
    statement="r(f̂_M) − r(f̂_N)",
    source="huang2021",
    credit="`published` is Theorem 1 of the paper; the other variants are derived here.",
    variants=(
        form("sharp", sharp(), assumes=JOINT),
        form("sharp-vector", sharp(output=Output.VECTOR), assumes=JOINT + VECTOR),
        form("sharp-empirical", sharp(average=Average.EMPIRICAL), assumes=JOINT),
        form("conditional", conditional(Output.SCALAR), assumes=HEAD),
        form("conditional-vector", conditional(Output.VECTOR), assumes=HEAD + VECTOR),
        form(
            "published",
            conditional(Output.SCALAR, published=True),
            status=Status.PUBLISHED,
            assumes=(*HEAD, "|ℓ| ≤ C is enough; R scalar or vector"),
            also=(conditional(Output.VECTOR, published=True),),
        ),
    ),
    example_variant="published",
    example={
        "m": 10_000,
        "delta": 0.05,
        "lipschitz": 1,
        "loss_bound": 1,
        "rademacher": 0.01,
        "gamma": 0,
    },
    page=__doc__,
)
