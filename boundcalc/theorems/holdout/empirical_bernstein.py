"""Empirical Bernstein limits on the risk from a held-out test set.

Setting
-------
f is a predictor that was never trained on the n ≥ 2 i.i.d. held-out examples; its loss is in [0,
C]; r̂ is its mean loss on them (`test_loss`) and V the unbiased sample variance of these losses
(`variance`).

Claim
-----
With probability 1 − δ each:

- ``upper``: r(f) ≤ r̂ + √(2 V ln(2/δ)/n) + 7 C ln(2/δ)/(3(n − 1));
- ``lower``: r(f) ≥ r̂ − √(2 V ln(2/δ)/n) − 7 C ln(2/δ)/(3(n − 1)).

Assumptions
-----------
f fixed before the held-out examples. V is computed with n − 1 in the denominator.

Source
------
Maurer & Pontil 2009, Theorem 4, scaled from [0, 1] to [0, C].

How the constants arise
-----------------------
Half of δ pays Bernstein's inequality, half pays the replacement of the variance by V; hence
ln(2/δ).

Worked number
-------------
``upper`` with n = 10 001, δ = 2/e (so that ln(2/δ) = 1), V = 0.02, r̂ = 0.1, C = 3: 0.1027000,
rounded up from 0.10269990.
"""

from boundcalc.conventions import Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import empirical_bernstein, given
from boundcalc.symbolic.quantities import empirical_risk, risk
from boundcalc.symbolic.theorem import theorem
from boundcalc.theorems.holdout._setting import (
    ENOUGH_FOR_VARIANCE,
    FIXED,
    C,
    T,
    both_sides,
    delta,
    predictor,
    test_loss,
    variance,
)


def limit(side: Side) -> Derivation:
    """One instance of the lemma."""
    f = predictor(C)
    return Derivation(
        risk(f) if side is Side.UPPER else -risk(f),
        (
            Apply(empirical_bernstein(f, sample=T, variance=variance, side=side, cost=delta)),
            Apply(given(empirical_risk(f, T), test_loss, term="test_loss")),
        ),
        side=side,
    )


THEOREM = theorem(
    id="holdout.empirical_bernstein",
    title="Empirical Bernstein limits from a held-out test set",
    statement="r(f)",
    source="maurer2009",
    credit="Maurer & Pontil 2009, Theorem 4.",
    variants=both_sides(
        limit,
        most=C,
        status=Status.PUBLISHED,
        assumes=FIXED,
        requires=ENOUGH_FOR_VARIANCE,
    ),
    example_variant="upper",
    example={
        "n": 10_001,
        "delta": 0.7357588823428847,
        "loss_bound": 3,
        "test_loss": 0.1,
        "variance": 0.02,
    },
    page=__doc__,
)
