"""Inequalities that hold the risk on both sides: facts with its root, and the solving step.

x − √(c x) ≤ a is not linear in x. The root is a quantity of its own, so that facts stay linear, and
`solved_for_root` removes it: x ↦ x − √(c x) falls up to c/4 and rises from there on, so all x ≥ 0
with x − √(c x) ≤ a, a ≥ 0, are up to the larger root of the equation.
"""

from __future__ import annotations

from sympy import Expr, log, sqrt

from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    from_proofs,
    nonnegative,
    paid,
    require,
    require_fixed,
)
from boundcalc.symbolic.lemmas.pac_bayes import entropy_limit_of
from boundcalc.symbolic.posteriors import empirical_gibbs_risk, gibbs_risk
from boundcalc.symbolic.quantities import Predictor, Quantity, Sample, empirical_risk, risk

_RISKS = frozenset({"risk", "gibbs_risk"})


def root_of(x: Quantity, factor: Expr) -> Quantity:
    """√(c·x), c in the parameters."""
    return Quantity("root", (x, factor), f"√(c {x.name})", rf"\sqrt{{c\,{x.latex}}}")


def relative_chernoff(f: Predictor, *, sample: Sample, cost: Expr) -> Fact:
    """r(f) − √(c r(f)) ≤ r̂(f), c = 2C ln(1/δ)/n, for one predictor and a loss in [0, C].

    Why: P(r̂ ≤ r − t) ≤ exp(−n kl(r − t‖r)) ≤ exp(−n t²/(2r)) for C = 1, since
    kl(q‖p) ≥ (p − q)²/(2p) for q ≤ p.

    Loses: up to a factor of 2 where r̂ is 0.
    """
    require_fixed(f, sample)
    factor = 2 * nonnegative(f.member_of.loss.width) * log(1 / cost) / sample.size
    return at_most(
        "relative Chernoff",
        risk(f) - root_of(risk(f), factor),
        empirical_risk(f, sample),
        "hoeffding1963",
        "i.i.d. sample",
        "the loss is in [0, C]",
        f"{f.text} fixed before the sample",
        event=Event(("relative Chernoff", f), (sample,), paid(cost)),
    )


def refined_pinsker(proof: Derivation) -> Fact:
    """r(Q) − √(2c r(Q)) ≤ r̂(Q), where the proof has kl(r̂(Q)‖r(Q)) ≤ c.

    Why: kl(q‖p) ≥ (p − q)²/(2p) for q ≤ p; for q > p there is nothing to show.

    Loses: up to a factor of 2 where r̂(Q) is 0.
    """
    Q, sample, limit = entropy_limit_of(proof)
    lhs = gibbs_risk(Q) - root_of(gibbs_risk(Q), 2 * nonnegative(limit))
    rhs = empirical_gibbs_risk(Q, sample)
    return from_proofs("refined Pinsker", lhs, rhs, "perezortiz2021", proof)


def solved_for_root(proof: Derivation) -> Fact:
    """x ≤ a + c/2 + √(c (a + c/4)), where the proof has x − √(c x) ≤ a for a risk x ≥ 0, and a ≥ 0.

    Why: it is the larger root of x − √(c x) = a, and beyond it x − √(c x) only rises.

    Loses: nothing.
    """
    claim = proof.claim
    roots = [q for q in claim.free_symbols if getattr(q, "measure", "") == "root"]
    require(len(roots) == 1, f"{claim} has no root to solve for")
    (root,) = roots
    x, factor = root.subjects
    require(x.measure in _RISKS and claim == x - root, f"{claim} is not of the form x − √(c x)")
    factor, a = nonnegative(factor), nonnegative(proof.limit)
    larger = a + factor / 2 + sqrt(factor * (a + factor / 4))
    return from_proofs("solved for the risk", x, larger, "definition", proof, term="limit")
