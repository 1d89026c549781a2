"""Learners whose output depends little on their sample: margins, stability, information."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, S, log, sqrt

from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    exact,
    given_number,
    is_parameter,
    nonnegative,
    paid,
    require,
)
from boundcalc.symbolic.quantities import Predictor, Quantity, Sample, empirical_risk, mean, risk


@dataclass(frozen=True)
class StablePredictor(Predictor):
    """What a stable learner learns: replacing one example moves no loss by more than `stability`.

    `stable_on` names the sample that it was learned on.
    """

    stability: Expr = S.Zero
    stable_on: str = ""


def sign_risk(f: Predictor) -> Quantity:
    """P(y f(x) ≤ 0), the probability that the sign of f is not the label y = ±1."""
    return Quantity(
        "sign_risk", (f,), f"P(y {f.text} ≤ 0)", rf"\mathbb{{P}}(y\,{{{f.latex}}}\leq 0)"
    )


def ramp(f: Predictor, *, margin: Expr) -> Fact:
    """P(y f(x) ≤ 0) ≤ r(f) for the ramp loss min{1, max{0, 1 − y f(x)/ρ}}, which is 1 where y f(x)
    ≤ 0.

    Why: the ramp loss is 1 where the sign is wrong, and is nowhere negative.

    Loses: the right predictions with a margin below ρ.
    """
    loss = f.member_of.loss
    require(bool(margin.is_positive), f"{margin} is not known to be positive")
    fits = loss.width == 1 and loss.lipschitz == 1 / margin
    require(fits, f"the loss of {f.text} is not declared to be in [0, 1] and 1/ρ-Lipschitz")
    lhs, rhs = sign_risk(f), risk(f)
    why = "labels ±1, and the loss is the ramp min{1, max{0, 1 − y f(x)/ρ}}"
    return at_most("ramp loss", lhs, rhs, "definition", why)


def stable_mean(f: StablePredictor, *, sample: Sample) -> Fact:
    """E r(f) − E r̂(f) ≤ β: exchange an example of the sample for a fresh one.

    Why: exchange an example of the sample for a fresh one: nothing changes in distribution, and
    the loss moves by at most β.

    Loses: how much less than β the loss moves on average.
    """
    _require_stable(f, sample)
    gap = mean(risk(f)) - mean(empirical_risk(f, sample))
    lemma, why = "stability in the mean", "i.i.d. sample"
    return at_most(lemma, gap, f.stability, "bousquet2002", why, term="stability")


def stable_deviation(f: StablePredictor, *, sample: Sample, cost: Expr) -> Fact:
    """r(f) − r̂(f) ≤ E r(f) − E r̂(f) + (2mβ + C)√(ln(1/δ)/(2m)).

    Bounded differences: one example moves r(f) by at most β, and r̂(f) by at most β + C/m.

    Why: one example moves the risk by at most β and the mean loss by at most β + C/m.

    Loses: as bounded differences do; and 2mβ is added to the range.
    """
    _require_stable(f, sample)
    width, m = nonnegative(f.member_of.loss.width), sample.size
    gap = risk(f) - empirical_risk(f, sample)
    return at_most(
        "bounded differences",
        gap,
        mean(risk(f))
        - mean(empirical_risk(f, sample))
        + (2 * m * f.stability + width) * sqrt(log(1 / cost) / (2 * m)),
        "mcdiarmid1989",
        "i.i.d. sample",
        _STABLE,
        event=Event((gap,), (sample,), paid(cost)),
        term="concentration",
    )


_STABLE = (
    "replacing any one example of the sample moves the loss of the learned predictor "
    "on every example by at most β"
)


def _require_stable(f: StablePredictor, sample: Sample) -> None:
    declared = isinstance(f, StablePredictor) and f.stable_on == sample.text
    require(declared, f"{f.text} is not declared to be learned stably on the sample {sample.text}")
    known = all(is_parameter(s, "stability") for s in f.stability.free_symbols)
    require(known and provably_nonnegative(f.stability), f"{f.stability} is not a stability")


def information(
    f: Predictor, *, sample: Sample, value: Expr, deviation: Expr | None = None
) -> Fact:
    """E r(f) − E r̂(f) ≤ √(2σ² I(S; f)/m), I in nats; a loss in [0, C] is C/2-sub-Gaussian
    (Hoeffding).

    Without `deviation` the loss is in an interval of its declared length; with it, it is
    σ-sub-Gaussian.

    Why: a change of measure from the sample that the predictor was learned on to an independent
    one costs the information between them.

    Loses: how far the losses are from Gaussian ones with that variance.
    """
    value = given_number(exact(value), "mutual_information", "a mutual information")
    if deviation is None:
        sigma = nonnegative(f.member_of.loss.width) / 2
        why = "the loss is in an interval of length C"
    else:
        sigma = nonnegative(exact(deviation))
        why = "the loss of every fixed predictor is σ-sub-Gaussian under the distribution of an "
        why += "example"
    return at_most(
        "decoupling",
        mean(risk(f)) - mean(empirical_risk(f, sample)),
        sqrt(2 * sigma**2 * value / sample.size),
        "xu2017",
        "i.i.d. sample",
        why,
        term="information",
        settles=Quantity("mutual_information", (f, sample), f"I({sample.text};{f.text})", "I(S;f)"),
        settled_as=value,
    )
