"""Facts: one (in)equality between quantities, with a price and a source."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePath
from types import FrameType
from typing import TYPE_CHECKING, Self

from sympy import Expr, Rel, S, Symbol

from boundcalc.conventions import Relation
from boundcalc.record import Brief
from boundcalc.symbolic.quantities import FunctionClass, Sample

if TYPE_CHECKING:
    from boundcalc.symbolic.derivation import Derivation

LIBRARY = "library"
# the modules that build a fact for whoever calls them
_ON_BEHALF = frozenset({__name__, "dataclasses", "copy", "boundcalc.symbolic.lemmas.guards"})


@dataclass(frozen=True)
class Event(Brief):
    """A random event whose failure a derivation pays for; equal events are paid for once.

    `about` identifies what may fail, by the expressions and objects themselves and not by how they
    print; `cost` bounds the probability that it fails. `every_member` says that it is one of a
    family of events that are paid for together: the data may then choose the member that it is
    about.
    """

    about: tuple[Hashable, ...]
    samples: tuple[Sample, ...]
    cost: Expr
    every_member: bool = False


@dataclass(frozen=True)
class Fact(Brief):
    """``lhs <= rhs`` or ``lhs = rhs``, true except on `event`.

    Attributes
    ----------
    lemma : str
        Name of the lemma that it is an instance of.
    lhs, rhs : sympy.Expr
        Linear in the quantities; coefficients and constants are expressions in the parameters.
    relation : Relation
    source : str
        Key of the work that the lemma is from.
    event : Event or None
        The event that may fail, with its cost; None for a fact that always holds.
    assumptions : tuple of str
        The side conditions that were checked or are assumed.
    conditions : tuple of sympy.Rel
        Those between parameters: they are checked again where parameters have values.
    term : str
        The name under which its parameter-only part appears in the bound.
    settles : Quantity, FunctionClass or Expr, or None
        What it defines, or takes from the user: one derivation settles a thing in one way.
    settled_as : Hashable
        What it takes that to be; where left out, the other side.
    inside : tuple of Fact
        The facts that it was made from, those of the proofs inside it among them.
    proofs : tuple of Derivation
        The proofs that it was made from, printed below it.
    sets : tuple of (Symbol, sympy.Expr)
        The parameters that have one value in it, beyond those of the facts inside.
    observed : bool
        Whether it holds a number of the sample at hand, so that it says nothing of other samples.
    origin : str
        Who built it: the library's lemmas, or the package or file that wrote it by hand. It is
        found out, never given: a changed copy is from whoever changed it.
    constructor : str
        The function that built it, found out likewise; of a lemma, its name in the library.
    """

    lemma: str
    lhs: Expr
    relation: Relation
    rhs: Expr
    source: str
    event: Event | None = None
    assumptions: tuple[str, ...] = ()
    conditions: tuple[Rel, ...] = ()
    term: str = "constant"
    settles: FunctionClass | Expr | None = None
    settled_as: Hashable = None
    inside: tuple[Fact, ...] = ()
    sets: tuple[tuple[Symbol, Expr], ...] = ()
    observed: bool = False
    proofs: tuple[Derivation, ...] = field(default=(), repr=False, compare=False)
    origin: str = field(init=False, repr=False, compare=False)
    constructor: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        frame = _builder()
        object.__setattr__(self, "origin", _origin(frame))
        object.__setattr__(self, "constructor", _called(frame))
        facts = (step.fact for proof in self.proofs for step in proof.steps)
        new = tuple(fact for fact in facts if fact not in self.inside)
        object.__setattr__(self, "inside", (*self.inside, *new))

    @property
    def cost(self) -> Expr:
        """The failure probability that the fact pays."""
        return self.event.cost if self.event else S.Zero

    def called(self, term: str) -> Self:
        """The same fact; what it adds to a bound has this name, unless it has one already."""
        if self.term != "constant":
            return self
        same = replace(self, term=term)
        object.__setattr__(same, "origin", self.origin)
        object.__setattr__(same, "constructor", self.constructor)
        return same

    def tree(self) -> Iterator[Fact]:
        """The fact and all that stand inside it, at any depth."""
        yield self
        for fact in self.inside:
            yield from fact.tree()

    @cached_property
    def settings(self) -> tuple[tuple[Symbol, Expr], ...]:
        """The parameters that have a value in it or in a fact inside, in its own parameters."""
        own = dict(self.sets)
        inner = (pair for fact in self.inside for pair in fact.settings)
        return (*self.sets, *dict.fromkeys((s, v.subs(own, simultaneous=True)) for s, v in inner))

    @property
    def all_assumptions(self) -> tuple[str, ...]:
        """The side conditions of the fact and of all that stand inside it."""
        return tuple(dict.fromkeys(text for fact in self.tree() for text in fact.assumptions))

    @property
    def asserted_by(self) -> tuple[str, ...]:
        """The packages and files whose word the fact rests on, beside that of the library."""
        return tuple(dict.fromkeys(f.origin for f in self.tree() if f.origin != LIBRARY))


def _builder() -> FrameType:
    """Who builds a fact: the first caller that does not build for another."""
    frame = sys._getframe(2)
    while frame.f_globals.get("__name__") in _ON_BEHALF and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _origin(frame: FrameType) -> str:
    """The library, or the package or file whose code builds a fact."""
    scope = frame.f_globals
    module = str(scope.get("__name__"))
    package, _, _ = str(scope.get("__package__") or "").partition(".")
    if package == "boundcalc":
        return LIBRARY if _holds_lemmas(module) else str(scope.get("FACTS_OF", module))
    if package:
        return f"package {package}"
    return f"file {PurePath(scope['__file__']).name}" if scope.get("__file__") else "this session"


def _called(frame: FrameType) -> str:
    """The function that was called to build a fact, whatever it calls to do so."""
    caller = frame.f_back
    while caller is not None and caller.f_globals.get("__name__") == frame.f_globals["__name__"]:
        frame, caller = caller, caller.f_back
    return frame.f_code.co_name


def _holds_lemmas(module: str) -> bool:
    """Whether the facts of a module are of the library."""
    _, _, inner = module.partition("boundcalc.symbolic.")
    return inner.startswith("lemmas.") or ("." not in inner and inner.endswith("_lemmas"))
