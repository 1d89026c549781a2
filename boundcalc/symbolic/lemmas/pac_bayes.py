"""From a prior on predictors, fixed before the data, to every posterior."""

from __future__ import annotations

from typing import Any

from sympy import Expr, log, sqrt, together

from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.functions import KLUpper, LogEntropyMoment
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    equal,
    from_proofs,
    given_number,
    nonnegative,
    paid,
    require,
    require_fixed,
    require_possible,
)
from boundcalc.symbolic.posteriors import (
    Posterior,
    Prior,
    divergence,
    empirical_gibbs_risk,
    gibbs_risk,
    log_mean_moment,
    log_moment,
    mean_relative_entropy,
    relative_entropy,
    view_divergence,
    vote_risk,
    weight_divergence,
)
from boundcalc.symbolic.quantities import Sample


def convexity(Q: Posterior, *, sample: Sample) -> Fact:
    """kl(r̂(Q)‖r(Q)) ≤ E_Q kl(r̂(f)‖r(f)): kl is convex in both arguments (Jensen).

    Why: kl is convex in both arguments (Jensen).

    Loses: how much the losses differ among the predictors that Q draws.
    """
    _require_unit(Q)
    lhs, rhs = relative_entropy(Q, sample), mean_relative_entropy(Q, sample)
    return at_most("convexity of kl", lhs, rhs, "langford2001")


def change_of_measure(Q: Posterior, P: Prior, *, sample: Sample) -> Fact:
    """m E_Q kl(r̂(f)‖r(f)) ≤ KL(Q‖P) + ln E_P exp(m kl(r̂(f)‖r(f))), for all Q at once.

    Why: E_Q φ − KL(Q‖P) is largest, ln E_P exp φ, at the Q that is P weighted by exp φ.

    Loses: how far Q is from that best one.
    """
    require(Q.over == P.over, f"{Q.text} and {P.text} are not declared to be on one class")
    lhs = sample.size * mean_relative_entropy(Q, sample)
    rhs = divergence(Q, P) + log_moment(P, sample)
    why = "a predictor that P cannot draw, Q cannot draw either: else KL(Q‖P) = ∞"
    return at_most("change of measure", lhs, rhs, "donsker1975", why)


def moment_tail(P: Prior, *, sample: Sample, cost: Expr) -> Fact:
    """Λ(P) ≤ ln E exp Λ(P) + ln(1/δ): Markov's inequality for exp Λ(P), which does not know Q.

    Why: Markov's inequality for the exponential.

    Loses: how much more likely the tail is in it than in truth; ln(1/δ) is paid once for all Q.
    """
    require_fixed(P, sample)
    return at_most(
        "Markov",
        log_moment(P, sample),
        log_mean_moment(P, sample) + log(1 / cost),
        "definition",
        "i.i.d. sample",
        f"{P.text} fixed before the data",
        event=Event(("Markov", log_moment(P, sample)), (sample,), paid(cost)),
    )


def entropy_moment(P: Prior, *, sample: Sample, loose: bool = False) -> Fact:
    """ln E exp Λ(P) ≤ ln ξ(m), ξ(m) = Σ_k (m choose k)(k/m)^k (1 − k/m)^(m−k); ξ(m) ≤ 2√m
    (`loose`).

    For errors, E exp(m kl(r̂(f)‖r(f))) = ξ(m) whatever r(f) is, 0 and 1 apart; a loss in [0, 1] has
    at most the value of errors with its mean (Maurer 2004).

    Why: for errors it is an equation; a loss in [0, 1] has at most the value of errors with the
    same mean.

    Loses: nothing for errors; with 2√m at most a factor of 1.6 inside the logarithm.
    """
    _require_unit(P)
    require_fixed(P, sample)
    m = sample.size
    require(bool(m.is_integer and m.is_positive), f"{m} is not a number of examples")
    value = log(2 * sqrt(m)) if loose else LogEntropyMoment(m)
    return at_most(
        "moment of kl",
        log_mean_moment(P, sample),
        value,
        "maurer2004",
        "i.i.d. sample",
        "the loss is in [0, 1]",
    )


def chain_rule(Q: Posterior, P: Prior) -> Fact:
    """KL(Q‖P) = E_ρ KL(Q_v‖P_v) + KL(ρ‖π): Q draws a view by ρ, then a predictor by Q_v; P by π and
    P_v.

    Why: the logarithm of a product is a sum.

    Loses: nothing: it is an equation.
    """
    require(Q.views, f"{Q.text} is not declared to draw a view first")
    require(Q.over == P.over, f"{Q.text} and {P.text} are not declared to be on one class")
    lhs, rhs = divergence(Q, P), view_divergence(Q, P) + weight_divergence(Q, P)
    why = "π and every P_v fixed before the data"
    return equal("chain rule of KL", lhs, rhs, "definition", why)


def entropy_inversion(proof: Derivation, *, loss: Expr) -> Fact:
    """r(Q) ≤ max{p : kl(r̂(Q)‖p) ≤ c}, where the proof has kl(r̂(Q)‖r(Q)) ≤ c.

    Why: kl rises above r̂, so the inequality ends at one largest risk.

    Loses: nothing.
    """
    Q, sample, limit = entropy_limit_of(proof)
    given_number(loss, "train_loss")
    possible = require_possible(1 - loss, f"a mean loss of {loss} is not in [0, 1]")
    return from_proofs(
        "inversion of kl",
        gibbs_risk(Q),
        KLUpper(loss, limit),
        "langford2001",
        proof,
        conditions=(possible,),
        term="limit",
        settles=empirical_gibbs_risk(Q, sample),
        settled_as=loss,
        observed=True,
    )


def pinsker(proof: Derivation) -> Fact:
    """r(Q) − r̂(Q) ≤ √(c/2), where the proof has kl(r̂(Q)‖r(Q)) ≤ c: kl(q‖p) ≥ 2(p − q)².

    Why: kl(q‖p) is at least 2(p − q)².

    Loses: much where the mean loss is near 0 or 1.
    """
    Q, sample, limit = entropy_limit_of(proof)
    gap, root = gibbs_risk(Q) - empirical_gibbs_risk(Q, sample), sqrt(nonnegative(limit) / 2)
    return from_proofs("Pinsker", gap, root, "pinsker1964", proof, term="concentration")


def majority_vote(Q: Posterior) -> Fact:
    """The vote weighted by Q has a risk of at most 2 r(Q): where it errs, at least half of
    Q errs.

    Why: where the vote errs, at least half of the weight errs.

    Loses: a factor of up to 2, and all that the errors of different predictors cancel.
    """
    require(Q.over.loss.zero_one, f"the loss of {Q.over.text} is not declared to be 0 or 1")
    return at_most(
        "majority vote", vote_risk(Q), 2 * gibbs_risk(Q), "definition", "two classes, or plurality"
    )


def entropy_limit_of(proof: Derivation) -> tuple[Posterior, Sample, Expr]:
    """What a proof says of kl(r̂(Q)‖r(Q))."""
    claim = proof.claim
    about: tuple[Any, ...] = getattr(claim, "subjects", ())
    known = len(about) == 2 and isinstance(about[0], Posterior) and isinstance(about[1], Sample)
    said = f"{claim} is not the relative entropy of two risks"
    require(known and claim == relative_entropy(*about), said)
    return *about, together(proof.limit)


def _require_unit(D: Posterior | Prior) -> None:
    require(D.over.loss.width == 1, f"the loss of {D.over.text} is not declared to be in [0, 1]")
