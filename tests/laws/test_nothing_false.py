"""Nothing false can be certified: the seeded part of the law, and a proof that it can fail.

More of it: ``PYTHONPATH=. python tests/laws/law.py --combinations 100000``.
"""

from __future__ import annotations

import pytest
from law import worlds

BLOCKS, WORLDS, LEAST = 10, 2, 500
"""Two worlds a block, in each at least 250 sums: 5,000 in all."""


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_certified_statement_is_true(block: int) -> None:
    searched = list(worlds(range(WORLDS * block, WORLDS * (block + 1))))
    found = [str(finding) for world in searched for finding in world.found]
    assert not found, "\n".join(found)
    tried, certified, judged = (
        sum(world.counts[kind] for world in searched) for kind in ("tried", "certified", "judged")
    )
    assert tried >= LEAST
    # most sums are certified, and most of these are judged: the search is not idle
    assert 4 * certified > 2 * tried
    assert 4 * judged > 2 * certified


def test_a_world_is_the_same_each_time() -> None:
    first, again = (next(iter(worlds(range(3, 4), rounds=20))) for _ in range(2))
    assert first.counts == again.counts
    assert [c.trail for c in first.calls] == [c.trail for c in again.calls]
