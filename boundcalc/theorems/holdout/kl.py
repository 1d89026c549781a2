"""Relative-entropy (kl) limits on the risk from a held-out test set.

Setting
-------
f is a predictor that was never trained on the n i.i.d. held-out examples; its loss is in [0, 1]
(divide by C first); r̂ is its mean loss on them (`test_loss`).

Claim
-----
With probability 1 − δ each, for kl(q‖p) = q ln(q/p) + (1 − q) ln((1 − q)/(1 − p)):

- ``upper``: r(f) ≤ max{p : kl(r̂‖p) ≤ ln(1/δ)/n};
- ``lower``: r(f) ≥ min{p : kl(r̂‖p) ≤ ln(1/δ)/n}.

Assumptions
-----------
f fixed before the held-out examples.

Source
------
Hoeffding 1963, Theorem 1, for independent variables in [0, 1]. Langford 2005 states the limit for
errors.

How the constants arise
-----------------------
P(r̂ ≤ q) ≤ exp(−n kl(q‖r)) for q ≤ r. The limit is defined by that equation and inverted
numerically on the safe side.

Worked number
-------------
``upper`` with 12 errors of 500 (r̂ = 0.024), δ = 0.05: 0.0446895.
"""

from sympy import S

from boundcalc.conventions import Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import relative_entropy_limit
from boundcalc.symbolic.quantities import risk
from boundcalc.symbolic.theorem import Requirement, theorem
from boundcalc.theorems.holdout._setting import FIXED, T, both_sides, delta, predictor, test_loss


def limit(side: Side) -> Derivation:
    """One instance of the lemma."""
    f = predictor(S.One)
    fact = relative_entropy_limit(f, sample=T, loss=test_loss, side=side, cost=delta)
    return Derivation(risk(f) if side is Side.UPPER else -risk(f), (Apply(fact),), side=side)


UNIT = (*FIXED, "the loss is in [0, 1]")
RANGE = (
    Requirement(test_loss <= 1, "test_loss is above 1: divide the losses by loss_bound first"),
)

THEOREM = theorem(
    id="holdout.kl",
    title="Relative-entropy limits from a held-out test set",
    statement="r(f)",
    source="hoeffding1963",
    credit="Hoeffding 1963, Theorem 1; inverted as by Langford 2005, who states it for errors.",
    variants=both_sides(
        limit,
        most=S.One,
        status=Status.PUBLISHED,
        assumes=UNIT,
        requires=RANGE,
    ),
    example_variant="upper",
    example={"n": 500, "delta": 0.05, "test_loss": 0.024},
    page=__doc__,
)
