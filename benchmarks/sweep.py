"""A sweep against the obvious loop over scalar evaluation: the same numbers, both timed in this
run.

python benchmarks/sweep.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np

import boundcalc as bc

CASES = (
    (
        "huang2021.theorem1",
        "sharp",
        {"m": bc.Range(100, 1e6, 50, log=True), "delta": bc.Range(0.01, 0.2, 40)},
    ),
    (
        "lu2023.multimodal",
        "one-event",
        {"n": bc.Range(10, 1e6, 50, log=True), "m": bc.Range(10, 1e6, 40, log=True)},
    ),
    (
        "holdout.clopper_pearson",
        "upper",
        {"n": bc.Range(100, 1e4, 50, log=True), "errors": bc.Range(0, 39, 40)},
    ),
)
FIXED = {
    "huang2021.theorem1": {"L": 1, "C": 1, "R": 0.01, "gamma": -0.2},
    "lu2023.multimodal": {
        "L": 2,
        "C": 1,
        "D": 1,
        "kappa": 0,
        "c_predictor": 1,
        "c_connection": 1,
        "delta": 0.05,
    },
    "holdout.clopper_pearson": {"delta": 0.05},
}
LARGE = {"m": bc.Range(100, 1e6, 1000, log=True), "delta": bc.Range(0.01, 0.2, 1000)}


def timed(run: Callable[[], Any], repeats: int = 1) -> tuple[float, Any]:
    """The shortest time, and what was computed."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        found = run()
        best = min(best, time.perf_counter() - start)
    return best, found


def loop(id: str, variant: str, axes: dict[str, np.ndarray], fixed: dict[str, float]) -> np.ndarray:
    """One scalar evaluation a grid point."""
    points = (dict(zip(axes, point, strict=True)) for point in product(*axes.values()))
    return np.array([bc.evaluate(id, variant=variant, **fixed, **point).value for point in points])


def main() -> None:
    """Print one line a case."""
    print(f"{'case':<32}{'points':>10}{'loop':>12}{'sweep':>12}{'ratio':>8}")
    for id, variant, vary in CASES:
        arguments = {"variant": variant, "vary": vary, **FIXED[id]}
        fast, swept = timed(partial(bc.sweep, id, **arguments), repeats=5)
        slow, values = timed(partial(loop, id, variant, swept.vary, FIXED[id]))
        assert np.array_equal(values, swept.value.ravel())
        each = f"{slow / swept.size * 1e6:>9.1f} µs{fast / swept.size * 1e6:>9.3f} µs"
        print(f"{id:<32}{swept.size:>10,}{each}{slow / fast:>8.0f}")
    id, variant, _ = CASES[0]
    fast, swept = timed(partial(bc.sweep, id, variant=variant, vary=LARGE, **FIXED[id]), repeats=3)
    print(f"{id:<32}{swept.size:>10,}{'':>12}{fast / swept.size * 1e6:>9.3f} µs")
    print("times are for one grid point; the values of both ways are equal, bit for bit")


if __name__ == "__main__":
    main()
