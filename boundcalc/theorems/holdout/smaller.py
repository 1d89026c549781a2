"""The smaller of two held-out limits, which of them is seen in the data.

Setting
-------
f is a predictor that was never trained on the n ≥ 2 i.i.d. held-out examples; its loss is in [0,
C]; r̂ is its mean loss on them (`test_loss`) and V the unbiased sample variance of these losses
(`variance`).

Claim
-----
With probability 1 − δ each:

- ``upper``: r(f) ≤ r̂ + min{C √(ln(2/δ)/(2n)), √(2 V ln(4/δ)/n) + 7 C ln(4/δ)/(3(n − 1))};
- ``lower``: r(f) ≥ r̂ − the same.

Assumptions
-----------
f fixed before the held-out examples. V is computed with n − 1 in the denominator.

Source
------
Hoeffding 1963, and Maurer & Pontil 2009, Theorem 4; that both are paid for is derived here.

How the constants arise
-----------------------
`holdout.hoeffding` and `holdout.empirical_bernstein` at δ/2 each: both hold together, and so does
the smaller one. Where the losses vary little it is the second, else the first, for a price of ln 2.

Worked number
-------------
``upper`` with n = 2000, δ = 0.05, V = 0.01, r̂ = 0.1, C = 1: 0.1117347.
"""

from sympy import Expr

from boundcalc.conventions import Side
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    empirical_bernstein,
    fixed_deviation,
    given,
    smallest_of_bounds,
)
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
    """Both limits on one deviation, at half of δ each."""
    f, half = predictor(C), delta / 2
    sign = 1 if side is Side.UPPER else -1
    gap = sign * (risk(f) - empirical_risk(f, T))
    by_range = Derivation(
        gap,
        (
            Apply(bounded_differences(gap, cost=half), times=1),
            Apply(fixed_deviation(f, sample=T)),
        ),
    )
    by_variance = Derivation(
        gap, (Apply(empirical_bernstein(f, sample=T, variance=variance, side=side, cost=half)),)
    )
    claim: Expr = sign * risk(f)
    return Derivation(
        claim,
        (
            Apply(smallest_of_bounds((by_range, by_variance)).called("concentration"), times=1),
            Apply(given(empirical_risk(f, T), test_loss, term="test_loss")),
        ),
        side=side,
    )


THEOREM = theorem(
    id="holdout.smaller",
    title="The smaller of Hoeffding's and the empirical Bernstein limit",
    statement="r(f)",
    source="maurer2009",
    credit="The limits are Hoeffding's and Maurer & Pontil's; paying for both is derived here.",
    variants=both_sides(limit, most=C, assumes=FIXED, requires=ENOUGH_FOR_VARIANCE),
    example_variant="upper",
    example={"n": 2_000, "delta": 0.05, "loss_bound": 1, "test_loss": 0.1, "variance": 0.01},
    page=__doc__,
)
