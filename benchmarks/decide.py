"""How wide, how powerful and how valid the decisions on losses are, by population and n.

``python benchmarks/decide.py`` prints the tables of docs/howto/certify.md (some minutes); ``--peers
FOLDER`` adds the comparison with a public package's intervals: `bounded.npz` has paired losses by
key, `bounded.json` their intervals. ``--runs`` sets the number of samples of the validity check.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from scipy.special import ndtri

from boundcalc.numeric.decide.bets import Bets, fixed_sample_wealth
from boundcalc.numeric.decide.decision import decide
from boundcalc.numeric.decide.forecast import betting_power
from boundcalc.numeric.decide.pairs import bounded_pair, limits_pair, zero_one_pair

LEVEL = 0.025
NORMAL = -float(ndtri(LEVEL))
SIZES = (50, 200, 500, 2_000, 20_000)
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


def false_rejections(draw: Draw, n: int, runs: int) -> tuple[float, float]:
    """How often a true gap of 0 is rejected at 5 %: one order (all runs), and the test itself (a
    part).
    """
    rng = np.random.default_rng(7)
    a, b = draw(rng, 200_000)
    pool = (a - b) - float(np.mean(a - b))
    pool = pool / max(1.0, float(np.abs(pool).max()))
    samples = rng.choice(pool, size=(n, runs))
    one = float(np.mean(fixed_sample_wealth(samples, 1.0, 0.05) >= -np.log(0.05)))
    part = max(1, runs // 100)
    whole = [Bets(samples[:, i], None, 1.0, 0.05, i).p_value(0.0) <= 0.05 for i in range(part)]
    return one, float(np.mean(whole))


def peers(folder: Path) -> None:
    """Ours against the intervals of a public package on the same samples."""
    records = json.loads((folder / "bounded.json").read_text(encoding="utf-8"))
    losses = np.load(folder / "bounded.npz")
    rows = []
    for record in records:
        a, b = losses[record["key"]].astype(float)
        (found,) = decide([bounded_pair(a - b, 1.0, level=LEVEL)], delta=2 * LEVEL)
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


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=5)
    chosen = parser.parse_args()
    print("0/1 losses, width over the normal interval, δ = 0.05")
    for n, b, c in ((50, 8, 1), (250, 16, 5), (900, 107, 8), (1000, 45, 22), (3410, 400, 320)):
        (found,) = decide([zero_one_pair(b, c, n, level=LEVEL)], delta=2 * LEVEL)
        gap = (b - c) / n
        normal = 2 * NORMAL * (((b + c) / n - gap * gap) / n) ** 0.5
        print(f"  {n:6,}; {b}, {c}: {(found.upper - found.lower) / normal:.3f}")
    print("\nwidth over the normal interval, betting (empirical Bernstein), by n")
    print(f"{'':30}" + "".join(f"{n:>16,}" for n in SIZES))
    for name, draw in POPULATIONS.items():
        cells = [widths(draw, n, chosen.samples) for n in SIZES]
        print(f"{name:30}" + "".join(f"{w:8.2f} ({v:5.2f})" for w, v in cells), flush=True)
    print("\nexamples for 80 % power over those of the normal test")
    table = {
        name: [examples_over_normal(draw, n) for n in SIZES[2:4]]
        for name, draw in POPULATIONS.items()
    }
    for name, row in table.items():
        print(f"{name:30}" + "".join(f"{x:8.2f}" for x in row))
    print(
        f"{'median':30}" + "".join(f"{median(c):8.2f}" for c in zip(*table.values(), strict=True))
    )
    print(
        f"\nfalse rejections at 0.05: one order, {chosen.runs} runs; the test, {chosen.runs // 100}"
    )
    for name, draw in POPULATIONS.items():
        cells = [false_rejections(draw, n, chosen.runs) for n in (30, 300)]
        print(f"{name:30}" + "".join(f"   {x:.4f} {y:.3f}" for x, y in cells), flush=True)
    if chosen.peers is not None:
        peers(chosen.peers)


if __name__ == "__main__":
    main()
