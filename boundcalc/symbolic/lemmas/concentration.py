"""From a statistic to its mean, and from the mean of a supremum to a complexity.

Bounded differences, the events of a family together, symmetrisation and contraction.
"""

from __future__ import annotations

from itertools import combinations

from sympy import Expr, Rational, S, expand_mul, log, pi, sqrt

from boundcalc.conventions import Average, Output, Relation, Side
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.definitions import mean_of
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    constant_in,
    equal,
    is_measured,
    is_parameter,
    nonnegative,
    paid,
    require,
    require_fixed,
    weights,
)
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Predictor,
    Quantity,
    Sample,
    deviation,
    gaussian,
    mean,
    rademacher,
)


def sensitivity(quantity: Quantity) -> dict[Sample, Expr]:
    """How much one point of each sample can move a quantity: the c_i of bounded differences.

    For R̂_S(ℓ∘F) the rest given, the average over one sign of the supremum lies in an interval of
    length w/(2m), w the length of the interval that holds the loss (derived here).
    """
    if quantity.measure == "risk":
        (f,) = quantity.subjects
        said = f"{quantity.name} is random: {f.text} is learned"
        require(f.fixed or bool(f.independent_of), said)
        return {}
    if quantity.measure == "empirical_risk":
        f, sample = quantity.subjects
        fixed = f.is_fixed_for(sample)
        require(fixed, f"{quantity.name} has no bounded differences: {f.text} is learned")
        return {sample: nonnegative(f.member_of.loss.width) / sample.size}
    if quantity.measure == "deviation":
        over, sample, _ = quantity.subjects
        require(over.fixed, f"{over.text} depends on the sample")
        return {sample: nonnegative(over.loss.width) / sample.size}
    if quantity.measure == "rademacher":
        over, sample, average, loss_class = quantity.subjects
        require(over.fixed, f"{over.text} depends on the sample")
        said = f"the range of {quantity.name} is not declared"
        require(loss_class and average is Average.EMPIRICAL, said)
        return {sample: nonnegative(over.loss.width) / (2 * sample.size)}
    raise SideConditionError(f"no bounded differences are known for {quantity.name}")


def bounded_differences(statistic: Expr, *, cost: Expr) -> Fact:
    """X ≤ E X + √(½ ln(1/δ₁) Σ c_i²), X a sum of statistics of one or more independent samples.

    E is over these samples, given the predictors that were fixed before them.

    Why: the differences of the martingale that reveals one point at a time lie in intervals of
    length c_i, and each has a sub-Gaussian moment.

    Loses: much where the statistic varies less than its range allows: the variance is not used.
    """
    moves: dict[Sample, Expr] = {}
    expectation = S.Zero
    said = f"the statistic must be a linear sum without a constant: {statistic}"
    require(constant_in(statistic) == 0, said)
    for quantity, weight in weights(statistic).items():
        said = f"the weight {weight} of {quantity.name} depends on the sample"
        require(not is_measured(weight), said)
        expectation += weight * (quantity if quantity.measure == "risk" else mean_of(quantity))
        for sample, width in sensitivity(quantity).items():
            moves[sample] = moves.get(sample, S.Zero) + abs(weight) * width
    require(bool(moves), "the statistic does not depend on any sample")
    samples = tuple(sorted(moves, key=lambda s: s.text))
    _require_independent(
        samples, [f for q in weights(statistic) for f in q.subjects if isinstance(f, Predictor)]
    )
    content, squares = sum((s.size * moves[s] ** 2 for s in samples), S.Zero).as_content_primitive()
    return at_most(
        "bounded differences",
        statistic,
        expectation + sqrt(content * Rational(1, 2) * log(1 / cost) * squares),
        "mcdiarmid1989",
        "i.i.d. sample",
        "classes and comparison predictors fixed before the data",
        event=Event((statistic,), samples, paid(cost)),
        term="concentration",
    )


def _require_independent(samples: tuple[Sample, ...], predictors: list[Predictor]) -> None:
    """The samples are drawn apart, and no predictor depends on any of them."""
    for one, other in combinations(samples, 2):
        apart = other.text in one.independent_of and one.text in other.independent_of
        require(apart, f"the samples {one.text} and {other.text} are not declared independent")
    for f in predictors:
        for sample in samples:
            require_fixed(f, sample)


def for_every_member(fact: Fact, *, share: Expr, cost: Expr) -> Fact:
    """What holds of one member k except with w_k δ holds of all except with δ: Σ w_k ≤ 1.

    The member may then be chosen from the data, and so may all that belongs to it: in one
    derivation every event about the member, its class and its predictors is paid for in this way.
    The share w_k is the parameter `weight`, or 1/N for each of N `candidates`.

    Why: the probability of any of several events is at most the sum of theirs.

    Loses: what the events of similar members have in common.
    """
    alike = is_parameter(1 / share, "candidates")
    known = is_parameter(share, "weight") or alike
    require(known, f"{share} is not a weight, and not 1/candidates")
    if fact.event is None or fact.relation is not Relation.AT_MOST:
        raise SideConditionError(f"'{fact.lemma}' is no inequality that may fail")
    own = share * cost
    said = f"a member fails with {fact.cost}, not with its share {own}"
    require(expand_mul(fact.cost - own) == 0, said)
    which = "N candidates" if alike else "candidates with weights whose sum is at most 1, both"
    return at_most(
        "union over a family",
        fact.lhs,
        fact.rhs,
        "definition",
        f"{which} fixed before the data",
        # the event of a member says its cost: two ways to share δ are two events
        event=Event(("union over a family", fact.event), fact.event.samples, paid(cost), True),
        term=fact.term,
        inside=(fact,),
    )


# --- from the mean of a supremum to a complexity, and from one complexity to another --------------


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
