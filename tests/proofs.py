"""Every proof of the catalogue by its name: ``id/variant``, and ``/2`` for a second one."""

from __future__ import annotations

from functools import cache

from boundcalc.symbolic.catalogue import catalogue, theorem
from boundcalc.symbolic.derivation import Derivation
from boundcalc.worlds.micro.reading import proofs_of


def proof_names() -> list[str]:
    """The names of all proofs of the catalogue."""
    return [name for entry in catalogue().values() for name in proofs_of(entry)]


@cache
def proof_named(name: str) -> Derivation:
    """One proof."""
    return proofs_of(theorem(name.partition("/")[0]))[name]
