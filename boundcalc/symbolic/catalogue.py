"""The catalogue: theorems, classes and lemmas, from folders and other packages' entry points.

What a theorem is, and with it SymPy, is imported when the first one is loaded: ids alone are found
at once.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from boundcalc.arguments import typed
from boundcalc.errors import InputError, find
from boundcalc.symbolic.literature import mentions
from boundcalc.symbolic.plugins import installed, leave_out, load_each, owner, said

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from boundcalc.symbolic.complexity import ComplexityClass
    from boundcalc.symbolic.facts import Fact
    from boundcalc.symbolic.parameter import Parameter
    from boundcalc.symbolic.theorem import Theorem

ENTRY_POINTS = "boundcalc.theorems"
COMPLEXITY_ENTRY_POINTS = "boundcalc.complexities"
LEMMA_ENTRY_POINTS = "boundcalc.lemmas"
ON_CLASSES = tuple(
    f"boundcalc.symbolic.lemmas.{name}"
    for name in ("classes", "composition", "covering", "extrema", "multitask", "nesting")
)

Entry = TypeVar("Entry", "Theorem", "ComplexityClass")


@cache
def theorem_modules() -> Mapping[str, str]:
    """Module name by theorem id, without importing a theorem."""
    return _modules("boundcalc.theorems", ENTRY_POINTS)


@cache
def complexity_modules() -> Mapping[str, str]:
    """Module name by id of a class, without importing one; ``linear_l2.py`` has id linear-l2."""
    found = _modules("boundcalc.complexities", COMPLEXITY_ENTRY_POINTS)
    own = {id.replace("_", "-"): module for id, module in found.items() if id != "rules"}
    return MappingProxyType(own)


def _modules(package: str, group: str) -> Mapping[str, str]:
    root = importlib.import_module(package)
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(root.__path__, f"{package}."):
        leaf = module.name.rsplit(".", 1)[-1]
        if not module.ispkg and not leaf.startswith("_"):
            found[module.name.removeprefix(f"{package}.")] = module.name
    for entry in installed(group):
        if found.setdefault(entry.name, entry.value) != entry.value:
            leave_out(f"{group} '{entry.name}'{owner(entry)}", "the name is taken")
    return MappingProxyType(dict(sorted(found.items())))


@typed
@cache
def theorem(id: str) -> Theorem:
    """One theorem by its id, for example ``huang2021.theorem1``.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest id.
    InputError
        If another package's theorem cannot be loaded, or a result's constants are unknown.

    Examples
    --------
    >>> theorem("holdout.kl").statement
    'r(f)'
    """
    from boundcalc.symbolic.theorem import Theorem

    if id not in theorem_modules() and id in mentions():
        raise InputError(mentions()[id].refusal)
    return _load(id, theorem_modules(), "theorem", "THEOREM", Theorem)


@cache
def complexity_class(id: str) -> ComplexityClass:
    """One function class by its id, for example ``linear-l2``.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest id.
    InputError
        If another package's class cannot be loaded.
    """
    from boundcalc.symbolic.complexity import ComplexityClass

    return _load(id, complexity_modules(), "class", "CLASS", ComplexityClass)


def _load(
    id: str, modules: Mapping[str, str], kind: str, attribute: str, record: type[Entry]
) -> Entry:
    module, _, named = find(kind, id, modules).partition(":")
    if not _foreign(modules[id]):
        entry: Entry = getattr(importlib.import_module(module), attribute)
        if entry.id != id:
            raise InputError(f"the file of the {kind} '{id}' has id = '{entry.id}': name it so too")
        return entry
    try:
        found = getattr(importlib.import_module(module), named or attribute)
        if not isinstance(found, record) or found.id != id:
            raise InputError(f"the entry point does not hold a {kind} of that id")
        _work_out(found)
    except (Exception, SystemExit) as error:
        raise InputError(
            f"{kind} '{id}' of another package cannot be loaded: {said(error)}"
        ) from error
    return found


def _foreign(place: str) -> bool:
    return not place.startswith("boundcalc.")


def _work_out(entry: Theorem | ComplexityClass) -> None:
    """Compute what commands ask of every entry, so that it breaks here and not inside one.

    Raises
    ------
    InputError
        For a parameter that has another domain here than in the table.
    """
    from boundcalc.symbolic.parameters import parameters
    from boundcalc.symbolic.theorem import Theorem

    if not entry.work.key:
        raise InputError("its source has no key")
    if not isinstance(entry, Theorem):
        return
    for p in entry.parameters:
        if parameters().get(p.name, p) != p:
            raise InputError(f"the parameter {p.name} is not the one of that name in the table")


def catalogue() -> Mapping[str, Theorem]:
    """All theorems by id.

    One of another package that cannot be loaded is left out, with a warning.

    Examples
    --------
    >>> "holdout.kl" in catalogue()
    True
    """
    return _all(theorem_modules(), theorem)


def complexities() -> Mapping[str, ComplexityClass]:
    """All function classes by id; one of another package that cannot be loaded is left out."""
    return _all(complexity_modules(), complexity_class)


def _all(modules: Mapping[str, str], load: Callable[[str], Entry]) -> Mapping[str, Entry]:
    found: dict[str, Entry] = {}
    for id in modules:
        try:
            found[id] = load(id)
        except InputError as error:
            leave_out(modules[id], error)
    return MappingProxyType(found)


def foreign_parameters() -> dict[str, Parameter]:
    """The parameters of other packages' theorems, by name."""
    theorems = {id: place for id, place in theorem_modules().items() if _foreign(place)}
    return {p.name: p for entry in _all(theorems, theorem).values() for p in entry.parameters}


@cache
def lemmas() -> Mapping[str, Callable[..., Fact]]:
    """All lemma constructors by name, those on classes and of other packages included."""
    from boundcalc.symbolic import lemmas as library

    found: dict[str, Callable[..., Fact]] = {
        name: getattr(library, name) for name in library.__all__
    }
    for module in map(importlib.import_module, ON_CLASSES):
        for name, made in vars(module).items():
            own = getattr(made, "__module__", "") == module.__name__
            if own and not name.startswith("_") and made.__annotations__.get("return") == "Fact":
                found[name] = made
    for name, constructor in load_each(LEMMA_ENTRY_POINTS, _constructor):
        if found.setdefault(name, constructor) is not constructor:
            leave_out(f"the lemma {name} of another package", "the name is taken")
    return MappingProxyType(dict(sorted(found.items())))


def _constructor(entry: EntryPoint) -> tuple[str, Any]:
    held = entry.load()
    if not callable(held) or not held.__doc__:
        raise InputError("a lemma is a function whose docstring states it")
    return entry.name, held


@dataclass(frozen=True)
class LemmaPage:
    """What a lemma's docstring says, taken apart.

    Attributes
    ----------
    name, origin : str
        `origin` is ``library``, or the package that brings it.
    statement, remarks : str
    why, loses : str
        Why it is true, and what it gives away; empty where the docstring does not say.
    arguments : tuple of str
    """

    name: str
    origin: str
    statement: str
    remarks: str
    why: str
    loses: str
    arguments: tuple[str, ...]


def lemma_page(name: str) -> LemmaPage:
    """What a lemma says, why it is true and what it loses.

    Examples
    --------
    >>> lemma_page("pinsker").why
    'kl(q‖p) is at least 2(p − q)².'
    """
    constructor = lemma(name)
    module = constructor.__module__
    blocks = [" ".join(b.split()) for b in re.split(r"\n\s*\n", constructor.__doc__ or "")]
    said = {head: text for head, _, text in (b.partition(": ") for b in blocks[1:]) if text}
    return LemmaPage(
        name=name,
        origin="library" if not _foreign(module) else f"package {module.partition('.')[0]}",
        statement=blocks[0],
        remarks="\n\n".join(b for b in blocks[1:] if not b.startswith(("Why: ", "Loses: "))),
        why=said.get("Why", ""),
        loses=said.get("Loses", ""),
        arguments=tuple(signature(constructor).parameters),
    )


def uses_of(name: str) -> dict[str, list[str]]:
    """The variants whose proofs use a lemma, by theorem, those inside facts included."""
    found: dict[str, list[str]] = {}
    for id, entry in catalogue().items():
        for form in entry.variants.values():
            facts = (f for step in form.derivation.steps for f in step.fact.tree())
            if any(fact.constructor == name for fact in facts):
                found.setdefault(id, []).append(form.name)
    return found


def sources_of(name: str) -> list[str]:
    """The works, by citation key, that the facts of a lemma name, as far as theorems use it."""
    facts = (
        fact
        for entry in catalogue().values()
        for form in entry.variants.values()
        for step in form.derivation.steps
        for fact in step.fact.tree()
    )
    return sorted({fact.source for fact in facts if fact.constructor == name})


@typed
def lemma(name: str) -> Callable[..., Fact]:
    """One lemma constructor by its name, for example ``symmetrisation``.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest one.

    Examples
    --------
    >>> lemma("symmetrisation").__name__
    'symmetrisation'
    """
    return find("lemma", name, lemmas())
