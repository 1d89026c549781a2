"""Bounded differences: a statistic of independent samples against its mean."""

from __future__ import annotations

from itertools import combinations

from sympy import Expr, Rational, S, diff, log, sqrt

from boundcalc.conventions import Average, Relation
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.lemmas.definitions import mean_of
from boundcalc.symbolic.lemmas.guards import paid, require
from boundcalc.symbolic.quantities import (
    Quantity,
    Sample,
    quantities_in,
)


def sensitivity(quantity: Quantity) -> dict[Sample, Expr]:
    """How much one point of each sample can move a quantity: the c_i of bounded differences.

    For R̂_S(ℓ∘F) the rest given, the average over one sign of the supremum lies in an interval of
    length w/(2m), w the length of the interval that holds the loss (derived here).
    """
    if quantity.measure == "risk":
        require(
            quantity.subjects[0].fixed, f"{quantity.name} is random: {quantity.subjects[0].text} is learned"
        )
        return {}
    if quantity.measure == "empirical_risk":
        f, sample = quantity.subjects
        require(f.is_fixed_for(sample), f"{quantity.name} has no bounded differences: {f.text} is learned")
        return {sample: f.member_of.loss.width / sample.size}
    if quantity.measure == "deviation":
        over, sample, _ = quantity.subjects
        require(over.fixed, f"{over.text} depends on the sample")
        return {sample: over.loss.width / sample.size}
    if quantity.measure == "rademacher":
        over, sample, average, loss_class = quantity.subjects
        require(over.fixed, f"{over.text} depends on the sample")
        require(loss_class and average is Average.EMPIRICAL, f"the range of {quantity.name} is not declared")
        return {sample: over.loss.width / (2 * sample.size)}
    raise SideConditionError(f"no bounded differences are known for {quantity.name}")


def bounded_differences(statistic: Expr, *, cost: Expr) -> Fact:
    """X ≤ E X + √(½ ln(1/δ₁) Σ c_i²), X a sum of statistics of one or more independent samples."""
    moves: dict[Sample, Expr] = {}
    expectation = S.Zero
    for quantity in quantities_in(statistic):
        weight = diff(statistic, quantity)
        require(not quantities_in(weight), "the statistic must be a linear sum")
        expectation += weight * mean_of(quantity)
        for sample, width in sensitivity(quantity).items():
            moves[sample] = moves.get(sample, S.Zero) + abs(weight) * width
    require(bool(moves), "the statistic does not depend on any sample")
    for quantity in quantities_in(statistic):
        # what was learned from one of the samples moves with its points in ways that are not counted here
        if quantity.measure == "empirical_risk":
            f = quantity.subjects[0]
            require(all(f.is_fixed_for(s) for s in moves), f"{f.text} depends on a sample of the statistic")
    samples = tuple(sorted(moves, key=lambda s: s.text))
    for one, other in combinations(samples, 2):
        apart = other.text in one.independent_of and one.text in other.independent_of
        require(apart, f"the samples {one.text} and {other.text} are not declared independent")
    content, squares = sum((s.size * moves[s] ** 2 for s in samples), S.Zero).as_content_primitive()
    return Fact(
        "bounded differences",
        statistic,
        Relation.AT_MOST,
        expectation + sqrt(content * Rational(1, 2) * log(1 / cost) * squares),
        "mcdiarmid1989",
        event=Event((statistic,), samples, paid(cost)),
        assumptions=("i.i.d. sample", "classes and comparison predictors fixed before the data"),
        term="concentration",
    )
