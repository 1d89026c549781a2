"""Nothing false can be certified: the seeded part of the law; it finds holes opened by hand.

For more of it: ``python tests/laws/nothing_false/law.py --combinations 100000``.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import calls_on_classes
import calls_on_linear_models
import calls_on_risks
import calls_on_samples
import law
import pytest
from law import Worldly, worlds
from mutants_of_the_base import MUTANTS

from boundcalc.symbolic import lemmas
from boundcalc.symbolic.lemmas import (
    classes,
    composition,
    guards,
    learners,
    nesting,
    pac_bayes,
    solving,
    views,
)

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


APART = (learners, pac_bayes, solving, views)
"""Lemmas on posteriors, changed samples, information and roots: a small world has none."""


def constructors(module: ModuleType) -> set[str]:
    """The public functions of a module that return a fact."""
    own = {name: f for name, f in vars(module).items() if not name.startswith("_")}
    facts = {n for n, f in own.items() if getattr(f, "__annotations__", {}).get("return") == "Fact"}
    return facts - set(vars(guards))


def test_every_constructor_is_called() -> None:
    """There is a call for each; which are made in a world is left to chance.

    Lemmas on distributions, stable learners, views and families, and those that solve for a root,
    have enumerated worlds of their own.
    """
    callers = (calls_on_risks, calls_on_classes, calls_on_samples, calls_on_linear_models, law)
    written = "".join(map(inspect.getsource, callers))
    apart = {"sub_gaussian_deviation", "for_every_member"}
    for module in APART:
        apart |= {n for n in constructors(module) if vars(module)[n].__module__ == module.__name__}
    tests = Path(__file__).parents[2]
    elsewhere = "".join(
        (tests / "unit" / "symbolic" / name).read_text(encoding="utf-8")
        for name in ("test_posteriors.py", "test_learners_and_views.py", "test_solving.py")
    )
    assert {name for name in apart if f"{name}(" not in elsewhere} == set()
    known = set[str]().union(*map(constructors, (lemmas, classes, composition, nesting)))
    assert len(known) > 50
    assert {name for name in known - apart if f".{name}" not in written} == set()


@pytest.mark.parametrize(
    ("mutant", "seed"), MUTANTS.items(), ids=lambda v: getattr(v, "__name__", "")
)
def test_a_hole_is_found(
    mutant: Callable[[pytest.MonkeyPatch], None], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not searched(seed).found
    mutant(monkeypatch)
    assert next(worlds(range(seed, seed + 1))).found
