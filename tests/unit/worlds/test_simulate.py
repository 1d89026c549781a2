"""Simulated worlds: the truth is right, a wrong bound is refuted, and how it is run changes no digit."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from files import ROOT
from scipy.integrate import quad
from scipy.stats import norm

import boundcalc as bc
from boundcalc.cli.app import main
from boundcalc.cli.simulate import EXAMPLE
from boundcalc.errors import InputError
from boundcalc.study.simulate import changed, read_world
from boundcalc.worlds.simulate.experiment import Experiment, Repetitions, SimulatedStatement
from boundcalc.worlds.simulate.least_squares import clipped, clipped_risk, far_off
from boundcalc.worlds.simulate.repeat import Batch, batches, repeat, run_batch, runner_of, serially
from boundcalc.worlds.simulate.results import SimulatedBound, clopper_pearson, simulated_bound

LINEAR = {
    "kind": "linear",
    "m": [10, 40, 160],
    "repetitions": 120,
    "delta": 0.1,
    "covariance": [[1, 0.5], [0.5, 2]],
    "blocks": {"a": [0], "b": [1]},
    "theta": [1, 0.5],
    "noise_variance": 0.5,
    "subsets": [["a"], ["a", "b"]],
    "norm": 2,
    "loss_bound": 2.0,
    "test_n": 50,
}
TABLE = {
    "kind": "table",
    "m": [3, 30],
    "repetitions": 300,
    "delta": 0.1,
    "points": 8,
    "n": 4,
    "tasks": 2,
}


# --- the truth --------------------------------------------------------------------------------------


@pytest.mark.parametrize("spread", [0.0, 0.3, 1.0, 7.0])
def test_the_clipped_risk_of_a_gaussian_is_its_integral(spread: float) -> None:
    def density(z: float) -> float:
        return float(clipped(z, 1.5)) * norm.pdf(z, scale=spread)

    exact = (
        quad(density, -40 * spread, 40 * spread, points=[-1.5, 0, 1.5], epsabs=1e-12, limit=200)[0]
        if spread
        else 0
    )
    assert clipped_risk(spread, 1.5) == pytest.approx(exact, abs=1e-9)
    assert far_off(spread, 1.5) == pytest.approx(
        2 * norm.sf(1.5, scale=spread) if spread else 0, rel=1e-12
    )


@pytest.mark.parametrize("world", [LINEAR, TABLE], ids=["linear", "table"])
def test_simulated_risks_are_the_exact_ones_and_no_bound_is_refuted(world: dict) -> None:
    found = bc.simulate(world)
    assert found.complete
    assert not found.refuted
    for r in found.risks:
        assert abs(r.mean - r.expected) <= 4.5 * r.error + 1e-12, r
    families = {row.statement.id.partition(".")[0] for row in found.rows}
    assert families == ({"lu2023"} if world is TABLE else {"classic", "holdout", "huang2021"})
    for row in found.rows:
        assert row.rate is None or row.rate[0] <= row.violations / row.repetitions <= row.rate[1]
    said = " ".join(str(found).split())
    judged = sum(row.alarm is not None for row in found.rows)
    assert f"Of {judged} bounds, counted at each size, none is violated more often than δ" in said
    assert "beyond chance (at level 0.0001 in all)." in said


def test_crossovers_are_the_least_sizes() -> None:
    (cross,) = bc.simulate(TABLE | {"repetitions": 2}).crossovers
    assert cross.exact == 5  # ½(1 − 1/8)^m is below ½(1 − 1/8)⁴
    known = {"n": 4, "tasks": 2, "delta": 0.1, "loss_bound": 1}
    table = (8 / (2 * np.pi)) ** 0.5
    limit = bc.evaluate(
        "lu2023.unimodal", variant="one-event", c_composite=table, growth=0.5, **known
    ).value
    more = known | {"lipschitz": 1, "distance_bound": 1, "connection_gap": 0, "c_connection": table}
    more |= {"c_predictor": 1 / (2 * np.pi) ** 0.5}
    m = np.array([cross.predicted - 1, cross.predicted])
    assert (
        bc.evaluate("lu2023.multimodal", variant="one-event", m=m, **more).value < limit
    ).tolist() == [
        False,
        True,
    ]
    (cross,) = bc.simulate(LINEAR | {"repetitions": 400, "m": [5, 6, 40]}).crossovers
    world = read_world(LINEAR).world
    assert cross.exact == world.crossover(["a", "b"], "a")
    assert cross.predicted > 40


# --- what a simulation would notice -----------------------------------------------------------------


def judged(made: SimulatedStatement, truth: np.ndarray, bound: float) -> SimulatedBound:
    values = np.stack(np.broadcast_arrays(truth, bound, 0.0))
    return simulated_bound(made, values, 10, 0.1, 1e-4)


def row(truth: Sequence[float], bound: float, *, variant: str = "upper") -> SimulatedBound:
    made = SimulatedStatement("holdout.hoeffding", variant, "a", "r(f̂)")
    return judged(made, np.asarray(truth, dtype=float), bound)


def test_a_bound_that_fails_too_often_is_refuted_and_chance_is_not() -> None:
    assert row([1] * 50 + [0] * 150, 0.5).alarm > 1
    assert row([1] * 26 + [0] * 174, 0.5).holds
    assert row([0] * 50 + [1] * 150, 0.5, variant="lower").alarm > 1
    assert row([1] * 50 + [0] * 150, 0.5).violations == 50
    assert row([0.5 + 1e-14] * 9, 0.5).violations == 0


def test_an_expectation_is_refuted_by_its_standard_error() -> None:
    made = SimulatedStatement("lu2023.unimodal", "expected", "unimodal", "E error", mean=True)
    truth = np.random.default_rng(0).normal(1, 1, 400)
    found = [judged(made, truth, bound) for bound in (0.5, 0.9, 1.5)]
    assert [r.holds for r in found] == [False, True, True]
    assert all(r.rate is None for r in found)


@pytest.mark.parametrize("world", ["table", "audio"])
def test_few_draws_refute_no_true_bound(world: str) -> None:
    """Two draws that happen to be equal have the standard error 0."""
    for seed in range(6):
        experiment = changed(
            read_world(ROOT / f"examples/worlds/{world}.toml"), repetitions=2, seed=seed
        )
        found = repeat(experiment)
        assert not found.refuted
        unjudged = {r.statement.id for r in found.rows if r.alarm is None}
        assert unjudged == ({"huang2021.proposition1"} if world == "audio" else set())


@pytest.mark.parametrize(("excess", "holds"), [(0.15, True), (0.16, False)])
def test_the_mean_of_a_bounded_error_is_judged_by_hoeffding(excess: float, holds: bool) -> None:
    """√(log(2/1e-4)/400) = 0.1574 for 200 draws in [0, 1]."""
    made = SimulatedStatement(
        "lu2023.unimodal", "expected", "unimodal", "E error", mean=True, width=1
    )
    assert judged(made, np.full(200, 0.5), 0.5 - excess).holds is holds


def test_a_tight_bound_that_is_moved_is_refuted() -> None:
    """Only a bound that is nearly tight can be caught by simulation: here the lower Clopper–Pearson limit."""
    experiment = replace(read_world(LINEAR | {"loss_bound": 0.5, "m": [40]}), repetitions=200)

    def shifted(made: SimulatedStatement, values: np.ndarray) -> np.ndarray:
        lower = made.variant == "lower" and made.id == "holdout.clopper_pearson"
        return values + np.array([[0], [0.1], [0]]) if lower else values

    def runner(e: Experiment, todo: Sequence[Batch]) -> Iterator[tuple[Batch, Repetitions]]:
        for batch in todo:
            _, done = run_batch(e, batch)
            found = {made: shifted(made, values) for made, values in done.found.items()}
            yield batch, replace(done, found=found)

    refuted = {
        (r.statement.id, r.statement.variant) for r in repeat(experiment, runner=runner).refuted
    }
    assert refuted == {("holdout.clopper_pearson", "lower")}


def test_clopper_pearson_of_rates() -> None:
    assert clopper_pearson(0, 10, 0.05) == pytest.approx((0, 1 - 0.025**0.1))
    assert clopper_pearson(10, 10, 0.05) == pytest.approx((0.025**0.1, 1))


# --- who runs it -------------------------------------------------------------------------------------


def test_the_length_of_the_batches_changes_no_digit(monkeypatch: pytest.MonkeyPatch) -> None:
    for world in (TABLE | {"repetitions": 20}, LINEAR | {"repetitions": 20, "m": [10]}):
        whole = bc.simulate(world)
        with monkeypatch.context() as patch:
            patch.setattr("boundcalc.worlds.simulate.repeat._DRAWN", 100)
            assert max(batch.count for batch in batches(read_world(world))) < 20
            assert bc.simulate(world) == whole


def test_a_slow_repetition_is_a_batch_of_its_own() -> None:
    experiment = read_world(TABLE | {"tasks": 100, "points": 10**4, "repetitions": 3})
    assert [(p.first, p.size, p.count) for p in batches(experiment)] == [
        (first, size, 1) for first in range(3) for size in range(2)
    ]


def test_too_many_workers_are_refused_and_no_more_than_batches_are_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for workers in (0, 1025):
        with pytest.raises(InputError, match="give 1 to 1024 processes"):
            bc.simulate(TABLE, workers=workers)
    assert runner_of(1, None) is serially
    one = read_world(TABLE | {"m": [3], "repetitions": 5})
    monkeypatch.setattr("boundcalc.worlds.simulate.repeat.optional", None)  # Dask is not asked for
    assert repeat(one, workers=1000) == repeat(one)


@pytest.mark.parametrize(
    ("world", "drawn"),
    [
        (TABLE | {"points": 10**7, "n": 10**7, "tasks": 10**7}, "100,000,000,000,030"),
        (LINEAR | {"m": [4_999_951]}, "10,000,002"),
        (LINEAR | {"m": [10], "test_n": 10**7}, "20,000,020"),
    ],
)
def test_worlds_whose_arrays_are_large_are_refused(world: dict, drawn: str) -> None:
    with pytest.raises(
        InputError, match=rf"draws {drawn} numbers; give a world with 10,000,000 \(80 MB\)"
    ):
        read_world(world)


def test_the_largest_world_is_read() -> None:
    assert read_world(LINEAR | {"m": [4_999_950]}).drawn(4_999_950) == 10**7


def test_a_modality_that_never_varies_is_never_predicted_to_help() -> None:
    nothing = {"covariance": [[1, 0], [0, 0]], "repetitions": 2, "m": [10]}
    (cross,) = bc.simulate(LINEAR | nothing).crossovers
    assert (cross.predicted, cross.exact) == (None, None)


def test_a_crossing_of_vacuous_bounds_is_called_vacuous() -> None:
    (cross,) = read_world(ROOT / "examples/worlds/table.toml").crossovers()
    assert (cross.predicted, cross.vacuous) == (
        24,
        True,
    )  # both bounds are above 1, the largest error
    (cross,) = read_world(ROOT / "examples/worlds/audio.toml").crossovers()
    assert not cross.vacuous


def test_the_order_of_the_batches_changes_no_digit() -> None:
    experiment = read_world(TABLE)

    def backwards(e: Experiment, todo: Sequence[Batch]) -> Iterator[tuple[Batch, Repetitions]]:
        return serially(e, todo[::-1])

    assert repeat(experiment, runner=backwards) == repeat(experiment)
    assert bc.simulate(TABLE | {"seed": 1}) != bc.simulate(TABLE)


def test_a_cluster_of_two_workers_one_of_which_is_killed_gives_the_same_numbers() -> None:
    import distributed

    experiment = read_world(TABLE | {"repetitions": 1000})
    killed: list[int] = []
    made = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with distributed.LocalCluster(silence_logs=50, **made) as cluster:

        def kill_one(done: int, total: int) -> None:
            if not killed:
                killed.append(cluster.workers[0].pid)
                os.kill(killed[0], signal.SIGKILL)

        found = repeat(experiment, scheduler=cluster.scheduler_address, progress=kill_one)
    assert killed
    assert found.complete
    assert found == repeat(experiment)


# a background job of a shell is started with interrupts ignored, and so would be all that it starts
INTERRUPTED = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import boundcalc.worlds.simulate.repeat as repeat
right, done = repeat.run_batch, []
def watched(*a):
    done.append(1)
    if len(done) == 4:
        print("begun", file=sys.stderr, flush=True)
    return right(*a)
repeat.run_batch = watched
from boundcalc.cli.app import main
main()
"""


def test_an_interrupt_keeps_what_was_done_and_says_so() -> None:
    arguments = [
        "simulate",
        "examples/worlds/table.toml",
        "--repetitions",
        "100000",
        "--workers",
        "1",
    ]
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *arguments, "--format", "json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err) == (130, "")
    data = json.loads(out)
    assert data["complete"] is False
    assert 150 <= data["repetitions"] < data["asked_for"] == 800_000


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1:9", "tls://127.0.0.1:9", "nonsense", "tcp://127.0.0.1", "inproc://x"),
        *("http://127.0.0.1:9", "://a:1"),
    ],
)
def test_a_scheduler_that_is_not_there_is_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("boundcalc.worlds.simulate.repeat.PATIENCE", 0.5)
    out, err, code = cli(monkeypatch, capsys, "examples/worlds/table.toml", "--scheduler", address)
    assert (out, code) == ("", 2)
    assert err.startswith(f"Error: no scheduler at {address}: nothing there answers as one; ")
    assert err.endswith("an address is HOST:PORT or tcp://HOST:PORT\n")


def test_what_listens_but_is_no_scheduler_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import socket

    monkeypatch.setattr("boundcalc.worlds.simulate.repeat.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(InputError, match="nothing there answers as one"):
            bc.simulate(TABLE, scheduler=address)


# --- the command ---------------------------------------------------------------------------------------


def cli(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, *arguments: str
) -> tuple[str, str, int]:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["boundcalc", "simulate", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capsys.readouterr()
    return out, err, int(stop.value.code or 0)


def test_what_the_help_suggests_ends_in_seconds() -> None:
    (suggested,) = re.findall(r"simulate (\S+)`", EXAMPLE)
    experiment = changed(
        read_world(ROOT / suggested),
        repetitions=int(re.findall(r"--repetitions (\d+)", EXAMPLE)[0]),
        seed=None,
    )
    assert experiment.repetitions * len(experiment.sizes) <= 5000  # about 2 ms each


FEW = ("examples/worlds/table.toml", "--repetitions", "20")


def test_an_interrupt_before_anything_was_done_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    def interrupted(*_: object) -> Repetitions:
        raise KeyboardInterrupt

    monkeypatch.setattr("boundcalc.worlds.simulate.repeat.run_batch", interrupted)
    out, err, code = cli(monkeypatch, capsys, *FEW)
    assert (out, err, code) == ("", "Interrupted before any repetitions were done.\n", 130)


@pytest.mark.parametrize("format", ["rich", "json", "markdown", "latex", "csv"])
def test_formats(
    format: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    out, err, code = cli(monkeypatch, capsys, *FEW, "--format", format)
    assert (err, code) == ("", 0)
    assert "lu2023.multimodal" in out
    if format == "json":
        assert json.loads(out)["complete"] is True
    if format == "csv":
        rows = list(csv.DictReader(io.StringIO(out)))
        assert {int(r["m"]) for r in rows} == {2, 5, 10, 20, 40, 80, 320, 1280}


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_picture_has_the_three_crossovers(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    target = tmp_path / f"risk.{kind}"
    _, err, code = cli(monkeypatch, capsys, *FEW, "-o", str(target))
    assert (err, code) == ("", 0)
    assert list(tmp_path.iterdir()) == [target]
    if kind == "svg":
        text = target.read_text()
        crossovers = ("simulated", "exact", "predicted by bounds")
        assert all(f'id="{what} crossover 0"' in text for what in crossovers)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.toml",), "there is no file nowhere.toml"),
        ((*FEW, "--at", "7"), "--at 7: the sizes are 2, 5"),
        ((*FEW, "-o", "risk.gif"), "unknown file extension 'gif'"),
        ((*FEW, "-o", "/nowhere/risk.png"), "cannot write /nowhere/risk.png"),
        (
            (FEW[0], "--repetitions", "0"),
            "repetitions is 0: it has to be a whole number from 1 to 100000",
        ),
    ],
)
def test_bad_commands_end_in_one_line(
    arguments: tuple, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    out, err, code = cli(monkeypatch, capsys, *arguments)
    assert (out, code) == ("", 2)
    assert message in err
    assert err.count("\n") == 1


BAD = [
    ({"kind": "linnear"}, "did you mean 'linear'"),
    ({"kind": None}, "kind must be"),
    ({"colour": 1}, "unknown key 'colour'"),
    ({"m": [10, 5]}, "increasing"),
    ({"m": []}, "m lists 0 sizes"),
    ({"m": [0]}, "m is 0"),
    ({"repetitions": 2.5}, "repetitions is 2.5"),
    ({"repetitions": True}, "repetitions must be a whole number, not true"),
    ({"delta": 2}, "delta = 2"),
    ({"covariance": [[1, 0.5], [0.4, 2]]}, "not symmetric"),
    ({"covariance": [[1, 2], [2, 1]]}, "eigenvalue -1"),
    ({"covariance": [[1, "x"], [2, 1]]}, "covariance must be made of numbers, not 'x'"),
    ({"covariance": 3}, "covariance must be a list"),
    ({"blocks": {"a": [0], "b": [0, 1]}}, "overlap"),
    ({"blocks": {"a": [0]}, "subsets": [["a"]]}, "gap"),
    ({"blocks": [0]}, "blocks must be a table"),
    ({"theta": [1]}, "theta"),
    ({"subsets": [["a"], ["c"]]}, "unknown modality 'c'"),
    ({"subsets": [["a"], ["a"]]}, "different subsets"),
    ({"norm": 0.5}, "norm = 0.5: the best weights"),
    ({"test_n": 1}, "test_n is 1"),
]


@pytest.mark.parametrize(("change", "message"), BAD, ids=[str(change)[:40] for change, _ in BAD])
def test_bad_worlds_are_refused_in_one_line(change: dict, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        read_world(LINEAR | change)
    assert "\n" not in str(caught.value)


def test_missing_keys_are_named() -> None:
    for key in (
        "m",
        "repetitions",
        "theta",
        "covariance",
        "norm",
        "loss_bound",
        "noise_variance",
        "blocks",
    ):
        with pytest.raises(InputError, match=f"{key}.* is missing"):
            read_world({k: v for k, v in LINEAR.items() if k != key})
