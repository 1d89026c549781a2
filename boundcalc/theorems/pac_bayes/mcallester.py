"""McAllester's bound: the risk of a distribution on predictors, by a root.

Setting
-------
As in `pac_bayes.kl`: P fixed before the m i.i.d. training examples, Q any distribution, r(Q) and
r̂(Q) mean risk and mean training loss under Q, the loss in [0, 1], D ≥ KL(Q‖P) in nats.

Claim
-----
With probability 1 − δ, for all Q at once:

- ``exact``: r(Q) ≤ r̂(Q) + √((D + ln(ξ(m)/δ))/(2m));
- ``published``: r(Q) ≤ r̂(Q) + √((D + ln(2√m/δ))/(2m)).

Assumptions
-----------
P fixed before the training examples. `pac_bayes.kl` is never weaker.

Source
------
McAllester 1999 for the form; with 2√m by Maurer 2004.

How the constants arise
-----------------------
kl(q‖p) ≥ 2(p − q)² (Pinsker) in the limit on kl(r̂(Q)‖r(Q)) of `pac_bayes.kl`. The logarithm is
that of 2√m/δ.

Worked number
-------------
``published`` with r̂ = 0.02, m = 60 000, D = 10, δ = 0.025: 0.0328722.
"""

from sympy import Integer

from boundcalc.conventions import Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import given, pinsker
from boundcalc.symbolic.posteriors import empirical_gibbs_risk, gibbs_risk
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.pac_bayes._setting import (
    PRIOR,
    RANGE,
    S,
    distributions,
    entropy_limit,
    train_loss,
)


def rooted(*, loose: bool) -> Derivation:
    """The limit on the relative entropy, and Pinsker's inequality."""
    Q, P = distributions()
    return Derivation(
        gibbs_risk(Q),
        (
            Apply(pinsker(entropy_limit(Q, P, loose=loose))),
            Apply(given(empirical_gibbs_risk(Q, S), train_loss, term="train_loss")),
        ),
    )


THEOREM = theorem(
    id="pac_bayes.mcallester",
    title="PAC-Bayes limit by a root",
    statement="r(Q)",
    source="mcallester1999",
    credit="The form is McAllester's, 2√m Maurer's; with ξ(m) it is derived here.",
    variants=(
        Variant("exact", rooted(loose=False), assumes=PRIOR, trivial=Integer(1), requires=RANGE),
        Variant(
            "published",
            rooted(loose=True),
            status=Status.PUBLISHED,
            assumes=PRIOR,
            trivial=Integer(1),
            requires=RANGE,
        ),
    ),
    example_variant="published",
    example={"m": 60_000, "delta": 0.025, "train_loss": 0.02, "divergence": 10},
    page=__doc__,
)
