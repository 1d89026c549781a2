"""Facts that follow from definitions: infima, minimisers, deviations, expectations."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Mul, Rational, S

from boundcalc.conventions import Average, Side
from boundcalc.errors import SideConditionError
from boundcalc.symbolic.consistency import spoken_of
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    equal,
    is_measured,
    nonnegative,
    require,
    require_in,
    weights,
)
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Name,
    Predictor,
    Quantity,
    Sample,
    best_risk,
    composed_risk,
    deviation,
    empirical_risk,
    mean,
    rademacher,
    risk,
    unimodal_error,
)


def definition(lhs: Expr, rhs: Expr, *, of: str, source: str) -> Fact:
    """``lhs = rhs`` because one of the two is so defined.

    Why: one of the two sides is a name for the other.

    Loses: nothing: it is an equation.
    """
    new = next((side for side in (lhs, rhs) if isinstance(side, Name)), None)
    if new is None:
        raise SideConditionError(
            f"neither side of the definition of {of} is a quantity that it may define"
        )
    other = rhs if new == lhs else lhs
    require(new not in spoken_of(other), f"{new} is defined by itself")
    return equal(f"definition of {of}", lhs, rhs, source, settles=new)


def infimum(over: FunctionClass, at: Predictor) -> Fact:
    """inf r over a class is at most r(f) for every f in it.

    Why: an infimum is below every value.

    Loses: how far f is from the best of the class.
    """
    require_in(at, over)
    return at_most("infimum", best_risk(over), risk(at), "definition", f"{at.text} in {over.text}")


def minimiser(f: Predictor, *, below: FunctionClass | Predictor) -> Fact:
    """r(f) ≤ r of every member, and ≤ inf r of every subclass, of the class that f minimises over.

    Infima need not be attained: f is an ε-minimiser and ε → 0.

    Why: a predictor within ε of the infimum exists for every ε > 0, and what follows holds in
    the limit.

    Loses: nothing in the limit where the infimum is of the same class; else the gap between the
    classes.
    """
    over = f.risk_minimiser_of
    if over is None:
        raise SideConditionError(f"{f.text} is not declared to minimise the risk over a class")
    require_in(f, over)
    require_in(below, over)
    other = best_risk(below) if isinstance(below, FunctionClass) else risk(below)
    return at_most(
        "infimum", risk(f), other, "definition", f"{f.text} nearly attains inf r over {over.text}"
    )


def erm(f: Predictor, *, against: Predictor, sample: Sample, gap: Expr = S.Zero) -> Fact:
    """r̂(f) ≤ r̂(competitor) + ε, for f an empirical risk minimiser on this sample, up to ε ≥ 0.

    Why: it minimises the mean loss over the class, and the competitor belongs to it.

    Loses: how much better it fits the sample than the competitor does.
    """
    over = f.erm_over
    if over is None:
        raise SideConditionError(f"{f.text} is not declared an empirical risk minimiser")
    said = f"{f.text} is not declared to minimise on the sample {sample.text}"
    require(f.erm_on == sample.text, said)
    require(provably_nonnegative(gap), f"an optimisation gap cannot be {gap}")
    for each in (f, against):
        require_in(each, over)
    return at_most(
        "ERM optimality",
        empirical_risk(f, sample),
        empirical_risk(against, sample) + gap,
        "definition",
        f"{f.text} minimises r̂ over {over.text} up to the optimisation gap",
        term="optimisation_gap",
        observed=bool(gap.is_number and gap != 0),
    )


def uniform_deviation(f: Predictor, *, over: FunctionClass, sample: Sample, side: Side) -> Fact:
    """r(f) − r̂(f) ≤ Δ⁺ (upper side) or r̂(f) − r(f) ≤ Δ⁻ (lower side); f may depend on the
    sample.

    Why: the supremum is over all of the class, so it covers f whatever f was chosen by.

    Loses: everything that distinguishes f from the worst member of the class: usually the
    largest loss of a proof.
    """
    require_in(f, over)
    gap = risk(f) - empirical_risk(f, sample)
    lhs, rhs = gap if side is Side.UPPER else -gap, deviation(over, sample, side)
    return at_most("uniform deviation", lhs, rhs, "definition", f"{f.text} in {over.text}")


def fixed_deviation(f: Predictor, *, sample: Sample) -> Fact:
    """E r̂(f) = r(f) for one fixed f; E is over this sample.

    Why: expectation is linear; for a learned f it is false.

    Loses: nothing: it is an equation.
    """
    require(f.is_fixed_for(sample), f"{f.text} depends on the sample: its empirical risk is biased")
    lhs, rhs = mean(empirical_risk(f, sample)), risk(f)
    return equal("fixed deviation", lhs, rhs, "definition", f"{f.text} fixed before the data")


def substitution(f: Predictor, *, by: Predictor) -> Fact:
    """r(f(x, g(x))) ≤ r(f(x, y)) + L E‖g(x) − y‖: the loss is L-Lipschitz in y for every f.

    Why: the loss moves by at most L times as much as its argument, point by point; take the
    mean.

    Loses: much where the errors of g do not matter to f.
    """
    distance = by.member_of.loss
    require(distance.letter == "d", f"the risk of {by.text} is not declared to be a distance to y")
    return at_most(
        "Lipschitz substitution",
        composed_risk(f, by),
        risk(f) + nonnegative(f.member_of.loss.lipschitz) * risk(by),
        "definition",
        "y ↦ ℓ(f(x,y),z) is L-Lipschitz in ℓ2 for every f",
        "every task has the (x,y) marginal of the unlabelled pairs",
    )


def hard_labelling(error: Quantity) -> Fact:
    """Some labelling of 2n shattered points costs any n-label learner ≥ ½(1 − 1/(2n))ⁿ.

    Half of the probability that a point is not seen. Shalev-Shwartz & Ben-David 2014 (proof of
    Theorem 5.1) count that at least n points are not seen, and have 1/4.

    Why: under a random labelling every guess at a point that was not seen is a coin toss; the
    worst labelling is no better than the average.

    Loses: how much worse than the average the worst labelling is.
    """
    size = error.subjects[0] if error.measure == "unimodal_error" else S.Zero
    known = error == unimodal_error(size)
    require(known, f"{error.name} is not the error of a learner from labels only")
    require(size.is_integer and size.is_positive, f"{size} is not a number of labels")
    return at_most(
        "no free lunch",
        (1 - 1 / (2 * size)) ** size / 2,
        error,
        "boundcalc",
        "the class shatters 2n points, x is uniform on them, the labels are realisable",
        "the learner sees n labelled examples of one task and nothing else",
    )


def root_is_nonnegative(root: Expr, *, term: str) -> Fact:
    """0 ≤ √(…), an expression in the parameters.

    Why: roots are not negative. It makes room for a published constant that is larger.

    Loses: all of the root: the published form is that much larger.
    """
    halves = all(part.is_Pow and abs(part.exp) == Rational(1, 2) for part in Mul.make_args(root))
    said = f"{root} is not a product of square roots that are ≥ 0"
    require(halves and provably_nonnegative(root), said)
    return at_most("nonnegativity", S.Zero, root, "definition", term=term)


def complexity_is_nonnegative(over: FunctionClass, *, sample: Sample) -> Fact:
    """0 ≤ R_m(F): E sup ≥ sup E = 0.

    Why: the supremum of means is at most the mean of the supremum, and every mean is 0.

    Loses: all of the complexity: the published form is that much larger.
    """
    return at_most(
        "nonnegativity", S.Zero, rademacher(over, sample), "definition", f"{over.text} nonempty"
    )


def in_expectation(fact: Fact) -> Fact:
    """The same fact between expectations over all samples; only for facts that always hold.

    A number that the user gives is the value on one sample, not a mean, and so is all that follows;
    a predictor that is fixed before some samples only has another mean over them than over all.

    Why: expectation preserves an inequality that holds on every sample.

    Loses: nothing beyond the fact itself.
    """
    for part in fact.tree():
        require(part.event is None, f"'{part.lemma}' may fail: its expectation does not follow")
        seen = part.observed or is_measured(part.lhs) or is_measured(part.rhs)
        measured = seen or part.source == "input"
        why = "has a number of one sample: its expectation does not follow"
        require(not measured, f"'{part.lemma}' {why}")
    sides = (side for part in fact.tree() for side in (part.lhs, part.rhs))
    for f in (thing for thing in spoken_of(*sides) if isinstance(thing, Predictor)):
        partly = bool(f.independent_of) and not f.fixed
        require(not partly, f"{f.text} is fixed before some samples only: it depends on the others")
    averages = {q: mean_of(q) for q in (*weights(fact.lhs), *weights(fact.rhs))}
    lhs, rhs = fact.lhs.subs(averages), fact.rhs.subs(averages)
    return replace(fact, lhs=lhs, rhs=rhs, settles=None, sets=(), inside=(fact,))


def mean_of(quantity: Quantity) -> Expr:
    """E of a quantity; the risk of a fixed predictor and an expected complexity are not random."""
    about = quantity.subjects
    averaged = quantity.measure in {"rademacher", "gaussian"} and Average.EMPIRICAL not in about
    known = averaged or quantity.measure == "risk"
    if quantity.measure == "mean" or (known and about[0].fixed):
        return quantity
    return mean(quantity)
