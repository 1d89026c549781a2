"""From the mean of a supremum to a complexity, and from one complexity to another."""

from __future__ import annotations

from sympy import pi, sqrt

from boundcalc.conventions import Average, Output, Side
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import at_most, equal, nonnegative, require
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Sample,
    deviation,
    gaussian,
    mean,
    rademacher,
)


def symmetrisation(over: FunctionClass, *, sample: Sample, side: Side) -> Fact:
    """E Δ± ≤ 2 R_m(ℓ∘F).

    Why: compare the sample with a second one: exchanging two points changes a sign only, and
    each of the two halves is a complexity.

    Loses: often a factor of 2 or more, for the two halves seldom attain their suprema together; for
    some classes nothing, in the limit.
    """
    require(over.fixed, f"{over.text} depends on the sample")
    lhs, rhs = mean(deviation(over, sample, side)), 2 * rademacher(over, sample, loss_class=True)
    return at_most("symmetrisation", lhs, rhs, "bartlett2002", f"{over.text} fixed before the data")


def expected_complexity(over: FunctionClass, *, sample: Sample) -> Fact:
    """E R̂_S(ℓ∘F) = R_m(ℓ∘F).

    Why: that is what the expected complexity is.

    Loses: nothing: it is an equation.
    """
    require(over.fixed, f"{over.text} depends on the sample")
    lhs = mean(rademacher(over, sample, average=Average.EMPIRICAL, loss_class=True))
    rhs = rademacher(over, sample, loss_class=True)
    return equal("definition of R_m", lhs, rhs, "bartlett2002")


def contraction(
    over: FunctionClass, *, sample: Sample, average: Average = Average.EXPECTED
) -> Fact:
    """R(ℓ∘F) ≤ L R(F) for one output, ≤ √2 L R^vec(F) for a vector; the signed form in both.

    Why: replace the loss by L times the identity, one point at a time; without an absolute
    value no factor of 2 is lost.

    Loses: much where the loss is flat; √2 more for vector outputs.
    """
    vector = over.output is Output.VECTOR
    constant = nonnegative(over.loss.lipschitz)
    factor = sqrt(2) * constant if vector else constant
    return at_most(
        "vector contraction" if vector else "contraction",
        rademacher(over, sample, average=average, loss_class=True),
        factor * rademacher(over, sample, average=average),
        "maurer2016" if vector else "ledoux1991",
        "the loss is Lipschitz in the outputs" + (", in ℓ2" if vector else ""),
    )


def gaussian_from_rademacher(over: FunctionClass, *, sample: Sample) -> Fact:
    """R_m(ℓ∘F) ≤ √(π/2) G_m(ℓ∘F).

    Why: a normal is a sign times a size of mean √(2/π); by Jensen's inequality the sizes may be
    replaced by their mean.

    Loses: up to a factor of order √(ln m), where a few large normals decide the supremum.
    """
    lhs = rademacher(over, sample, loss_class=True)
    rhs = sqrt(pi / 2) * gaussian(over, sample, loss_class=True)
    return at_most("Gaussian from Rademacher", lhs, rhs, "ledoux1991")


def gaussian_comparison(over: FunctionClass, *, sample: Sample) -> Fact:
    """G_m(φ∘F) ≤ L G_m^vec(F), φ the loss, L-Lipschitz in ℓ2 in the outputs.

    Why: the increments of the first Gaussian process are no larger than those of the second
    (Sudakov–Fernique).

    Loses: much where the loss is flat.
    """
    require(over.output is Output.VECTOR, f"{over.text} is not declared to have vector outputs")
    lhs = gaussian(over, sample, loss_class=True)
    rhs = nonnegative(over.loss.lipschitz) * gaussian(over, sample)
    why = "the loss is Lipschitz in ℓ2"
    return at_most("Gaussian comparison", lhs, rhs, "maurer2016chain", why)
