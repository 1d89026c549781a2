"""The rules of the calculus of complexities as lemmas: functions that return facts.

A composed class says of which operation on which complexities it is the result, and with which
constants; each rule reads that, checks that all are in one convention, and refuses otherwise. All
hold for R̂_S as for R_m.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import log, pi, sqrt

from boundcalc.conventions import Output
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.consistency import spoken_of
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import at_most, equal, require
from boundcalc.symbolic.quantities import Quantity, convention, largest

_SIGNED = ("rademacher", "gaussian")
_ALL = (*_SIGNED, "rademacher_absolute", "gaussian_absolute")


def _parts(
    whole: Quantity,
    operation: str,
    measures: tuple[str, ...] = _SIGNED,
    *,
    of: Output | None = None,
    to: Output | None = None,
) -> tuple[Quantity, ...]:
    """The complexities that a composed class is made of, all in its own convention.

    ℓ∘F may be a part: it is a class of functions with one output. The result is the composed class
    and never its loss class, of which no rule speaks. `of` and `to` are the outputs that an
    operation needs; where it leaves them open, all have the same.
    """
    over, own = whole.subjects[0], convention(whole)
    made = isinstance(over, StructuredClass) and over.operation == operation and bool(over.parts)
    require(made, f"{over.text} is not declared to be the result of the operation '{operation}'")
    require(own.measure in measures, f"the rule '{operation}' is not known for {whole.name}")
    require(to in (None, own.output), _differs(whole, operation))
    for part in over.parts:
        same = replace(convention(part), loss=None) == replace(own, output=of or own.output)
        require(same, _differs(part, operation))
    return over.parts  # type: ignore[no-any-return]


def _differs(quantity: Quantity, operation: str) -> str:
    return f"{quantity.name} is not in the same convention as the rule '{operation}' needs"


def _one(
    whole: Quantity,
    operation: str,
    measures: tuple[str, ...] = _SIGNED,
    **outputs: Output,
) -> Quantity:
    parts = _parts(whole, operation, measures, **outputs)
    require(len(parts) == 1, f"'{operation}' is an operation on one class")
    return parts[0]


def sum_rule(whole: Quantity) -> Fact:
    """R(F₁ + … + F_k) = Σ R(F_i): the suprema are taken one by one; ≤ for absolute values.

    Why: the suprema are taken one by one.

    Loses: nothing for signed complexities.
    """
    parts = _parts(whole, "sum", _ALL)
    related = equal if whole.measure in _SIGNED else at_most
    return related("sum of classes", whole, sum(parts), "bartlett2002")


def scale_rule(whole: Quantity) -> Fact:
    """R(cF) = |c| R(F): the signs are symmetric; the class says |c|.

    Why: the signs are symmetric.

    Loses: nothing: it is an equation.
    """
    part = _one(whole, "scale", _ALL)
    return equal("scaling", whole, whole.subjects[0].constant("factor") * part, "bartlett2002")


def shift_rule(whole: Quantity) -> Fact:
    """R(F + f₀) = R(F): E Σ σ_i f₀(x_i) = 0; not for absolute values.

    Why: one fixed function has a signed sum of mean 0.

    Loses: nothing: it is an equation.
    """
    part = _one(whole, "offset")
    why = "f₀ is one function, fixed before the data"
    return equal("fixed shift", whole, part, "bartlett2002", why)


def subset_rule(whole: Quantity) -> Fact:
    """R(F′) ≤ R(F) for F′ ⊆ F.

    Why: a supremum over fewer functions is smaller.

    Loses: what the larger class has beside the smaller one.
    """
    part = _one(whole, "subset", _ALL)
    why = f"{whole.subjects[0].text} is contained in {part.subjects[0].text}"
    return at_most("subset", whole, part, "definition", why)


def hull_rule(whole: Quantity) -> Fact:
    """R(conv F) = R(F): a linear function on a convex hull is largest at a point of F.

    Why: a linear function on a convex hull is largest at a point of the class.

    Loses: nothing: it is an equation.
    """
    return equal("convex hull", whole, _one(whole, "convex-hull", _ALL), "bartlett2002")


def lipschitz_rule(whole: Quantity) -> Fact:
    """R(φ∘F) ≤ L R(F), φ L-Lipschitz on the line; φ may depend on the example.

    Why: replace φ by L times the identity, one example at a time.

    Loses: much where φ is flat.
    """
    part = _one(whole, "lipschitz", of=Output.SCALAR, to=Output.SCALAR)
    constant = whole.subjects[0].constant("lipschitz")
    why = "φ is L-Lipschitz in the output, for every example"
    return at_most("contraction", whole, constant * part, "ledoux1991", why)


def vector_rule(whole: Quantity) -> Fact:
    """R(φ∘F) ≤ √2 L R^vec(F), and G(φ∘F) ≤ L G^vec(F), φ real-valued and L-Lipschitz in ℓ2.

    Why: replace φ by a signed sum of the outputs, one example at a time; for normals,
    Sudakov–Fernique.

    Loses: √2 for signs, and much where φ is flat.
    """
    part = _one(whole, "vector-contraction", of=Output.VECTOR, to=Output.SCALAR)
    constant = whole.subjects[0].constant("lipschitz")
    gauss = part.measure == "gaussian"
    return at_most(
        "Gaussian comparison" if gauss else "vector contraction",
        whole,
        (constant if gauss else sqrt(2) * constant) * part,
        "maurer2016chain" if gauss else "maurer2016",
        "φ is real-valued and L-Lipschitz in ℓ2 in the outputs, for every example",
    )


def maximum_rule(whole: Quantity) -> Fact:
    """R(max(F₁, …, F_k)) ≤ Σ R(F_i): max(a, b) = (a + b + |a − b|)/2, and |·| contracts.

    Why: max(a, b) = (a + b + |a − b|)/2, and |·| is 1-Lipschitz.

    Loses: much where one class is nearly always the larger one.
    """
    parts = _parts(whole, "max", ("rademacher",), of=Output.SCALAR, to=Output.SCALAR)
    return at_most("pointwise maximum", whole, sum(parts), "mohri2018")


def union_rule(whole: Quantity) -> Fact:
    """R(F₁ ∪ … ∪ F_N) ≤ max R(F_i) + b √(2 ln N/m); the class says b.

    The supremum over one F_i moves by at most 2b/m with one example and its sign: it is
    sub-Gaussian with variance b²/m, and so is the maximum of N of them around the largest mean.

    Why: each supremum is sub-Gaussian about its mean, and there are N of them.

    Loses: how much the suprema depend on each other.
    """
    parts = _parts(whole, "union", ("rademacher",), of=Output.SCALAR, to=Output.SCALAR)
    bound = whole.subjects[0].constant("bound")
    spread = bound * sqrt(2 * log(len(parts)) / convention(whole).sample.size)
    why = "|f| ≤ b, or all values of all classes lie in one interval of length 2b"
    total = largest(*parts) + spread
    return at_most("union of classes", whole, total, "boundcalc", why, term="union")


def _of_one_class(one: Quantity, other: Quantity, measure: str) -> None:
    """Refuse complexities that differ in more than the measure, which `other` has to have."""
    require(other.measure == measure, f"{other.name} is not a complexity of the kind '{measure}'")
    same = one.subjects[0] == other.subjects[0]
    same = same and replace(convention(one), measure=measure) == convention(other)
    require(same, f"{one.name} and {other.name} are not of one class in one convention")


def gaussian_rule(rademacher: Quantity, gaussian: Quantity) -> Fact:
    """R(F) ≤ √(π/2) G(F): E|g| = √(2/π), and Jensen over the sizes of the normals.

    Why: a normal is a sign times a size of mean √(2/π); Jensen over the sizes.

    Loses: up to a factor of order √(ln m).
    """
    require(rademacher.measure == "rademacher", f"{rademacher.name} is not a Rademacher complexity")
    _of_one_class(rademacher, gaussian, "gaussian")
    return at_most("Gaussian from Rademacher", rademacher, sqrt(pi / 2) * gaussian, "ledoux1991")


def signed_rule(signed: Quantity, absolute: Quantity) -> Fact:
    """R(F) ≤ E sup |…|: a number is at most its absolute value.

    Why: a number is at most its absolute value.

    Loses: much for a small class, and for one function all of it; nothing for a symmetric one.
    """
    _of_one_class(signed, absolute, f"{signed.measure}_absolute")
    return at_most("signed from absolute", signed, absolute, "definition")


def identity(of: Quantity, defined: Quantity) -> Fact:
    """The class that a theorem speaks of is the class described.

    Why: it is said what the class is.

    Loses: nothing: it is an equation.
    """
    same = convention(of) == convention(defined)
    require(same, f"{of.name} and {defined.name} are not in the same convention")
    over, known = of.subjects[0], defined.subjects[0]
    open_ = not isinstance(over, StructuredClass) and over not in spoken_of(defined)
    require(open_, f"{over.text} says already what it is, or is defined by itself")
    why = f"{over.text} is {known.text}"
    lemma, about = "definition of the class", {"settles": over, "settled_as": known}
    return equal(lemma, of, defined, "definition", why, **about)


def given_bound(of: Quantity) -> Fact:
    """A complexity is at most the number that its class gives, in the conventions named.

    Why: it is your number.

    Loses: how much it is over-estimated.
    """
    own, over = convention(of), of.subjects[0]
    known = isinstance(over, StructuredClass) and over.operation == "given"
    require(known, f"the complexity of {over.text} is not declared to be given")
    why = "computed elsewhere, in the conventions named"
    value = over.constant("given_complexity")
    return at_most("given", of, value, "input", why, settles=over, settled_as=own)
