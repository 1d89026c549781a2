"""Lemmas between the classes of nested modality subsets, ranges of losses, and paired differences.

Where N ⊆ M and the class of N is contained in that of M (missing modalities are a constant input),
every supremum over the larger class is larger and every infimum smaller, on the same sample.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import S

from boundcalc.conventions import Average, Side
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas.guards import at_most, equal, require, require_in
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Predictor,
    Quantity,
    Sample,
    best_empirical_risk,
    deviation,
    empirical_risk,
    rademacher,
    risk,
)


@dataclass(frozen=True)
class ModalityClass(FunctionClass):
    """The class of one subset of the modalities.

    Attributes
    ----------
    sees : frozenset of str
    family : str
        Classes of one family are declared to be nested as their subsets are; empty for a class of
        no family.
    """

    sees: frozenset[str] = frozenset()
    family: str = ""

    def is_within(self, other: FunctionClass) -> bool:
        """Whether this class is declared to be contained in `other`."""
        if super().is_within(other) or not isinstance(other, ModalityClass):
            return super().is_within(other)
        alike = self._without_subset() == other._without_subset()
        return alike and self.family != "" and self.sees <= other.sees

    def _without_subset(self) -> ModalityClass:
        return replace(self, text="", latex="", sees=frozenset())


def _nested(smaller: FunctionClass, larger: FunctionClass) -> str:
    require_in(smaller, larger)
    return f"{smaller.text} is contained in {larger.text}"


def nested_deviation(
    smaller: FunctionClass, *, larger: FunctionClass, sample: Sample, side: Side
) -> Fact:
    """Δ±(F') ≤ Δ±(F) for F' ⊆ F.

    Why: a supremum over fewer functions is smaller.

    Loses: what the larger class has beside the smaller one.
    """
    why = _nested(smaller, larger)
    lhs, rhs = deviation(smaller, sample, side), deviation(larger, sample, side)
    return at_most("nested classes", lhs, rhs, "definition", why)


def nested_complexity(
    smaller: FunctionClass,
    *,
    larger: FunctionClass,
    sample: Sample,
    average: Average,
    loss_class: bool,
) -> Fact:
    """R(F') ≤ R(F) for F' ⊆ F; also for the loss classes and on the sample.

    Why: a supremum over fewer functions is smaller.

    Loses: what the larger class has beside the smaller one.
    """
    why = _nested(smaller, larger)
    low, high = (
        rademacher(over, sample, average=average, loss_class=loss_class)
        for over in (smaller, larger)
    )
    return at_most("nested classes", low, high, "definition", why)


def nested_empirical_infimum(
    smaller: FunctionClass, *, larger: FunctionClass, sample: Sample
) -> Fact:
    """inf r̂(F) ≤ inf r̂(F') for F' ⊆ F.

    Why: an infimum over more functions is smaller.

    Loses: what the larger class gains on the sample.
    """
    why = _nested(smaller, larger)
    low, high = best_empirical_risk(larger, sample), best_empirical_risk(smaller, sample)
    return at_most("nested classes", low, high, "definition", why)


def empirical_infimum(over: FunctionClass, *, at: Predictor, sample: Sample) -> Fact:
    """inf r̂(F) ≤ r̂(f) for f in F.

    Why: an infimum is below every value.

    Loses: how far f is from the best on the sample.
    """
    require_in(at, over)
    lhs, rhs = best_empirical_risk(over, sample), empirical_risk(at, sample)
    return at_most("infimum", lhs, rhs, "definition", f"{at.text} in {over.text}")


def erm_infimum(f: Predictor, *, sample: Sample, gap: object = S.Zero) -> Fact:
    """r̂(f̂) ≤ inf r̂(F) + ε, for f̂ an empirical risk minimiser over F up to ε.

    Why: that is what an empirical risk minimiser is.

    Loses: nothing beyond the optimisation gap.
    """
    learned = f.erm_over is not None and f.erm_on == sample.text
    require(learned, f"{f.text} is not declared an empirical risk minimiser on {sample.text}")
    said = f"the optimisation gap {gap} is not known to be at least 0"
    require(provably_nonnegative(S(gap)), said)
    assert f.erm_over is not None
    require_in(f, f.erm_over)
    lhs, rhs = empirical_risk(f, sample), best_empirical_risk(f.erm_over, sample) + gap
    why = f"{f.text} minimises r̂ over {f.erm_over.text} up to the optimisation gap"
    return at_most("ERM optimality", lhs, rhs, "definition", why, term="optimisation_gap")


def loss_range(mean_loss: Quantity, *, side: Side) -> Fact:
    """0 ≤ r(f) ≤ C, for a risk or an empirical risk: the loss lies in [0, C].

    Why: the mean of a loss lies where the loss does.

    Loses: how far the mean is from the end of the range.
    """
    said = f"{mean_loss.name} is not the mean of a loss"
    require(mean_loss.measure in {"risk", "empirical_risk"}, said)
    width = mean_loss.subjects[0].member_of.loss.width
    require(provably_nonnegative(width), f"{width} is not the length of an interval")
    low, high = (mean_loss, width) if side is Side.UPPER else (S.Zero, mean_loss)
    return at_most("range of the loss", low, high, "definition", f"the loss lies in [0, {width}]")


def paired_risk(difference: Predictor, *, first: Predictor, second: Predictor) -> Fact:
    """r(d) = r(f) − r(f') + C: the shifted difference of two losses in [0, C] is a loss in
    [0, 2C].

    Why: expectation is linear.

    Loses: nothing: it is an equation.
    """
    loss, width = first.member_of.loss, first.member_of.loss.width
    require(second.member_of.loss == loss, f"{first.text} and {second.text} have different losses")
    said = f"{difference.text} does not take values in [0, 2C]"
    require(difference.member_of.loss.width == 2 * width, said)
    _require_made(difference, pair_name(first, second), first, second)
    lhs, rhs = risk(difference), risk(first) - risk(second) + width
    why = "both losses are of the same examples"
    return equal("difference of losses", lhs, rhs, "definition", why)


def discordant_risks(
    only_first: Predictor, only_second: Predictor, *, first: Predictor, second: Predictor
) -> Fact:
    """r(f) − r(f') = P(only f errs) − P(only f' errs), for 0/1 losses.

    Why: where both err, or neither, the losses do not differ.

    Loses: nothing: it is an equation.
    """
    for f in (first, second, only_first, only_second):
        require(f.member_of.loss.zero_one, f"the loss of {f.text} is not declared to be 0 or 1")
    for only, f, other in ((only_first, first, second), (only_second, second, first)):
        _require_made(only, only_name(f, other), f, other)
    lhs, rhs = risk(first) - risk(second), risk(only_first) - risk(only_second)
    return equal("discordant pairs", lhs, rhs, "definition", "both losses are of the same examples")


def _require_made(made: Predictor, name: str, *of: Predictor) -> None:
    """It is made of these two, and fixed for no sample that one of them was learned on."""
    known = made.made_of == of and of[0].text != of[1].text and made.text == name
    require(known, f"{made.text} is not declared to be {name}")
    for f in of:
        why = f"{made.text} depends on whatever {f.text} depends on"
        require(made.depends_no_less_than(f), why)


def only_name(f: Predictor, other: Predictor) -> str:
    """What the 0/1 loss is called that is 1 where one predictor errs and another does not."""
    return f"{f.text} errs, {other.text} not"


def pair_name(first: Predictor, second: Predictor) -> str:
    """What the shifted difference of two losses is called."""
    return f"{first.text}−{second.text}"
