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
- ``candidates-empirical``: the first with 2 L R̂_S(F_k) + C √(2 ln(N/δ)/m);
- ``weights-empirical``: the second with 2 L R̂_S(F_k) + C √(2 ln(1/(w_k δ))/m).

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
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, risk
from boundcalc.symbolic.theorem import Variant, theorem, within_range
from boundcalc.theorems.classic._setting import C, L, from_training_loss, train_loss

EQUAL, WEIGHT = 1 / symbol("candidates"), symbol("weight")


def chosen(share: Expr, average: Average = Average.EXPECTED) -> Derivation:
    """The uniform deviation of one class at its share of δ, for all classes."""
    F = FunctionClass("F_k", r"\mathcal F_k", Loss(L, C))
    f = Predictor("f̂", r"\hat f", F)
    return Derivation(risk(f), from_training_loss(f, Side.UPPER, average=average, share=share))


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
        form("weights", chosen(WEIGHT)),
        form("candidates-empirical", chosen(EQUAL, Average.EMPIRICAL)),
        form("weights-empirical", chosen(WEIGHT, Average.EMPIRICAL)),
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
