"""A lemma with its side conditions: what is false it refuses to say."""

from sympy import Expr, log, sqrt

from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import at_most, given_number, nonnegative, paid, require
from boundcalc.symbolic.quantities import Predictor, Sample, empirical_risk, risk


def described_deviation(f: Predictor, *, sample: Sample, bits: Expr, cost: Expr) -> Fact:
    """r(f) − r̂(f) ≤ C √((ℓ ln 2 + ln(1/δ))/(2m)), f described by ℓ bits; f may depend on the
    sample.

    Hoeffding's inequality at δ 2^−ℓ for each predictor, and the union bound: Σ 2^−ℓ ≤ 1 (Kraft).
    """
    require(
        f.member_of.fixed,
        f"{f.member_of.text} depends on the sample: its code has to be fixed before",
    )
    given_number(bits, "description_length", "a number of bits")
    width = nonnegative(f.member_of.loss.width)
    gap = risk(f) - empirical_risk(f, sample)
    return at_most(
        "described deviation",
        gap,
        width * sqrt((bits * log(2) + log(1 / cost)) / (2 * sample.size)),
        "blumer1987",
        "i.i.d. sample",
        "a prefix-free code of the class, fixed before the data",
        event=Event(("described deviation", f.member_of), (sample,), paid(cost)),
        term="concentration",
    )
