"""Majority vote: the error of predictors that vote with the weights of a posterior.

Setting
-------
As in `pac_bayes.kl`, with errors for losses. The vote of Q predicts the label that most of Q
predicts; r̂(Q) (`train_loss`) is the mean training error of one predictor drawn from Q, not that of
the vote.

Claim
-----
With probability 1 − δ, for all Q at once:

- ``exact``: P(the vote errs) ≤ 2 max{p : kl(r̂(Q)‖p) ≤ (D + ln(ξ(m)/δ))/m};
- ``published``: the same with 2√m for ξ(m).

Assumptions
-----------
P fixed before the training examples; the loss is 0 or 1; two labels, or the label with the most
votes.

Source
------
Langford & Shawe-Taylor 2002 for the factor 2; the rest as `pac_bayes.kl`.

How the constants arise
-----------------------
Where the vote errs, at least half of Q errs: its error is at most P(share that errs ≥ ½) ≤ 2 r(Q)
(Markov). The 2 is approached where k + 1 of 2k + 1 predictors err together, k large.

Worked number
-------------
``exact`` with r̂ = 0.1, m = 1 000, D = 2, δ = 0.05: 0.2882493.
"""

from functools import partial

from sympy import Integer

from boundcalc.conventions import Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import entropy_inversion, majority_vote
from boundcalc.symbolic.posteriors import vote_risk
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.pac_bayes._setting import (
    PRIOR,
    RANGE,
    distributions,
    entropy_limit,
    train_loss,
)


def voted(*, loose: bool = False) -> Derivation:
    """Twice the risk of one predictor drawn from Q."""
    Q, P = distributions(zero_one=True)
    limit = entropy_inversion(entropy_limit(Q, P, loose=loose), loss=train_loss)
    return Derivation(vote_risk(Q), (Apply(majority_vote(Q)), Apply(limit)))


ERRORS = (
    *PRIOR,
    "the loss is 0 or 1, and train_loss the mean error of single predictors drawn from Q",
)


form = partial(Variant, assumes=ERRORS, trivial=Integer(1), requires=RANGE)

THEOREM = theorem(
    id="pac_bayes.majority_vote",
    title="PAC-Bayes limit on the error of a majority vote",
    statement="P(the vote errs)",
    source="langford2002",
    credit="The factor 2 is Langford & Shawe-Taylor's; 2√m is Maurer's; with ξ(m) derived.",
    variants=(
        form("exact", voted()),
        form("published", voted(loose=True), status=Status.PUBLISHED),
    ),
    example_variant="exact",
    example={"m": 1000, "delta": 0.05, "train_loss": 0.1, "divergence": 2},
    page=__doc__,
)
