"""Classes from names, numbers, tables and other classes; classes in the proof of a theorem."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from boundcalc.calculus import side_conditions
from boundcalc.calculus.composed import GIVEN, MAXIMUM, SUM, UNION, Complexity, combined
from boundcalc.calculus.side_conditions import (
    checked_input,
    fitting_form,
    named_inputs,
    require_form,
)
from boundcalc.calculus.tree import Around, Leaf, Tree, build
from boundcalc.conventions import Average, Noise, Output, Signs, Status
from boundcalc.errors import (
    ConventionError,
    InputError,
    nearest,
    prefix_errors,
    refuse_unknown,
    shown,
)
from boundcalc.symbolic.catalogue import complexity_class, complexity_modules
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
    size, numbers = checked_input(parameter("m"), m), named_inputs(entry, inputs)
    only = entry if form is None else replace(entry, forms={form: entry.form(form)})
    chosen = fitting_form(only, numbers, size)
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
    numbers = {"given_complexity": checked_input(parameter("given_complexity"), value)}
    return Complexity(tags, checked_input(parameter("m"), m), GIVEN, (), numbers)


def sum_of(*parts: Complexity) -> Complexity:
    """{f₁ + … + f_k : f_i in F_i}: R = Σ R(F_i)."""
    return combined(SUM, parts, "the sum")


def max_of(*parts: Complexity) -> Complexity:
    """{max(f₁, …, f_k) : f_i in F_i}, point by point: R ≤ Σ R(F_i)."""
    for part in parts:
        require_form(part, "the maximum", "rademacher", "signed", "scalar")
    return combined(MAXIMUM, parts, "the maximum")


def union(*parts: Complexity, bound: float) -> Complexity:
    """F₁ ∪ … ∪ F_N: R ≤ max R(F_i) + b √(2 ln N/m), all values in one interval of length 2b."""
    for part in parts:
        require_form(part, "the union", "rademacher", "signed", "scalar")
        if part.derivation.events:
            raise ConventionError(
                "the union needs bounds that always hold: take .expected(delta=…) after it"
            )
    b = checked_input(parameter("bound"), bound)
    side_conditions.require_within(parts, b)
    return combined(UNION, parts, "the union", bound=b)


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


# --- classes from the tables of a study file: nothing is run --------------------------------------

_DEEPEST = 32


@dataclass(frozen=True)
class Operation:
    """An operation in a study file: the keys that it takes, and what it does with their values."""

    make: Callable[..., Complexity]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    several: bool = False
    leaf: bool = False


OPERATIONS: dict[str, Operation] = {
    "sum": Operation(lambda parts, m: sum_of(*parts), several=True),
    "max": Operation(lambda parts, m: max_of(*parts), several=True),
    "union": Operation(lambda parts, m, **k: union(*parts, **k), needs=("bound",), several=True),
    "scale": Operation(lambda F, m, factor: F * factor, needs=("factor",)),
    "offset": Operation(lambda F, m: F.offset()),
    "subset": Operation(lambda F, m: F.subset()),
    "convex-hull": Operation(lambda F, m: F.convex_hull()),
    "lipschitz": Operation(lambda F, m, lipschitz: F.lipschitz(lipschitz), needs=("lipschitz",)),
    "vector-contraction": Operation(
        lambda F, m, lipschitz: F.vector_contraction(lipschitz), needs=("lipschitz",)
    ),
    "loss": Operation(lambda F, m, **k: F.loss_class(**k), needs=("lipschitz", "loss_bound")),
    "signed": Operation(lambda F, m: F.signed()),
    "on-sample": Operation(lambda F, m: F.on_sample()),
    "expected": Operation(lambda F, m, **k: F.expected(**k), takes=("delta",)),
    "rademacher-from-gaussian": Operation(lambda F, m: F.rademacher_from_gaussian()),
    "given": Operation(
        lambda m, value, **k: given(value, m=m, **k),
        needs=("value",),
        takes=("average", "signs", "output", "noise"),
        leaf=True,
    ),
    "late-fusion": Operation(late_fusion, needs=("norms", "radii"), takes=("joint",), leaf=True),
}


def is_composed(id: str) -> bool:
    """Whether it is no class of the catalogue but one made of numbers, such as late-fusion.

    Raises
    ------
    UnknownNameError, InputError
        If it is neither, or an operation on classes.
    """
    if id in complexity_modules():
        return False
    refuse_unknown("class", id, {*complexity_modules(), *OPERATIONS})
    if not OPERATIONS[id].leaf:
        raise InputError(
            f"{id} is an operation on classes: it is written in a study file, as "
            f'class = {{ kind = "{id}", of = … }}, or in Python, with boundcalc.calculus'
        )
    return True


def composed(id: str, values: Mapping[str, Any]) -> Complexity:
    """The class that an operation such as late-fusion makes of numbers, m among them.

    Raises
    ------
    UnknownNameError, InputError
        For a number that it does not take, for one that is missing or cannot be used.
    """
    kind = OPERATIONS[id]
    _check_keys(id, values, ("m", *kind.needs), kind.takes)
    with prefix_errors(id):
        return kind.make(**values)


def class_from_dict(spec: Mapping[str, Any], m: int, *, where: str = "class") -> Complexity:
    """A class from a table such as ``{"kind": "linear-l2", "norm": 1, "radius": 1}``.

    Parameters
    ----------
    spec : mapping
        `kind` is a catalogue id, whose parameters are the other keys, or an operation: sum, max and
        union of a list ``of`` tables; scale, offset, subset, convex-hull, lipschitz,
        vector-contraction, loss, signed, on-sample, expected and rademacher-from-gaussian of one
        table; given; late-fusion. `name` may name the result.
    m : int
        The number of examples.
    where : str
        Where the table stands, for messages.

    Raises
    ------
    InputError
        One line that says where the mistake is and names the nearest known kind or key;
        `ConventionError` where conventions do not match.
    """
    return _parsed(spec, m, where, 0)


def _parsed(spec: object, m: int, where: str, depth: int) -> Complexity:
    if not isinstance(spec, Mapping):
        raise InputError(f"{where} must be a table with a kind, not {shown(spec)}")
    if depth > _DEEPEST:
        raise InputError(f"{where} is nested more than {_DEEPEST} deep")
    keys = {str(key): value for key, value in spec.items()}
    kind, name = keys.pop("kind", None), keys.pop("name", None)
    known = {*OPERATIONS, *complexity_modules()}
    if not isinstance(kind, str) or kind not in known:
        said = "it is missing" if kind is None else f"not {shown(kind)}{nearest(kind, known)}"
        raise InputError(f"{where}: kind must name a class or an operation; {said}")
    if kind in OPERATIONS:
        made = _operation(kind, OPERATIONS[kind], keys, m, where, depth)
    else:
        with prefix_errors(where):
            if "m" in keys:
                raise InputError("m is that of the study, the same for all classes")
            made = function_class(kind, m=m, **keys)
    with prefix_errors(where):
        return made if name is None else made.named(name)


def _check_keys(
    word: str, given: Mapping[str, Any], needs: tuple[str, ...], takes: tuple[str, ...]
) -> None:
    for key in given:
        refuse_unknown("key", key, (*needs, *takes), word)
    missing = [key for key in needs if key not in given]
    if missing:
        raise InputError(f"{word} needs {', '.join(missing)}")


def _operation(
    word: str, kind: Operation, keys: dict[str, Any], m: int, where: str, depth: int
) -> Complexity:
    with prefix_errors(where):
        needs = kind.needs if kind.leaf else ("of", *kind.needs)
        _check_keys(word, keys, needs, (*kind.takes, "kind", "name"))
    if kind.leaf:
        with prefix_errors(where):
            return kind.make(m=m, **keys)
    of = keys.pop("of")
    if not kind.several:
        parts: Any = _parsed(of, m, f"{where}.of", depth + 1)
    elif isinstance(of, (list, tuple)) and of:
        parts = [_parsed(part, m, f"{where}.of[{i}]", depth + 1) for i, part in enumerate(of, 1)]
    else:
        raise InputError(f"{where}: of must be a list of tables, not {shown(of)}")
    with prefix_errors(where):
        return kind.make(parts, m, **keys)


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
        require_form(F, wanted.name, "rademacher", "signed")
    output = "vector" if wanted.subjects[0].output is Output.VECTOR else "scalar"
    require_form(F, wanted.name, output, "predictors")
    # what the proof calls the class is said once, by the definition; the class itself keeps its
    # structure
    return replace(F, name=None) if F.name and F.name[0] == wanted.subjects[0].text else F
