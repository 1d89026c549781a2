"""Classes from names, numbers and other classes; and classes put into the proof of a theorem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar

from boundcalc.calculus import agreement as need
from boundcalc.calculus import operations
from boundcalc.calculus.composed import Complexity, combined
from boundcalc.calculus.inputs import checked, fitting, named
from boundcalc.calculus.tree import Around, Leaf, Tree, build
from boundcalc.conventions import Average, Noise, Output, Signs, Status
from boundcalc.errors import ConventionError, InputError, nearest, shown
from boundcalc.symbolic.catalogue import complexity_class
from boundcalc.symbolic.complexity import ComplexityClass, Tags
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas.composition import identity
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.quantities import FunctionClass, Quantity, convention, quantities_in

Choice = TypeVar("Choice", bound=StrEnum)


def usable(id: str) -> ComplexityClass:
    """A class of the catalogue whose constants are known.

    Raises
    ------
    UnknownNameError, InputError
        If there is none of that id, or its constants are unknown.
    """
    entry = complexity_class(id)
    if entry.status is Status.CONSTANTS_UNKNOWN:
        raise InputError(f"{id} has no value: {entry.reason}")
    return entry


def function_class(
    id: str,
    /,
    *,
    m: int,
    form: str | None = None,
    average: Average | str | None = None,
    **inputs: Any,
) -> Complexity:
    """A class of the catalogue.

    Parameters
    ----------
    id : str
        For example ``"linear-l2"``.
    m : int
        The number of examples. It and other single numbers may be SymPy expressions that are known
        to be allowed, such as `boundcalc.symbol` ones: then `closed_form` is the bound.
    form : str, optional
        Which of its forms; where left out, the first whose inputs are the ones given.
    average : str, optional
        ``"expected"`` or ``"empirical"``, for a form that bounds both.
    **inputs
        The parameters of the class by name or alias; lists where the parameter is one.

    Raises
    ------
    UnknownNameError, DomainError, InputError
        For input that cannot be used, and for a class whose constants are unknown.
    """
    entry = usable(id)
    if entry.selector != "form" and entry.selector in inputs:
        form = inputs.pop(entry.selector)
    if form is not None and not isinstance(form, str):
        raise InputError(f"{entry.selector} must be text, not {shown(form)}")
    size, numbers = checked(parameter("m"), m), named(entry, inputs)
    only = entry if form is None else replace(entry, forms={form: entry.form(form)})
    chosen = fitting(only, numbers, size)
    made = Complexity(
        replace(entry.tags, averages=chosen.averages), size, Leaf(entry, chosen), (), numbers
    )
    if average is None:
        return made
    wanted = choice(Average, "average", average)
    return made.on_sample() if wanted is Average.EMPIRICAL else made.expected()


def given(
    value: float,
    *,
    m: int,
    average: Average | str = Average.EXPECTED,
    signs: Signs | str = Signs.SIGNED,
    output: Output | str = Output.SCALAR,
    noise: Noise | str = Noise.RADEMACHER,
) -> Complexity:
    """A class whose complexity was bounded elsewhere, in the conventions named.

    A Monte-Carlo estimate is not a bound.
    """
    tags = Tags(
        averages=(choice(Average, "average", average),),
        signs=choice(Signs, "signs", signs),
        output=choice(Output, "output", output),
        noise=choice(Noise, "noise", noise),
    )
    numbers = {"given_complexity": checked(parameter("given_complexity"), value)}
    return Complexity(tags, checked(parameter("m"), m), operations.GIVEN, (), numbers)


def sum_of(*parts: Complexity) -> Complexity:
    """{f₁ + … + f_k : f_i in F_i}: R = Σ R(F_i)."""
    return combined(operations.SUM, parts, "the sum")


def max_of(*parts: Complexity) -> Complexity:
    """{max(f₁, …, f_k) : f_i in F_i}, point by point: R ≤ Σ R(F_i)."""
    for part in parts:
        need.rademacher(part, "the maximum")
        need.signed(part, "the maximum")
        need.scalar(part, "the maximum")
    return combined(operations.MAXIMUM, parts, "the maximum")


def union(*parts: Complexity, bound: float) -> Complexity:
    """F₁ ∪ … ∪ F_N: R ≤ max R(F_i) + b √(2 ln N/m), all values in one interval of length 2b."""
    for part in parts:
        need.rademacher(part, "the union")
        need.signed(part, "the union")
        need.scalar(part, "the union")
        if part.derivation.events:
            raise ConventionError(
                "the union needs bounds that always hold: take .expected(delta=…) after it"
            )
    b = checked(parameter("bound"), bound)
    need.require_within(parts, b)
    return combined(operations.UNION, parts, "the union", bound=b)


def late_fusion(
    *, norms: Sequence[float], radii: Sequence[float], m: int, joint: bool = False
) -> Complexity:
    """Σ_k ⟨β_k, φ_k(x⁽ᵏ⁾)⟩ with ‖φ_k(x⁽ᵏ⁾)‖₂ ≤ X_k.

    Parameters
    ----------
    norms : sequence of float
        With separate norms ‖β_k‖₂ ≤ B_k one a modality: a sum of classes. With one joint norm
        ‖(β_1, …, β_K)‖₂ ≤ B one number in all: one ball on inputs of squared radius Σ_k X_k².
    radii : sequence of float
        X_k, one a modality.
    m : int
    joint : bool
    """
    limits, sizes = parameter("norms").check(norms), parameter("radii").check(radii)
    if not isinstance(joint, bool):
        raise InputError(f"joint must be true or false, not {shown(joint)}")
    if joint:
        if len(limits) != 1:
            raise InputError(f"a joint norm is one number for all weights; norms has {len(limits)}")
        return function_class("linear-l2", norm=limits[0], radii=sizes, m=m)
    if len(limits) != len(sizes):
        raise InputError(
            f"norms has {len(limits)} entries and radii {len(sizes)}: one of each a modality"
        )
    parts = (
        function_class("linear-l2", norm=B, radius=X, m=m)
        for B, X in zip(limits, sizes, strict=True)
    )
    return sum_of(*parts)


def choice(kinds: type[Choice], name: str, value: object) -> Choice:
    """One of a few words.

    Raises
    ------
    InputError
        The message names the nearest one.
    """
    known = {str(kind).lower(): kind for kind in kinds}
    if not isinstance(value, str) or value.lower() not in known:
        hint = nearest(value.lower(), known) if isinstance(value, str) else ""
        raise InputError(f"{name} must be {' or '.join(known)}, not {shown(value)}{hint}")
    return known[value.lower()]


# --- classes in the proof of a theorem ------------------------------------------------------------


def complete(proof: Derivation, **classes: Complexity) -> Derivation:
    """Put classes into a proof that takes complexities as given numbers: one, down to the weights.

    Parameters
    ----------
    proof : Derivation
        For example that of a theorem's variant.
    **classes : Complexity
        The class for each of its parameters, for example ``rademacher=F``.

    Raises
    ------
    ConventionError
        If a class is not in the convention in which the proof uses it.
    InputError
        If the proof has no such parameter.
    """
    return inserted(proof, classes)[0]


def inserted(
    proof: Derivation, classes: Mapping[str, Complexity]
) -> tuple[Derivation, tuple[Tree, ...]]:
    """The proof with the classes put in, and their trees: what the new symbols stand for."""
    around = _surroundings(proof)
    waiting, lines, trees = dict(classes), list[Apply](), list[Tree]()
    for line in proof.lines:
        name = getattr(line.fact.rhs, "name", "")
        if line.fact.lemma == "given" and isinstance(line.fact.lhs, Quantity) and name in waiting:
            wanted = line.fact.lhs
            tree = build(_in_convention(wanted, waiting.pop(name)), around)
            around = around.with_proof(tree)
            trees.append(tree)
            lines += (Apply(identity(wanted, tree.place.complexity)), *tree.place.lines)
        else:
            lines.append(line)
    if waiting:
        raise InputError(f"the proof is given no number called {', '.join(sorted(waiting))}")
    return replace(proof, lines=tuple(lines)), tuple(trees)


def _surroundings(proof: Derivation) -> Around:
    """The names that a proof uses already."""
    quantities = {q for line in proof.lines for q in quantities_in(line.fact.lhs + line.fact.rhs)}
    classes = {c.text: c for q in quantities for c in q.subjects if isinstance(c, FunctionClass)}
    symbols = proof.expression.free_symbols | proof.failure.free_symbols
    return Around(frozenset(s.name for s in symbols), classes)


def _in_convention(wanted: Quantity, F: Complexity) -> Complexity:
    """The class in the convention that the proof uses, if it can stand in it."""
    expected = convention(wanted).average is Average.EXPECTED
    F = F.expected() if expected else F.on_sample()
    if wanted.measure == "rademacher":
        need.rademacher(F, wanted.name)
        need.signed(F, wanted.name)
    if wanted.subjects[0].output is Output.VECTOR:
        need.vector(F, wanted.name)
    else:
        need.scalar(F, wanted.name)
    need.predictors(F, wanted.name)
    # what the proof calls the class is said once, by the definition; the class itself keeps its
    # structure
    return replace(F, name=None) if F.name and F.name[0] == wanted.subjects[0].text else F
