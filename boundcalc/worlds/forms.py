"""Every proof in the catalogue, and the micro-worlds in which its declarations are true."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from boundcalc.symbolic.catalogue import catalogue, theorem
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.theorem import Theorem
from boundcalc.worlds.gallery.registry import all_worlds, world
from boundcalc.worlds.micro import MicroWorld
from boundcalc.worlds.oracle import Values, objection, values_of

IN_WORDS = {
    ("lu2023.separation", "multimodal"): (
        "tables on two points",
        "tables and one pair",
        "tables and two functions",
        "tables on a hundred points",
    )
}
"""Worlds of a form whose setting is assumed in words only, not declared by its quantities."""


def forms_of(entry: Theorem) -> dict[str, Derivation]:
    """The proofs of a theorem: ``id/variant``, with ``/2`` for the second proof of a variant, and so on."""
    return {
        f"{entry.id}/{variant.name}{f'/{i}' if i > 1 else ''}": proof
        for variant in entry.variants.values()
        for i, proof in enumerate((variant.derivation, *variant.also), start=1)
    }


def forms() -> list[str]:
    """The names of all proofs of the catalogue."""
    return [form for entry in catalogue().values() for form in forms_of(entry)]


@cache
def derivation(form: str) -> Derivation:
    """The proof of a form."""
    return forms_of(theorem(form.partition("/")[0]))[form]


def candidates(form: str) -> tuple[MicroWorld, ...]:
    """The worlds that a form may speak of, small ones first: named ones, or else the whole gallery."""
    id, variant = form.split("/")[:2]
    named = IN_WORDS.get((id, variant))
    found = [world(name) for name in named] if named else list(all_worlds().values())
    return tuple(sorted(found, key=lambda w: len(w.chances.weights)))


@cache
def worlds(form: str) -> tuple[MicroWorld, ...]:
    """The worlds in which everything that a form declares is true, small ones first."""
    facts = [line.fact for line in derivation(form).lines]
    return tuple(w for w in candidates(form) if objection(w, facts) is None)


@cache
def values(form: str) -> Mapping[str, Values]:
    """The values of the parameters, by the name of the world."""
    return MappingProxyType({w.name: values_of(w, derivation(form)) for w in worlds(form)})
