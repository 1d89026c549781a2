"""Margin bound: the error of a classifier from its ramp loss on the training examples.

Setting
-------
f̂ is any member of a class F of real functions fixed before the m i.i.d. training examples; labels
y = ±1, and f̂ errs where y f̂(x) ≤ 0. The ramp loss at the margin ρ > 0 is 0 for y f̂(x) ≥ ρ, 1 for
y f̂(x) ≤ 0, linear between.

Claim
-----
With probability 1 − δ:

- ``expected``: P(y f̂(x) ≤ 0) ≤ r̂ + (2/ρ) R_m(F) + √(ln(1/δ)/(2m));
- ``empirical``: P(y f̂(x) ≤ 0) ≤ r̂ + (2/ρ) R̂_S(F) + √(2 ln(1/δ)/m),

r̂ (`train_loss`) the mean ramp loss; the share of training examples with y f̂(x) < ρ is at least as
large.

Assumptions
-----------
ρ is fixed before the data: a margin that is chosen from them costs a union bound over a grid.

Source
------
Koltchinskii & Panchenko 2002 for the method; ``expected`` is Mohri, Rostamizadeh & Talwalkar 2018,
Theorem 5.8. ``empirical`` is derived here.

How the constants arise
-----------------------
The ramp is 1/ρ-Lipschitz, in [0, 1], and not below the error: `classic.uniform_deviation` with L =
1/ρ, C = 1.

Worked number
-------------
``expected`` with r̂ = 0.05, R = 0.01, ρ = 0.5, m = 10 000, δ = 0.05: 0.1022388.
"""

from functools import partial

from sympy import Integer

from boundcalc.conventions import Average, Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    contraction,
    expected_complexity,
    given,
    ramp,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.lemmas.learners import sign_risk
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    deviation,
    empirical_risk,
    rademacher,
)
from boundcalc.symbolic.theorem import Variant, theorem, within_range

m, delta, margin, train_loss = (symbol(name) for name in ("m", "delta", "margin", "train_loss"))
S = Sample("S", "S", m)


def ramp_bound(average: Average) -> Derivation:
    """The error is at most the ramp loss, and that deviates uniformly."""
    F = FunctionClass("F", r"\mathcal F", Loss(1 / margin, Integer(1)))
    f = Predictor("f̂", r"\hat f", F)
    empirical = average is Average.EMPIRICAL
    R = symbol("rademacher_empirical" if empirical else "rademacher")
    measured = 2 * rademacher(F, S, average=average, loss_class=True) if empirical else 0
    return Derivation(
        sign_risk(f),
        (
            Apply(ramp(f, margin=margin)),
            Apply(uniform_deviation(f, over=F, sample=S, side=Side.UPPER)),
            Apply(given(empirical_risk(f, S), train_loss, term="train_loss")),
            Apply(bounded_differences(deviation(F, S, Side.UPPER) - measured, cost=delta)),
            Apply(symmetrisation(F, sample=S, side=Side.UPPER)),
            *((Apply(expected_complexity(F, sample=S)),) if empirical else ()),
            Apply(contraction(F, sample=S, average=average)),
            Apply(given(rademacher(F, S, average=average), R, term="complexity")),
        ),
    )


MARGIN = ("train_loss is the mean ramp loss at the margin ρ, and ρ was fixed before the data",)
form = partial(
    Variant, assumes=MARGIN, trivial=Integer(1), requires=(within_range(train_loss, Integer(1)),)
)

THEOREM = theorem(
    id="classic.margin",
    title="Error of a classifier from its margins",
    statement="P(y f̂(x) ≤ 0)",
    source="koltchinskii2002",
    credit="The method is Koltchinskii & Panchenko's; `expected` is as in Mohri et al. 2018.",
    variants=(
        form("expected", ramp_bound(Average.EXPECTED), status=Status.PUBLISHED),
        form("empirical", ramp_bound(Average.EMPIRICAL)),
    ),
    example_variant="expected",
    example={"m": 10_000, "delta": 0.05, "rademacher": 0.01, "margin": 0.5, "train_loss": 0.05},
    page=__doc__,
)
