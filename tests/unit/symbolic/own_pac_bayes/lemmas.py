"""A change of measure, and the inversion of kl."""

from sympy import Expr, log, sqrt

from boundcalc.conventions import Relation
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.functions import KLUpper
from boundcalc.symbolic.lemmas.guards import is_parameter, paid, require
from boundcalc.symbolic.posteriors import (
    Posterior,
    Prior,
    divergence,
    empirical_gibbs_risk,
    gibbs_risk,
    relative_entropy,
)
from boundcalc.symbolic.quantities import Sample


def own_change_of_measure(
    Q: Posterior, P: Prior, *, sample: Sample, value: Expr, cost: Expr
) -> Fact:
    """kl(r̂(Q)‖r(Q)) ≤ (K + ln(2√m/δ))/m, for all Q at once; K is KL(Q‖P).

    Why: Donsker and Varadhan, Markov, Maurer.
    """
    require(P.is_fixed_for(sample), f"{P.text} depends on the sample")
    require(is_parameter(value, "own_divergence"), f"{value} is not own_divergence")
    return Fact(
        "own change of measure",
        relative_entropy(Q, sample),
        Relation.AT_MOST,
        (value + log(2 * sqrt(sample.size) / cost)) / sample.size,
        "stranger2026",
        event=Event(("own change of measure", P), (sample,), paid(cost)),
        assumptions=("i.i.d. sample", "the loss is in [0, 1]"),
        settles=divergence(Q, P),
        settled_as=value,
    )


def own_inversion(proof: Derivation, *, loss: Expr) -> Fact:
    """r(Q) ≤ max{p : kl(r̂(Q)‖p) ≤ c}, where the proof has kl(r̂(Q)‖r(Q)) ≤ c."""
    Derivation.check(proof)
    Q, sample = proof.claim.subjects
    require(proof.claim == relative_entropy(Q, sample), "the proof is about something else")
    (event,) = proof.events
    return Fact(
        "own inversion",
        gibbs_risk(Q),
        Relation.AT_MOST,
        KLUpper(loss, proof.limit),
        "stranger2026",
        event=event,
        term="limit",
        settles=empirical_gibbs_risk(Q, sample),
        settled_as=loss,
        proofs=(proof,),
        observed=True,
    )
