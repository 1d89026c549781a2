"""Relative limit on the risk from a held-out test set: tight where there are few errors.

Setting
-------
f is a predictor that was never trained on the n i.i.d. held-out examples; its loss is in [0, C];
r̂ is its mean loss on them (`test_loss`).

Claim
-----
With probability 1 − δ:

- ``upper``: r(f) ≤ r̂ + C ln(1/δ)/n + √((C ln(1/δ)/n) (2 r̂ + C ln(1/δ)/n)).

Assumptions
-----------
f fixed before the held-out examples. `holdout.kl` is never weaker; this one is a closed form that
shows how the limit falls: like 1/n where r̂ = 0, like √(r̂/n) else.

Source
------
Hoeffding 1963, Theorem 1, weakened by kl(q‖p) ≥ (p − q)²/(2p); the solution is derived here.

How the constants arise
-----------------------
With c = 2C ln(1/δ)/n, r − √(c r) ≤ r̂ holds with probability 1 − δ. The left side rises in r from
c/4 on, so r is at most the larger root of the equation: r̂ + c/2 + √(c (r̂ + c/4)).

Worked number
-------------
``upper`` with 12 errors of 500 (r̂ = 0.024), C = 1, δ = 0.05: 0.0479773.
"""

from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import given, relative_chernoff, solved_for_root
from boundcalc.symbolic.quantities import empirical_risk, risk
from boundcalc.symbolic.theorem import Variant, theorem, within_range
from boundcalc.theorems.holdout._setting import FIXED, C, T, delta, predictor, test_loss


def solved() -> Derivation:
    """The relative Chernoff bound, solved for the risk."""
    f = predictor(C)
    fact = relative_chernoff(f, sample=T, cost=delta)
    observed = given(empirical_risk(f, T), test_loss, term="test_loss")
    implicit = Derivation(fact.lhs, (Apply(fact), Apply(observed)))
    return Derivation(risk(f), (Apply(solved_for_root(implicit)),))


THEOREM = theorem(
    id="holdout.relative",
    title="Relative (Chernoff) limit from a held-out test set",
    statement="r(f)",
    source="hoeffding1963",
    credit="From Hoeffding's inequality; the closed form is derived here.",
    variants=(
        Variant(
            "upper",
            solved(),
            assumes=FIXED,
            trivial=C,
            requires=(within_range(test_loss, C),),
        ),
    ),
    example_variant="upper",
    example={"n": 500, "delta": 0.05, "loss_bound": 1, "test_loss": 0.024},
    page=__doc__,
)
