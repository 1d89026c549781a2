"""Lemmas on the complexity of classes by their covering numbers: functions that return facts."""

from __future__ import annotations

from sympy import Expr, Integer, Rational, log, sqrt

from boundcalc.conventions import Average, Output
from boundcalc.symbolic.complexity import StructuredClass, subscript
from boundcalc.symbolic.complexity_functions import (
    EntropyIntegral,
    Largest,
    Least,
    ParametricEntropyIntegral,
)
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.classes import class_of, data_norm, size_of, whole_number
from boundcalc.symbolic.lemmas.guards import at_most, nonnegative, require
from boundcalc.symbolic.quantities import Quantity, convention

UNIT_INTERVAL = ("values in [0, 1]", "distances in ℓ2 on the sample, not divided by √m")


def _covered(of: Quantity, *ids: str) -> StructuredClass:
    """A class with values in [0, 1] and known covering numbers; one of them is a loss class."""
    losses = getattr(of.subjects[0], "operation", "") == _SPECTRAL
    over = class_of(of, ids, of.subjects[0].output if losses else Output.SCALAR, losses=losses)
    unit = not losses or over.loss.width == 1
    require(unit, f"the loss of {over.text} is not declared to be in [0, 1]")
    return over


def _dudley(of: Quantity, centred: bool) -> Quantity:
    mark, foot = of.subjects[0].mark, subscript(of.subjects[0].mark)
    if centred:
        text, latex = f"D(N{mark}, ¼)", rf"\mathrm D(N{foot},\tfrac14)"
        return data_norm(of, text, latex, "centred entropy integral")
    return data_norm(of, f"D(N{mark})", rf"\mathrm D(N{foot})", "entropy integral")


_SPECTRAL = "network-spectral"


def chaining(of: Quantity, *, centred: bool = False) -> Fact:
    """R̂(F) ≤ D(N) = min{½, inf_α 4α/√m + (12/m) ∫_α^√m √(ln N(ε)) dε}, values in [0, 1].

    ½: an example with σ_i = 1 adds at most 1, one with σ_i = −1 nothing. The coarsest cover is {0}:
    every function is within √m of it, whether or not it belongs to the class. `centred` has the
    integral up to √m/4: that of F − ½ is the same complexity, its functions are within r = √m/2 of
    0, and the first cover that costs anything is the next one, of radius r/2.

    Why: successive covers differ by short vectors, and there are few of them; Massart's lemma
    for each.

    Loses: usually much: the 12 is the price of radii that are halved.
    """
    over = _covered(of, "entropy-integral", "covering-quadratic", _SPECTRAL)
    on_sample = convention(of).average is Average.EMPIRICAL
    require(on_sample, f"{over.text} is covered on the given sample only")
    source = "boundcalc" if centred else "bartlett2017"
    return at_most("entropy integral", of, _dudley(of, centred), source, *UNIT_INTERVAL)


def covering_family(of: Quantity, *, centred: bool = False) -> Fact:
    """D(N) for the family of covering numbers that the class names by its constants.

    Why: it is your family of covering numbers.

    Loses: how much smaller the covers are than the family says.
    """
    end = (Rational(1, 4),) if centred else ()
    over, m = _covered(of, "entropy-integral"), size_of(of)
    scale, names = over.constant("scale"), dict(over.constants)
    if "dimension" in names:
        value = ParametricEntropyIntegral(m, scale, over.constant("dimension"), *end)
        family = "ln N(ε) ≤ d ln(A/ε) for ε < A, 0 above"
    elif "exponent" in names:
        value = EntropyIntegral(m, scale, over.constant("exponent"), *end)
        family = "ln N(ε) ≤ A/ε^s for every ε"
    else:
        value, family = EntropyIntegral(m, scale, 2, *end), "ln N(ε) ≤ A/ε² for every ε"
    return at_most("covering numbers", _dudley(of, centred), value, "input", family)


def quadratic_covering(of: Quantity, *, centred: bool = False) -> Fact:
    """D(N) ≤ 12 (√A/m)(1 + ln(m/(3√A))) for ln N(ε) ≤ A/ε²: the integral at α = 3√(A/m).

    For m < 3√A that α lies beyond √m. There ln(m/(3√A)) is taken as 0: the value 12√A/m is then at
    least 4, and the least of it and ½ is ½. `centred`, with its end at √m/4, has m/(12√A); where
    that is below 1 the value is above 1.

    Why: the integral of √A/ε is a logarithm; α balances what is left below it.

    Loses: nothing beyond the entropy integral.
    """
    over, m = _covered(of, "covering-quadratic", _SPECTRAL), size_of(of)
    spectral = over.operation == _SPECTRAL
    root = _spectral_root(over) if spectral else sqrt(over.constant("scale"))
    closed = 12 * root * (1 + log(Largest(Integer(1), m / ((12 if centred else 3) * root)))) / m
    own = centred or not spectral
    source, why = "boundcalc" if own else "bartlett2017", "ln N(ε) ≤ A/ε² for every ε"
    value = Least(Rational(1, 2), closed)
    return at_most("covering numbers", _dudley(of, centred), value, source, why, observed=True)


def _spectral_root(over: StructuredClass) -> Expr:
    """√A of Theorem 3.3: L ‖X‖_F Π ρ_i s_i (Σ (b_i/s_i)^(2/3))^(3/2) √(ln(2W²))."""
    root = sqrt(log(2 * whole_number(over, "width") ** 2)) * nonnegative(over.loss.lipschitz)
    for name in ("frobenius", "spectral_product", "distance_sum"):
        root *= over.constant(name)
    return root
