"""Two views of one object: how much either says of the label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, expand, log, sqrt

from boundcalc.symbolic.analysis.ranges import range_of
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    equal,
    from_proofs,
    given_number,
    nonnegative,
    require,
)
from boundcalc.symbolic.quantities import Quantity


@dataclass(frozen=True)
class ConditionalMean:
    """E[of | given], a conditional mean of the label or of another conditional mean."""

    of: str | ConditionalMean
    given: frozenset[str]

    @property
    def text(self) -> str:
        """As it is printed."""
        inner = self.of if isinstance(self.of, str) else self.of.text
        return f"E[{inner}|{','.join(sorted(self.given))}]"

    def given_only(self, *views: str) -> ConditionalMean:
        """Its conditional mean, given some views: that of the label, if it may be so."""
        fewer = frozenset(views)
        return ConditionalMean(self.of if fewer <= self.given else self, fewer)


def distance(a: ConditionalMean, b: ConditionalMean) -> Quantity:
    """√E(a − b)²."""
    text, latex = f"‖{a.text} − {b.text}‖", rf"\Vert {a.text}-{b.text}\Vert".replace("|", r"\mid ")
    return Quantity("distance", (a, b), text, latex)


def squared(of: Quantity) -> Quantity:
    """The square of a distance."""
    return Quantity("squared", (of,), f"{of.name}²", f"{of.latex}^2")


def triangle(a: ConditionalMean, c: ConditionalMean, *, by: ConditionalMean) -> Fact:
    """‖a − c‖ ≤ ‖a − b‖ + ‖b − c‖ in L².

    Why: the norm of L² is a norm.

    Loses: how far b is from lying between a and c.
    """
    return at_most("triangle", distance(a, c), distance(a, by) + distance(by, c), "definition")


def pythagoras(a: ConditionalMean, c: ConditionalMean, *, by: ConditionalMean) -> Fact:
    """‖a − c‖² = ‖a − b‖² + ‖b − c‖² in L², b the conditional mean of c, given what a is a function
    of.

    Why: the rest c − b is uncorrelated with every function of what b is a mean given.

    Loses: nothing: it is an equation.
    """
    seen = a.given <= by.given and by == c.given_only(*by.given)
    require(seen, f"{by.text} is not the mean of {c.text}, given what {a.text} depends on")
    parts = squared(distance(a, by)) + squared(distance(by, c))
    return equal(
        "orthogonality", squared(distance(a, c)), parts, "definition", "finite second moments"
    )


def projection(a: ConditionalMean, b: ConditionalMean, *, on: str, squares: bool = False) -> Fact:
    """‖E[a|X] − E[b|X]‖ ≤ ‖a − b‖ in L² (Jensen); `squares` has the squares of both.

    Why: a conditional mean is a projection, and a projection shortens.

    Loses: what the other view adds to the difference.
    """
    left, right = distance(a.given_only(on), b.given_only(on)), distance(a, b)
    if squares:
        left, right = squared(left), squared(right)
    return at_most("projection", left, right, "definition", "finite second moments")


def redundancy(
    a: ConditionalMean, b: ConditionalMean, *, value: Expr, squares: bool = False
) -> Fact:
    """‖a − b‖ ≤ √ε, where ε is given as a bound on the mean squared difference; or `squares`.

    Why: it is your number.

    Loses: how much it is over-estimated.
    """
    given_number(value, "redundancy", "a redundancy")
    d = distance(a, b)
    sides = (squared(d), value) if squares else (d, sqrt(value))
    return at_most("given", *sides, "input", term="redundancy")


def square(proof: Derivation) -> Fact:
    """d² ≤ b², where the proof has d ≤ b for a distance d ≥ 0, and b ≥ 0.

    Why: squares of numbers that are at least 0 are in the order of the numbers.

    Loses: nothing.
    """
    claim = proof.claim
    about: tuple[Any, ...] = getattr(claim, "subjects", ())
    known = len(about) == 2 and all(isinstance(a, ConditionalMean) for a in about)
    known = known and claim == distance(*about)
    require(known, f"{claim} is not a distance")
    limit = expand(nonnegative(proof.limit) ** 2)
    return from_proofs("square", squared(claim), limit, "definition", proof, term="redundancy")


def accuracy() -> Quantity:
    """The probability that the label is predicted rightly, from all views."""
    return Quantity("accuracy", (), "P(f(x) = Y)", r"\mathbb{P}(f(x)=Y)")


def label_entropy() -> Quantity:
    """H(Y), in bits."""
    return Quantity("label_entropy", (), "H(Y)", "H(Y)")


def remaining_entropy() -> Quantity:
    """H(Y|X₁,X₂), in bits: what the views leave open."""
    return Quantity("remaining_entropy", (), "H(Y|X₁,X₂)", r"H(Y\mid X_1,X_2)")


def label_information() -> Quantity:
    """I(X₁,X₂;Y), in bits."""
    return Quantity("information_bits", (), "I(X₁,X₂;Y)", "I(X_1,X_2;Y)")


def bits(classes: Expr) -> Expr:
    """log₂ of a number of classes, at least 2."""
    known = bool(classes.is_integer) and range_of(classes, {}).low >= 2
    require(known, f"{classes} is no number of classes")
    return log(classes) / log(2)


def fano(*, classes: Expr) -> Fact:
    """H(Y|X₁,X₂) ≤ 1 + P(f(x) ≠ Y) log₂ |Y|, whatever is predicted from X₁ and X₂.

    Why: whether the prediction is right is one bit, and the label, if it is wrong, at most log₂
    |Y| bits.

    Loses: the entropy of being wrong, where that is less than a bit.
    """
    k = bits(classes)
    return at_most("Fano", accuracy(), (1 + k - remaining_entropy()) / k, "cover2006")


def information_is_gain() -> Fact:
    """I(X₁,X₂;Y) = H(Y) − H(Y|X₁,X₂).

    Why: that is what information is.

    Loses: nothing: it is an equation.
    """
    lhs, rhs = -remaining_entropy(), label_information() - label_entropy()
    return equal("definition of information", lhs, rhs, "cover2006")


def uniform_labels(*, classes: Expr) -> Fact:
    """H(Y) = log₂ |Y| where all labels are equally likely.

    Why: all labels are equally likely.

    Loses: nothing: it is an equation.
    """
    lhs, rhs = label_entropy(), bits(classes)
    return equal("uniform labels", lhs, rhs, "definition", "all labels are equally likely")


def given_information(value: Expr, *, classes: Expr) -> Fact:
    """I(X₁,X₂;Y)/log₂ |Y| is at most the number of bits that is given, divided likewise.

    Why: it is your number.

    Loses: how much it is over-estimated.
    """
    given_number(value, "information_bits", "an information")
    k = bits(classes)
    return at_most("given", label_information() / k, value / k, "input", term="information")
