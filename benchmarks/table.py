"""What boundcalc costs beside what it is measured against: ratios of medians of alternating runs.

python benchmarks/table.py [--rounds 7] [--out build/bench]

Both sides of a row run in turn in one process (commands in processes of their own), so that a busy
machine slows both. The table goes to ``OUT.json`` and ``OUT.md``, with the machine and the spread.
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


def measured(
    work: str,
    against: str,
    most: float,
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    *,
    rounds: int,
) -> Row:
    """Run both in turn; the first round warms caches and does not count."""
    times: list[tuple[float, float]] = []
    for _ in range(rounds + 1):
        pair = []
        for run in (ours, theirs):
            start = time.perf_counter()
            run()
            pair.append(time.perf_counter() - start)
        times.append((pair[0], pair[1]))
    times = times[1:]
    mine, other = (statistics.median(column) for column in zip(*times, strict=True))
    low, _, high = statistics.quantiles([a / b for a, b in times], n=4)
    return Row(work, against, most, mine / other, mine, other, (high - low) / 2)


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


def lattice(rounds: int) -> Row:
    """All subsets of twenty modalities, against a loop over `evaluate` for ten, scaled by 2¹⁰."""
    given = {"variant": "expected", "delta": 0.05, "m": 10**6, **EXACT}

    def ranked(count: int) -> Any:
        losses = np.full(2**count - 1, 0.3)
        names = [f"v{i}" for i in range(count)]
        return bc.subsets(
            "classic.uniform_deviation",
            modalities=names,
            complexities=[0.001] * count,
            losses=losses,
            **given,
        )

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


def growth() -> dict[str, float]:
    """The exponents with which times grow, fitted by least squares."""
    sizes, seconds = [10**4, 10**5, 10**6, 4 * 10**6], []
    for size in sizes:
        m = np.linspace(100, 10**6, size).round()
        start = time.perf_counter()
        bc.evaluate("holdout.hoeffding", n=m, delta=0.05, test_loss=0.1, loss_bound=1)
        seconds.append(time.perf_counter() - start)
    slope = np.polyfit(np.log(sizes[1:]), np.log(seconds[1:]), 1)[0]
    return {"evaluate, points": float(slope)}


def machine() -> str:
    """What it ran on."""
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    return f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}; {versions}"


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [*commands(asked.rounds, Path(folder)), *grids(asked.rounds), lattice(asked.rounds)]
    exponents = growth()
    lines = [
        f"# Benchmarks\n\n{machine()}; medians of {asked.rounds} alternating runs.\n",
        "| work | against | at most | ratio | ± | ours | theirs |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {r.work} | {r.against} | {r.most:.3g} | {r.ratio:.3g} | {r.spread:.2g} "
            f"| {r.ours:.3g} s | {r.theirs:.3g} s |"
            for r in rows
        ),
        "",
        *(f"Time grows as ({name})^{power:.2f}." for name, power in exponents.items()),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.with_suffix(".md").write_text(text, encoding="utf-8")
    data = {"machine": machine(), "rows": [asdict(r) for r in rows], "exponents": exponents}
    asked.out.with_suffix(".json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
