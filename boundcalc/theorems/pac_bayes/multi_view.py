"""Multi-view PAC-Bayes: predictors of several views (modalities), and weights of the views.

Setting
-------
As in `pac_bayes.kl`. P draws a view v by weights π, then a predictor of that view by P_v; Q draws a
view by weights ρ and a predictor by Q_v. π and all P_v are fixed before the m training examples, ρ
and all Q_v are chosen in any way. D_V (`view_divergence`) is Σ_v ρ_v KL(Q_v‖P_v), D_ρ
(`weight_divergence`) is KL(ρ‖π), in nats.

Claim
-----
With probability 1 − δ, for all ρ and Q_v at once:

- ``exact``: r(Q) ≤ max{p : kl(r̂(Q)‖p) ≤ (D_V + D_ρ + ln(ξ(m)/δ))/m};
- ``loose``: the same with 2√m for ξ(m);
- ``vote``: P(the vote of all views errs) ≤ twice the value of ``exact``.

Assumptions
-----------
π and P_v fixed before the training examples. ``vote``: the loss is 0 or 1.

Source
------
Goyal, Morvant, Germain & Amini 2017 for the two levels; the form here follows from `pac_bayes.kl`.

How the constants arise
-----------------------
KL(Q‖P) = Σ_v ρ_v KL(Q_v‖P_v) + KL(ρ‖π) for distributions on pairs of a view and a predictor: the
chain rule. The rest is `pac_bayes.kl`.

Worked number
-------------
``exact`` with r̂ = 0.1, m = 1 000, D_V = 1.5, D_ρ = 0.5, δ = 0.05: 0.1441247.
"""

from functools import partial

from sympy import Integer

from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import entropy_inversion, majority_vote
from boundcalc.symbolic.posteriors import gibbs_risk, vote_risk
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.pac_bayes._setting import (
    PRIOR,
    RANGE,
    distributions,
    entropy_limit,
    train_loss,
)


def by_views(*, loose: bool = False, vote: bool = False) -> Derivation:
    """The limit on the relative entropy with KL(Q‖P) split, solved for r(Q)."""
    Q, P = distributions(zero_one=vote, views=True)
    limit = Apply(entropy_inversion(entropy_limit(Q, P, loose=loose), loss=train_loss))
    if vote:
        return Derivation(vote_risk(Q), (Apply(majority_vote(Q)), limit))
    return Derivation(gibbs_risk(Q), (limit,))


VIEWS = ("π and every P_v were fixed before the training examples", *PRIOR[1:])
ERRORS = ("the loss is 0 or 1, and train_loss the mean error of single predictors drawn from Q",)
form = partial(Variant, trivial=Integer(1), requires=RANGE)

THEOREM = theorem(
    id="pac_bayes.multi_view",
    title="PAC-Bayes limit for weighted views",
    statement="r(Q)",
    source="goyal2017",
    credit="The two levels are Goyal et al.'s; this form is derived here.",
    variants=(
        form("exact", by_views(), assumes=VIEWS),
        form("loose", by_views(loose=True), assumes=VIEWS),
        form("vote", by_views(vote=True), assumes=VIEWS + ERRORS, statement="P(the vote errs)"),
    ),
    example_variant="exact",
    example={
        "m": 1000,
        "delta": 0.05,
        "train_loss": 0.1,
        "view_divergence": 1.5,
        "weight_divergence": 0.5,
    },
    page=__doc__,
)
