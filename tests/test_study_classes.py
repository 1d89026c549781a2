"""Classes in study files: every kind and composition, in the conventions of the study."""

from __future__ import annotations

import math
from typing import Any

import pytest

import boundcalc as bc
from boundcalc.errors import ConventionError, InputError
from boundcalc.study.read import read_study

M = 10_000
L2 = {"kind": "linear-l2", "norm": 2.0, "radius": 1.5}
L1 = {"kind": "linear-l1", "norm": 1.0, "radius": 1.0, "features": 30}
KERNEL = {"kind": "kernel", "norm": 2.0, "trace": 9000.0}
FROBENIUS = {"kind": "linear-frobenius", "outputs": 4, "norm": 2.0, "radius": 1.5}
R_L1 = math.sqrt(2 * math.log(60) / M)


def study(entry: Any, **top: Any) -> dict[str, Any]:
    return {"m": M, "lipschitz": 1.0, **top} | {
        "subset": [
            {"modalities": ["a"], "train_loss": 0.4, "class": entry},
            {"modalities": ["a", "b"], "train_loss": 0.3, "test_loss": 0.2},
        ]
    }


def subset(entry: Any, **top: Any) -> Any:
    return read_study(study(entry, **top)).subsets[0]


@pytest.mark.parametrize(
    ("entry", "c"),
    [
        (L2, 9.0),
        ({"kind": "late-fusion", "norms": [2.0], "radii": [1.0, 0.5], "joint": True}, 4 * 1.25),
        ({"kind": "late-fusion", "norms": [2.0, 1.0], "radii": [1.0, 0.5]}, 2.5**2),
        ({"kind": "sum", "of": [L2, L1]}, (3 + R_L1 * math.sqrt(M)) ** 2),
        ({"kind": "scale", "factor": -2.0, "of": L2}, 36.0),
        ({"kind": "vector-contraction", "lipschitz": 0.5, "of": FROBENIUS}, (math.sqrt(2) * 0.5 * 6) ** 2),
    ],
)
def test_a_class_whose_complexity_falls_as_the_root_of_m(entry: Any, c: float) -> None:
    found = subset(entry)
    assert found.intrinsic == pytest.approx(c, rel=1e-12)
    assert found.expected_complexity(M) == pytest.approx(math.sqrt(c / M), rel=1e-12)
    assert found.rademacher_empirical is None


def test_a_class_measured_on_the_sample_is_used_as_such() -> None:
    found = subset(KERNEL)
    assert found.rademacher_empirical == pytest.approx(2 * math.sqrt(9000) / M)
    assert (found.complexity, found.rademacher) == (None, None)
    result = bc.compare(study(KERNEL))
    assert {e.variant for e in result.ledger if e.kind == "deviation"} == {"empirical", "lower-empirical"}
    mixed = subset({"kind": "sum", "of": [L2, KERNEL]})
    assert mixed.rademacher_empirical == pytest.approx(3 / math.sqrt(M) + 2 * math.sqrt(9000) / M)


def test_a_class_that_falls_otherwise_is_a_number_at_this_m() -> None:
    found = subset({"kind": "vc", "dimension": 3, "bound": 1.0})
    sums = sum(math.comb(M, i) for i in range(4))
    assert found.rademacher == pytest.approx(math.sqrt(2 * math.log(sums) / M))
    assert found.intrinsic is None


def test_vector_classes_go_with_vector_outputs() -> None:
    assert subset(FROBENIUS, vector_outputs=True).intrinsic == pytest.approx(36.0)
    upper = next(e for e in bc.compare(study(FROBENIUS, vector_outputs=True)).ledger if e.kind == "deviation")
    assert upper.variant == "expected-vector"


def test_what_a_class_assumes_is_said() -> None:
    notes = bc.compare(study(L2)).notes
    assert any("class of a" in note and "‖x‖₂ ≤ X" in note for note in notes)


def test_losses_themselves_may_be_errors() -> None:
    entry = {"kind": "vc", "dimension": 3, "bound": 0.5}
    assert subset(entry, loss="zero-one").rademacher is not None


LOSS = {"kind": "loss", "lipschitz": 1.0, "loss_bound": 1.0, "of": L2}
BAD = {
    "no table": ("linear-l2", {}, "class must be a table"),
    "no kind": ({"norm": 1}, {}, "kind must name a class"),
    "a near miss": ({**L2, "kind": "linear-12"}, {}, "did you mean 'linear-l"),
    "an unknown key": ({**L2, "nrm": 1}, {}, "did you mean 'norm'"),
    "inside": ({"kind": "sum", "of": [L2, {**L2, "norm": -1}]}, {}, r"class\.of\[2\]: norm = -1"),
    "its own m": ({**L2, "m": 3}, {}, "m is that of the study"),
    "vector": (FROBENIUS, {}, "several outputs, but vector_outputs is false"),
    "scalar": (L2, {"vector_outputs": True}, "one output, but vector_outputs is true"),
    "twice contracted": (LOSS, {"lipschitz": 2.0}, "lipschitz is 1 then, not 2"),
    "absolute": ({"kind": "given", "value": 0.1, "signs": "absolute"}, {}, 'kind = "signed"'),
    "Gaussian": ({"kind": "given", "value": 0.1, "noise": "Gaussian"}, {}, "rademacher-from-gaussian"),
    "scores and errors": (L2, {"loss": "zero-one", "lipschitz": 1}, "a 0/1 loss is not Lipschitz"),
    "constants unknown": ({"kind": "transformer"}, {}, "no value"),
    "a bridge that costs": (
        {"kind": "expected", "delta": 0.01, "of": {**LOSS, "of": KERNEL}},
        {},
        "the ledger does not pay",
    ),
    "no m": (KERNEL, {"m": None}, "needs m"),
}


@pytest.mark.parametrize(("entry", "top", "says"), BAD.values(), ids=BAD)
def test_bad_classes_are_refused_at_their_place(entry: Any, top: dict[str, Any], says: str) -> None:
    table = {key: value for key, value in study(entry, **top).items() if value is not None}
    with pytest.raises(InputError, match=says) as refused:
        read_study(table)
    assert str(refused.value).startswith("study, subset 1 (a)")
    assert "\n" not in str(refused.value)
    if says.startswith(("several", "one output", "lipschitz", "the ledger")):
        assert isinstance(refused.value, ConventionError)
