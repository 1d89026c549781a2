"""A lemma with its side conditions: what is false it refuses to say."""

from sympy import Expr, log, sqrt

from boundcalc.conventions import Relation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.guards import is_parameter, nonnegative, paid, require
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
    known = is_parameter(bits, "description_length") or (bits.is_number and bits.is_nonnegative)
    require(known, f"{bits} is not a number of bits")
    width = nonnegative(f.member_of.loss.width)
    gap = risk(f) - empirical_risk(f, sample)
    return Fact(
        "described deviation",
        gap,
        Relation.AT_MOST,
        width * sqrt((bits * log(2) + log(1 / cost)) / (2 * sample.size)),
        "blumer1987",
        event=Event(("described deviation", f.member_of), (sample,), paid(cost)),
        assumptions=("i.i.d. sample", "a prefix-free code of the class, fixed before the data"),
        term="concentration",
    )
