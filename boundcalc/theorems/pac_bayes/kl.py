"""PAC-Bayes-kl: the risk of a distribution on predictors, by the relative entropy.

Setting
-------
P is a distribution on predictors fixed before the m i.i.d. training examples, Q any other, chosen
from them too. r(Q) and r̂(Q) (`train_loss`) are the mean risk and the mean training loss of a
predictor drawn from Q. The loss is in [0, 1] (divide by C first). D is KL(Q‖P) in nats, or any
larger number (`divergence`).

Claim
-----
With probability 1 − δ, for all Q at once, kl(q‖p) = q ln(q/p) + (1 − q) ln((1 − q)/(1 − p)):

- ``exact``: r(Q) ≤ max{p : kl(r̂(Q)‖p) ≤ (D + ln(ξ(m)/δ))/m}, ξ(m) = Σ_k (m choose k)(k/m)^k (1 −
  k/m)^(m−k);
- ``published``: the same with 2√m for ξ(m).

Assumptions
-----------
P fixed before the training examples. A Q that draws what P cannot draw has D = ∞.

Source
------
Langford & Seeger 2001 for the method; Maurer 2004, Theorem 5, for losses in [0, 1] and 2√m, with m
≥ 8. For smaller m, ξ(m) ≤ 2√m too: the numbers are compared one by one. ``exact`` stops a step
before.

How the constants arise
-----------------------
m kl(r̂(Q)‖r(Q)) ≤ m E_Q kl(r̂(f)‖r(f)) ≤ D + ln E_P exp(m kl(r̂(f)‖r(f))): kl is convex, and KL is
the price of a change of measure. The last expectation does not know Q. Its mean over samples is at
most ξ(m), with equality for errors, and Markov's inequality adds ln(1/δ). ξ(m) = √(πm/2) + 2/3 +
O(1/√m).

Worked number
-------------
``exact`` with r̂ = 0.1, m = 1 000, D = 2, δ = 0.05: 0.1441247.
"""

from functools import partial

from sympy import Integer

from boundcalc.conventions import Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import entropy_inversion
from boundcalc.symbolic.posteriors import gibbs_risk
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.pac_bayes._setting import (
    PRIOR,
    RANGE,
    distributions,
    entropy_limit,
    train_loss,
)


def inverted(*, loose: bool = False) -> Derivation:
    """The limit on the relative entropy, solved for r(Q)."""
    Q, P = distributions()
    fact = entropy_inversion(entropy_limit(Q, P, loose=loose), loss=train_loss)
    return Derivation(gibbs_risk(Q), (Apply(fact),))


form = partial(Variant, assumes=PRIOR, trivial=Integer(1), requires=RANGE)

THEOREM = theorem(
    id="pac_bayes.kl",
    title="PAC-Bayes limit by the relative entropy",
    statement="r(Q)",
    source="maurer2004",
    credit="The method is Langford & Seeger's; 2√m is Maurer's; with ξ(m) it is derived here.",
    variants=(
        form("exact", inverted()),
        form("published", inverted(loose=True), status=Status.PUBLISHED),
    ),
    example_variant="exact",
    example={"m": 1000, "delta": 0.05, "train_loss": 0.1, "divergence": 2},
    page=__doc__,
)
