"""Names of files that no file has, whole numbers as floats, and lists beside rows that are left out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import save

import boundcalc as bc
from boundcalc.errors import InputError

NUL = "a\0"
A, B = [1.0, 0.5, 1, 0] * 5, [0.0, 1, 1, 0.25] * 5
DRAW = np.random.default_rng(0)
M = 200
LABELS = np.arange(M) % 2
DATA = {"a": DRAW.normal(size=(M, 2)) + LABELS[:, None], "b": DRAW.normal(size=(M, 1)), "y": LABELS}
GAP = np.zeros((M, 1), dtype=bool)
GAP[[0, 7, 100]] = True
HOLES = {**DATA, "b": np.where(GAP, np.nan, DATA["b"])}

NAMED: dict[str, Callable[[], Any]] = {
    "certify": lambda: bc.certify(f"{NUL}.csv", "b.csv"),
    "certify groups": lambda: bc.certify(A, B, groups=f"{NUL}.txt"),
    "certify classes": lambda: bc.certify(A, B, classes=Path(NUL), weights={"x": 1}),
    "compare losses": lambda: bc.compare(f"{NUL}.csv", losses=True),
    "compare several": lambda: bc.compare([f"{NUL}.csv", "b.csv"], ids="id"),
    "compare data": lambda: bc.compare(f"{NUL}.npz"),
    "compare arrays": lambda: bc.compare([f"{NUL}.npy", "y.npy"]),
    "compare study": lambda: bc.compare(f"{NUL}.toml"),
    "compare split": lambda: bc.compare(DATA, split=f"{NUL}.npy"),
    "compare groups": lambda: bc.compare(DATA, groups=f"{NUL}.npy"),
    "groups of losses": lambda: bc.compare({"a": A, "a+b": B}, groups=NUL),
    "losses of a study": lambda: bc.compare({"losses": [f"{NUL}.csv"]}),
    "estimate": lambda: bc.estimate(f"{NUL}.npy"),
    "diagnose": lambda: bc.diagnose(f"{NUL}.csv"),
    "prove": lambda: bc.prove(f"{NUL}.toml"),
    "simulate": lambda: bc.simulate(f"{NUL}.toml"),
    "network": lambda: bc.network(f"{NUL}.npz", m=10, radius=1),
    "report": lambda: bc.report(bc.certify(A, B), f"{NUL}.html"),
    "report of a study": lambda: bc.report(f"{NUL}.toml", "x.html"),
    "write_sweep": lambda: bc.write_sweep(
        f"{NUL}.csv", "holdout.hoeffding", vary={"n": [10, 20]}, delta=0.05, variant="deviation"
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_name_with_a_zero_byte(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        NAMED[name]()
    assert "\n" not in str(refused.value)
    assert "\0" not in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("given", ["", " "])
@pytest.mark.parametrize(
    "command", [["list"], ["cite", "huang2021.theorem1"], ["report", "s.toml"]]
)
def test_an_output_without_a_name(
    given: str, command: list[str], refused: Callable[..., str]
) -> None:
    assert "--output is empty: it names the file" in refused(*command, "-o", given)


WHOLE = (3.0, np.float64(3), np.float32(3), Decimal(3), Fraction(3))


@pytest.mark.slow
@pytest.mark.parametrize("value", WHOLE, ids=lambda value: type(value).__name__)
def test_a_whole_number_is_one_of_any_type(value: Any, tmp_path: Path) -> None:
    plain = bc.certify(A, B, seed=3, looks=3)
    assert bc.certify(A, B, seed=value, looks=value).to_json() == plain.to_json()
    assert bc.compare(DATA, seed=value).to_json() == bc.compare(DATA, seed=3).to_json()
    table = {"a": A, "a+b": B}
    with_option = bc.compare(table, seed=value, looks=value)
    assert with_option.to_json() == bc.compare(table, seed=3, looks=3).to_json()
    counts = bc.estimate(DATA["a"], draws=20, seed=value).to_json()
    assert counts == bc.estimate(DATA["a"], draws=20, seed=3).to_json()


def test_a_whole_number_of_a_study(tmp_path: Path) -> None:
    subsets = [
        {"modalities": ["a"], "test_loss": 0.5},
        {"modalities": ["a", "b"], "test_loss": 0.25},
    ]
    text = "test_n = {}\nseed = {}\n" + "".join(
        f"[[subset]]\nmodalities = {s['modalities']}\ntest_loss = {s['test_loss']}\n"
        for s in subsets
    )
    found = [
        bc.compare(save(tmp_path, "s.toml", text.format(n, seed))).to_json()
        for n, seed in ((200, 3), ("200.0", "3.0"), ("2e2", "3e0"))
    ]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("value", [3.5, -1.0, float("nan"), float("inf"), 1e300, True, "3"])
def test_what_is_no_whole_number_is_refused_as_it_was_given(value: Any) -> None:
    with pytest.raises(InputError, match=r"^seed .*(whole|must be a) number"):
        bc.certify(A, B, seed=value)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [list, np.array, "file"])
def test_groups_of_all_examples_where_some_are_left_out(kind: Any, tmp_path: Path) -> None:
    """The same as without the examples that miss a value, and their groups."""
    groups = [f"p{i // 4}" for i in range(M)]
    kept = np.flatnonzero(~GAP[:, 0])
    given = save(tmp_path, "g.txt", "\n".join(groups)) if kind == "file" else kind(groups)
    found = bc.compare(HOLES, missing="drop", groups=given, norms=[1])
    complete = {name: x[kept] for name, x in HOLES.items()}
    plain = bc.compare(complete, groups=[groups[i] for i in kept], norms=[1])
    assert [v.to_dict() for v in found.verdicts] == [v.to_dict() for v in plain.verdicts]
    split = ["test" if i % 2 else "train" for i in range(M)]
    asked = bc.compare(HOLES, missing="drop", split=split, norms=[1])
    other = bc.compare(complete, split=[split[i] for i in kept], norms=[1])
    assert [v.to_dict() for v in asked.verdicts] == [v.to_dict() for v in other.verdicts]


def test_groups_of_the_examples_that_are_left_or_of_others() -> None:
    few = [f"p{i // 4}" for i in range(M - 3)]
    assert bc.compare(HOLES, missing="drop", groups=few, norms=[1]).verdicts
    with pytest.raises(InputError, match="groups: 198 entries for 197 examples"):
        bc.compare(HOLES, missing="drop", groups=[*few, "x"], norms=[1])


def test_whose_examples_a_test_loss_is_over_where_losses_are_missing() -> None:
    first, second = [0, 1] * 20, [1] + [0] * 39
    gaps = [float("nan") if i < 10 else x for i, x in enumerate(second)]
    (said,) = (n for n in bc.compare({"a": first, "a+b": gaps}).notes if "each pair" in n)
    assert "the test loss of a subset is over all examples on which it has one" in said
    assert not any(
        "test loss of a subset" in n for n in bc.compare({"a": first, "a+b": second}).notes
    )
