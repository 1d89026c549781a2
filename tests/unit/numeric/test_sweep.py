"""Sweeps: the grid, its values, its files, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import boundcalc as bc
import boundcalc.numeric.blocks as module
from boundcalc.cli.app import app
from boundcalc.errors import DomainError, InputError, MissingExtraError, UnknownNameError, optional
from boundcalc.numeric.grid import Grid, grid
from boundcalc.numeric.sweep import Range, Sweep, along, sweep_blocks, sweep_variants
from boundcalc.render.charts import crossings, vacuous_spans
from boundcalc.symbolic.parameters import parameter

THEOREM1 = {"lipschitz": 1, "loss_bound": 1, "rademacher": 0.01, "gamma": -0.2}
LU = {"L": 2, "kappa": 0.05, "c_predictor": 1, "c_connection": 1}


def sharp(**vary: object) -> Sweep:
    fixed = {"m": 1000, "delta": 0.05, **THEOREM1}
    held = {name: x for name, x in fixed.items() if name not in vary}
    return bc.sweep("huang2021.theorem1", variant="sharp", vary=vary, **held)


# the grid


def test_a_range_has_the_decimals_that_were_written() -> None:
    assert Range(0.1, 0.5, 5).points(parameter("delta")).tolist() == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert Range(10, 1e4, 4, log=True).points(parameter("m")).tolist() == [10, 100, 1000, 10000]


def test_whole_numbers_are_rounded_and_taken_once() -> None:
    points = Range(1, 10, 50, log=True).points(parameter("n"))
    assert points.tolist() == list(range(1, 11))


@given(shape=st.lists(st.integers(1, 9), min_size=1, max_size=3), most=st.integers(1, 60))
def test_blocks_tile_the_grid_in_its_order(shape: list[int], most: int) -> None:
    whole = Grid({f"axis {i}": np.arange(n, dtype=float) for i, n in enumerate(shape)})
    numbered = np.arange(whole.size).reshape(shape)
    pieces = [numbered[block].ravel() for block in whole.blocks(most)]
    assert np.concatenate(pieces).tolist() == list(range(whole.size))
    assert max(map(len, pieces)) <= most


def test_arrays_and_python_ranges_are_axes() -> None:
    axes = grid({"m": range(1, 4), "δ": np.array([0.1, 0.2])}).axes
    assert {name: x.tolist() for name, x in axes.items()} == {"m": [1, 2, 3], "delta": [0.1, 0.2]}


# values


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_sweep_is_scalar_evaluation_at_every_point(data: st.DataObject) -> None:
    id, variant = data.draw(
        st.sampled_from(
            [
                ("huang2021.theorem1", "published"),
                ("lu2023.multimodal", "one-event"),
                ("holdout.kl", "lower"),
            ]
        )
    )
    example = {
        "huang2021.theorem1": {"m": 1000, "delta": 0.05, **THEOREM1},
        "lu2023.multimodal": {"m": 10**5, "n": 1000, "delta": 0.05, "D": 1, "C": 1, **LU},
        "holdout.kl": {"n": 100, "delta": 0.05, "test_loss": 0.1},
    }[id]
    size = "m" if "m" in example else "n"
    vary = {size: Range(2, 10**6, 7, log=True), "delta": Range(0.001, 0.9, 5)}
    fixed = {name: x for name, x in example.items() if name not in vary}
    swept = bc.sweep(id, variant=variant, vary=vary, **fixed)
    i, j = data.draw(st.integers(0, 6)), data.draw(st.integers(0, 4))
    point = {name: axis[k] for (name, axis), k in zip(swept.vary.items(), (i, j), strict=True)}
    one = bc.evaluate(id, variant=variant, **fixed, **point)
    assert swept.value[i, j] == one.value
    assert {name: term[i, j] for name, term in swept.terms.items()} == dict(one.terms)
    assert swept.vacuous[i, j] == one.vacuous
    assert swept.probability[i, j] == one.probability
    assert swept.parameters == {n: x for n, x in one.parameters.items() if n not in point}


def test_the_terms_add_up() -> None:
    swept = sharp(m=Range(10, 10**5, 30, log=True), gamma=Range(-0.5, 0.5, 11))
    assert np.allclose(sum(swept.terms.values()), swept.value, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("chunks", [1, 3, 7, 10**6])
def test_chunks_change_nothing(chunks: int) -> None:
    vary = {"m": Range(1, 13, 13), "delta": Range(0.01, 0.9, 4)}
    whole = bc.sweep("huang2021.theorem1", variant="sharp", vary=vary, **THEOREM1)
    again = bc.sweep("huang2021.theorem1", variant="sharp", vary=vary, chunks=chunks, **THEOREM1)
    assert np.array_equal(whole.value, again.value)
    assert whole.to_dict() == again.to_dict()
    parts = list(
        sweep_blocks("huang2021.theorem1", variant="sharp", vary=vary, chunks=chunks, **THEOREM1)
    )
    assert all(part.size <= chunks for part in parts)
    assert [row for part in parts for row in part.to_rows()] == whole.to_rows()


def test_an_exact_whole_number_stays_exact() -> None:
    swept = bc.sweep(
        "huang2021.selection",
        variant="crossover",
        vary={"loss_drop": Range(0.1, 0.2, 3)},
        L=1,
        c_M=9,
        c_N=4,
    )
    assert swept.value.tolist() == [400, 178, 100]
    assert swept.trivial is None
    assert vacuous_spans(swept) == ()


def test_progress_counts_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 10)
    seen: list[tuple[int, int]] = []
    vary = {"n": Range(1, 45, 45)}
    bc.sweep("holdout.kl", vary=vary, progress=lambda *x: seen.append(x), test_loss=0.1, delta=0.1)
    assert seen == [(9, 45), (18, 45), (27, 45), (36, 45), (45, 45)]
    seen.clear()
    blocks = sweep_blocks(
        "holdout.kl",
        vary=vary,
        chunks=20,
        progress=lambda *x: seen.append(x),
        test_loss=0.1,
        delta=0.1,
    )
    assert sum(block.size for block in blocks) == 45
    assert seen[-1] == (45, 45)


def test_variant_left_out_is_the_tightest_and_named() -> None:
    assert (
        bc.sweep("holdout.hoeffding", vary={"n": [1, 2]}, C=1, delta=0.1, test_loss=0.1).variant
        == "upper"
    )


def test_complexity_that_stays_while_m_varies_is_said() -> None:
    assert "rademacher is held fixed" in sharp(m=[10, 20]).notes[0]
    assert sharp(delta=[0.1, 0.2]).notes == ()


# one axis of an evaluation of arrays


def test_along_takes_what_changes_with_the_axis() -> None:
    m = np.array([100.0, 400.0, 900.0])
    values = {"variant": "sharp", "delta": 0.05, **THEOREM1, "rademacher": np.sqrt(4 / m)}
    swept = along("m", bc.evaluate("huang2021.theorem1", m=m, **values))
    assert swept.following["rademacher"].tolist() == np.sqrt(4 / m).tolist()
    assert "rademacher" not in swept.parameters
    assert swept.notes == ()
    assert [row["rademacher"] for row in swept.to_rows()] == np.sqrt(4 / m).tolist()
    assert swept.to_xarray()["rademacher"].dims == ("m",)
    with pytest.raises(InputError, match="not a one-dimensional array"):
        along("delta", bc.evaluate("huang2021.theorem1", m=m, **values))
    with pytest.raises(InputError, match="not a one-dimensional array"):
        along("m", bc.evaluate("huang2021.theorem1", m=m[:, None], **{**values, "rademacher": 0.1}))


# curves


def test_crossings_are_where_the_order_changes() -> None:
    vary = {"n": Range(2, 5000, 400, log=True)}
    hoeffding = bc.sweep(
        "holdout.hoeffding", variant="upper", vary=vary, C=1, delta=0.05, test_loss=0.05
    )
    bernstein = bc.sweep(
        "holdout.empirical_bernstein",
        variant="upper",
        vary=vary,
        C=1,
        delta=0.05,
        test_loss=0.05,
        V=0.02,
    )
    (found,) = crossings(hoeffding, bernstein)
    (again,) = crossings(bernstein, hoeffding)
    assert found.x == pytest.approx(again.x)
    assert found.before < found.x < found.after
    for n, order in ((found.before, True), (found.after, False)):
        at = list(vary["n"].points(parameter("n"))).index(n)
        assert (hoeffding.value[at] < bernstein.value[at]) is np.bool_(order)
    assert crossings(hoeffding, hoeffding) == ()
    with pytest.raises(InputError, match="not on the same points"):
        crossings(
            hoeffding,
            bc.sweep(
                "holdout.hoeffding",
                variant="upper",
                vary={"n": [1, 2]},
                C=1,
                delta=0.05,
                test_loss=0.05,
            ),
        )


def test_the_vacuous_part_ends_where_the_bound_meets_the_trivial_value() -> None:
    """C√(ln(1/δ)/(2n)) + r̂ = C at n = ln(1/δ)/(2(1 − r̂)²)."""
    swept = bc.sweep(
        "holdout.hoeffding",
        variant="upper",
        vary={"n": Range(1, 100, 100)},
        C=1,
        delta=0.001,
        test_loss=0.5,
    )
    ((low, high),) = vacuous_spans(swept)
    assert low == 1
    assert high == pytest.approx(math.log(1000) / (2 * 0.25), rel=1e-2)
    lower = bc.sweep(
        "holdout.hoeffding",
        variant="lower",
        vary={"n": Range(1, 100, 100)},
        C=1,
        delta=0.001,
        test_loss=0.5,
    )
    assert vacuous_spans(lower)[0] == pytest.approx((low, high))
    useful = bc.sweep(
        "holdout.hoeffding",
        variant="upper",
        vary={"n": Range(1000, 2000, 9)},
        C=1,
        delta=0.1,
        test_loss=0.1,
    )
    assert vacuous_spans(useful) == ()


# tables


def test_all_tables_agree(tmp_path: Path) -> None:
    import pandas

    swept = sharp(m=Range(10, 10**4, 4, log=True), gamma=Range(-0.2, 0.2, 3))
    frame, labelled, rows = swept.to_pandas(), swept.to_xarray(), swept.to_rows()
    assert len(frame) == len(rows) == 12
    assert frame.to_dict("records") == rows
    assert frame.attrs["variant"] == labelled.attrs["variant"] == "sharp"
    assert labelled["value"].dims == ("m", "gamma")
    assert labelled["terms"].sum("term").to_numpy() == pytest.approx(swept.value)
    for row in rows:
        at = labelled.sel(m=row["m"], gamma=row["gamma"])
        assert float(at["value"]) == row["value"]
        assert float(at["terms"].sel(term="gamma")) == row["term_gamma"] == row["gamma"]
    arguments = [
        "sweep",
        "huang2021.theorem1",
        "--variant",
        "sharp",
        "--vary",
        "m=10:1e4:4:log",
        "--vary",
        "gamma=-0.2:0.2:3",
        "L=1",
        "C=1",
        "R=0.01",
        "delta=0.05",
    ]
    for name in ("out.csv", "out.parquet"):
        assert CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / name)]).exit_code == 0
    for read, extra in ((pandas.read_csv, ""), (pandas.read_parquet, "--chunks 5")):
        name = f"out.{'csv' if read is pandas.read_csv else 'parquet'}"
        if extra:
            CliRunner().invoke(app, [*arguments, *extra.split(), "-o", str(tmp_path / name)])
        assert read(tmp_path / name).astype(frame.dtypes).equals(frame)
    from pyarrow.parquet import read_schema

    about = read_schema(tmp_path / "out.parquet").metadata[b"boundcalc"]
    assert json.loads(about)["parameters"] == swept.parameters


@pytest.mark.parametrize(
    ("module_name", "use", "message"),
    [
        (
            "pandas",
            lambda: sharp(m=[1, 2]).to_pandas(),
            "data frames need pandas: pip install 'boundcalc[data]'",
        ),
        (
            "xarray",
            lambda: sharp(m=[1, 2]).to_xarray(),
            "labelled arrays need xarray: pip install 'boundcalc[data]'",
        ),
        (
            "matplotlib.figure",
            lambda: optional("matplotlib.figure", "plots", "plot"),
            "plots need matplotlib: pip install 'boundcalc[plot]'",
        ),
    ],
)
def test_a_missing_extra_is_named(
    module_name, use, message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module_name, None)
    with pytest.raises(MissingExtraError) as error:
        use()
    assert str(error.value) == message


# what is refused


@pytest.mark.parametrize(
    ("range_", "message"),
    [
        ((2, 1, 3), "FROM = 2 is not below TO = 1"),
        ((1, 1, 3), "FROM = 1 is not below TO = 1"),
        ((1, 2, 1), "COUNT = 1 is not a whole number ≥ 2"),
        ((1, 2, 2.5), "COUNT = 2.5"),
        ((1, 2, True), "count must be a number, not True"),
        ((1, 2, 10**12), "more than 10,000,000 points on one axis"),
        ((float("nan"), 2, 3), "FROM = nan is not finite"),
        ((1, 10**400, 3), "is not finite"),
        (("1", 2, 3), "FROM must be a number"),
        ((0, 1, 3, True), "FROM = 0 must be above 0 on a log axis"),
        ((-1, 1, 3, True), "FROM = -1 must be above 0 on a log axis"),
    ],
)
def test_a_bad_range(range_: tuple, message: str) -> None:
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        Range(*range_[:3], log=len(range_) == 4)


@pytest.mark.parametrize(
    ("vary", "values", "error", "message"),
    [
        ({}, {}, InputError, "nothing is varied"),
        ({"n": 3}, {}, InputError, "n is varied: give a Range or a 1-D array, not 3"),
        ({"n": "1:5:3"}, {}, InputError, "n is varied: give a Range"),
        ({"n": [[1, 2]]}, {}, InputError, "n is varied: give a Range"),
        ({"n": []}, {}, InputError, "n must be a number"),
        ({"n": [1, 2.5]}, {}, DomainError, "n = 2.5 is not a whole number"),
        ({"n": [1, np.nan]}, {}, DomainError, "n = nan"),
        ({"n": Range(0, 5, 3)}, {}, DomainError, "n = 0 is outside the domain"),
        ({"n": Range(1.5, 5, 3)}, {}, DomainError, "n = 1.5 is not a whole number"),
        ({"nn": Range(1, 5, 3)}, {}, UnknownNameError, "did you mean 'n'"),
        (
            {"m": Range(1, 5, 3)},
            {"n": 1},
            UnknownNameError,
            "unknown parameter 'm' of holdout.hoeffding",
        ),
        (
            {"C": [1, 2], "loss_bound": [1, 2], "n": [1, 2]},
            {},
            InputError,
            "loss_bound is varied twice",
        ),
        ({"n": [1, 2]}, {"n": 3}, InputError, "n is both varied and given"),
        (
            {"C": [1, 2], "n": [1, 2]},
            {"loss_bound": 1},
            InputError,
            "loss_bound is both varied and given",
        ),
        ({"n": [1, 2]}, {"C": [1, 2]}, InputError, "loss_bound is an array: vary it"),
        ({"n": [1, 2], "delta": [0.1, 1.0]}, {}, DomainError, "delta = 1 is outside the domain"),
        (
            {"test_loss": [0.1, 0.2, 0.7, 0.9], "n": [3, 4]},
            {"C": 0.5},
            InputError,
            r"test_loss = 0\.[79]",
        ),
        ({"n": range(10**4), "delta": np.full(2000, 0.1)}, {}, DomainError, "n = 0"),
        (
            {"n": range(1, 10**4), "delta": np.full(2000, 0.1)},
            {},
            InputError,
            "19,998,000 grid points are more than 10,000,000",
        ),
    ],
)
def test_a_bad_grid(vary: dict, values: dict, error: type[Exception], message: str) -> None:
    named = {parameter(name).name for name in [*vary, *values] if name != "nn"}
    held = {
        n: x for n, x in {"loss_bound": 1, "delta": 0.1, "test_loss": 0.1}.items() if n not in named
    }
    with pytest.raises(error, match=message) as caught:
        bc.sweep("holdout.hoeffding", variant="upper", vary=vary, **held, **values)
    assert "\n" not in str(caught.value)


def test_a_bad_point_inside_the_grid_is_named() -> None:
    with pytest.raises(
        InputError,
        match=r"^at errors = 3\d, delta = 0\.[12]: errors is above n \(errors = 3\d, n = 30\)$",
    ):
        bc.sweep(
            "holdout.clopper_pearson", vary={"errors": Range(0, 39, 40), "delta": [0.1, 0.2]}, n=30
        )
    with pytest.raises(InputError, match=r"^at lipschitz = 1.25e\+299: .* is too large"):
        bc.sweep(
            "huang2021.theorem1",
            variant="sharp",
            vary={"L": Range(1, 1e300, 9)},
            m=9,
            delta=0.1,
            C=1,
            gamma=0,
            R=1e200,
        )


def test_chunks_must_be_a_whole_number() -> None:
    for chunks in (0, -1, 2.5, True):
        with pytest.raises(InputError, match="chunks"):
            bc.sweep("holdout.kl", vary={"n": [1, 2]}, chunks=chunks, delta=0.1, test_loss=0.1)


def test_variants_take_what_they_use() -> None:
    vary = {"n": Range(10, 1000, 5, log=True)}
    one, two = sweep_variants(
        "lu2023.multimodal",
        ["one-event", "expected"],
        vary=vary,
        m=10**5,
        delta=0.05,
        D=1,
        C=1,
        **LU,
    )
    assert "delta" in one.parameters
    assert "delta" not in two.parameters
    assert np.all(one.value > two.value)
    with pytest.raises(UnknownNameError, match="one-event, expected"):
        sweep_variants(
            "lu2023.multimodal", ["one-event", "expected"], vary=vary, m=10, gamma=0, **LU
        )
    with pytest.raises(InputError, match="named twice"):
        sweep_variants("lu2023.multimodal", ["expected", "expected"], vary=vary, m=10, **LU)


# the command

KL = ["sweep", "holdout.kl", "test_loss=0.1", "delta=0.05"]
N = ["--vary", "n=1:9:3"]
BAD = [
    ([*KL], "nothing is varied: add --vary NAME=FROM:TO:COUNT"),
    ([*KL, "--vary", "n=10:5:3"], "FROM = 10 is not below TO = 5"),
    ([*KL, "--vary", "n=0:5:3"], "n = 0 is outside the domain"),
    ([*KL, "--vary", "n=0:5:3:log"], "FROM = 0 must be above 0 on a log axis"),
    ([*KL, "--vary", "n=-3:5:3:log"], "FROM = -3 must be above 0 on a log axis"),
    ([*KL, "--vary", "n=1:5:1"], "COUNT = 1 is not a whole number ≥ 2"),
    ([*KL, "--vary", "n=1:5:2.5"], "COUNT = 2.5 is not a whole number"),
    ([*KL, "--vary", "n=1:5:1e9"], "more than 10,000,000 points on one axis"),
    ([*KL, "--vary", "n=1:5"], "expected --vary NAME=FROM:TO:COUNT"),
    ([*KL, "--vary", "n=1:5:3:lin"], "expected --vary"),
    ([*KL, "--vary", "n"], "expected --vary"),
    ([*KL, "--vary", "=1:5:3"], "expected --vary"),
    ([*KL, "--vary", "n=a:5:3"], "FROM of n must be a number, not 'a'"),
    ([*KL, "--vary", "n=1:inf:3"], "TO of n must be a finite number"),
    ([*KL, "--vary", "nn=1:5:3"], "did you mean 'n'?"),
    ([*KL, "--vary", "m=1:5:3"], "unknown parameter 'm' of holdout.kl"),
    ([*KL, *N, "--vary", "delta=0.1:0.2:3"], "delta is both varied and given"),
    ([*KL, *N, "--vary", "n=1:9:4"], "n is varied twice"),
    ([*KL[:-1], *N, "--vary", "delta=0.1:0.2:3", "--vary", "δ=0.1:0.2:3"], "delta is varied twice"),
    ([*KL[:-1], *N, "--vary", "delta=0.1:1:3"], "delta = 1 is outside the domain"),
    ([*KL, *N, "--variant", "uper"], "did you mean 'upper'?"),
    (
        [*KL, *N, "-o", "x.xlsx"],
        "unknown file extension 'xlsx'; known: csv, html, json, md, parquet, pdf, png, svg, tex",
    ),
    ([*KL, *N, "-o", "x"], "x has no extension to go by: csv, html"),
    ([*KL, *N, "-o", "no/such/folder/x.csv"], "cannot write no/such/folder/x.csv"),
    ([*KL, *N, "-o", "no/such/folder/x.png"], "cannot write"),
    ([*KL, *N, "-o", "x.csv", "-f", "json"], "--format json is for the terminal"),
    ([*KL, *N, "--chunks", "0"], "--chunks"),
    ([*KL, *N, "--compare-variant", "lower"], "add -o FILE.png"),
    ([*KL, *N, "--compare-variant", "lower", "-o", "x.png"], "needs --variant"),
    ([*KL, *N, "-v", "upper", "--compare-variant", "upper", "-o", "x.png"], "named twice"),
    (
        [*KL[:-1], "--vary", "n=1:100000:100000", "--vary", "delta=0.1:0.2:101"],
        "10,100,000 grid points",
    ),
    (
        [
            *KL[:-1],
            "--vary",
            "n=1:100000:100000",
            "--vary",
            "delta=0.1:0.2:101",
            "--chunks",
            "9",
            "-o",
            "x.png",
        ],
        "10,100,000 grid points",
    ),
    (
        [*KL[:-1], "--vary", "n=1:1000:1000", "--vary", "delta=0.1:0.2:1001", "-o", "x.png"],
        "a plot shows at most 250,000 points",
    ),
    (
        [
            "sweep",
            "holdout.kl",
            *N,
            "--vary",
            "delta=0.1:0.2:3",
            "--vary",
            "test_loss=0:0.5:3",
            "-o",
            "x.png",
        ],
        "one or two varied parameters, not 3",
    ),
    (
        [
            "sweep",
            "holdout.clopper_pearson",
            "errors=5",
            "delta=0.1",
            "--vary",
            "n=1:9:9",
            "-o",
            "x.csv",
        ],
        "errors is above n",
    ),
]


@pytest.mark.parametrize(
    ("arguments", "names"), BAD, ids=lambda x: "_".join(x[4:])[:50] if isinstance(x, list) else ""
)
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str],
    names: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., str],
) -> None:
    monkeypatch.chdir(tmp_path)
    said = refused(*arguments)
    assert names in said
    assert len(said) < 300
    assert list(tmp_path.iterdir()) == []


def quick(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["sweep", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_every_format() -> None:
    command = [
        "holdout.hoeffding",
        "--variant",
        "upper",
        "--vary",
        "n=1:1e4:5:log",
        "delta=0.05",
        "C=1",
        "test_loss=0.5",
    ]
    record = json.loads(quick(*command, "-f", "json"))
    assert set(record) == {
        "id",
        "variant",
        "vary",
        "value",
        "terms",
        "probability",
        "vacuous",
        "parameters",
    }
    assert record["vary"] == {"n": [1, 10, 100, 1000, 10000]}
    assert record["vacuous"] == [True, False, False, False, False]
    rows = list(csv.DictReader(io.StringIO(quick(*command, "-f", "csv"))))
    assert [float(row["value"]) for row in rows] == record["value"]
    assert rows[0]["n"] == "1"
    for format in ("markdown", "latex", "rich"):
        text = quick(*command, "-f", format)
        assert "vacuous" in text
        assert "0.512239" in text  # 0.51223873…, rounded up
    assert "5 points, 1 of them vacuous." in quick(*command)
    assert quick(*command, "--chunks", "2", "-f", "csv") == quick(*command, "-f", "csv")


def test_a_long_table_says_what_it_leaves_out() -> None:
    command = ["holdout.hoeffding", "--variant", "upper", "delta=0.05", "C=1", "--vary"]
    text = quick(*command, "n=10:209:200", "test_loss=0.5")
    assert "24 rows, evenly spaced, are shown and 176 left out" in text
    assert "\n209 " in text
    text = quick(*command, "n=10:209:20", "--vary", "test_loss=0.1:0.2:3", "-f", "markdown")
    assert (
        "The first 24 rows are shown and 36 left out: -o FILE.csv or --format csv gives all."
        in text
    )
    assert len(quick(*command, "n=10:209:200", "test_loss=0.5", "-f", "csv").splitlines()) == 201


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.png"])
def test_a_file_is_whole_or_as_it_was(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seventh block fails; what was there before stays, and nothing else is left."""
    target = tmp_path / name
    target.write_text("before", encoding="utf-8")
    says_nothing, calls = module.says_nothing, []

    def fails_later(*args: object, **kwargs: object) -> object:
        calls.append(1)
        if len(calls) > 6:
            raise KeyboardInterrupt
        return says_nothing(*args, **kwargs)

    monkeypatch.setattr(module, "says_nothing", fails_later)
    monkeypatch.setattr(module, "BLOCK", 10)
    arguments = [*KL, "--vary", "n=1:100:100", "-o", str(target)]
    assert CliRunner().invoke(app, arguments).exit_code != 0
    assert len(calls) == 7
    assert target.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("name", "hidden", "message"),
    [("x.png", "matplotlib", "boundcalc[plot]"), ("x.parquet", "pyarrow", "boundcalc[data]")],
)
def test_a_missing_extra_is_one_line_and_no_file(
    name: str,
    hidden: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Callable[..., str],
) -> None:
    monkeypatch.setitem(sys.modules, hidden, None)
    assert message in refused(*KL, *N, "-o", str(tmp_path / name))
    assert list(tmp_path.iterdir()) == []


def test_a_bar_only_on_a_terminal_and_only_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import boundcalc.cli.common as common

    with common.progress_bar("steps") as progress:
        assert progress is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(common, "_PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    with common.progress_bar("steps") as progress:
        assert progress is not None
        progress(1, 2)
        progress(2, 2)
    assert capsys.readouterr().out == ""


def test_a_point_too_small_for_floats_leaves_the_others_as_evaluate_has_them() -> None:
    numbers = {"m": 100, "delta": 0.1, "C": 1, "rademacher": 0.1, "gamma": -0.2}
    slopes = [1e-310, 1e-200, 0.5, 3.0]
    found = bc.sweep("huang2021.theorem1", vary={"lipschitz": slopes}, **numbers)
    alone = [bc.evaluate("huang2021.theorem1", lipschitz=x, **numbers).value for x in slopes]
    assert found.value.tolist() == alone
