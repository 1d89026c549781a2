"""PAC-Bayes setting: a prior P fixed before the m training examples, and any posterior Q."""

from sympy import Integer

from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import (
    chain_rule,
    change_of_measure,
    convexity,
    entropy_moment,
    given,
    moment_tail,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.posteriors import (
    Posterior,
    Prior,
    divergence,
    relative_entropy,
    view_divergence,
    weight_divergence,
)
from boundcalc.symbolic.quantities import FunctionClass, Loss, Sample
from boundcalc.symbolic.theorem import Requirement

m, delta, train_loss = symbol("m"), symbol("delta"), symbol("train_loss")
D, D_V, D_RHO = (symbol(name) for name in ("divergence", "view_divergence", "weight_divergence"))
S = Sample("S", "S", m)


def distributions(*, zero_one: bool = False, views: bool = False) -> tuple[Posterior, Prior]:
    """Q and P on one class, its loss in [0, 1]."""
    F = FunctionClass("F", r"\mathcal F", Loss(symbol("lipschitz"), Integer(1), zero_one))
    return Posterior("Q", "Q", F, views), Prior("P", "P", F)


def entropy_limit(Q: Posterior, P: Prior, *, loose: bool = False) -> Derivation:
    """kl(r̂(Q)‖r(Q)) ≤ (KL(Q‖P) + ln(ξ(m)/δ))/m for all Q; `loose` has 2√m for ξ(m)."""
    if Q.views:
        split = (view_divergence(Q, P), D_V), (weight_divergence(Q, P), D_RHO)
        price = Apply(chain_rule(Q, P)), *(Apply(given(q, v, term="divergence")) for q, v in split)
    else:
        price = (Apply(given(divergence(Q, P), D, term="divergence")),)
    return Derivation(
        relative_entropy(Q, S),
        (
            Apply(convexity(Q, sample=S)),
            Apply(change_of_measure(Q, P, sample=S)),
            Apply(moment_tail(P, sample=S, cost=delta)),
            Apply(entropy_moment(P, sample=S, loose=loose)),
            *price,
        ),
    )


PRIOR = ("P was fixed before the training examples; Q is arbitrary", "the loss is in [0, 1]")
RANGE = (
    Requirement(train_loss <= 1, "train_loss is above 1: divide the losses by loss_bound first"),
)
