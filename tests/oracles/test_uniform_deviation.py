"""The limits of one class against forms that were written down by hand."""

from __future__ import annotations

import math

import pytest

import boundcalc as bc

ID = "classic.uniform_deviation"
NUMBERS = {"m": 10_000, "delta": 0.05, "lipschitz": 2, "loss_bound": 3, "train_loss": 0.9}
ONE_EVENT = 3 * math.sqrt(math.log(20) / 20_000)


@pytest.mark.parametrize(
    ("variant", "complexity", "value"),
    [
        ("expected", {"rademacher": 0.01}, 0.9 + 0.04 + ONE_EVENT),
        ("empirical", {"rademacher_empirical": 0.01}, 0.9 + 0.04 + 2 * ONE_EVENT),
        ("lower", {"rademacher": 0.01}, 0.9 - 0.04 - ONE_EVENT),
        ("lower-empirical", {"rademacher_empirical": 0.01}, 0.9 - 0.04 - 2 * ONE_EVENT),
        ("lower-erm", {}, 0.9 - ONE_EVENT),
    ],
)
def test_closed_forms(variant: str, complexity: dict[str, float], value: float) -> None:
    used = {p.name for p in bc.theorem(ID).variant(variant).parameters}
    numbers = {name: number for name, number in NUMBERS.items() if name in used}
    result = bc.evaluate(ID, variant=variant, **numbers, **complexity)
    assert result.value == pytest.approx(value, rel=1e-12)
    assert bc.theorem(ID).variant(variant).relation == ("≥" if "lower" in variant else "≤")


def test_a_measured_complexity_alone_gives_the_upper_limit() -> None:
    assert bc.evaluate(ID, **NUMBERS, rademacher_empirical=0.01).variant == "empirical"
