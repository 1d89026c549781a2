"""Uniform deviation: the risk of a learned predictor from its training loss and its class.

Setting
-------
f is any member of a class F fixed before the data, learned from m i.i.d. examples; the loss is
L-Lipschitz in its first argument with values in [0, C].

Claim
-----
With probability 1 − δ:

- ``expected``: r(f) ≤ r̂(f) + 2 L R_m(F) + C √(ln(1/δ)/(2m));
- ``expected-vector``: the same with √2 L R^vec for L R;
- ``empirical``: r(f) ≤ r̂(f) + 2 L R̂_S(F) + C √(2 ln(1/δ)/m);
- ``lower``: r(f) ≥ r̂(f) − 2 L R_m(F) − C √(ln(1/δ)/(2m));
- ``lower-vector``: the same with √2 L R^vec for L R;
- ``lower-empirical``: r(f) ≥ r̂(f) − 2 L R̂_S(F) − C √(2 ln(1/δ)/m);
- ``lower-erm``: r(f) ≥ r̂(f) − C √(ln(1/δ)/(2m)) − ε, if f is an ERM up to ε.

Assumptions
-----------
As in the setting. ``lower-erm``: f minimises the empirical risk over F up to `optimisation_gap`;
then the limit holds for *every* predictor of the class at once.

Source
------
Bartlett & Mendelson 2002 for the method; ``empirical``, the lower limits and the one-event
constants are derived here.

How the constants arise
-----------------------
Bounded differences of Δ⁺ (C/m a point), symmetrisation (2), contraction (L). ``empirical`` puts
2 R̂_S(ℓ∘F) inside the event: C/m + 2·C/(2m) = 2C/m a point. The lower limits are the same with Δ⁻:
symmetrisation gives random signs, and −σ has the law of σ. ``lower-erm``: r(f) ≥ r(f°) and r̂(f) ≤
r̂(f°) + ε for one fixed f°.

Worked number
-------------
``expected`` with L = C = 1, R = 0.01, m = 10 000, δ = 0.05, training loss 0.30: 0.3322388.
"""

from functools import partial

from sympy import Integer

from boundcalc.conventions import Average, Output, Side
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import bounded_differences, erm, fixed_deviation, given, minimiser
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, empirical_risk, risk
from boundcalc.symbolic.theorem import Variant, theorem, within_range
from boundcalc.theorems.classic._setting import SAMPLE, C, L, delta, from_training_loss, train_loss

epsilon = symbol("optimisation_gap")


def one_side(
    side: Side, *, output: Output = Output.SCALAR, average: Average = Average.EXPECTED
) -> Derivation:
    """Δ⁺ for an upper limit, Δ⁻ for a lower one."""
    f = Predictor("f̂", r"\hat f", FunctionClass("F", r"\mathcal F", Loss(L, C), output))
    claim = risk(f) if side is Side.UPPER else -risk(f)
    return Derivation(claim, from_training_loss(f, side, average=average), side=side)


def lower_erm() -> Derivation:
    """An ERM is compared through one fixed best predictor."""
    F = FunctionClass("F", r"\mathcal F", Loss(L, C))
    f = Predictor("f̂", r"\hat f", F, erm_over=F, erm_on=SAMPLE.text)
    best = Predictor("f°", r"f^\circ", F, fixed=True, risk_minimiser_of=F)
    return Derivation(
        -risk(f),
        (
            Apply(minimiser(best, below=f)),
            Apply(
                bounded_differences(empirical_risk(best, SAMPLE) - risk(best), cost=delta), times=1
            ),
            Apply(fixed_deviation(best, sample=SAMPLE)),
            Apply(erm(f, against=best, sample=SAMPLE, gap=epsilon)),
            Apply(given(empirical_risk(f, SAMPLE), train_loss, term="train_loss")),
        ),
        side=Side.LOWER,
    )


ANY = ("f̂ is any member of F",)
VECTOR = ("R is the vector complexity R^vec; the loss is L-Lipschitz in ℓ2",)
upper = partial(Variant, trivial=C, requires=(within_range(train_loss, C),))
lower = partial(Variant, trivial=Integer(0), requires=(within_range(train_loss, C),))
VECTOR_OUT = Output.VECTOR

THEOREM = theorem(
    id="classic.uniform_deviation",
    title="Risk of a learned predictor from its training loss",
    statement="r(f̂)",
    source="bartlett2002",
    credit="The method is Bartlett & Mendelson's; the constants are derived here.",
    variants=(
        upper("expected", one_side(Side.UPPER), assumes=ANY),
        upper("expected-vector", one_side(Side.UPPER, output=VECTOR_OUT), assumes=ANY + VECTOR),
        upper("empirical", one_side(Side.UPPER, average=Average.EMPIRICAL), assumes=ANY),
        lower(
            "lower-erm",
            lower_erm(),
            assumes=("f̂ minimises the empirical risk over F, up to the optimisation gap",),
            defaults={"optimisation_gap": 0.0},
        ),
        lower("lower", one_side(Side.LOWER), assumes=ANY),
        lower("lower-vector", one_side(Side.LOWER, output=VECTOR_OUT), assumes=ANY + VECTOR),
        lower("lower-empirical", one_side(Side.LOWER, average=Average.EMPIRICAL), assumes=ANY),
    ),
    example_variant="expected",
    example={
        "m": 10_000,
        "delta": 0.05,
        "lipschitz": 1,
        "loss_bound": 1,
        "rademacher": 0.01,
        "train_loss": 0.30,
    },
    page=__doc__,
)
