"""What an estimate costs above the matrix product it is made of, and what its control variate
saves.

    python benchmarks/estimate.py

Prints, for 1,000 draws on a float32 array of 100,000 × 512: the time of `boundcalc.estimate` over
that of the products ``signs @ block`` alone (the same blocks, the signs already made), the medians
and the lowest of some rounds; and the largest memory in use above the data while it runs. Then the
factor by which the control variate lowers the variance on two data sets of scikit-learn.
"""

import resource
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from numpy.typing import NDArray

import boundcalc as bc
from boundcalc.data.estimate.row_blocks import TILE

M, D, DRAWS, ROUNDS = 100_000, 512, 1_000, 15


def products(X: NDArray[np.float32], signs: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """The products alone."""
    for start in range(0, len(X), TILE):
        block = X[start : start + TILE]
        np.matmul(signs[:, : len(block)], block, out=out)


def timed(work: Callable[[], object]) -> float:
    """Wall-clock seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_mib() -> float:
    """The largest memory that this process has had."""
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (2**20 if sys.platform == "darwin" else 2**10)


def cost() -> None:
    """Time and memory."""
    X = np.random.default_rng(0).standard_normal((M, D), dtype=np.float32)
    bc.estimate(X[:TILE], draws=8)  # imports are not part of the cost
    before = peak_mib()
    bc.estimate(X, draws=DRAWS)
    memory = peak_mib() - before
    signs = np.ones((DRAWS, TILE), dtype=np.float32)
    out = np.empty((DRAWS, D), dtype=np.float32)
    alone, whole = [], []
    # taken in turns, so that what else the machine does falls on both
    for _ in range(ROUNDS):
        alone.append(timed(lambda: products(X, signs, out)))
        whole.append(timed(lambda: bc.estimate(X, draws=DRAWS)))
    print(f"{DRAWS:,} draws on {M:,} × {D} float32")
    # a round's two times are taken one after the other; the lowest of each may be of different
    # rounds
    ratio = median(b / a for a, b in zip(alone, whole, strict=True))
    print(
        f"  products alone {median(alone):.2f} s, estimate {median(whole):.2f} s, ratio "
        f"{ratio:.2f} (medians)"
    )
    lowest = min(whole) / min(alone)
    print(f"  lowest times: {min(alone):.2f} s and {min(whole):.2f} s, ratio {lowest:.2f}")
    print(f"  memory above the data {memory:.0f} MiB")


def savings() -> None:
    """The control variate on real data."""
    from sklearn.datasets import load_breast_cancer, load_digits

    for load in (load_breast_cancer, load_digits):
        X = load().data
        spread = X.std(axis=0)
        X = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)
        found = bc.estimate(X, draws=DRAWS)
        print(f"{load.__name__[5:]}: variance lowered {found.variance_reduction:.1f} times")


if __name__ == "__main__":
    cost()
    savings()
