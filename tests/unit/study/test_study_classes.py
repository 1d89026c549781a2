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
        (
            {"kind": "vector-contraction", "lipschitz": 0.5, "of": FROBENIUS},
            (math.sqrt(2) * 0.5 * 6) ** 2,
        ),
    ],
)
def test_a_class_whose_complexity_falls_as_the_root_of_m(entry: Any, c: float) -> None:
    found = subset(entry)
    assert found.complexity == pytest.approx(c, rel=1e-12)
    assert found.expected_complexity(M) == pytest.approx(math.sqrt(c / M), rel=1e-12)
    assert found.rademacher_empirical is None


def test_a_class_measured_on_the_sample_is_used_as_such() -> None:
    found = subset(KERNEL)
    assert found.rademacher_empirical == pytest.approx(2 * math.sqrt(9000) / M)
    assert (found.complexity, found.rademacher) == (None, None)
    result = bc.compare(study(KERNEL))
    assert {e.variant for e in result.ledger if e.kind == "deviation"} == {
        "empirical",
        "lower-empirical",
    }
    mixed = subset({"kind": "sum", "of": [L2, KERNEL]})
    assert mixed.rademacher_empirical == pytest.approx(3 / math.sqrt(M) + 2 * math.sqrt(9000) / M)


def test_a_class_that_falls_otherwise_is_a_number_at_this_m() -> None:
    found = subset({"kind": "vc", "dimension": 3, "bound": 1.0})
    sums = sum(math.comb(M, i) for i in range(4))
    assert found.rademacher == pytest.approx(math.sqrt(2 * math.log(sums) / M))
    assert found.complexity is None


def test_vector_classes_go_with_vector_outputs() -> None:
    assert subset(FROBENIUS, vector_outputs=True).complexity == pytest.approx(36.0)
    upper = next(
        e for e in bc.compare(study(FROBENIUS, vector_outputs=True)).ledger if e.kind == "deviation"
    )
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
    "Gaussian": (
        {"kind": "given", "value": 0.1, "noise": "Gaussian"},
        {},
        "rademacher-from-gaussian",
    ),
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


SPECTRAL = {
    "kind": "network-spectral",
    "spectral_norms": [2.0, 2.0],
    "distances": [1.0, 1.0],
    "activations": [1.0, 1.0],
    "width": 100,
    "lipschitz": 1.0,
    "frobenius": 100.0,
}
COVER = {"kind": "covering-quadratic", "scale": 100.0}
VC = {"kind": "vc", "dimension": 3, "bound": 0.01}
WIDE = {"loss_bound": 10}
# a class, what else the study says, and both ranges
RANGES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "losses in [0, 1]": (SPECTRAL, WIDE, r"\[0, 1\].*\[0, 10\]"),
    "values ±b": (VC, {"loss": "zero-one"}, r"\[−0.01, 0.01\].*\[0, 1\]"),
    "finitely many": (
        {"kind": "finite", "size": 9, "bound": 0.1},
        {"loss": "zero-one"},
        r"\[−0.1, 0.1\].*\[0, 1\]",
    ),
    "just too few": (
        {"kind": "finite", "size": 9, "bound": 0.4999999},
        {"loss": "zero-one"},
        r"\[−0.4999999, 0.4999999\].*\[0, 1\]",
    ),
    "a loss": (LOSS, WIDE, r"\[0, 1\].*\[0, 10\]"),
    "part of losses": ({"kind": "subset", "of": SPECTRAL}, WIDE, r"\[0, 1\].*\[0, 10\]"),
    "hull of losses": ({"kind": "convex-hull", "of": LOSS}, WIDE, r"\[0, 1\].*\[0, 10\]"),
    "shifted losses": ({"kind": "offset", "of": LOSS}, WIDE, r"\[0, 1\].*\[0, 10\]"),
    "small losses": ({"kind": "scale", "factor": -0.1, "of": LOSS}, {}, r"\[0, 0.1\].*\[0, 1\]"),
    "bent losses": (
        {"kind": "lipschitz", "lipschitz": 0.5, "of": LOSS},
        {},
        r"\[0, 0.5\].*\[0, 1\]",
    ),
    "added losses": ({"kind": "sum", "of": [LOSS, LOSS]}, WIDE, r"\[0, 2\].*\[0, 10\]"),
    "largest losses": ({"kind": "max", "of": [LOSS, LOSS]}, WIDE, r"\[0, 1\].*\[0, 10\]"),
    "one of them": (
        {"kind": "union", "bound": 0.5, "of": [LOSS, LOSS]},
        WIDE,
        r"\[0, 1\].*\[0, 10\]",
    ),
    "on the sample": ({"kind": "on-sample", "of": LOSS}, WIDE, r"\[0, 1\].*\[0, 10\]"),
    "a narrow union": (
        {"kind": "union", "bound": 0.1, "of": [COVER, COVER]},
        {},
        r"length 1.*length 0\.2",
    ),
}


@pytest.mark.parametrize(("entry", "top", "says"), RANGES.values(), ids=RANGES)
def test_a_class_whose_values_contradict_the_loss(
    entry: Any, top: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConventionError, match=says) as refused:
        read_study(study(entry, **top))
    assert str(refused.value).startswith("study, subset 1 (a), class")


FITTING: dict[str, tuple[Any, dict[str, Any]]] = {
    "losses in [0, 1]": (SPECTRAL, {}),
    "smaller losses than the class has": (SPECTRAL, {"loss_bound": 0.5}),
    "the same loss": ({**LOSS, "loss_bound": 10.0}, WIDE),
    "ten times a loss": ({"kind": "scale", "factor": 10, "of": SPECTRAL}, WIDE),
    "0.7 times 0.7, which is less than 0.49 in floating point": (
        {"kind": "scale", "factor": 0.7, "of": {**LOSS, "loss_bound": 0.7}},
        {"loss_bound": 0.49},
    ),
    "scores have no losses": (COVER, {**WIDE, "lipschitz": 3.0}),
    "two values of a score": (VC, {}),
    "errors": ({**VC, "bound": 0.5}, {"loss": "zero-one"}),
    "errors as ±1": ({**VC, "bound": 1.0}, {"loss": "zero-one"}),
    "wide enough": ({"kind": "union", "bound": 0.5, "of": [COVER, COVER]}, {}),
    "computed elsewhere": ({"kind": "given", "value": 0.1}, {"loss": "zero-one"}),
}


@pytest.mark.parametrize(("entry", "top"), FITTING.values(), ids=FITTING)
def test_a_class_whose_values_fit_the_loss(entry: Any, top: dict[str, Any]) -> None:
    assert subset(entry, **top).has_complexity


@pytest.mark.parametrize("word", ["subset", "offset", "convex-hull", "on-sample"])
def test_losses_are_not_contracted_again_at_any_depth(word: str) -> None:
    """A constant of 0.001 would shrink the complexity of the losses a second time."""
    with pytest.raises(ConventionError, match=r"lipschitz is 1 then, not 0\.001"):
        read_study(study({"kind": word, "of": LOSS}, lipschitz=0.001))
