"""How wide, how powerful and how valid the decisions on losses are, by population and n.

    python benchmarks/decide.py [widths] [power] [times] [coverage] [--runs 10000] [--peers FOLDER]

widths, power
    The table of docs/howto/certify.md (some minutes).
coverage
    How often an interval or a verdict is wrong for samples of a population that is known: bets,
    groups, weights of classes, looks, step-down. It may be δ.
peers
    Intervals of a public package on the same samples: `bounded.npz` has paired losses by key,
    `bounded.json` the intervals.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from functools import cache
from itertools import combinations
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
from scipy.special import ndtri

from boundcalc.numeric.decide.bets import fixed_sample_wealth
from boundcalc.numeric.decide.decision import decide, level_of_each, step_down
from boundcalc.numeric.decide.forecast import betting_power
from boundcalc.numeric.decide.pairs import bounded_pair, limits_pair, zero_one_pair
from boundcalc.numeric.decide.sample import (
    ANY,
    PairedSample,
    Population,
    counted_looks,
    deciding_method,
    pair_test,
    paired_sample,
)

DELTA = 0.05
LEVEL = DELTA / 2
NORMAL = -float(ndtri(LEVEL))
SIZES = (50, 200, 500, 2_000, 20_000)
_POOL = 200_000
Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def _beta(a: float, b: float, c: float, d: float, common: float = 0.0) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        first, second = rng.beta(a, b, n), rng.beta(c, d, n)
        shared = rng.random(n) < common
        return first, np.where(shared, first, second)

    return draw


def _log_loss(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    logit = 1.5 * rng.standard_normal(n) + 1.2
    losses = [
        np.log1p(np.exp(-(logit + shift + 0.7 * rng.standard_normal(n)))) for shift in (0, 0.3)
    ]
    return np.clip(losses[0] / 4, 0, 1), np.clip(losses[1] / 4, 0, 1)


def _brier(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = rng.random(n) < 0.3, 0.3 + 0.15 * rng.standard_normal(n)
    return np.clip((y - x) ** 2, 0, 1), np.clip((y - np.clip(x + 0.2 * (y - 0.3), 0, 1)) ** 2, 0, 1)


def _errors(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    size = np.minimum(rng.exponential(0.15, n), 1.0)
    return size, np.clip(0.9 * size + 0.02 * rng.standard_normal(n), 0, 1)


def _rare(share: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        base = 0.2 * rng.random(n)
        return np.where(rng.random(n) < share, 1.0, base), base

    return draw


def _near(spread: float) -> Draw:
    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        base = rng.beta(2, 5, n)
        return np.clip(base + spread * (0.3 + rng.standard_normal(n)), 0, 1), base

    return draw


def _three(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    a = rng.choice([0.0, 0.5, 1.0], n, p=[0.6, 0.2, 0.2])
    return a, np.where(rng.random(n) < 0.3, rng.choice([0.0, 0.5, 1.0], n, p=[0.75, 0.15, 0.1]), a)


POPULATIONS: dict[str, Draw] = {
    "Beta(2, 5), Beta(2, 6)": _beta(2, 5, 2, 6),
    "the same, 80 % equal": _beta(2, 5, 2, 8, 0.8),
    "Beta(.3, .7), Beta(.25, .75)": _beta(0.3, 0.7, 0.25, 0.75, 0.7),
    "equal on 90 %": _beta(2, 5, 1, 6, 0.9),
    "clipped log-loss": _log_loss,
    "Brier": _brier,
    "clipped absolute error": _errors,
    "2 % lose everything": _rare(0.02),
    "0, ½, 1": _three,
    "spread 0.15": _near(0.15),
    "spread 0.05": _near(0.05),
    "spread 0.02": _near(0.02),
}


def widths(draw: Draw, n: int, samples: int) -> tuple[float, float]:
    """Median width over the normal interval: betting, and empirical Bernstein."""
    found: list[tuple[float, float]] = []
    for seed in range(samples):
        a, b = draw(np.random.default_rng(seed), n)
        d = a - b
        normal = 2 * NORMAL * float(np.std(d, ddof=1)) / n**0.5
        if normal == 0:  # no rare loss in the sample: the normal interval is a point
            continue
        tests = (
            bounded_pair(d, 1.0, level=LEVEL),
            limits_pair("empirical_bernstein", d, 1.0, level=LEVEL),
        )
        ends = [(t.b_better.lower_limit(LEVEL), -t.a_better.lower_limit(LEVEL)) for t in tests]
        found.append(tuple((high - low) / normal for low, high in ends))  # type: ignore[arg-type]
    return median(w for w, _ in found), median(w for _, w in found)


def examples_over_normal(draw: Draw, n: int) -> float:
    """Examples for 80 % power over those of the normal test, for a gap that it finds with
    about n.
    """
    a, b = draw(np.random.default_rng(1), 20_000)
    d = a - b
    spread = float(np.std(d))
    gap = (NORMAL + float(ndtri(0.8))) * spread / n**0.5
    needed = betting_power(d, 1.0, LEVEL, 0).examples(gap, 0.8)
    return float("nan") if needed is None else needed / n


def false_rejections(draw: Draw, n: int, runs: int) -> float:
    """How often a true gap of 0 is rejected at 5 % by bets in one order."""
    samples = _centred(draw)[np.random.default_rng(7).integers(_POOL, size=(n, runs))]
    wealth = fixed_sample_wealth(samples, 1.0, DELTA)
    return float(np.mean(wealth >= -np.log(DELTA)))


def _centred(draw: Draw) -> np.ndarray:
    """Differences of a finite population whose mean is 0."""
    a, b = draw(np.random.default_rng(8), _POOL)
    pool = (a - b) - float(np.mean(a - b))
    return np.asarray(pool / max(1.0, float(np.abs(pool).max())))


def misses(sample: PairedSample, truth: float, looks: int | str = 1, seed: int = 0) -> bool:
    """Whether the interval of a pair misses the truth: its p-value there is at most the level."""
    level = level_of_each(DELTA, looks=counted_looks(looks))
    method = deciding_method(
        None, zero_one=sample.zero_one, weighted=sample.weights is not None, looks=looks
    )
    test = pair_test(method, sample, level, looks, seed)
    return min(test.b_better.p_value(truth), test.a_better.p_value(-truth)) <= level


def _rows(rng: np.random.Generator, name: str, n: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Losses drawn from a finite population, and the difference of its two risks."""
    a, b = _population(name)
    rows = rng.integers(_POOL, size=n)
    return a[rows], b[rows], float(np.mean(a) - np.mean(b))


@cache
def _population(name: str) -> tuple[np.ndarray, np.ndarray]:
    return POPULATIONS[name](np.random.default_rng(8), _POOL)


SKEWED, COARSE = "equal on 90 %", "0, ½, 1"


def _bets(name: str, n: int) -> Callable[[int], bool]:
    def run(seed: int) -> bool:
        a, b, truth = _rows(np.random.default_rng(seed), name, n)
        return misses(paired_sample(a, b, 1.0, zero_one=False), truth, seed=seed)

    return run


def _groups(over_examples: bool) -> Callable[[int], bool]:
    """200 groups of one to six examples, all alike in a group; in larger ones A loses more."""
    sizes = np.arange(1, 7)
    truth = float(np.average(0.1 * sizes, weights=sizes if over_examples else None)) - 0.35

    def run(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        drawn = rng.integers(1, 7, size=200)
        a, b = rng.random(200) < 0.1 * drawn, rng.random(200) < 0.35
        group = np.repeat(np.arange(200), drawn)
        population = Population(group, 6 if over_examples else None)
        return misses(paired_sample(1.0 * a[group], 1.0 * b[group], 1.0, True, population), truth)

    return run


def _weights(seed: int) -> bool:
    """A class of one example in five weighs four times as much, and A is worse on it alone."""
    rng = np.random.default_rng(seed)
    rare = rng.random(400) < 0.2
    a, b = rng.random(400) < np.where(rare, 0.5, 0.2), rng.random(400) < 0.2
    population = Population(classes=rare, weights={True: 2.0, False: 0.5})
    return misses(paired_sample(1.0 * a, 1.0 * b, 1.0, True, population), 0.2 * 2.0 * 0.3)


def _looks(looks: int | str, zero_one: bool) -> Callable[[int], bool]:
    """At 100, 200 and 300 examples, or after each of 300."""

    def run(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        if zero_one:
            a, b, truth = rng.random(300) < 0.3, rng.random(300) < 0.2, 0.1
        else:
            a, b, truth = _rows(rng, SKEWED, 300)
        ends = (300,) if looks == ANY else (100, 200, 300)
        samples = [
            paired_sample(a[:n].astype(float), b[:n].astype(float), 1.0, zero_one) for n in ends
        ]
        return any(misses(sample, truth, looks, seed) for sample in samples)

    return run


def _step_down(seed: int) -> bool:
    """Of four predictors three have the risk 0.3: any wrong verdict, or any wrong interval."""
    rng = np.random.default_rng(seed)
    first = rng.random(250) < 0.3
    alike = [np.where(rng.random(250) < 0.5, first, rng.random(250) < 0.3) for _ in range(2)]
    losses = [x.astype(float) for x in (first, *alike, first & (rng.random(250) < 0.5))]
    places = list(combinations(range(4), 2))
    level = level_of_each(DELTA, len(places))
    samples = [paired_sample(losses[i], losses[j], 1.0, zero_one=True) for i, j in places]
    tests = [pair_test("discordant", sample, level) for sample in samples]
    truths = [0.0 if j < 3 else 0.15 for _, j in places]
    p_values = [(t.a_better.p_value(0.0), t.b_better.p_value(0.0)) for t in tests]
    said = step_down([min(pair) for pair in p_values], 2 * len(places), DELTA)
    wrong = any(
        verdict and (truth == 0 or pair[0] < pair[1])
        for verdict, truth, pair in zip(said, truths, p_values, strict=True)
    )
    return wrong or any(
        min(t.b_better.p_value(truth), t.a_better.p_value(-truth)) <= level
        for t, truth in zip(tests, truths, strict=True)
    )


SCENARIOS: dict[str, Callable[[int], bool]] = {
    f"bets, {SKEWED}, n = 100": _bets(SKEWED, 100),
    f"bets, {COARSE}, n = 200": _bets(COARSE, 200),
    "mean over 200 groups": _groups(over_examples=False),
    "mean over their examples": _groups(over_examples=True),
    "weights of classes, n = 400": _weights,
    "three looks, 0/1": _looks(3, zero_one=True),
    "three looks, bets": _looks(3, zero_one=False),
    "any looks, 0/1": _looks(ANY, zero_one=True),
    "any looks, bets": _looks(ANY, zero_one=False),
    "step-down, six pairs, 0/1": _step_down,
}


def peers(folder: Path) -> None:
    """Ours against the intervals of a public package on the same samples."""
    records = json.loads((folder / "bounded.json").read_text(encoding="utf-8"))
    losses = np.load(folder / "bounded.npz")
    rows = []
    for record in records:
        a, b = losses[record["key"]].astype(float)
        (found,) = decide([bounded_pair(a - b, 1.0, level=LEVEL)], delta=DELTA)
        low, high = record["confseq"]
        rows.append(
            (
                record["n"],
                (found.upper - found.lower) / (high - low),
                found.verdict is not None,
                low > 0 or high < 0,
                found.lower <= record["mean_gap"] <= found.upper,
            )
        )
    print(
        f"\npeers, {len(rows)} samples: median width over theirs {median(r[1] for r in rows):.3f}"
    )
    print(
        f"decided by us {sum(r[2] for r in rows)}, by them {sum(r[3] for r in rows)}, by them "
        f"alone",
        end=" ",
    )
    print(f"{sum(r[3] and not r[2] for r in rows)}; we cover {sum(r[4] for r in rows)}")
    for n in sorted({r[0] for r in rows}):
        print(f"  n = {n}: {median(r[1] for r in rows if r[0] == n):.2f}")


def print_widths(samples: int) -> None:
    """0/1 losses, then bounded ones by population and n."""
    print("0/1 losses, width over the normal interval, δ = 0.05")
    for n, b, c in ((50, 8, 1), (250, 16, 5), (900, 107, 8), (1000, 45, 22), (3410, 400, 320)):
        (found,) = decide([zero_one_pair(b, c, n, level=LEVEL)], delta=DELTA)
        gap = (b - c) / n
        normal = 2 * NORMAL * (((b + c) / n - gap * gap) / n) ** 0.5
        print(f"  {n:6,}; {b}, {c}: {(found.upper - found.lower) / normal:.3f}")
    print("\nwidth over the normal interval, betting (empirical Bernstein), by n")
    print(f"{'':30}" + "".join(f"{n:>16,}" for n in SIZES))
    for name, draw in POPULATIONS.items():
        cells = [widths(draw, n, samples) for n in SIZES]
        print(f"{name:30}" + "".join(f"{w:8.2f} ({v:5.2f})" for w, v in cells), flush=True)


def print_power() -> None:
    """Examples for a verdict, by population and n."""
    print("\nexamples for 80 % power over those of the normal test, by n")
    print(f"{'':30}" + "".join(f"{n:>8,}" for n in SIZES[2:4]))
    table = {
        name: [examples_over_normal(draw, n) for n in SIZES[2:4]]
        for name, draw in POPULATIONS.items()
    }
    table["median"] = [median(column) for column in zip(*table.values(), strict=True)]
    for name, row in table.items():
        print(f"{name:30}" + "".join(f"{x:8.2f}" for x in row))


def print_times() -> None:
    """Seconds of one core for the exact limits."""
    print("\nseconds for p-values and limits of 0/1 losses")
    for n, b, c in ((3_410, 400, 320), (100_000, 5_200, 5_000)):
        start = process_time()
        decide([zero_one_pair(b, c, n, level=LEVEL)], delta=DELTA)
        print(f"  {n:7,}; {b}, {c}: {process_time() - start:.2f}", flush=True)


def print_coverage(runs: int) -> None:
    """How often the truth is missed, which may be so with probability δ."""
    error = (DELTA * (1 - DELTA) / runs) ** 0.5
    print(f"\nmisses of {runs:,} samples, δ = {DELTA}, Monte-Carlo error {error:.4f}")
    for name, run in SCENARIOS.items():
        print(f"  {name:30}{sum(map(run, range(runs))) / runs:8.4f}", flush=True)
    print("false rejections by one order of the rows, 10,000 samples of n = 30 and of 300")
    for name, draw in POPULATIONS.items():
        cells = [false_rejections(draw, n, 10_000) for n in (30, 300)]
        print(f"  {name:30}" + "".join(f"{x:8.4f}" for x in cells), flush=True)


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    tables = ("widths", "power", "times", "coverage")
    parser.add_argument("tables", nargs="*", help=f"of {', '.join(tables)}; all where left out")
    parser.add_argument("--peers", type=Path, help="a folder with bounded.npz and bounded.json")
    parser.add_argument("--runs", type=int, default=10_000, help="samples of the coverage")
    parser.add_argument("--samples", type=int, default=5, help="samples of each width")
    asked = parser.parse_args()
    wanted = asked.tables or tables
    if unknown := set(wanted) - set(tables):
        parser.error(f"no such table: {', '.join(unknown)}")
    if "widths" in wanted:
        print_widths(asked.samples)
    if "power" in wanted:
        print_power()
    if "times" in wanted:
        print_times()
    if "coverage" in wanted:
        print_coverage(asked.runs)
    if asked.peers is not None:
        peers(asked.peers)


if __name__ == "__main__":
    main()
