"""All subsets at once are what one evaluation a subset says, at an equal share of δ."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.numeric.subset_search import Choice, FoundSubset, rounded_complexity
from boundcalc.numeric.subsets import _order

NAMES = ("text", "audio", "video", "depth")
COMPLEXITIES = (0.001, 0.0025, 0.002, 0.0007)
ID = "classic.uniform_deviation"
GIVEN: dict[str, Any] = {
    "variant": "expected",
    "lower": "lower",
    "modalities": NAMES,
    "complexities": COMPLEXITIES,
    "losses": np.random.default_rng(4).uniform(0.1, 0.4, 15),
    "delta": 0.05,
    "reference": ["audio"],
    "m": 10**6,
    "lipschitz": 1,
    "loss_bound": 1,
}


@pytest.mark.parametrize("combine", ["sum", "norm"])
def test_every_subset_is_what_evaluate_says(combine: str) -> None:
    found = bc.subsets(ID, combine=combine, **GIVEN)
    share = 0.05 / 30  # fifteen upper limits and fifteen lower ones hold together
    assert found.delta_each <= share
    known = {}
    for mask in range(1, 16):
        own = [c for i, c in enumerate(COMPLEXITIES) if mask >> i & 1]
        whole = sum(own) if combine == "sum" else float(np.sqrt(sum(c * c for c in own)))
        numbers = {"m": 10**6, "lipschitz": 1, "loss_bound": 1, "delta": share}
        numbers |= {"rademacher": whole, "train_loss": GIVEN["losses"][mask - 1]}
        known[mask] = [bc.evaluate(ID, variant=v, **numbers).value for v in ("expected", "lower")]
        assert found.values[mask - 1] == pytest.approx(known[mask][0], rel=1e-14)
        assert found.values[mask - 1] >= known[mask][0]
        assert found.lower_values is not None
        assert found.lower_values[mask - 1] <= known[mask][1]
    best = min(known, key=lambda mask: known[mask][0])
    assert found.best.modalities == found.named(best)
    assert found.order is not None
    high, low = known[2]
    assert found.better == sum(upper < low for upper, _ in known.values()) > 0
    assert found.worse == sum(under > high for _, under in known.values()) > 0
    assert (found.better, found.worse) == (np.sum(found.order < 0), np.sum(found.order > 0))
    assert found.order[1] == 0


def test_one_modality_has_one_subset() -> None:
    one = {"modalities": ["text"], "complexities": [0.01], "losses": [0.3], "lower": None}
    found = bc.subsets(ID, **GIVEN | one | {"reference": None})
    assert (found.size, found.best.modalities, found.order) == (1, ("text",), None)
    assert (found.better, found.worse) == (0, 0)


def test_limits_that_meet_certify_no_order() -> None:
    """Between an upper limit and an equal lower one there is room for equal risks."""
    upper, under = np.array([0.5, 0.3, 0.2, 0.9, 0.8]), np.array([0.3, 0.2, 0.1, 0.5, 0.6])
    assert _order(upper, under, 0).tolist() == [0, 0, -1, 0, 1]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 10, 22])
def test_a_complexity_is_never_rounded_down(number: int) -> None:
    rng = np.random.default_rng(number)
    for single in rng.uniform(0, 1, (50, number)):
        total = sum(map(Fraction, single.tolist()))
        squares = sum(Fraction(x) ** 2 for x in single.tolist())
        (found,) = rounded_complexity(single.sum(keepdims=True), "sum", number)
        (root,) = rounded_complexity((single * single).sum(keepdims=True), "norm", number)
        assert total <= Fraction(found) <= total * (1 + Fraction(1, 10**12))
        assert squares <= Fraction(root) ** 2 <= squares * (1 + Fraction(1, 10**12))


def test_no_choice_off_the_front_is_smaller_and_better() -> None:
    found = bc.subsets(ID, **GIVEN)
    mask = {found.named(i): i for i in range(1, 16)}
    for size in range(1, 5):
        least = min(found.values[mask[names] - 1] for names in combinations(NAMES, size))
        assert min(c.value for c in found.front if len(c.modalities) <= size) <= least
    values = [choice.value for choice in found.front]
    assert values == sorted(values, reverse=True)
    assert found.front[-1] == found.best


def test_twenty_modalities() -> None:
    masks = np.arange(1, 2**20)
    counts = sum((masks >> i) & 1 for i in range(20))
    many = {
        "modalities": [f"v{i}" for i in range(20)],
        "complexities": [0.0001] * 20,
        "losses": 0.5 - 0.01 * counts + 0.02 * (masks & 1),
        "reference": ["v0"],
    }
    found = bc.subsets(ID, **GIVEN | many)
    assert found.size == 2**20 - 1
    assert found.best.modalities == tuple(f"v{i}" for i in range(1, 20))
    assert len(found.front) == 19
    assert "1,048,575 subsets" in found.status


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"losses": [0.1] * 14}, "one a subset, 15"),
        ({"complexities": [0.1]}, "1 complexities for 4 modalities"),
        ({"modalities": ["a", "a", "b", "c"]}, "named twice"),
        ({"modalities": [f"v{i}" for i in range(23)]}, "1 to 22"),
        ({"modalities": [], "complexities": []}, "0 modalities"),
        ({"combine": "product"}, "unknown way to combine complexities 'product'"),
        ({"reference": ["tekst"]}, "did you mean 'text'"),
        ({"reference": []}, "no modality"),
        ({"losses": {"tekst": 0.1}}, "no complexity of 'tekst'; did you mean 'text'"),
        ({"lower": None}, "needs lower limits"),
        ({"lower": "expected"}, "names a lower one"),
        ({"variant": "lower"}, "names a lower one"),
        ({"delta": 2}, "outside the domain"),
        ({"losses": [float("nan")] * 15}, "is not a number"),
        ({"complexities": [-1, 0, 0, 0]}, "outside the domain"),
    ],
)
def test_bad_input_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        bc.subsets(ID, **GIVEN | changed)


def test_a_larger_subset_that_is_no_better_is_not_on_the_front() -> None:
    found = bc.subsets(ID, **GIVEN | {"complexities": [0] * 4, "losses": [0.3] * 15})
    assert len(found.front) == 1
    assert len(found.best.modalities) == 1


SEARCH: dict[str, Any] = {"variant": "expected", "m": 10**5, "lipschitz": 1, "loss_bound": 1}


def nested(seed: int, count: int) -> Any:
    """The least squared distance of a point to the span of chosen directions: nested minima."""
    rng = np.random.default_rng(seed)
    gains = rng.exponential(size=count) * (rng.random(count) < 0.5)
    gains *= 0.4 / max(gains.sum(), 1e-9)
    together = rng.uniform(0, 0.3, 3)

    def loss(chosen: tuple[str, ...]) -> float:
        at = [int(name[1:]) for name in chosen]
        pairs = sum(g for k, g in enumerate(together) if {2 * k, 2 * k + 1} <= set(at))
        return float(max(0.0, 0.9 - sum(gains[sorted(at)]) - pairs))

    return loss


@pytest.mark.parametrize("combine", ["sum", "norm"])
@pytest.mark.parametrize("seed", range(4))
def test_a_search_finds_what_looking_at_all_subsets_finds(seed: int, combine: str) -> None:
    names = [f"v{i}" for i in range(9)]
    single = np.random.default_rng(seed + 100).uniform(0, 0.03, 9).tolist()
    given = SEARCH | {"modalities": names, "complexities": single, "delta": 0.05}
    loss = nested(seed, 9)
    chosen = [tuple(n for i, n in enumerate(names) if mask >> i & 1) for mask in range(1, 2**9)]
    every = bc.subsets(ID, combine=combine, losses=[loss(c) for c in chosen], **given)
    found = bc.subsets(ID, combine=combine, losses=loss, **given)
    assert found.proved
    assert (found.size, found.delta_each) == (every.size, every.delta_each)
    assert found.best.value == pytest.approx(every.best.value, rel=1e-12)
    assert found.least <= float(every.values.min()) * (1 + 1e-12)
    assert found.asked < 2**9
    early = bc.subsets(ID, combine=combine, losses=loss, most=1, **given)
    assert early.least <= every.best.value <= early.best.value
    assert early.gap >= 0
    assert early.proved or "no subset is better by more than" in early.status


@pytest.mark.parametrize("scale", [1.0, 1e-7])
@pytest.mark.parametrize(
    ("single", "best"), [((0.5, 0.1, 0), "c"), ((0.5, 0, 0.1), "b"), ((0, 0.1, 0.5), "a")]
)
def test_where_all_losses_are_equal_the_least_complex_subset_is_found(
    single: tuple[float, ...], best: str, scale: float
) -> None:
    given = SEARCH | {"modalities": list("abc"), "complexities": [c * scale for c in single]}
    given |= {"loss_bound": scale, "delta": 0.05, "losses": lambda chosen: 0.3 * scale}
    found = bc.subsets(ID, **given)
    assert "".join(found.best.modalities) == best
    assert found.proved


def test_a_search_that_cannot_find_better_asks_for_no_more_losses() -> None:
    given = SEARCH | {"modalities": list("abcd"), "complexities": [0] * 4, "delta": 0.05}
    found = bc.subsets(ID, losses=lambda chosen: 0.3, **given)
    assert (found.asked, found.proved, found.gap) == (1, True, 0)


def test_one_modality_of_several_that_adds_a_complexity_is_left_out() -> None:
    given = SEARCH | {"modalities": list("abc"), "complexities": [0.5, 0, 0], "delta": 0.05}
    found = bc.subsets(ID, losses=lambda chosen: 0.3, **given)
    assert "a" not in found.best.modalities


@pytest.mark.parametrize("seed", range(3))
def test_a_search_that_ends_early_says_how_far_it_is_from_the_best(seed: int) -> None:
    names, rng = [f"v{i}" for i in range(9)], np.random.default_rng(seed)
    given = SEARCH | {"modalities": names, "complexities": rng.uniform(0, 0.03, 9).tolist()}
    given |= {"delta": 0.05, "losses": nested(seed, 9)}
    whole = bc.subsets(ID, **given)
    early = [bc.subsets(ID, most=most, **given) for most in range(1, 12)]
    for most, found in enumerate(early, 1):
        assert found.asked == most < whole.asked
        assert found.least <= whole.best.value <= found.best.value
        assert found.proved == (found.gap <= 1e-11)
    assert early[0].gap > early[-1].gap


@pytest.mark.parametrize(
    ("value", "gap", "proved"),
    [(0.0, 0.0, True), (1e-6, 1e-10, False), (1e-6, 1e-19, True), (1e6, 1e-9, True)],
)
def test_what_is_proved_is_so_but_for_rounding(value: float, gap: float, proved: bool) -> None:
    found = FoundSubset(
        id=ID,
        variant="expected",
        modalities=("a",),
        size=1,
        delta=0.05,
        delta_each=0.05,
        best=Choice(("a",), value),
        least=value - gap,
        asked=1,
    )
    assert found.proved == proved


def test_a_search_among_a_billion_subsets() -> None:
    names = [f"v{i}" for i in range(30)]
    given = SEARCH | {"modalities": names, "complexities": [0.01] * 30, "delta": 0.05}
    found = bc.subsets(ID, losses=nested(7, 30), **given)
    assert found.proved
    assert found.size == 2**30 - 1
    assert found.asked < 20_000


def test_losses_by_name_are_those_by_mask() -> None:
    masks = {mask: [n for i, n in enumerate(NAMES) if mask >> i & 1] for mask in range(1, 16)}
    named = {"+".join(chosen): GIVEN["losses"][mask - 1] for mask, chosen in masks.items()}
    by_name = bc.subsets(ID, **GIVEN | {"losses": named})
    assert np.array_equal(by_name.values, bc.subsets(ID, **GIVEN).values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"losses": {"text": 0.1}}, "losses of 1 of 15 subsets are given"),
        ({"losses": {"text": 0.1, "tekst": 0.1}}, "tekst"),
        ({"losses": [("text", 0.1), ("text", 0.1)]}, "the loss of text is given twice"),
        ({"losses": lambda chosen: 0.1}, "the certified order needs all losses"),
        (
            {"losses": lambda c: 0.1 * len(c), "lower": None, "reference": None},
            "which has more modalities",
        ),
        ({"losses": lambda c: "x", "lower": None, "reference": None}, "must be a number"),
    ],
)
def test_losses_that_cannot_be_used(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        bc.subsets(ID, **GIVEN | change)


def test_more_subsets_than_any_float_are_refused_in_one_line() -> None:
    names = [f"sensor {i}" for i in range(1100)]
    given = GIVEN | {"lower": None, "reference": None, "losses": lambda chosen: 0.3}
    given |= {"modalities": names, "complexities": [0.001] * len(names)}
    with pytest.raises(InputError, match="too small to be divided among"):
        bc.subsets(ID, **given)
