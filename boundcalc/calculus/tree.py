"""Expressions of classes, and their proofs: names for symbols, places for parts, lines in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from boundcalc.conventions import Average
from boundcalc.errors import InputError
from boundcalc.symbolic.complexity import (
    ANY_LOSS,
    SAMPLE,
    SUBSCRIPTS,
    ComplexityClass,
    Form,
    Place,
    Proof,
    StructuredClass,
    Tags,
    complexity_of,
    subscript,
)
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.quantities import FunctionClass, Loss


@dataclass(frozen=True)
class Leaf:
    """A catalogue class in one of its forms."""

    entry: ComplexityClass
    form: Form

    @property
    def symbols(self) -> tuple[str, ...]:
        """The parameters of its formula."""
        return self.form.symbols


@dataclass(frozen=True)
class CompositionRule:
    """An operation on classes.

    Attributes
    ----------
    kind : str
    proof : callable
        Place → the lines of this operation alone.
    join, frame : (str, str)
        How the name of the result is made of the names of the parts, as text and LaTeX.
    symbols : tuple of str
        The parameters of the operation.
    same_class : bool
        Whether it speaks of the same class in another convention.
    closed : bool
        Whether its lines already contain the proofs of the parts.
    """

    kind: str
    proof: Proof
    join: tuple[str, str] = ("", "")
    frame: tuple[str, str] = ("{}", "{}")
    symbols: tuple[str, ...] = ()
    same_class: bool = False
    closed: bool = False


@dataclass(frozen=True, eq=False)
class Node:
    """A class with its conventions and numbers, and the classes that it is made of.

    Attributes
    ----------
    tags : Tags
        The conventions: signed or absolute, empirical or expected, one output or a vector of them.
    m : int
        The number of examples.
    operation : Leaf or CompositionRule
        A catalogue class, or what was done to the parts.
    parts : tuple of Complexity
    numbers : mapping of str to number or tuple of numbers
        The inputs of this class or operation.
    name : (str, str) or None
        How the class is called, as text and LaTeX, if not by its operation.
    """

    tags: Tags
    m: int
    operation: Leaf | CompositionRule
    parts: tuple[Node, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)
    name: tuple[str, str] | None = None

    @property
    def kind(self) -> str:
        """The catalogue id, or the name of the operation."""
        return self.operation.entry.id if isinstance(self.operation, Leaf) else self.operation.kind


def nodes(F: Node) -> Iterator[Node]:
    """The expression and its parts, each before its own parts."""
    yield F
    for part in F.parts:
        yield from nodes(part)


@dataclass(frozen=True)
class Binding:
    """The numbers of one class or rule: inputs by parameter name, and the names of its symbols."""

    numbers: Mapping[str, Any]
    derived: tuple[tuple[str, str], ...]
    names: Mapping[str, str]
    symbols: Mapping[str, ParameterSymbol]
    mark: str


@dataclass(frozen=True)
class Around:
    """What already has a name where a proof is to be used: symbols, classes; how many leaves."""

    symbols: frozenset[str] = frozenset()
    classes: Mapping[str, FunctionClass] = field(default_factory=dict)
    leaves: int = 0

    def with_proof(self, tree: Tree) -> Around:
        """After another expression has been put there."""
        symbols = self.symbols.union(*(binding.names.values() for binding in tree.bindings))
        return Around(symbols, {**self.classes, **tree.classes}, self.leaves + len(tree.members))


@dataclass(frozen=True)
class Tree:
    """An expression of classes with its proof, its numbers and its leaves in words."""

    place: Place
    bindings: tuple[Binding, ...]
    members: tuple[tuple[str, str], ...]
    classes: Mapping[str, FunctionClass]


def _indexed(base: str, index: int | None) -> ParameterSymbol:
    """The symbol of a parameter, with a subscript where several classes have one of that name."""
    target = parameter(base)
    if index is None:
        return target.symbol
    foot, sub = f"_{{{index}}}", str(index).translate(SUBSCRIPTS)
    glyph, latex = target.glyph + sub, f"{{{target.latex}}}{foot}"
    if target.glyph[0] in "‖|":  # ‖X₁‖_F, not ‖X‖_F₁
        head = 1 + len(target.latex) - len(target.latex.lstrip("\\|"))
        glyph, latex = (
            target.glyph[:2] + sub + target.glyph[2:],
            target.latex[:head] + foot + target.latex[head:],
        )
    elif target.latex.isalpha():
        latex = target.latex + foot
    return replace(target, name=f"{base}_{index}", glyph=glyph, latex=latex).symbol


def _bind(F: Node, around: Around) -> list[Binding]:
    """Names for the symbols of every node: subscripts by class, where there are several classes."""
    listed = list(nodes(F))
    leaves = [i for i, node in enumerate(listed) if not node.parts]
    used, bindings = {*around.symbols, "m"}, dict[int, Binding]()

    def bind(i: int, index: int | None) -> None:
        operation = listed[i].operation
        symbols = {base: _indexed(base, index) for base in operation.symbols}
        used.update(s.name for s in symbols.values())
        derived = operation.form.derived if isinstance(operation, Leaf) else ()
        bindings[i] = Binding(
            listed[i].numbers,
            tuple((d.name, d.definition) for d in derived),
            {base: s.name for base, s in symbols.items()},
            symbols,
            "" if index is None or listed[i].parts else str(index).translate(SUBSCRIPTS),
        )

    alone = len(leaves) == 1 and not around.symbols
    for count, i in enumerate(leaves, 1 + around.leaves):
        bind(i, None if alone else count)
    for i in range(len(listed)):
        if i not in bindings:
            free = (None, *range(1, len(listed) + len(used) + 1))
            bases = listed[i].operation.symbols
            bind(i, next(k for k in free if not {_indexed(b, k).name for b in bases} & used))
    return [bindings[i] for i in range(len(listed))]


def build(F: Node, around: Around | None = None) -> Tree:
    """The proof of the bound, and the numbers that its symbols stand for.

    Parameters
    ----------
    around : Around, optional
        What has a name already where the proof is to be used.

    Raises
    ------
    InputError
        If two classes have the same name.
    """
    around = around or Around()
    bindings = _bind(F, around)
    state = _State(iter(bindings), [], dict(around.classes))
    place = _place(F, state, F.tags.average)
    return Tree(place, tuple(bindings), tuple(state.members), state.classes)


@dataclass(frozen=True)
class _State:
    """What is passed on from node to node while the places are made."""

    bindings: Iterator[Binding]
    members: list[tuple[str, str]]
    classes: dict[str, FunctionClass]

    def register(self, over: FunctionClass) -> None:
        """Refuse a second class of the same name: a proof could not tell them apart."""
        if self.classes.setdefault(over.text, over) != over:
            raise InputError(
                f"two different classes are called {over.text}: give one of them another name"
            )


def _place(
    F: Node,
    state: _State,
    average: Average,
    *,
    name: tuple[str, str] | None = None,
    loss: Loss | None = None,
) -> Place:
    binding, operation, name = next(state.bindings), F.operation, F.name or name
    tags = replace(F.tags, averages=(average,))
    if isinstance(operation, Leaf):
        place = operation.entry.at(
            operation.form,
            tags=tags,
            symbols=binding.symbols,
            mark=binding.mark,
            name=name,
            loss=loss,
        )
        state.register(place.over)
        state.members.append((place.over.text, operation.entry.members))
        return place
    if operation.same_class:
        loss = _loss(binding.symbols) or loss
        inner = F.parts[0].tags.average if average not in F.parts[0].tags.averages else average
        parts: tuple[Place, ...] = (_place(F.parts[0], state, inner, name=name, loss=loss),)
        over = parts[0].over
    else:
        parts = tuple(_place(part, state, average) for part in F.parts)
        over = _composed(operation, parts, tags, binding, name, loss)
        state.register(over)
        if not parts:
            state.members.append((over.text, "complexity computed elsewhere"))
    complexity = complexity_of(over, SAMPLE, tags)
    term = complexity.name if binding.mark else "complexity"
    bare = Place(over, complexity, SAMPLE, term, binding.symbols, parts)
    own = bare.proved(operation.proof(bare)).lines
    inherited = () if operation.closed else tuple(line for part in parts for line in part.lines)
    return replace(bare, lines=(*own, *inherited), closed=operation.closed)


def _loss(symbols: Mapping[str, ParameterSymbol]) -> Loss | None:
    """The loss that a rule introduces."""
    if "loss_bound" not in symbols:
        return None
    return Loss(symbols["lipschitz"], symbols["loss_bound"])


def _composed(
    rule: CompositionRule,
    parts: tuple[Place, ...],
    tags: Tags,
    binding: Binding,
    name: tuple[str, str] | None,
    loss: Loss | None,
) -> StructuredClass:
    text, latex = name or _label(rule, parts, binding.mark)
    if loss and not name and ("+" in text or "∪" in text):  # ℓ∘(F₁+F₂)
        text, latex = f"({text})", f"({latex})"
    quantities = tuple(part.complexity for part in parts)
    return StructuredClass(
        text,
        latex,
        loss or ANY_LOSS,
        tags.output,
        operation=rule.kind,
        parts=quantities,
        mark=binding.mark,
        constants=tuple(binding.symbols.items()),
    )


def _label(rule: CompositionRule, parts: tuple[Place, ...], mark: str) -> tuple[str, str]:
    """The name of the result: F₁+F₂, φ∘(F₁+F₂), conv F."""
    if not parts:
        return f"F{mark}", rf"\mathcal F{subscript(mark)}"
    texts, latexes = zip(*(_inside(rule, part) for part in parts), strict=True)
    if rule.frame != ("{}", "{}") and len(parts) == 1 and ("+" in texts[0] or "∪" in texts[0]):
        texts, latexes = (f"({texts[0]})",), (f"({latexes[0]})",)
    return (
        rule.frame[0].replace("{}", rule.join[0].join(texts)),
        rule.frame[1].replace("{}", rule.join[1].join(latexes)),
    )


def _inside(rule: CompositionRule, part: Place) -> tuple[str, str]:
    """The name of a part: a sum in a union, or a union in a sum, stands in brackets."""
    text, latex = _measured(part)
    mixed = {rule.kind, getattr(part.over, "operation", "")} == {"sum", "union"}
    return (f"({text})", f"({latex})") if mixed and ("+" in text or "∪" in text) else (text, latex)


def _measured(place: Place) -> tuple[str, str]:
    """The class whose complexity is meant: ℓ∘F for a loss class."""
    over, of_loss = place.over, place.complexity.subjects[-1] is True
    if not of_loss:
        return over.text, over.latex
    return f"{over.loss.symbol}∘{over.text}", rf"{over.loss.symbol_latex}\circ {over.latex}"
