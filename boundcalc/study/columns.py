"""Which column of a linear program stands for which quantity of a study."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from boundcalc.study.lattice import Indices
from boundcalc.study.setting import PAIR_ROLES, ROLES, SHARED_ROLES, Member
from boundcalc.study.templates import PAIR, SHARED
from boundcalc.symbolic.quantities import Quantity


class Columns:
    """Every role of every subset, then what all subsets share, then every role of every pair.

    Parameters
    ----------
    count : int
        The number of subsets.
    pairs : sequence of (int, int)
        The pairs of subsets whose losses are compared example by example.
    member : callable
        A subset with its exact numbers.
    """

    def __init__(
        self, count: int, pairs: Sequence[tuple[int, int]], member: Callable[[int], Member]
    ) -> None:
        self.count, self.pairs, self.member = count, pairs, member
        self.known: dict[Quantity, int] = {}
        self._first_shared = len(ROLES) * count
        self._first_of_pairs = self._first_shared + len(SHARED_ROLES)
        self.width = self._first_of_pairs + len(PAIR_ROLES) * len(pairs)

    def place(self, role: str, i: int) -> int:
        """The column of a quantity of one subset."""
        return _place(ROLES, role) * self.count + i

    def of(
        self, slot: tuple[int, str], members: Sequence[Indices], pairs: Indices | None
    ) -> Indices:
        """The columns of one quantity of a template, for all its instances."""
        member, role = slot
        if member == SHARED:
            return np.full(len(members[0]), self._first_shared + _place(SHARED_ROLES, role))
        if member == PAIR:
            assert pairs is not None
            return self._first_of_pairs + _place(PAIR_ROLES, role) * len(self.pairs) + pairs
        return self.place(role, 0) + members[member]

    def quantity(self, j: int) -> Quantity:
        """The quantity of a column; from now on the column is found by it."""
        found = self._made(j)
        self.known[found] = j
        return found

    def _made(self, j: int) -> Quantity:
        shared = j - self._first_shared
        if shared < 0:
            role, i = divmod(j, self.count)
            return list(ROLES.values())[role](self.member(i))
        if shared < len(SHARED_ROLES):
            return list(SHARED_ROLES.values())[shared](self.member(0))
        role, k = divmod(j - self._first_of_pairs, len(self.pairs))
        first, second = map(self.member, self.pairs[k])
        return list(PAIR_ROLES.values())[role](first, second)


def _place(roles: Mapping[str, Any], role: str) -> int:
    return list(roles).index(role)
