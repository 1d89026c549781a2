"""Searches: arrays like single positions, numbers between their ends, and what a domain allows."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from boundcalc.numeric.search import boundaries, boundary, halved, whole_domain
from boundcalc.symbolic.parameters import parameter


@pytest.mark.parametrize(("inside", "outside"), [(0, 1000), (1000, 0), (-7, 12), (3, 4)])
def test_an_array_is_searched_like_its_entries(inside: int, outside: int) -> None:
    low, high = sorted((inside, outside))
    cuts = np.arange(low, high) + 0.5
    up = inside < outside
    found = boundaries(lambda p: (p < cuts) == up, np.full(cuts.shape, inside), outside)
    alone = [boundary(lambda p, c=c: bool((p < c) == up), inside, outside) for c in cuts]  # type: ignore[misc]
    assert found.tolist() == alone
    assert np.all((found < cuts) == up)


@pytest.mark.parametrize(("inside", "outside"), [(0.0, 1.0), (1.0, 0.0)])
def test_numbers_are_cut_in_two_so_often(inside: float, outside: float) -> None:
    holds = [lambda x: x <= 0.3, lambda x: x >= 0.3][inside > outside]
    here, beyond = halved(holds, inside, outside, 20)
    assert holds(here)
    assert not holds(beyond)
    assert abs(here - beyond) == 2.0**-20
    assert halved(holds, inside, outside, 0) == (inside, outside)


def test_a_domain_allows_its_reached_ends_as_decimals() -> None:
    domain = replace(whole_domain(parameter("delta")), ends=(0.1, 0.3), reached=(True, False))
    tiny = Fraction(1, 10**40)
    allowed = [Fraction(1, 10), Fraction(1, 10) + tiny, Fraction(3, 10) - tiny]
    assert all(map(domain.allows, allowed))
    assert not any(map(domain.allows, [Fraction(1, 10) - tiny, Fraction(3, 10), Fraction(1, 2)]))
    endless = whole_domain(parameter("gamma"))
    assert endless.allows(Fraction(-(10**400)))
