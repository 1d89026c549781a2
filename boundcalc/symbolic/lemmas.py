"""The lemma library: functions that return facts.

Together with the kernel these constructors are the trusted base. Each checks its side conditions
(membership, fixed before the data, same sample, convention) and refuses otherwise; the kernel
only adds up what they return.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

from sympy import Expr, Mul, Rational, S, ceiling, diff, expand_mul, log, pi, sqrt

from boundcalc.conventions import Average, Output, Relation, Side
from boundcalc.errors import ConventionError, SideConditionError
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.parameters import ParameterSymbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Predictor,
    Quantity,
    Sample,
    best_risk,
    composed_risk,
    deviation,
    empirical_risk,
    gaussian,
    mean,
    quantities_in,
    rademacher,
    risk,
)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise SideConditionError(message)


def _at_most(lemma: str, lhs: Expr, rhs: Expr, source: str, *assumptions: str) -> Fact:
    return Fact(lemma, lhs, Relation.AT_MOST, rhs, source, assumptions=assumptions)


def _equal(lemma: str, lhs: Expr, rhs: Expr, source: str, *assumptions: str) -> Fact:
    return Fact(lemma, lhs, Relation.EQUAL, rhs, source, assumptions=assumptions)


def definition(lhs: Expr, rhs: Expr, *, of: str, source: str) -> Fact:
    """``lhs = rhs`` because one of the two is so defined."""
    return _equal(f"definition of {of}", lhs, rhs, source)


def infimum(over: FunctionClass, at: Predictor) -> Fact:
    """inf r over a class is at most r(f) for every f in it."""
    _require(at.is_in(over), f"{at.text} is not declared to be in {over.text}")
    return _at_most("infimum", best_risk(over), risk(at), "definition", f"{at.text} in {over.text}")


def minimiser(f: Predictor, *, below: FunctionClass | Predictor) -> Fact:
    """r(f) ≤ r of every member, and ≤ inf r of every subclass, of the class that f minimises over.

    Infima need not be attained: f is an ε-minimiser and ε → 0.
    """
    over = f.risk_minimiser_of
    if over is None:
        raise SideConditionError(f"{f.text} is not declared to minimise the risk over a class")
    inside = below.is_within(over) if isinstance(below, FunctionClass) else below.is_in(over)
    _require(inside, f"{below.text} is not declared to be in {over.text}")
    other = best_risk(below) if isinstance(below, FunctionClass) else risk(below)
    return _at_most(
        "infimum", risk(f), other, "definition", f"{f.text} nearly attains inf r over {over.text}"
    )


def erm(f: Predictor, *, against: Predictor, sample: Sample, gap: Expr = S.Zero) -> Fact:
    """r̂(f) ≤ r̂(competitor) + ε, for f an empirical risk minimiser up to ε."""
    over = f.erm_over
    if over is None:
        raise SideConditionError(f"{f.text} is not declared an empirical risk minimiser")
    _require(against.is_in(over), f"{against.text} is not declared to be in {over.text}")
    return Fact(
        "ERM optimality",
        empirical_risk(f, sample),
        Relation.AT_MOST,
        empirical_risk(against, sample) + gap,
        "definition",
        assumptions=(f"{f.text} minimises r̂ over {over.text} up to the optimisation gap",),
        term="optimisation_gap",
    )


def uniform_deviation(f: Predictor, *, over: FunctionClass, sample: Sample, side: Side) -> Fact:
    """r(f) − r̂(f) ≤ Δ⁺ (upper side) or r̂(f) − r(f) ≤ Δ⁻ (lower side); f may depend on the sample."""
    _require(f.is_in(over), f"{f.text} is not declared to be in {over.text}")
    gap = risk(f) - empirical_risk(f, sample)
    return _at_most(
        "uniform deviation",
        gap if side is Side.UPPER else -gap,
        deviation(over, sample, side),
        "definition",
        f"{f.text} in {over.text}",
    )


def fixed_deviation(f: Predictor, *, sample: Sample) -> Fact:
    """E r̂(f) = r(f) for one fixed f."""
    _require(f.fixed, f"{f.text} depends on the sample: its empirical risk is biased")
    return _equal(
        "fixed deviation",
        mean(empirical_risk(f, sample)),
        risk(f),
        "definition",
        f"{f.text} fixed before the data",
    )


def sensitivity(quantity: Quantity) -> dict[Sample, Expr]:
    """How much one point of each sample can move a quantity: the c_i of bounded differences.

    For R̂_S(ℓ∘F) the rest given, the average over one sign of the supremum lies in an interval of
    length w/(2m), w the length of the interval that holds the loss (derived here).
    """
    if quantity.measure == "risk":
        _require(
            quantity.subjects[0].fixed, f"{quantity.name} is random: {quantity.subjects[0].text} is learned"
        )
        return {}
    if quantity.measure == "empirical_risk":
        f, sample = quantity.subjects
        _require(f.fixed, f"{quantity.name} has no bounded differences: {f.text} is learned")
        return {sample: f.member_of.loss.width / sample.size}
    if quantity.measure == "deviation":
        over, sample, _ = quantity.subjects
        _require(over.fixed, f"{over.text} depends on the sample")
        return {sample: over.loss.width / sample.size}
    if quantity.measure == "rademacher":
        over, sample, average, loss_class = quantity.subjects
        _require(over.fixed, f"{over.text} depends on the sample")
        _require(loss_class and average is Average.EMPIRICAL, f"the range of {quantity.name} is not declared")
        return {sample: over.loss.width / (2 * sample.size)}
    raise SideConditionError(f"no bounded differences are known for {quantity.name}")


def mean_of(quantity: Quantity) -> Expr:
    """E of a quantity; the risk of a fixed predictor, an expectation or a definition is not random."""
    if quantity.measure in {"mean", "gaussian"}:
        return quantity
    if quantity.measure == "risk" and quantity.subjects[0].fixed:
        return quantity
    if quantity.measure == "rademacher" and quantity.subjects[2] is Average.EXPECTED:
        return quantity
    return mean(quantity)


def bounded_differences(statistic: Expr, *, cost: Expr) -> Fact:
    """X ≤ E X + √(½ ln(1/δ₁) Σ c_i²), X a sum of statistics of one or more independent samples."""
    moves: dict[Sample, Expr] = {}
    expectation = S.Zero
    for quantity in quantities_in(statistic):
        weight = diff(statistic, quantity)
        _require(not quantities_in(weight), "the statistic must be a linear sum")
        expectation += weight * mean_of(quantity)
        for sample, width in sensitivity(quantity).items():
            moves[sample] = moves.get(sample, S.Zero) + abs(weight) * width
    _require(bool(moves), "the statistic does not depend on any sample")
    samples = tuple(sorted(moves, key=lambda s: s.text))
    for one, other in combinations(samples, 2):
        apart = other.text in one.independent_of and one.text in other.independent_of
        _require(apart, f"the samples {one.text} and {other.text} are not declared independent")
    content, squares = sum((s.size * moves[s] ** 2 for s in samples), S.Zero).as_content_primitive()
    return Fact(
        "bounded differences",
        statistic,
        Relation.AT_MOST,
        expectation + sqrt(content * Rational(1, 2) * log(1 / cost) * squares),
        "mcdiarmid1989",
        event=Event(f"{statistic} exceeds its mean", samples, cost),
        assumptions=("i.i.d. sample", "classes and comparison predictors fixed before the data"),
        term="concentration",
    )


def in_expectation(fact: Fact) -> Fact:
    """The same fact between expectations over the samples; only for facts that always hold."""
    _require(fact.event is None, f"'{fact.lemma}' may fail: its expectation does not follow")
    averages = {q: mean_of(q) for q in (*quantities_in(fact.lhs), *quantities_in(fact.rhs))}
    return replace(fact, lhs=fact.lhs.subs(averages), rhs=fact.rhs.subs(averages))


def symmetrisation(over: FunctionClass, *, sample: Sample, side: Side) -> Fact:
    """E Δ± ≤ 2 R_m(ℓ∘F)."""
    _require(over.fixed, f"{over.text} depends on the sample")
    return _at_most(
        "symmetrisation",
        mean(deviation(over, sample, side)),
        2 * rademacher(over, sample, loss_class=True),
        "bartlett2002",
        f"{over.text} fixed before the data",
    )


def expected_complexity(over: FunctionClass, *, sample: Sample) -> Fact:
    """E R̂_S(ℓ∘F) = R_m(ℓ∘F)."""
    _require(over.fixed, f"{over.text} depends on the sample")
    return _equal(
        "definition of R_m",
        mean(rademacher(over, sample, average=Average.EMPIRICAL, loss_class=True)),
        rademacher(over, sample, loss_class=True),
        "bartlett2002",
    )


def contraction(over: FunctionClass, *, sample: Sample, average: Average = Average.EXPECTED) -> Fact:
    """R(ℓ∘F) ≤ L R(F) for one output, ≤ √2 L R^vec(F) for a vector; the signed form in both."""
    vector = over.output is Output.VECTOR
    factor = sqrt(2) * over.loss.lipschitz if vector else over.loss.lipschitz
    return _at_most(
        "vector contraction" if vector else "contraction",
        rademacher(over, sample, average=average, loss_class=True),
        factor * rademacher(over, sample, average=average),
        "maurer2016" if vector else "ledoux1991",
        "the loss is Lipschitz in the outputs" + (", in ℓ2" if vector else ""),
    )


def gaussian_from_rademacher(over: FunctionClass, *, sample: Sample) -> Fact:
    """R_m(ℓ∘F) ≤ √(π/2) G_m(ℓ∘F)."""
    return _at_most(
        "Gaussian from Rademacher",
        rademacher(over, sample, loss_class=True),
        sqrt(pi / 2) * gaussian(over, sample, loss_class=True),
        "ledoux1991",
    )


def gaussian_comparison(over: FunctionClass, *, sample: Sample) -> Fact:
    """G_m(φ∘F) ≤ L G_m^vec(F), φ the loss, L-Lipschitz in ℓ2 in the outputs."""
    _require(over.output is Output.VECTOR, f"{over.text} is not declared to have vector outputs")
    return _at_most(
        "Gaussian comparison",
        gaussian(over, sample, loss_class=True),
        over.loss.lipschitz * gaussian(over, sample),
        "maurer2016chain",
        "the loss is Lipschitz in ℓ2",
    )


def substitution(f: Predictor, *, by: Predictor) -> Fact:
    """r(f(x, g(x))) ≤ r(f(x, y)) + L E‖g(x) − y‖: the loss is L-Lipschitz in y for every f."""
    distance = by.member_of.loss
    _require(distance.letter == "d", f"the risk of {by.text} is not declared to be a distance to y")
    return _at_most(
        "Lipschitz substitution",
        composed_risk(f, by),
        risk(f) + f.member_of.loss.lipschitz * risk(by),
        "definition",
        "y ↦ ℓ(f(x,y),z) is L-Lipschitz in ℓ2 for every f",
        "every task has the (x,y) marginal of the unlabelled pairs",
    )


def hard_labelling(error: Quantity, *, size: Expr) -> Fact:
    """Some labelling of 2n shattered points costs any n-label learner ≥ ½(1 − 1/(2n))ⁿ."""
    return _at_most(
        "no free lunch",
        (1 - 1 / (2 * size)) ** size / 2,
        error,
        "shalev2014",
        "the class shatters 2n points, x is uniform on them, the labels are realisable",
        "the learner sees n labelled examples of one task and nothing else",
    )


def complexity_is_nonnegative(over: FunctionClass, *, sample: Sample) -> Fact:
    """0 ≤ R_m(F): E sup ≥ sup E = 0."""
    return _at_most("nonnegativity", S.Zero, rademacher(over, sample), "definition", f"{over.text} nonempty")


def root_is_nonnegative(root: Expr, *, term: str) -> Fact:
    """0 ≤ √(…), an expression in the parameters."""
    halves = all(part.is_Pow and abs(part.exp) == Rational(1, 2) for part in Mul.make_args(root))
    _require(halves, f"{root} is not a product of square roots")
    return Fact("nonnegativity", S.Zero, Relation.AT_MOST, root, "definition", term=term)


def given(quantity: Quantity, value: ParameterSymbol | Expr, *, term: str) -> Fact:
    """Replace a quantity by the number that the user gives for it.

    A complexity may be over-estimated (``≤``); every other quantity is the number itself (``=``).
    A parameter measured on the sample cannot stand for an expected complexity, nor the reverse.
    """
    is_complexity = quantity.measure in {"rademacher", "gaussian"}
    if quantity.measure == "rademacher" and isinstance(value, ParameterSymbol):
        wants = Average.EMPIRICAL if "empirical" in value.name else Average.EXPECTED
        has = quantity.subjects[2]
        if wants is not has:
            raise ConventionError(
                f"{value.name} is {wants}, {quantity.name} is {has}: pay bounded differences between them"
            )
    relation = Relation.AT_MOST if is_complexity else Relation.EQUAL
    return Fact("given", quantity, relation, value, "input", term=term)


def empirical_bernstein(f: Predictor, *, sample: Sample, variance: Expr, side: Side, cost: Expr) -> Fact:
    """±(r − r̂) ≤ √(2V ln(2/δ)/n) + 7C ln(2/δ)/(3(n − 1)), V the unbiased sample variance."""
    _require(f.fixed, f"{f.text} must not depend on the held-out examples")
    gap = risk(f) - empirical_risk(f, sample)
    width, n = f.member_of.loss.width, sample.size
    return Fact(
        "empirical Bernstein",
        gap if side is Side.UPPER else -gap,
        Relation.AT_MOST,
        sqrt(2 * variance * log(2 / cost) / n) + 7 * width * log(2 / cost) / (3 * (n - 1)),
        "maurer2009",
        event=Event(f"{side} empirical Bernstein limit of {f.text}", (sample,), cost),
        assumptions=(
            "i.i.d. sample of at least two examples",
            f"{f.text} fixed before the held-out examples",
        ),
        term="concentration",
    )


def exact_limit(f: Predictor, *, sample: Sample, limit: Expr, side: Side, source: str, cost: Expr) -> Fact:
    """r ≤ upper limit, or lower limit ≤ r: a limit defined by an equation in the observed loss."""
    _require(f.fixed, f"{f.text} must not depend on the held-out examples")
    upper = side is Side.UPPER
    return Fact(
        {"clopper1934": "binomial tail", "langford2005": "relative-entropy Chernoff"}[source],
        risk(f) if upper else limit,
        Relation.AT_MOST,
        limit if upper else risk(f),
        source,
        event=Event(f"{side} limit of {f.text} by {source}", (sample,), cost),
        assumptions=("i.i.d. sample", f"{f.text} fixed before the held-out examples"),
        term="limit",
    )


def instance(proof: Derivation, *, of: str, source: str, at: Mapping[Expr, Expr], term: str) -> Fact:
    """A theorem that always holds, used as a fact with some of its parameters fixed.

    The kernel checks the theorem's own derivation first.
    """
    proof.check()
    _require(proof.failure == 0, f"{of} may fail: its event has to be paid for")
    return Fact(
        of,
        proof.claim,
        Relation.AT_MOST,
        expand_mul(proof.expression.subs(at)),
        source,
        assumptions=tuple(f"{name} = {value}" for name, value in at.items()),
        term=term,
    )


def least_size(quantity: Quantity, *, threshold: Expr, target: Expr, size: Expr) -> Fact:
    """The least whole `size` with threshold = A/√size ≤ target is ⌈(A/target)²⌉; A, target > 0."""
    numerator = expand_mul(threshold * sqrt(size))
    _require(size not in numerator.free_symbols, f"{threshold} is not of the form A/√{size}")
    return _equal(
        "solution for the sample size",
        quantity,
        ceiling((numerator / target) ** 2),
        "boundcalc",
        "the threshold and its target are positive",
    )
