"""Clopper–Pearson: exact limits on the error probability from a held-out test set.

Setting
-------
f is a predictor that was never trained on the n i.i.d. held-out examples; its loss is 0 or 1; k =
`errors` of them are errors.

Claim
-----
With probability 1 − δ each:

- ``upper``: r(f) ≤ the 1 − δ quantile of Beta(k + 1, n − k); 1 if k = n;
- ``lower``: r(f) ≥ the δ quantile of Beta(k, n − k + 1); 0 if k = 0.

Assumptions
-----------
f fixed before the held-out examples; the loss is exactly 0 or 1.

Source
------
Clopper & Pearson 1934.

How the constants arise
-----------------------
The upper limit is the p with P(Bin(n, p) ≤ k) = δ: any larger p would have made so few errors less
likely than δ. It is defined by that equation and inverted numerically on the safe side.

Worked number
-------------
``upper`` with 12 errors of 500, δ = 0.05: 0.0385956.
"""

from sympy import S

from boundcalc.conventions import Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import binomial_limit
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import risk
from boundcalc.symbolic.theorem import Requirement, theorem
from boundcalc.theorems.holdout._setting import FIXED, T, both_sides, delta, n, predictor

errors = symbol("errors")


def limit(side: Side) -> Derivation:
    """One instance of the lemma."""
    f = predictor(S.One, zero_one=True)
    fact = binomial_limit(f, sample=T, errors=errors, side=side, cost=delta)
    return Derivation(risk(f) if side is Side.UPPER else -risk(f), (Apply(fact),), side=side)


ZERO_ONE = (*FIXED, "the loss is 0 or 1")
COUNTS = (Requirement(errors <= n, "errors is above n"),)

THEOREM = theorem(
    id="holdout.clopper_pearson",
    title="Exact (Clopper–Pearson) limits from held-out error counts",
    statement="r(f)",
    source="clopper1934",
    credit="Clopper & Pearson 1934.",
    variants=both_sides(
        limit,
        most=S.One,
        status=Status.PUBLISHED,
        assumes=ZERO_ONE,
        requires=COUNTS,
    ),
    example_variant="upper",
    example={"n": 500, "delta": 0.05, "errors": 12},
    page=__doc__,
)
