"""Every proof of the catalogue by name, and the micro-worlds that it may speak of."""

from __future__ import annotations

from functools import cache

from boundcalc.symbolic.catalogue import catalogue, theorem
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.theorem import Theorem
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.reading import Reading, readings


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


def read_in(proof: Derivation, world: MicroWorld) -> tuple[Reading, ...]:
    """All ways to read a proof in a world; none where it does not speak of it."""
    return readings(world, [line.fact for line in proof.lines], proof.claim)[0]
