"""The rules of the calculus of complexities as lemmas: functions that return facts.

A composed class says of which operation on which complexities it is the result; each rule reads
that, checks that all are in one convention, and refuses otherwise. All hold for R̂_S as for R_m.
"""

from __future__ import annotations

from sympy import Expr, log, pi, sqrt

from boundcalc.conventions import Average, Output, Relation, Side
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.complexity_functions import Largest
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import at_most, equal, nonnegative, require
from boundcalc.symbolic.parameter import ParameterSymbol
from boundcalc.symbolic.quantities import FunctionClass, Quantity, Sample

_SIGNED = ("rademacher", "gaussian")


def sample_of(quantity: Quantity) -> Sample:
    """The sample of a complexity."""
    return quantity.subjects[1]  # type: ignore[no-any-return]


def average_of(quantity: Quantity) -> Average:
    """Expected or empirical; the Gaussian complexity of the lemma library is always expected."""
    return quantity.subjects[2] if isinstance(quantity.subjects[2], Average) else Average.EXPECTED


def _parts(whole: Quantity, operation: str, measures: tuple[str, ...] = _SIGNED) -> tuple[Quantity, ...]:
    """The complexities that a composed class is made of, all in its own convention."""
    over = whole.subjects[0]
    made = isinstance(over, StructuredClass) and over.operation == operation and bool(over.parts)
    require(made, f"{over.text} is not declared to be the result of the operation '{operation}'")
    for part in over.parts:
        same = (part.measure, sample_of(part), average_of(part)) == (
            whole.measure,
            sample_of(whole),
            average_of(whole),
        )
        require(same, f"{part.name} and {whole.name} are not in the same convention")
        require(part.measure in measures, f"the rule '{operation}' is not known for {part.name}")
    return over.parts  # type: ignore[no-any-return]


def _one(whole: Quantity, operation: str, measures: tuple[str, ...] = _SIGNED) -> Quantity:
    parts = _parts(whole, operation, measures)
    require(len(parts) == 1, f"'{operation}' is an operation on one class")
    return parts[0]


def _output(quantity: Quantity) -> Output:
    over: FunctionClass = quantity.subjects[0]
    return Output.SCALAR if quantity.subjects[-1] else over.output


def _same_output(whole: Quantity, *parts: Quantity) -> None:
    for part in parts:
        require(_output(part) is _output(whole), f"{part.name} has {_output(part)} outputs")


def sum_rule(whole: Quantity) -> Fact:
    """R(F₁ + … + F_k) = Σ R(F_i): the suprema are taken one by one; ≤ for absolute values."""
    absolute = (*_SIGNED, "rademacher_absolute", "gaussian_absolute")
    parts = _parts(whole, "sum", absolute)
    _same_output(whole, *parts)
    relation = Relation.EQUAL if whole.measure in _SIGNED else Relation.AT_MOST
    return Fact("sum of classes", whole, relation, sum(parts), "bartlett2002")


def scale_rule(whole: Quantity, *, factor: Expr) -> Fact:
    """R(cF) = |c| R(F): the signs are symmetric."""
    part = _one(whole, "scale", (*_SIGNED, "rademacher_absolute", "gaussian_absolute"))
    _same_output(whole, part)
    return equal("scaling", whole, nonnegative(factor) * part, "bartlett2002")


def shift_rule(whole: Quantity) -> Fact:
    """R(F + f₀) = R(F): E Σ σ_i f₀(x_i) = 0; not for absolute values."""
    part = _one(whole, "offset")
    _same_output(whole, part)
    why = "f₀ is one function, fixed before the data"
    return equal("fixed shift", whole, part, "bartlett2002", why)


def subset_rule(whole: Quantity) -> Fact:
    """R(F′) ≤ R(F) for F′ ⊆ F."""
    part = _one(whole, "subset", (*_SIGNED, "rademacher_absolute", "gaussian_absolute"))
    _same_output(whole, part)
    why = f"{whole.subjects[0].text} is contained in {part.subjects[0].text}"
    return at_most("subset", whole, part, "definition", why)


def hull_rule(whole: Quantity) -> Fact:
    """R(conv F) = R(F): a linear function on a convex hull is largest at a point of F."""
    part = _one(whole, "convex-hull", (*_SIGNED, "rademacher_absolute", "gaussian_absolute"))
    _same_output(whole, part)
    return equal("convex hull", whole, part, "bartlett2002")


def lipschitz_rule(whole: Quantity, *, constant: Expr) -> Fact:
    """R(φ∘F) ≤ L R(F), φ L-Lipschitz on the line; φ may depend on the example."""
    part = _one(whole, "lipschitz")
    require(_output(part) is Output.SCALAR, f"{part.name} has vector outputs")
    why = "φ is L-Lipschitz in the output, for every example"
    return at_most("contraction", whole, nonnegative(constant) * part, "ledoux1991", why)


def vector_rule(whole: Quantity, *, constant: Expr) -> Fact:
    """R(φ∘F) ≤ √2 L R^vec(F), and G(φ∘F) ≤ L G^vec(F), φ real-valued and L-Lipschitz in ℓ2."""
    part = _one(whole, "vector-contraction")
    require(_output(part) is Output.VECTOR, f"{part.name} does not have vector outputs")
    require(_output(whole) is Output.SCALAR, f"{whole.name} does not have one output")
    gauss = part.measure == "gaussian"
    factor = nonnegative(constant) if gauss else sqrt(2) * nonnegative(constant)
    return at_most(
        "Gaussian comparison" if gauss else "vector contraction",
        whole,
        factor * part,
        "maurer2016chain" if gauss else "maurer2016",
        "φ is real-valued and L-Lipschitz in ℓ2 in the outputs, for every example",
    )


def maximum_rule(whole: Quantity) -> Fact:
    """R(max(F₁, …, F_k)) ≤ Σ R(F_i): max(a, b) = (a + b + |a − b|)/2, and |·| contracts."""
    parts = _parts(whole, "max", ("rademacher",))
    for part in parts:
        require(_output(part) is Output.SCALAR, f"{part.name} has vector outputs")
    return at_most("pointwise maximum", whole, sum(parts), "mohri2018")


def _largest(parts: tuple[Quantity, ...]) -> Quantity:
    text = ", ".join(part.name for part in parts)
    latex = ", ".join(part.latex for part in parts)
    return Quantity("largest", parts, f"max({text})", rf"\max({latex})")


def union_rule(whole: Quantity, *, bound: Expr) -> Fact:
    """R(F₁ ∪ … ∪ F_N) ≤ max R(F_i) + b √(2 ln N/m).

    The supremum over one F_i moves by at most 2b/m with one example and its sign: it is sub-Gaussian
    with variance b²/m, and so is the maximum of N of them around the largest mean.
    """
    parts = _parts(whole, "union", ("rademacher",))
    for part in parts:
        require(_output(part) is Output.SCALAR, f"{part.name} has vector outputs")
    spread = nonnegative(bound) * sqrt(2 * log(len(parts)) / sample_of(whole).size)
    why = "|f| ≤ b, or all values of all classes lie in one interval of length 2b"
    return Fact(
        "union of classes",
        whole,
        Relation.AT_MOST,
        _largest(parts) + spread,
        "boundcalc",
        assumptions=(why,),
        term="union",
    )


def largest_rule(proofs: tuple[Derivation, ...]) -> Fact:
    """The largest of several complexities is at most the largest of their bounds.

    The kernel checks the proofs of the bounds first; each must hold always.
    """
    for proof in proofs:
        Derivation.check(proof)
        paid = "one of the bounds may fail: pay for its event after the union is formed, not before"
        require(proof.failure == 0, paid)
        upper = proof.side is Side.UPPER and isinstance(proof.claim, Quantity)
        require(upper, f"{proof.claim} is not a complexity with an upper bound")
    bounds = tuple(proof.expression for proof in proofs)
    limit = bounds[0] if len(bounds) == 1 else Largest(*bounds)
    whole = _largest(tuple(proof.claim for proof in proofs))
    return Fact(
        "largest of the bounds",
        whole,
        Relation.AT_MOST,
        limit,
        "definition",
        term="largest part",
        inside=tuple(step.fact for proof in proofs for step in proof.steps),
    )


def gaussian_rule(rademacher: Quantity, gaussian: Quantity) -> Fact:
    """R(F) ≤ √(π/2) G(F): E|g| = √(2/π), and Jensen over the sizes of the normals."""
    same = (rademacher.subjects[0], sample_of(rademacher), average_of(rademacher)) == (
        gaussian.subjects[0],
        sample_of(gaussian),
        average_of(gaussian),
    )
    require(same, f"{rademacher.name} and {gaussian.name} are not of one class in one convention")
    kinds = (rademacher.measure, gaussian.measure) == ("rademacher", "gaussian")
    require(kinds, f"{gaussian.name} is not a Gaussian complexity")
    return at_most("Gaussian from Rademacher", rademacher, sqrt(pi / 2) * gaussian, "ledoux1991")


def signed_rule(signed: Quantity, absolute: Quantity) -> Fact:
    """R(F) ≤ E sup |…|: a number is at most its absolute value."""
    same = signed.subjects[:2] == absolute.subjects[:2] and average_of(signed) is average_of(absolute)
    require(same, f"{signed.name} and {absolute.name} are not of one class in one convention")
    require(absolute.measure == f"{signed.measure}_absolute", f"{absolute.name} has no absolute value")
    return at_most("signed from absolute", signed, absolute, "definition")


def identity(of: Quantity, defined: Quantity) -> Fact:
    """The class that a theorem speaks of is the class described."""
    same = (of.measure, sample_of(of), average_of(of), _output(of)) == (
        defined.measure,
        sample_of(defined),
        average_of(defined),
        _output(defined),
    )
    require(same, f"{of.name} and {defined.name} are not in the same convention")
    why = f"{of.subjects[0].text} is {defined.subjects[0].text}"
    return equal("definition of the class", of, defined, "definition", why)


def given_bound(of: Quantity, value: ParameterSymbol) -> Fact:
    """A complexity is at most the number that the user gives, in the conventions that the user names."""
    why = "computed elsewhere, in the conventions named"
    return at_most("given", of, value, "input", why)
