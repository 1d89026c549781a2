"""One node of an expression of classes: a catalogue class, or an operation on other classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from boundcalc.symbolic.complexity import ComplexityClass, Form, Proof, Tags


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
class Rule:
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
    operation : Leaf or Rule
        A catalogue class, or what was done to the parts.
    parts : tuple of Complexity
    numbers : mapping of str to number or tuple of numbers
        The inputs of this class or operation.
    name : (str, str) or None
        How the class is called, as text and LaTeX, if not by its operation.
    """

    tags: Tags
    m: int
    operation: Leaf | Rule
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
