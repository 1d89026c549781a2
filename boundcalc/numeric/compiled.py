"""Theorems as plain data: everything that numbers and pages need of one, without SymPy.

A compiled theorem is computed from the theorem's derivation and from nothing else: its tapes, its
printed formulas, how it goes in its parameters, what its terms tend to. It is kept in the user's
cache (`boundcalc.numeric.cache`) and read from there, so that a command which needs numbers only
loads no SymPy. A theorem that is in memory already is compiled from there, and so is one of another
package, whose files the cache does not watch.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from boundcalc.conventions import Side, Status, Trend
from boundcalc.errors import InputError, UnknownNameError, find, refuse_unknown
from boundcalc.numeric.cache import theorems as stored
from boundcalc.numeric.tapes import Tape, tape_from
from boundcalc.symbolic.catalogue import theorem, theorem_modules
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import parameter, parameters
from boundcalc.symbolic.plugins import leave_out

if TYPE_CHECKING:
    from boundcalc.symbolic.theorem import Theorem, Variant


@dataclass(frozen=True)
class CompiledTerm:
    """A term: its name, and its formula, as text in the long names of the parameters."""

    name: str
    text: str
    latex: str


@dataclass(frozen=True)
class CompiledRequirement:
    """A condition between parameters.

    Attributes
    ----------
    otherwise : str
        What to say where it fails.
    strict : bool
        Whether the lesser side must be below the greater one.
    sides : Tape
        The lesser and the greater side.
    cuts : mapping of str to Tape
        For parameters in which the difference of the sides is a polynomial: its coefficients, the
        highest power first.
    """

    otherwise: str
    strict: bool
    sides: Tape
    cuts: Mapping[str, Tape]


@dataclass(frozen=True)
class Limits:
    """What the terms tend to as a parameter goes to ∞ or −∞.

    Attributes
    ----------
    sizes : Tape
        The limit of each term, or the coefficient of the power with which it grows.
    grows : tuple of bool
        Which terms grow.
    provisos : Tape
        What must not be 0 for it.
    """

    sizes: Tape
    grows: tuple[bool, ...]
    provisos: Tape


@dataclass(frozen=True)
class Notation:
    """A variant's formulas in print.

    Attributes
    ----------
    text, latex : str
        The closed form.
    probability, probability_latex : str
        With at least which probability it holds.
    claim_latex : str
        What is bounded.
    """

    text: str
    latex: str
    probability: str
    probability_latex: str
    claim_latex: str


@dataclass(frozen=True, eq=False)
class CompiledVariant:
    """One form of a theorem as plain data; what it shares with `Variant` has the same names.

    Attributes
    ----------
    id : str
        Of the theorem.
    name, status, side, relation, assumes, conditions, statement, defaults, requires
        As those of the variant.
    parameters : tuple of Parameter
    terms : tuple of CompiledTerm
    formula : Tape
        The terms, the failure probability and, where there is one, the trivial value.
    whole : Tape
        The closed form as one expression.
    trivial : bool
        Whether there is a value at which it says nothing.
    rounds_up : bool
        Whether a whole number is rounded up to in it: such values are computed exactly, by SymPy.
    notation : Notation
    trends : mapping of str to Trend
        How it goes in each parameter, whatever the others are.
    roots : mapping of str to Tape
        For parameters x in which it has the form A + B/√x: A and B.
    limits : mapping of str to Limits
        By ``name`` towards ∞ and ``-name`` towards −∞, where they are known whatever the other
        numbers are.
    """

    id: str
    name: str
    status: Status
    side: Side
    relation: str
    assumes: tuple[str, ...]
    conditions: tuple[str, ...]
    statement: str
    defaults: Mapping[str, float]
    parameters: tuple[Parameter, ...]
    terms: tuple[CompiledTerm, ...]
    formula: Tape
    whole: Tape
    trivial: bool
    rounds_up: bool
    requires: tuple[CompiledRequirement, ...]
    notation: Notation
    trends: Mapping[str, Trend]
    roots: Mapping[str, Tape]
    limits: Mapping[str, Limits]

    @property
    def failure(self) -> Tape:
        """The probability with which it may fail."""
        return self.formula.part(len(self.terms))

    @cached_property
    def used(self) -> frozenset[str]:
        """The names of its parameters."""
        return frozenset(p.name for p in self.parameters)

    @cached_property
    def needed(self) -> frozenset[str]:
        """Those of them that have no value by default."""
        return self.used - set(self.defaults)

    @cached_property
    def symbolic(self) -> Variant:
        """The variant itself: its derivation and its expressions. This loads SymPy."""
        return theorem(self.id).variant(self.name)


@dataclass(frozen=True, eq=False)
class CompiledTheorem:
    """A catalogue entry as plain data; what it shares with `Theorem` has the same names."""

    id: str
    title: str
    statement: str
    source: str
    short: str
    credit: str
    page: str
    rival: str
    example_variant: str
    example: Mapping[str, float]
    parameters: tuple[Parameter, ...]
    variants: Mapping[str, CompiledVariant]

    def parameter(self, name: str) -> Parameter:
        """A parameter by name, whether this theorem takes it or not.

        Raises
        ------
        UnknownNameError
            For a name of no parameter; the message has those of this theorem.
        """
        try:
            return parameter(name)
        except UnknownNameError:
            own = [p.name for p in self.parameters]
            raise UnknownNameError("parameter", name, own, self.id) from None

    def variant(self, name: str) -> CompiledVariant:
        """A variant by name.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        return find(f"variant of {self.id}", name, self.variants)

    def fitting(self, names: set[str]) -> list[CompiledVariant]:
        """The variants that use exactly these names and say what the first variant says.

        A lower limit never stands in for an upper one because an input was forgotten.
        """
        relation = next(iter(self.variants.values())).relation
        every = (v for v in self.variants.values() if v.relation == relation)
        return [v for v in every if v.needed <= names <= v.used]


_known: dict[str, tuple[Theorem | None, CompiledTheorem]] = {}


def compiled(id: str) -> CompiledTheorem:
    """One theorem as plain data.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest id.
    InputError
        If another package's theorem cannot be loaded.
    """
    modules = theorem_modules()
    refuse_unknown("theorem", id, modules)
    if _not_in_memory(id):
        if id not in _known:
            _known[id] = None, _from_cache(id)
        return _known[id][1]
    entry = theorem(id)
    if id not in _known or _known[id][0] is not entry:
        _known[id] = entry, from_theorem(entry)
    return _known[id][1]


def compiled_catalogue() -> Mapping[str, CompiledTheorem]:
    """All theorems by id; one of another package that cannot be loaded is left out, with a
    warning.
    """
    # what is not in the cache is loaded, and brings others with it that are to be kept as well
    for id in [id for id in theorem_modules() if _not_in_memory(id) and id not in _known]:
        _known[id] = None, _from_cache(id)
    found: dict[str, CompiledTheorem] = {}
    for id, place in theorem_modules().items():
        try:
            known = _known.get(id)
            found[id] = known[1] if known and known[0] is None else compiled(id)
        except InputError as error:
            leave_out(place, error)
    return MappingProxyType(found)


def _not_in_memory(id: str) -> bool:
    """Whether a theorem of ours has not been loaded."""
    place = theorem_modules()[id]
    return place.startswith("boundcalc.") and place not in sys.modules


def _from_cache(id: str) -> CompiledTheorem:
    try:
        return _read(stored.read(id))
    except (KeyError, TypeError, ValueError):  # absent, damaged, or written by something else
        found = from_theorem(theorem(id))
        stored.write(id, _plain(found))
        return found


def from_theorem(entry: Theorem) -> CompiledTheorem:
    """A theorem as plain data, all of it computed from its derivations."""
    from boundcalc.numeric.compile import compiled_variant  # SymPy

    own = {f.name for f in fields(CompiledTheorem)} - {"variants", "short"}
    return CompiledTheorem(
        **{name: getattr(entry, name) for name in own},
        short=entry.work.short,
        variants=MappingProxyType(
            {name: compiled_variant(entry.id, v) for name, v in entry.variants.items()}
        ),
    )


def _plain(value: Any) -> Any:
    """A compiled theorem as what JSON can hold."""
    if isinstance(value, Parameter):
        return value.name
    if isinstance(value, Tape):
        return value.to_dict()
    if isinstance(value, Trend):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(entry) for entry in value]
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


def _read(data: Any) -> CompiledTheorem:
    """A compiled theorem from plain data; ValueError, KeyError or TypeError for anything else."""
    variants = {name: _variant(each) for name, each in data["variants"].items()}
    known = {"parameters": _parameters(data["parameters"]), "variants": MappingProxyType(variants)}
    return CompiledTheorem(**data | known)


def _variant(data: Any) -> CompiledVariant:
    known = {
        "status": Status(data["status"]),
        "side": Side(data["side"]),
        "assumes": tuple(data["assumes"]),
        "conditions": tuple(data["conditions"]),
        "parameters": _parameters(data["parameters"]),
        "terms": tuple(CompiledTerm(**each) for each in data["terms"]),
        "requires": tuple(
            CompiledRequirement(**each | {"sides": tape_from(each["sides"])} | _tapes(each, "cuts"))
            for each in data["requires"]
        ),
        "formula": tape_from(data["formula"]),
        "whole": tape_from(data["whole"]),
        "notation": Notation(**data["notation"]),
        "trends": {name: Trend(each) for name, each in data["trends"].items()},
        "limits": {
            name: Limits(
                tape_from(each["sizes"]), tuple(each["grows"]), tape_from(each["provisos"])
            )
            for name, each in data["limits"].items()
        },
    }
    return CompiledVariant(**data | known | _tapes(data, "roots"))


def _tapes(data: Any, key: str) -> dict[str, Any]:
    return {key: {name: tape_from(each) for name, each in data[key].items()}}


def _parameters(names: Sequence[str]) -> tuple[Parameter, ...]:
    known = parameters()
    return tuple(known[name] for name in names)
