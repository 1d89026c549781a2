"""What boundcalc costs beside what it is measured against: ratios of medians of alternating runs.

python benchmarks/table.py [--rounds 7] [--only grids] [--rows 300000] [--gigabytes 20] [--page]

Both sides of a row run in turn in one process (commands in processes of their own), so that a busy
machine slows both. The table goes to ``build/bench.json`` and ``build/bench.md``, with the machine
and the spread, the scaling curves to ``build/scaling.svg``; with ``--page`` the table is put into
``docs/benchmarks.md`` as well. What is left out is kept from the run before.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import boundcalc as bc

ROOT = Path(__file__).parents[1]
POINTS = 5_000_000
THEOREM1 = ("huang2021.theorem1", "m=13200", "delta=0.05", "L=1", "C=1", "rademacher=0.01")
GROUPS = ("commands", "grids", "lattice", "fits", "files", "growth")
MARK = "<!-- the table is written by benchmarks/table.py -->"
EXACT = {"lipschitz": 1.0, "loss_bound": 1.0}


@dataclass(frozen=True)
class Row:
    """One line of the table; times in seconds."""

    work: str
    against: str
    most: float
    ratio: float
    ours: float
    theirs: float
    spread: float
    """Of the ratio: half the distance of its quartiles."""
    limit: str = ""
    """What it waits for, where the ratio is missed."""


def measured(
    work: str,
    against: str,
    most: float,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    *,
    rounds: int,
    warm: int = 1,
    limit: str = "",
) -> Row:
    """Run both in turn; the first round warms caches and does not count."""
    times: list[tuple[float, float]] = []
    for _ in range(rounds + warm):
        pair = []
        for run in (ours, theirs):
            start = time.perf_counter()
            run()
            pair.append(time.perf_counter() - start)
        times.append((pair[0], pair[1]))
    times = times[warm:]
    mine, other = (statistics.median(column) for column in zip(*times, strict=True))
    ratios = [a / b for a, b in times]
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    missed = limit if middle > most else ""
    return Row(work, against, most, middle, mine, other, (high - low) / 2, missed)


def python(*arguments: str, **settings: str) -> Callable[[], Any]:
    """A Python process that has to succeed; its modules are compiled once, as those installed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run() -> None:
        subprocess.run(
            [sys.executable, *arguments], check=True, capture_output=True, env=environment
        )

    return run


def commands(rounds: int, folder: Path) -> Iterator[Row]:
    """Start-up: commands with a warm cache."""
    rng = np.random.default_rng(1)
    for name, rate in (("a", 0.2), ("b", 0.3)):
        lines = "\n".join(str(int(x)) for x in rng.random(900) < rate)
        (folder / f"{name}.csv").write_text(f"loss\n{lines}\n", encoding="utf-8")
    losses = (str(folder / "a.csv"), str(folder / "b.csv"))
    cases = (
        (("eval", *THEOREM1, "gamma=-0.2"), "import sympy", 0.75),
        (("list",), "import sympy", 0.75),
        (("show", "huang2021.theorem1"), "import sympy", 0.75),
        (("--help",), "import typer, rich", 1.3),
        (("certify", *losses), "import scipy.stats", 1.0),
    )
    for arguments, imports, most in cases:
        ours = python("-m", "boundcalc", *arguments)
        name = f"boundcalc {arguments[0]}"
        yield measured(
            name, f"python -c '{imports}'", most, ours, python("-c", imports), rounds=rounds
        )
    asked = {"_BOUNDCALC_COMPLETE": "complete_bash"}
    imports = "import typer, rich"
    for typed in ("ev", "eval hol"):
        words = {"COMP_WORDS": f"boundcalc {typed}", "COMP_CWORD": str(len(typed.split()))}
        yield measured(
            f"completion of '{typed}'",
            f"python -c '{imports}'",
            1.3,
            python("-m", "boundcalc", **asked | words),
            python("-c", imports),
            rounds=rounds,
        )


def grids(rounds: int) -> Iterator[Row]:
    """Arrays of five million points against the line that one writes by hand."""
    rng = np.random.default_rng(2)
    m = rng.integers(100, 10**6, POINTS).astype(float)
    n = rng.integers(10, 10**6, POINTS).astype(float)
    delta, R = rng.uniform(0.01, 0.2, POINTS), rng.uniform(0, 0.1, POINTS)
    gamma = rng.uniform(-0.3, 0.1, POINTS)
    first = {"variant": "sharp", "m": m, "delta": delta, "rademacher": R, "gamma": gamma}
    second = {"variant": "one-event", "m": m, "n": n, "delta": delta, "tasks": 5}
    second |= {"D": 1.0, "kappa": 0.0, "c_predictor": 1.0, "c_connection": 1.0}
    yield measured(
        "evaluate huang2021.theorem1, 5·10⁶ points",
        "one line of NumPy",
        1.0,
        lambda: bc.evaluate("huang2021.theorem1", **first, **EXACT).value,
        lambda: gamma + 2 * R + np.sqrt(2 * np.log(1 / delta) / m),
        rounds=rounds,
        limit="memory: four arrays are read and one is written, besides the checks of every entry "
        "and the move outward; on two free cores both work",
    )
    yield measured(
        "evaluate lu2023.multimodal, 5·10⁶ points",
        "one line of NumPy",
        1.0,
        lambda: bc.evaluate("lu2023.multimodal", **second, **EXACT).value,
        lambda: (
            np.sqrt(2 * np.pi / m)
            + np.sqrt(2 * np.pi / n)
            + np.sqrt(2 * (1 / m + 1 / (5 * n)) * np.log(1 / delta))
        ),
        rounds=rounds,
    )


def ranked(count: int) -> Any:
    """All subsets of so many modalities."""
    return bc.subsets(
        "classic.uniform_deviation",
        variant="expected",
        modalities=[f"v{i}" for i in range(count)],
        complexities=[0.001] * count,
        losses=np.full(2**count - 1, 0.3),
        delta=0.05,
        m=10**6,
        **EXACT,
    )


def lattice(rounds: int) -> Row:
    """All subsets of twenty modalities, against a loop over `evaluate` for ten, scaled by 2¹⁰."""
    given = {"variant": "expected", "delta": 0.05, "m": 10**6, **EXACT}

    def looped() -> None:
        for chosen in product((0, 1), repeat=10):
            complexity = 0.001 * sum(chosen)
            known = {"rademacher": complexity, "train_loss": 0.3}
            bc.evaluate("classic.uniform_deviation", **known, **given)

    row = measured(
        "2²⁰ subsets ranked",
        "a loop over evaluate",
        1 / 500,
        lambda: ranked(20),
        looped,
        rounds=rounds,
    )
    scaled = {"theirs": row.theirs * 1024, "ratio": row.ratio / 1024, "spread": row.spread / 1024}
    return Row(**asdict(row) | scaled)


def study(rows: int, columns: int = 50, classes: int = 10) -> dict[str, Any]:
    """Three modalities whose columns say a little about one of some classes."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(rows, columns)).astype(np.float32)
    scores = X @ rng.normal(size=(columns, classes)).astype(np.float32)
    y = np.argmax(scores + 2 * rng.normal(size=scores.shape), axis=1)
    cuts = [columns * 2 // 5, columns * 7 // 10]
    return dict(zip("abc", np.split(X, cuts, axis=1), strict=True)) | {"y": y}


def fits(rounds: int, rows: int) -> Row:
    """`compare` on data, against the same number of fits by scikit-learn, each from the last one.

    For each subset of three modalities seven norms are tried on three quarters of the examples
    that are fitted on, and the chosen one is fitted to all of these, half of the data.
    """
    from sklearn.linear_model import LogisticRegression

    data = study(rows)
    names, y = "abc", data["y"]
    half, part = rows // 2, rows * 3 // 8

    def theirs() -> None:
        for mask in range(1, 8):
            X = np.hstack([data[name] for i, name in enumerate(names) if mask >> i & 1])
            model = LogisticRegression(warm_start=True)
            for C in (1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100):
                model.set_params(C=C).fit(X[:part], y[:part])
            model.fit(X[:half], y[:half])

    return measured(
        f"compare, {rows:,} × 50, 10 classes, 7 subsets",
        "LogisticRegression, the same fits",
        0.5,
        lambda: bc.compare(data, delta=0.05),
        theirs,
        rounds=rounds,
        warm=0,
        limit="passes over the rows, in one thread: the steps of the fits, scores, copies, tests",
    )


def file_of_rows(rounds: int, gigabytes: float, folder: Path) -> Row:
    """`estimate` on a file that is not in the memory, against reading it once."""
    path, width, draws = folder / "rows.npy", 512, 16
    rows = int(gigabytes * 1e9) // (4 * width)
    block = np.random.default_rng(5).normal(size=(2**14, width)).astype(np.float32)
    whole = np.lib.format.open_memmap(path, "w+", np.float32, (rows, width))
    for start in range(0, rows, len(block)):
        whole[start : start + len(block)] = block[: rows - start]
    whole.flush()
    del whole

    def forgotten() -> None:
        """Have the system forget what it keeps of the file."""
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def ours() -> None:
        forgotten()
        bc.estimate(np.load(path, mmap_mode="r"), draws=draws)

    def theirs() -> None:
        forgotten()
        with path.open("rb", buffering=0) as file:
            room = bytearray(2**24)
            while file.readinto(room):
                pass

    found = measured(
        f"estimate, {gigabytes:g} GB, {draws} draws",
        "reading the file once",
        1.4,
        ours,
        theirs,
        rounds=rounds,
        warm=0,
        limit="the disk, whose rate changes more from run to run than the two sides differ",
    )
    path.unlink()
    return found


@dataclass(frozen=True)
class Curve:
    """How time and memory grow, with exponents fitted by least squares."""

    work: str
    of: str
    sizes: list[int]
    seconds: list[float]
    mebibytes: list[float]
    exponents: tuple[float, float]


def curve(work: str, of: str, sizes: list[int], run: Callable[[int], Callable[[], Any]]) -> Curve:
    """Time and then memory at some sizes; `run` makes the input and gives what is measured."""
    seconds, mebibytes = [], []
    for size in sizes:
        call = run(size)
        call()
        times = []
        for _ in range(3):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        tracemalloc.start()
        call()
        mebibytes.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
        seconds.append(min(times))
    slopes = (np.polyfit(np.log(sizes), np.log(y), 1)[0] for y in (seconds, mebibytes))
    time_, memory = map(float, slopes)
    return Curve(work, of, sizes, seconds, mebibytes, (time_, memory))


def growth() -> Iterator[Curve]:
    """Curves against points, rows, columns and modalities."""

    def points(size: int) -> Callable[[], Any]:
        n = np.linspace(100, 10**6, size).round()
        given = {"delta": 0.05, "test_loss": 0.1, "loss_bound": 1}
        return lambda: bc.evaluate("holdout.hoeffding", n=n, **given).value

    def rows(size: int) -> Callable[[], Any]:
        data = study(size, columns=15, classes=3)
        return lambda: bc.compare(data, delta=0.05)

    def columns(size: int) -> Callable[[], Any]:
        X = np.random.default_rng(0).standard_normal((20_000, size), dtype=np.float32)
        return lambda: bc.estimate(X, draws=100)

    def modalities(size: int) -> Callable[[], Any]:
        count = size.bit_length() - 1
        return lambda: ranked(count)

    yield curve("evaluate", "points", [10**6, 4 * 10**6, 16 * 10**6], points)
    yield curve("compare", "rows m", [4_000, 16_000, 64_000], rows)
    yield curve("estimate", "columns d", [256, 1024, 4096], columns)
    yield curve("subsets", "subsets 2^K", [2**16, 2**18, 2**20], modalities)


def drawn(curves: list[Curve], path: Path) -> None:
    """A picture of the curves."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.5), layout="constrained")
    for axis, name, label in zip(
        figure.subplots(1, 2), ("seconds", "mebibytes"), ("seconds", "MiB"), strict=True
    ):
        for i, each in enumerate(curves):
            power = each.exponents[name == "mebibytes"]
            axis.loglog(
                each.sizes,
                getattr(each, name),
                "os^D"[i] + "-",
                label=f"{each.work}: ({each.of})^{power:.2f}",
            )
        axis.set(xlabel="size", ylabel=label)
        axis.legend()
    figure.savefig(path)


def machine() -> str:
    """What it ran on, and how busy that was."""
    model = platform.machine()
    about = Path("/proc/cpuinfo")
    if about.exists():
        lines = about.read_text(encoding="utf-8").splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    busy = f"load {os.getloadavg()[0]:.1f} at the end"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}; {versions}; {busy}"


def table(rows: list[dict[str, Any]], curves: list[dict[str, Any]], where: str) -> str:
    """The page: the table, what was missed and why, exponents."""
    lines = [
        f"{where}. Medians of alternating runs; ± is half the distance of the quartiles.\n",
        "| work | against | at most | ratio | ± | ours | theirs |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        missed = "**" if r["ratio"] > r["most"] else ""
        lines.append(
            f"| {r['work']} | {r['against']} | {r['most']:.3g} | {missed}{r['ratio']:.3g}{missed} "
            f"| {r['spread']:.2g} | {r['ours']:.3g} s | {r['theirs']:.3g} s |"
        )
    lines += ["", *(f"- {r['work']}: limited by {r['limit']}." for r in rows if r["limit"])]
    lines += ["", "| grows with | time | memory |", "|---|---|---|"]
    for c in curves:
        time_, memory = c["exponents"]
        lines.append(f"| {c['work']}: {c['of']} | ^{time_:.2f} | ^{memory:.2f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--rows", type=int, default=30_000, help="of the data that are compared")
    parser.add_argument("--gigabytes", type=float, default=1.0, help="of the file of rows")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--only", action="append", choices=GROUPS, help="repeatable")
    parser.add_argument("--page", action="store_true", help="put the table into the documentation")
    asked = parser.parse_args()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    file = asked.out.with_suffix(".json")
    kept = json.loads(file.read_text(encoding="utf-8")) if asked.only and file.exists() else {}
    rows: dict[str, list[Any]] = kept.get("rows", {})
    few = min(asked.rounds, 3)
    with tempfile.TemporaryDirectory(dir=asked.out.parent) as name:
        folder = Path(name)
        work: dict[str, Callable[[], list[Row]]] = {
            "commands": lambda: list(commands(asked.rounds, folder)),
            "grids": lambda: list(grids(asked.rounds)),
            "lattice": lambda: [lattice(asked.rounds)],
            "fits": lambda: [fits(1, asked.rows)],
            "files": lambda: [file_of_rows(few, asked.gigabytes, folder)],
        }
        for group, measure in work.items():
            if not asked.only or group in asked.only:
                rows[group] = [asdict(row) for row in measure()]
    curves = kept.get("curves", [])
    if not asked.only or "growth" in asked.only:
        found = list(growth())
        curves = [asdict(each) for each in found]
        drawn(found, asked.out.with_name("scaling.svg"))
    where = machine()
    text = table([row for group in GROUPS for row in rows.get(group, [])], curves, where)
    print(text)
    asked.out.with_suffix(".md").write_text(f"# Benchmarks\n\n{text}", encoding="utf-8")
    data = {"machine": where, "rows": rows, "curves": curves}
    file.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    if asked.page:
        page = ROOT / "docs" / "benchmarks.md"
        head, _, _ = page.read_text(encoding="utf-8").partition(MARK)
        page.write_text(f"{head}{MARK}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
