"""Every proof of the catalogue by name, and the micro-worlds that it may speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from boundcalc.symbolic.catalogue import catalogue, theorem
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.theorem import Theorem
from boundcalc.worlds.micro.checking import objection
from boundcalc.worlds.micro.examples import IN_WORDS
from boundcalc.worlds.micro.micro_world import MicroWorld


def proofs_of(entry: Theorem) -> dict[str, Derivation]:
    """The proofs of a theorem: ``id/variant``; the second of a variant has ``/2``, and so on."""
    return {
        f"{entry.id}/{variant.name}{f'/{i}' if i > 1 else ''}": proof
        for variant in entry.variants.values()
        for i, proof in enumerate((variant.derivation, *variant.also), start=1)
    }


def proof_names() -> list[str]:
    """The names of all proofs of the catalogue."""
    return [name for entry in catalogue().values() for name in proofs_of(entry)]


@cache
def proof_named(name: str) -> Derivation:
    """One proof."""
    return proofs_of(theorem(name.partition("/")[0]))[name]


def spoken_of(
    name: str,
    proof: Derivation,
    worlds: Iterable[MicroWorld],
    in_words: Mapping[str, frozenset[str]] = IN_WORDS,
) -> list[MicroWorld]:
    """The worlds in which everything that a proof declares is true, small ones first."""
    only, facts = in_words.get(name), [line.fact for line in proof.lines]
    found = [w for w in worlds if (only is None or w.name in only) and objection(w, facts) is None]
    return sorted(found, key=lambda w: len(w.chances.weights))
