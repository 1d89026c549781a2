"""Hoeffding's limits on the risk from a held-out test set.

Setting
-------
f is a predictor that was never trained on the n i.i.d. held-out examples; its loss is in [0, C];
r̂ is its mean loss on them (`test_loss`).

Claim
-----
With probability 1 − δ each:

- ``upper``: r(f) ≤ r̂ + C √(ln(1/δ)/(2n));
- ``lower``: r(f) ≥ r̂ − C √(ln(1/δ)/(2n)).

Assumptions
-----------
f fixed before the held-out examples. Both sides together cost 2δ; the best of k models, kδ.

Source
------
Hoeffding 1963, Theorem 2.

How the constants arise
-----------------------
Bounded differences of r − r̂ for one fixed f: C/n for each example.

Worked number
-------------
``upper`` with 12 errors of 500 (r̂ = 0.024), C = 1, δ = 0.05: 0.0787333.
"""

from boundcalc.conventions import Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import bounded_differences, fixed_deviation, given
from boundcalc.symbolic.quantities import empirical_risk, risk
from boundcalc.symbolic.theorem import theorem, within_range
from boundcalc.theorems.holdout._setting import FIXED, C, T, both_sides, delta, predictor, test_loss


def limit(side: Side) -> Derivation:
    """One fixed predictor: bounded differences alone."""
    f = predictor(C)
    gap = risk(f) - empirical_risk(f, T)
    return Derivation(
        risk(f) if side is Side.UPPER else -risk(f),
        (
            Apply(bounded_differences(gap if side is Side.UPPER else -gap, cost=delta), times=1),
            Apply(fixed_deviation(f, sample=T)),
            Apply(given(empirical_risk(f, T), test_loss, term="test_loss")),
        ),
        side=side,
    )


THEOREM = theorem(
    id="holdout.hoeffding",
    title="Hoeffding limits from a held-out test set",
    statement="r(f)",
    source="hoeffding1963",
    credit="Hoeffding's inequality.",
    variants=both_sides(
        limit,
        most=C,
        status=Status.PUBLISHED,
        assumes=FIXED,
        requires=(within_range(test_loss, C),),
    ),
    example_variant="upper",
    example={"n": 500, "delta": 0.05, "loss_bound": 1, "test_loss": 0.024},
    page=__doc__,
)
