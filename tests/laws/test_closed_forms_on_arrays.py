"""Arrays of any size: on the safe side of exact values and within a few units of plain NumPy."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import lambdify

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.numeric import arithmetic, blocks
from boundcalc.numeric.bound import bind
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.parameters import parameter

FORMS = [
    (id, name)
    for id, entry in bc.catalogue().items()
    for name, variant in entry.variants.items()
    if variant.relation != "=" and not variant.expression.has(LimitFunction)
]
POINTS = 100_000
SIDES = {"≤": 1, "≥": -1}
ULP = 2.0**-52
ALLOWED = 24
"""How far a value may be from NumPy's, in units in the last place of the sizes of its terms: NumPy's
logarithm alone is known to 4, and a value is moved out by what both can be off."""


def points(names: list[Any], count: int, seed: int) -> dict[str, NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    found = {}
    for p in names:
        if p.integer:
            found[p.name] = np.rint(10 ** rng.uniform(1, 6, count))
        elif p.high <= 1:
            found[p.name] = p.low + (p.high - p.low) * rng.uniform(0.001, 0.999, count)
        else:
            found[p.name] = rng.uniform(-1 if p.low < 0 else 0, 1, count)
    return found


def usable(id: str, variant: str, seed: int) -> tuple[Any, dict[str, NDArray[np.float64]]]:
    """A bound on as many random points as its side conditions leave."""
    form = bc.theorem(id).variant(variant)
    values = points(form.parameters, POINTS, seed)
    bound = bind(id, variant, {}, free=values)
    _, good = bound.rough_terms(**values)
    good = np.broadcast_to(good, POINTS) & np.isfinite(bound.rough(**values))
    return form, {name: x[good] for name, x in values.items()}


@pytest.mark.parametrize(("id", "variant"), FORMS)
def test_arrays_numpy_and_enclosures_agree(id: str, variant: str) -> None:
    form, values = usable(id, variant, seed=6)
    found = bc.evaluate(id, variant=variant, **values)
    assert found.value.size > POINTS / 50
    symbols = [p.symbol for p in form.parameters]
    terms = [lambdify(symbols, t.expression, "numpy")(*values.values()) for t in form.terms]
    plain, size = sum(terms), sum(map(np.abs, terms))
    # the decimal that a δ stands for may be off by half a unit: a logarithm near 0 feels it more
    near = 1 / -np.log(values["delta"]) if "delta" in values else 0
    away = (found.value - plain) * SIDES[form.relation]
    operations = {name for name, *_ in found.bound.variant.formula.operations}
    if not operations & {"power", "exp", "log1p"}:  # of which NumPy keeps fewer digits itself
        assert np.all(away >= -ALLOWED / 4 * ULP * size * (1 + near))
        assert np.all(away <= ALLOWED * ULP * size * (1 + near))
    for i in range(0, found.value.size, found.value.size // 12):
        one = {name: Fraction(repr(float(x[i]))) for name, x in values.items()}
        box = found.bound.enclosure(digits=40, **one)
        outer = arithmetic.outer_end(box, form.relation == "≤")
        assert (found.value[i] - outer) * SIDES[form.relation] >= 0


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, -3.5, 0.0, 1e400])
@pytest.mark.parametrize(("id", "variant"), FORMS[::5])
def test_one_bad_entry_is_refused_as_a_number_is(id: str, variant: str, wrong: float) -> None:
    _, values = usable(id, variant, seed=8)
    for name in values:
        single = {n: float(x[0]) for n, x in values.items()} | {name: wrong}
        try:
            bc.evaluate(id, variant=variant, **single)
            continue
        except InputError as error:
            expected = str(error)
        if parameter(name).integer and wrong == 0:
            continue
        bad = {n: x[:300].copy() for n, x in values.items()}
        bad[name][-1] = wrong
        with pytest.raises(InputError) as refusal:
            bc.evaluate(id, variant=variant, **bad)
        assert name in str(refusal.value)
        if "(" in expected and "domain" in expected:
            assert str(refusal.value) == expected


def test_blocks_have_the_bits_of_single_points(monkeypatch: pytest.MonkeyPatch) -> None:
    _, values = usable("huang2021.theorem1", "sharp", seed=9)
    whole = bc.evaluate("huang2021.theorem1", variant="sharp", **values)
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    parts = bc.evaluate("huang2021.theorem1", variant="sharp", **values)
    assert np.array_equal(whole.value, parts.value)
    for i in range(0, POINTS, 9973):
        one = bc.evaluate(
            "huang2021.theorem1", variant="sharp", **{n: float(x[i]) for n, x in values.items()}
        )
        assert (whole.value[i], whole.probability[i]) == (one.value, one.probability)
        assert {n: t[i] for n, t in whole.terms.items()} == one.terms


def test_a_point_that_needs_care_changes_no_other_and_costs_little() -> None:
    """A product that underflows is enclosed by intervals, a millisecond a point: only that one."""
    _, values = usable("lu2023.multimodal", "one-event", seed=10)
    values = {name: x[:50_000].copy() for name, x in values.items()}
    before = bc.evaluate("lu2023.multimodal", variant="one-event", **values).value
    values["distance_bound"][777], values["loss_bound"][777] = 1e-170, 1e-170
    after = bc.evaluate("lu2023.multimodal", variant="one-event", **values).value
    alone = {name: float(x[777]) for name, x in values.items()}
    assert after[777] == bc.evaluate("lu2023.multimodal", variant="one-event", **alone).value
    assert np.array_equal(np.delete(before, 777), np.delete(after, 777))


def test_memory_beyond_the_output_is_that_of_some_blocks() -> None:
    _, values = usable("huang2021.theorem1", "sharp", seed=11)
    values = {name: np.tile(x, 10) for name, x in values.items()}
    tracemalloc.start()
    found = bc.evaluate("huang2021.theorem1", variant="sharp", **values)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.value.size == 10 * POINTS
    assert peak < found.value.nbytes + found.vacuous.nbytes + 64e6


def test_arrays_are_freed_with_the_last_who_knows_them() -> None:
    """Without waiting for a collection, by which time a sweep of blocks would fill the memory."""
    _, values = usable("huang2021.theorem1", "sharp", seed=12)
    gc.disable()
    try:
        found = bc.evaluate("huang2021.theorem1", variant="sharp", **values)
        known = weakref.ref(found.value)
        del found
        assert known() is None
    finally:
        gc.enable()
