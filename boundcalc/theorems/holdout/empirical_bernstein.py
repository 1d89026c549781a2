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

from sympy import Expr, Rational, S

from boundcalc.conventions import Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import empirical_bernstein, given
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import empirical_risk, risk
from boundcalc.symbolic.theorem import Requirement, Variant, theorem, within_range
from boundcalc.theorems.holdout._setting import C, T, delta, n, predictor, test_loss

variance = symbol("variance")


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


FIXED = ("f was fixed before the held-out examples were seen",)
# for 0/1 losses this is an equality, which the rounding of a computed variance may break
LARGEST: Expr = n * test_loss * (C - test_loss) * (1 + Rational(1, 10**9)) + C**2 * Rational(
    1, 10**12
)
REQUIRES = (
    Requirement(n >= 2, "empirical Bernstein needs at least two examples"),
    within_range(test_loss, C),
    Requirement(
        variance * (n - 1) <= LARGEST,
        "variance is above the most that losses in [0, C] with this mean can have, n·r̂·(C − "
        "r̂)/(n − 1)",
    ),
)

THEOREM = theorem(
    id="holdout.empirical_bernstein",
    title="Empirical Bernstein limits from a held-out test set",
    statement="r(f)",
    source="maurer2009",
    credit="Maurer & Pontil 2009, Theorem 4.",
    variants=(
        Variant(
            "upper",
            limit(Side.UPPER),
            status=Status.PUBLISHED,
            assumes=FIXED,
            trivial=C,
            requires=REQUIRES,
        ),
        Variant(
            "lower",
            limit(Side.LOWER),
            status=Status.PUBLISHED,
            assumes=FIXED,
            trivial=S.Zero,
            requires=REQUIRES,
        ),
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
