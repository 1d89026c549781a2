"""Limits on the risk of one fixed predictor from examples that it was never trained on."""

from __future__ import annotations

from sympy import Expr, log, sqrt

from boundcalc.conventions import Side
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.functions import BinomialLower, BinomialUpper, KLLower, KLUpper
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    given_number,
    is_parameter,
    nonnegative,
    paid,
    require,
    require_fixed,
    require_possible,
)
from boundcalc.symbolic.quantities import (
    Predictor,
    Sample,
    empirical_risk,
    risk,
    sample_variance,
)


def empirical_bernstein(
    f: Predictor, *, sample: Sample, variance: Expr, side: Side, cost: Expr
) -> Fact:
    """±(r − r̂) ≤ √(2V ln(2/δ)/n) + 7C ln(2/δ)/(3(n − 1)), V the unbiased sample variance.

    Why: half of δ pays Bernstein's inequality, the other half the step from the variance to the
    one measured.

    Loses: about a factor of √(ln(2/δ)/ln(1/δ)) and a term of order 1/n.
    """
    _require_held_out(f, sample, variance, "variance")
    gap = risk(f) - empirical_risk(f, sample)
    width, n = nonnegative(f.member_of.loss.width), sample.size
    too_large = f"a variance of {variance} is too large for the range {width}"
    require_possible(width**2 / 2 - variance, too_large)
    return at_most(
        "empirical Bernstein",
        gap if side is Side.UPPER else -gap,
        sqrt(2 * variance * log(2 / cost) / n) + 7 * width * log(2 / cost) / (3 * (n - 1)),
        "maurer2009",
        "i.i.d. sample of at least two examples",
        f"{f.text} fixed before the held-out examples",
        event=Event(("empirical Bernstein", f, side), (sample,), paid(cost)),
        term="concentration",
        settles=sample_variance(f, sample),
        settled_as=variance,
        observed=True,
    )


def sub_gaussian_deviation(
    f: Predictor, *, sample: Sample, deviation: Expr, side: Side, cost: Expr
) -> Fact:
    """±(r − r̂) ≤ σ √(2 ln(1/δ)/n), for one predictor whose loss is σ-sub-Gaussian.

    Why: the mean of n losses is σ/√n-sub-Gaussian; Markov's inequality for exp(λ(r − r̂)).

    Loses: little for normal losses, much where the variance is far below σ².
    """
    require_fixed(f, sample, "held-out examples")
    known = is_parameter(deviation, "sub_gaussian") or deviation.is_number
    require(known, f"{deviation} is not the parameter sub_gaussian, and not a number")
    gap = risk(f) - empirical_risk(f, sample)
    return at_most(
        "sub-Gaussian tail",
        gap if side is Side.UPPER else -gap,
        nonnegative(deviation) * sqrt(2 * log(1 / cost) / sample.size),
        "boucheron2013",
        "i.i.d. sample",
        f"{f.text} fixed before the sample",
        "its loss is σ-sub-Gaussian under the distribution of an example",
        event=Event(("sub-Gaussian tail", f, side), (sample,), paid(cost)),
        term="concentration",
    )


def binomial_limit(f: Predictor, *, sample: Sample, errors: Expr, side: Side, cost: Expr) -> Fact:
    """The exact limit on the probability of an error from their count (Clopper & Pearson 1934).

    Why: with a larger error probability so few errors would be less likely than δ.

    Loses: only what the discreteness of the count costs: it is the best limit on one side.
    """
    require(f.member_of.loss.zero_one, f"the loss of {f.text} is not declared to be 0 or 1")
    _require_held_out(f, sample, errors, "errors")
    n = sample.size
    require(bool(errors.is_integer), f"{errors} is not a number of errors")
    require_possible(n - errors, f"there are not {errors} errors among {n} examples")
    limit = (BinomialUpper if side is Side.UPPER else BinomialLower)(errors, n, cost)
    event = Event(("binomial tail", f, side), (sample,), paid(cost))
    return _implicit_limit(f, event, limit, errors / n, "clopper1934")


def relative_entropy_limit(
    f: Predictor, *, sample: Sample, loss: Expr, side: Side, cost: Expr
) -> Fact:
    """The end of {p : kl(r̂‖p) ≤ ln(1/δ)/n}, for losses in [0, 1] (Hoeffding 1963, Theorem 1).

    Why: P(r̂ ≤ q) ≤ exp(−n kl(q‖r)) for q ≤ r, by Chernoff's method.

    Loses: a factor of order √n in the probability, against the exact tail.
    """
    require(f.member_of.loss.width == 1, f"the loss of {f.text} is not declared to be in [0, 1]")
    _require_held_out(f, sample, loss, "test_loss")
    require_possible(1 - loss, f"a mean loss of {loss} is not in [0, 1]")
    limit = (KLUpper if side is Side.UPPER else KLLower)(loss, log(1 / cost) / sample.size)
    event = Event(("relative-entropy Chernoff", f, side), (sample,), paid(cost))
    return _implicit_limit(f, event, limit, loss, "hoeffding1963")


def _implicit_limit(f: Predictor, event: Event, limit: Expr, loss: Expr, source: str) -> Fact:
    """A limit on the risk, on the side and for the sample of its event, where the loss was seen."""
    (lemma, _, side), (sample,) = event.about, event.samples
    low, high = (risk(f), limit) if side is Side.UPPER else (limit, risk(f))
    return at_most(
        str(lemma),
        low,
        high,
        source,
        "i.i.d. sample",
        f"{f.text} fixed before the held-out examples",
        event=event,
        term="limit",
        settles=empirical_risk(f, sample),
        settled_as=loss,
        observed=True,
    )


def _require_held_out(f: Predictor, sample: Sample, observed: Expr, name: str) -> None:
    """It was fixed before the sample; what was seen on it is its parameter or a number."""
    require_fixed(f, sample, "held-out examples")
    given_number(observed, name)
