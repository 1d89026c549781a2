"""Complexities on arrays by enumeration of all sign vectors."""

from __future__ import annotations

import itertools

import numpy as np

from boundcalc.worlds.families import Floats


def signs(m: int) -> Floats:
    """All sign vectors of a length, one a row."""
    return np.array(list(itertools.product((-1.0, 1.0), repeat=m)))


def of_table(table: Floats, *, absolute: bool = False) -> float:
    """R̂ of a finite class given by its values: functions × examples (× outputs)."""
    flat = table.reshape(len(table), -1)
    sums = signs(flat.shape[1]) @ flat.T
    return float((np.abs(sums) if absolute else sums).max(axis=1).mean()) / int(table.shape[1])


def dual(X: Floats, q: float) -> float:
    """E‖Xᵀσ‖_q/m."""
    return float(np.linalg.norm(signs(len(X)) @ X, ord=q, axis=1).mean()) / len(X)
