"""Reference values: they are read, and an enclosure holds them only where it is narrow and right."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest

from boundcalc.numeric import reference
from boundcalc.numeric.reference import DIGITS, Reference, encloses


def test_reference_values_are_read_from_their_files() -> None:
    reference._read.cache_clear()
    theorems, classes = reference.theorem_references(), reference.class_references()
    assert min(len(theorems), len(classes)) > 20
    assert reference.theorem_references(theorems[0].id)[0] == theorems[0]
    assert reference.class_references(theorems[0].id) == ()


def held(low: str, high: str, value: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether an enclosure with these ends is taken to hold a value."""
    enclosure = SimpleNamespace(ends=(Fraction(low), Fraction(high)))
    found = SimpleNamespace(enclosure=enclosure)
    monkeypatch.setattr(reference, "evaluate", lambda *_, **__: found)
    return encloses(Reference("id", "form", {}, value))


TINY = f"1e-{DIGITS}"


@pytest.mark.parametrize(
    ("low", "high", "value", "right"),
    [
        ("3", "3", "3", True),
        ("3", "3", "3.0000000000000000000001", False),
        ("3", "3", "2.9999999999999999999999", False),
        ("3", f"3.{'0' * (DIGITS - 1)}5", "3", True),  # by more than a digit is not wide
        ("2.9999", "3.0001", "3", False),
        ("299999999", "300000001", "300000000", False),
        ("-3", "-3", "-3", True),
        ("-3.0001", "-2.9999", "-3", False),
        ("-3", "-3", "-3.0000000000000000000001", False),
        ("0", "0", "0", True),
        ("0", TINY, "0", False),
        ("0", "0", TINY, False),
    ],
)
def test_an_enclosure_has_to_be_narrow_and_to_hold_the_value(
    low: str, high: str, value: str, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert held(low, high, value, monkeypatch) is right


def test_the_enclosures_of_a_reference_value_and_of_a_neighbour() -> None:
    (first, *_) = reference.theorem_references("holdout.hoeffding")
    assert encloses(first)
    wrong = str(first.value)[:22] + "7" * (len(str(first.value)) - 22)
    assert not encloses(Reference(first.id, first.form, first.parameters, wrong))
