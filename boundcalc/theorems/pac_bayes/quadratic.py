"""Quadratic PAC-Bayes bound: a closed form that is tight where the training loss is small.

Setting
-------
As in `pac_bayes.kl`: P fixed before the m i.i.d. training examples, Q any distribution, r(Q) and
r̂(Q) mean risk and mean training loss under Q, the loss in [0, 1], D ≥ KL(Q‖P) in nats.

Claim
-----
With probability 1 − δ, for all Q at once, with B = (D + ln(ξ(m)/δ))/m:

- ``exact``: r(Q) ≤ r̂(Q) + B + √(2 B r̂(Q) + B²);
- ``published``: the same with 2√m for ξ(m).

Assumptions
-----------
P fixed before the training examples. `pac_bayes.kl` is never weaker.

Source
------
Pérez-Ortiz, Rivasplata, Shawe-Taylor & Szepesvári 2021 (arXiv 2007.12911), the PAC-Bayes-quadratic
bound, (√(r̂ + B/2) + √(B/2))², which is the same number.

How the constants arise
-----------------------
kl(q‖p) ≥ (p − q)²/(2p) for q ≤ p turns the limit on kl(r̂(Q)‖r(Q)) of `pac_bayes.kl` into
r − √(2B r) ≤ r̂, and the larger root of the equation is the bound.

Worked number
-------------
``published`` with r̂ = 0.02, m = 60 000, D = 10, δ = 0.025: 0.0239873.
"""

from functools import partial

from sympy import Integer

from boundcalc.conventions import Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import given, refined_pinsker, solved_for_root
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


def solved(*, loose: bool = False) -> Derivation:
    """The refined inequality of Pinsker, solved for r(Q)."""
    Q, P = distributions()
    fact = refined_pinsker(entropy_limit(Q, P, loose=loose))
    observed = given(empirical_gibbs_risk(Q, S), train_loss, term="train_loss")
    implicit = Derivation(fact.lhs, (Apply(fact), Apply(observed)))
    return Derivation(gibbs_risk(Q), (Apply(solved_for_root(implicit)),))


form = partial(Variant, assumes=PRIOR, trivial=Integer(1), requires=RANGE)

THEOREM = theorem(
    id="pac_bayes.quadratic",
    title="PAC-Bayes limit in closed form for small losses",
    statement="r(Q)",
    source="perezortiz2021",
    credit="`published` is Pérez-Ortiz et al.'s; with ξ(m) it is derived here.",
    variants=(
        form("exact", solved()),
        form("published", solved(loose=True), status=Status.PUBLISHED),
    ),
    example_variant="published",
    example={"m": 60_000, "delta": 0.025, "train_loss": 0.02, "divergence": 10},
    page=__doc__,
)
