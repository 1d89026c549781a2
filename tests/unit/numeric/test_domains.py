"""What numbers from users may be, and which values side conditions leave to an unknown."""

from __future__ import annotations

from fractions import Fraction
from math import inf, nextafter
from typing import Any

import numpy as np
import pytest
from sympy import Rel, sqrt

from boundcalc.errors import DomainError, InputError
from boundcalc.numeric.compile import _requirement
from boundcalc.numeric.domains import _real_roots, checked, feasible, refuse_other_types, unmasked
from boundcalc.numeric.search import LARGEST_COUNT, SMALLEST_FLOAT, Domain, whole_domain
from boundcalc.symbolic.parameters import parameter, symbol
from boundcalc.symbolic.theorem import Requirement

m, n, L, gamma, delta = (symbol(x) for x in ("m", "n", "lipschitz", "gamma", "delta"))


@pytest.mark.parametrize("shape", [(-1,), (2, 4), (2, 2, 2)])
def test_every_entry_of_an_array_of_counts_is_whole(shape: tuple[int, ...]) -> None:
    counts = np.arange(1.0, 9.0)
    assert checked(parameter("m"), counts.reshape(shape)).shape == counts.reshape(shape).shape
    for place in range(8):
        uneven = counts.copy()
        uneven[place] += 0.5
        with pytest.raises(DomainError, match=rf"m = {place + 1}\.5 is"):
            checked(parameter("m"), uneven.reshape(shape))
    counts[[2, 4]] += 0.5
    with pytest.raises(DomainError, match=r"m = 3\.5 is"):
        checked(parameter("m"), counts.reshape(shape))


def test_a_masked_entry_is_named_by_its_row() -> None:
    for row in (1, 2, 4):
        mask = np.zeros((4, 3), dtype=bool)
        mask[row - 1, 1] = mask[-1, 2] = True
        for masked in (mask, mask[:, 1] | mask[:, 2]):
            with pytest.raises(InputError, match=f"the first in row {row};"):
                unmasked(np.ma.array(np.ones(masked.shape), mask=masked), "X", expected="numbers")
        entries: list[Any] = [1.0, 2.0, 3.0, np.ma.masked]
        entries[row - 1] = np.ma.masked
        with pytest.raises(InputError, match=f"the first in row {row};"):
            unmasked(entries, "X", expected="numbers")


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.array([None, 1]), "X holds Python objects; give numbers"),
        (np.array(["a"]), "X holds entries of type <U1; give numbers"),
        (np.array([1j]), "X holds entries of type complex128; give numbers"),
    ],
)
def test_what_an_array_of_another_kind_holds_is_said(array: Any, kind: str) -> None:
    with pytest.raises(InputError) as refusal:
        refuse_other_types(array, "X", "give numbers")
    assert str(refusal.value) == kind


ROOTS = [
    (1, [Fraction(7)]),
    (3, [Fraction(1), Fraction(2), Fraction(3)]),
    (-2, [Fraction(-5), Fraction(1, 3)]),
    (1, [Fraction(0), Fraction(4)]),
    (1, [Fraction(-(10**200)), Fraction(10**200)]),
    (10**400, [Fraction(-6), Fraction(2), Fraction(5)]),
    (10**900, [Fraction(-1, 10**300), Fraction(1, 10**300)]),
    (Fraction(1, 10**500), [Fraction(1, 10**250), Fraction(3, 10**250)]),
    (Fraction(1, 10**500), [Fraction(10**90)]),
]


@pytest.mark.parametrize(("lead", "roots"), ROOTS)
def test_real_roots_of_polynomials_of_any_size(lead: Fraction, roots: list[Fraction]) -> None:
    made = [Fraction(lead)]
    for root in roots:  # times x − root
        pairs = zip([*made, Fraction(0)], [Fraction(0), *made], strict=True)
        made = [a - root * b for a, b in pairs]
    expected = pytest.approx([float(root) for root in sorted(roots)], rel=1e-9, abs=0)
    assert _real_roots(made) == expected
    for zeros in (1, 2, 3):
        assert _real_roots([Fraction(0)] * zeros + made) == expected


def test_polynomials_without_roots_that_floats_hold() -> None:
    for constant in ([], [Fraction(0)], [Fraction(0), Fraction(7)]):
        assert _real_roots(constant) == []
    assert _real_roots([Fraction(1), Fraction(0), Fraction(1)]) == []
    assert _real_roots([Fraction(1), Fraction(-(10**320))]) == []


def left(relation: Rel, name: str, **given: float) -> Domain:
    return feasible([_requirement(Requirement(relation, "no"))], parameter(name), given)


def values(domain: Domain) -> tuple[float, float]:
    return domain.value(domain.first), domain.value(domain.last)


def test_a_condition_on_a_count_leaves_whole_numbers() -> None:
    found = left(m >= n + 2, "m", n=40)
    assert values(found) == (42, LARGEST_COUNT)
    assert (found.ends, found.reached) == ((42.0, inf), (True, False))
    found = left(2 * m < n, "m", n=40)
    assert values(found) == (1, 19)
    assert (found.ends, found.reached) == ((1, 19.0), (True, True))
    found = left((m - 10) * (m - n) <= 0, "m", n=30)
    assert values(found) == (10, 30)
    assert values(left(m < LARGEST_COUNT, "m")) == (1, LARGEST_COUNT - 1)


def test_a_condition_on_a_real_number_leaves_floats_up_to_the_last_that_meets_it() -> None:
    found = left(gamma**2 <= 2, "gamma")
    low, high = values(found)
    assert low == -high
    assert high * high <= 2 < nextafter(high, inf) ** 2
    assert (found.ends, found.reached) == ((low, high), (True, True))
    found = left(delta <= L / 2, "delta", lipschitz=0.5)
    assert values(found) == (SMALLEST_FLOAT, 0.25)
    assert (found.ends, found.reached) == ((0.0, 0.25), (False, True))
    found = left(delta > 0.25, "delta")
    assert values(found)[0] == nextafter(0.25, 1)
    assert found.ends[1] == 1
    assert found.reached == (True, False)


def test_what_is_above_0_is_as_on_a_domain_that_is_open_at_0() -> None:
    found = left(gamma > 0, "gamma")
    assert values(found)[0] == SMALLEST_FLOAT
    assert (found.ends[0], found.reached[0]) == (0.0, False)
    found = left(gamma >= 0, "gamma")
    assert values(found)[0] == 0
    assert (found.ends[0], found.reached[0]) == (0.0, True)
    found = left(gamma >= -1, "gamma")
    assert (values(found)[0], found.ends[0], found.reached[0]) == (-1, -1, True)


def test_a_condition_that_holds_everywhere_leaves_the_domain() -> None:
    for relation, name in ((m + n >= 1, "m"), (gamma + 10 * L**2 >= -(10**290), "gamma")):
        assert left(relation, name, n=3, lipschitz=1) == whole_domain(parameter(name))


def test_what_is_left_has_to_be_one_piece() -> None:
    for relation, name in (((m - 10) * (m - 20) >= 0, "m"), (gamma**2 >= L, "gamma")):
        with pytest.raises(InputError, match="not in one piece"):
            left(relation, name, lipschitz=2)
    with pytest.raises(InputError, match="no m is allowed by the other numbers"):
        left(m <= n - 5, "m", n=3)
    with pytest.raises(InputError, match="cannot solve for m"):
        left(sqrt(m) <= n, "m", n=3)
