"""Limits on the risk from a held-out test set, for a loss with light tails instead of a range.

Setting
-------
f is a predictor that was never trained on the n i.i.d. held-out examples; its loss is
σ-sub-Gaussian: E exp(λ(ℓ − E ℓ)) ≤ exp(λ²σ²/2) for all λ. A loss in [0, C] has σ = C/2; the loss of
a model with Gaussian errors of variance σ² need not be bounded. r̂ is its mean loss (`test_loss`).

Claim
-----
With probability 1 − δ each:

- ``upper``: r(f) ≤ r̂ + σ √(2 ln(1/δ)/n);
- ``lower``: r(f) ≥ r̂ − σ √(2 ln(1/δ)/n).

Assumptions
-----------
f fixed before the held-out examples; σ is known, not estimated from them.

Source
------
Boucheron, Lugosi & Massart 2013, Section 2.3.

How the constants arise
-----------------------
The mean of n losses is σ/√n-sub-Gaussian; Markov's inequality for exp(λ(r − r̂)) with the best λ.

Worked number
-------------
``upper`` with r̂ = 0.3, σ = 0.5, n = 1 000, δ = 0.05: 0.3387023.
"""

from boundcalc.conventions import Side, Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import given, sub_gaussian_deviation
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import empirical_risk, risk
from boundcalc.symbolic.theorem import theorem
from boundcalc.theorems.holdout._setting import FIXED, C, T, both_sides, delta, predictor, test_loss


def limit(side: Side) -> Derivation:
    """One instance of the lemma, and the mean loss."""
    f, sigma = predictor(C), symbol("sub_gaussian")
    fact = sub_gaussian_deviation(f, sample=T, deviation=sigma, side=side, cost=delta)
    return Derivation(
        risk(f) if side is Side.UPPER else -risk(f),
        (Apply(fact), Apply(given(empirical_risk(f, T), test_loss, term="test_loss"))),
        side=side,
    )


TAILS = (
    *FIXED,
    "its loss is σ-sub-Gaussian, σ known before",
)
THEOREM = theorem(
    id="holdout.sub_gaussian",
    title="Limits from a held-out test set for sub-Gaussian losses",
    statement="r(f)",
    source="boucheron2013",
    credit="The inequality is classical.",
    variants=both_sides(limit, most=None, status=Status.PUBLISHED, assumes=TAILS),
    example_variant="upper",
    example={"n": 1000, "delta": 0.05, "test_loss": 0.3, "sub_gaussian": 0.5},
    page=__doc__,
)
