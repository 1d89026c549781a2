"""Structural risk minimisation: the risk of what is learned in a class that the data chose.

Setting
-------
Candidate classes F_1, F_2, …, such as one for each subset of the modalities or one for each norm,
and weights w_k ≥ 0 with Σ w_k ≤ 1, are fixed before the m i.i.d. training examples. The data choose
a class F_k in any way, and f̂ is any member of it. The loss is L-Lipschitz with values in [0, C]; R
is the complexity of the chosen class.

Claim
-----
With probability 1 − δ, for all k and all of F_k at once:

- ``candidates``: r(f̂) ≤ r̂(f̂) + 2 L R_m(F_k) + C √(ln(N/δ)/(2m)), N candidates with equal weights;
- ``weights``: r(f̂) ≤ r̂(f̂) + 2 L R_m(F_k) + C √(ln(1/(w_k δ))/(2m));
- ``candidates-empirical``: the first with 2 L R̂_S(F_k) + C √(2 ln(N/δ)/m).

Assumptions
-----------
What was compared is a candidate, chosen or not. `train_loss` and the complexity are those of the
chosen class.

Source
------
Shalev-Shwartz & Ben-David 2014, Theorem 7.4, for weights and VC classes; the constants here are
those of `classic.uniform_deviation`, derived.

How the constants arise
-----------------------
`classic.uniform_deviation` for each k at its share w_k δ, and the union bound: Σ w_k δ ≤ δ.

Worked number
-------------
``candidates`` with N = 7, L = C = 1, R = 0.01, m = 10 000, δ = 0.05, r̂ = 0.3: 0.3357189.
"""

from functools import partial

from sympy import Expr

from boundcalc.conventions import Average, Side
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    contraction,
    expected_complexity,
    for_every_member,
    given,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    deviation,
    empirical_risk,
    rademacher,
    risk,
)
from boundcalc.symbolic.theorem import Variant, theorem, within_range

m, delta, L, C = symbol("m"), symbol("delta"), symbol("lipschitz"), symbol("loss_bound")
train_loss = symbol("train_loss")
S = Sample("S", "S", m)
EQUAL = 1 / symbol("candidates")


def chosen(share: Expr, average: Average = Average.EXPECTED) -> Derivation:
    """The uniform deviation of one class at its share of δ, for all classes."""
    F = FunctionClass("F_k", r"\mathcal F_k", Loss(L, C))
    f = Predictor("f̂", r"\hat f", F)
    empirical = average is Average.EMPIRICAL
    R = symbol("rademacher_empirical" if empirical else "rademacher")
    measured = 2 * rademacher(F, S, average=average, loss_class=True) if empirical else 0
    gap = bounded_differences(deviation(F, S, Side.UPPER) - measured, cost=share * delta)
    return Derivation(
        risk(f),
        (
            Apply(uniform_deviation(f, over=F, sample=S, side=Side.UPPER)),
            Apply(given(empirical_risk(f, S), train_loss, term="train_loss")),
            Apply(for_every_member(gap, share=share, cost=delta)),
            Apply(symmetrisation(F, sample=S, side=Side.UPPER)),
            *((Apply(expected_complexity(F, sample=S)),) if empirical else ()),
            Apply(contraction(F, sample=S, average=average)),
            Apply(given(rademacher(F, S, average=average), R, term="complexity")),
        ),
    )


ANY = ("f̂ is any member of a class F_k that the data chose",)
form = partial(Variant, assumes=ANY, trivial=C, requires=(within_range(train_loss, C),))

THEOREM = theorem(
    id="classic.structural_risk",
    title="Risk where the data chose one of several classes",
    statement="r(f̂)",
    source="shalev2014",
    credit="The method is as in the book; the constants are derived here.",
    variants=(
        form("candidates", chosen(EQUAL)),
        form("weights", chosen(symbol("weight"))),
        form("candidates-empirical", chosen(EQUAL, Average.EMPIRICAL)),
    ),
    example_variant="candidates",
    example={
        "m": 10_000,
        "delta": 0.05,
        "lipschitz": 1,
        "loss_bound": 1,
        "rademacher": 0.01,
        "train_loss": 0.3,
        "candidates": 7,
    },
    page=__doc__,
)
