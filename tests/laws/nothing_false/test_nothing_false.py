"""Nothing false can be certified: the seeded part of the law, and that it finds holes opened by hand.

For more of it: ``python tests/laws/nothing_false/law.py --combinations 100000``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from types import ModuleType

import pytest
from law import Worldly, worlds
from mutants_of_the_base import MUTANTS

from boundcalc.symbolic import lemmas
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import classes, composition, nesting

BLOCKS, WORLDS, LEAST = 10, 2, 500
"""Two worlds a block, in both at least 500 sums: 5,000 in all."""


@cache
def searched(seed: int) -> Worldly:
    """A world that has been searched."""
    return next(worlds(range(seed, seed + 1)))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_certified_statement_is_true(block: int) -> None:
    block_of = [searched(seed) for seed in range(WORLDS * block, WORLDS * (block + 1))]
    found = [str(finding) for world in block_of for finding in world.found]
    assert not found, "\n".join(found)
    counts = sum((world.counts for world in block_of), Counter[str]())
    # most sums are certified, and most of these are judged: the search is not idle
    assert counts["tried"] >= LEAST
    assert 2 * counts["certified"] > counts["tried"]
    assert 2 * counts["judged"] > counts["certified"]


def test_a_world_is_the_same_each_time() -> None:
    first, again = (next(worlds(range(3, 4), size=20, rounds=20)) for _ in range(2))
    assert first.counts == again.counts
    assert [c.trail for c in first.calls] == [c.trail for c in again.calls]


def constructors(module: ModuleType) -> set[str]:
    """The public functions of a module that return a fact."""
    return {
        name
        for name, function in vars(module).items()
        if not name.startswith("_")
        and getattr(function, "__annotations__", {}).get("return") in ("Fact", Fact)
    }


def test_every_constructor_is_called() -> None:
    """In the worlds of the blocks each lemma is used, alone or inside another fact."""
    trails = "".join(c.trail for seed in range(WORLDS * BLOCKS) for c in searched(seed).calls)
    known = set[str]().union(*map(constructors, (lemmas, classes, composition, nesting)))
    assert len(known) > 50
    assert {name for name in known if f"{name}(" not in trails} == set()


@pytest.mark.parametrize(
    ("mutant", "seed"), MUTANTS.items(), ids=lambda v: getattr(v, "__name__", "")
)
def test_a_hole_is_found(
    mutant: Callable[[pytest.MonkeyPatch], None], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not searched(seed).found
    mutant(monkeypatch)
    assert next(worlds(range(seed, seed + 1))).found
