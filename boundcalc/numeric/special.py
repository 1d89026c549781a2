"""Limits that are defined by an equation, inverted numerically on the safe side.

An upper limit returned here is never below the exact one by more than the accuracy of the tail
function itself: after inversion it is moved outwards until the tail it leaves is at most δ.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from boundcalc.errors import ConvergenceError

Floats = NDArray[np.float64]
_OUTWARD_STEPS = 36
_BISECTIONS = 200


def _outwards(limit: Floats, towards: float, holds: Any) -> Floats:
    """Move each limit, by one float first and twice as far each time, until `holds`; 0 and 1 always hold.

    SciPy's inverses leave a tail that is off by up to 1e-8 of itself, thousands of floats away.
    """
    limit = np.asarray(limit, dtype=float)
    step = np.copysign(np.spacing(limit), towards - 0.5)
    for _ in range(_OUTWARD_STEPS):
        short = ~holds(limit) & (limit != towards)
        if not np.any(short):
            return limit
        limit = np.where(short, np.clip(limit + step, 0.0, 1.0), limit)
        step = 2 * step
    raise ConvergenceError("the inversion of a binomial tail did not end on the safe side")


def binomial_at_least(k: Any, n: Any, p: Any) -> Floats:
    """P(Bin(n, p) ≥ k) for 0 < k ≤ n, 0 ≤ p ≤ 1, as a beta integral; so k and n may be real numbers."""
    return np.asarray(special.betainc(k, n - k + 1, p), dtype=float)


def binomial_upper(errors: Any, n: Any, delta: Any) -> Floats:
    """The p with P(Bin(n, p) ≤ k) = δ; 1 where k = n (Clopper & Pearson 1934).

    Parameters
    ----------
    errors, n, delta : array_like
        0 ≤ errors ≤ n, 0 < delta < 1. `errors` may be a real number: the tail is then the beta
        integral, between those of the neighbouring counts.
    """
    k, n, delta = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (errors, n, delta)))
    inner = np.where(k < n, k, n - 1)
    limit = special.betainccinv(inner + 1, n - inner, delta)
    limit = np.where(k < n, limit, 1.0)
    return _outwards(limit, 1.0, lambda p: special.betaincc(inner + 1, n - inner, p) <= delta)


def binomial_lower(errors: Any, n: Any, delta: Any) -> Floats:
    """The p with P(Bin(n, p) ≥ k) = δ; 0 where k = 0 (Clopper & Pearson 1934)."""
    k, n, delta = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in (errors, n, delta)))
    inner = np.where(k > 0, k, 1)
    limit = np.where(k > 0, special.betaincinv(inner, n - inner + 1, delta), 0.0)
    return _outwards(limit, 0.0, lambda p: binomial_at_least(inner, n, p) <= delta)


def bernoulli_kl(q: Any, step: Any) -> Floats:
    """kl(q‖q + step), accurate for small steps: the first-order terms cancel inside log1p."""
    q, step = np.asarray(q, dtype=float), np.asarray(step, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        hit = np.where(q > 0, -q * np.log1p(np.where(q > 0, step / q, 0.0)), 0.0)
        miss = np.where(q < 1, -(1 - q) * np.log1p(np.where(q < 1, -step / (1 - q), 0.0)), 0.0)
    return hit + miss


def _kl_step(q: Floats, c: Floats, room: Floats, sign: float) -> Floats:
    """The largest step in [0, room] with kl(q‖q ± step) ≤ c, rounded outwards by bisection."""
    low, high = np.zeros_like(q), room.copy()
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        inside = bernoulli_kl(q, sign * middle) < c
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        if np.all((middle == low) | (middle == high)) and np.all(np.nextafter(low, high) >= high):
            return high
    if np.all(high - low <= 4 * np.spacing(high)):
        return high
    raise ConvergenceError("the inversion of the relative entropy did not end")


def kl_upper(test_loss: Any, c: Any) -> Floats:
    """max{p : kl(q‖p) ≤ c} (Langford 2005); q in [0, 1], c > 0."""
    q, c = np.broadcast_arrays(np.asarray(test_loss, dtype=float), np.asarray(c, dtype=float))
    step = _kl_step(q, c, 1 - q, 1.0)
    return np.minimum(np.where(step > 0, np.nextafter(q + step, 2.0), q), 1.0)


def kl_lower(test_loss: Any, c: Any) -> Floats:
    """min{p : kl(q‖p) ≤ c} (Langford 2005); q in [0, 1], c > 0."""
    q, c = np.broadcast_arrays(np.asarray(test_loss, dtype=float), np.asarray(c, dtype=float))
    step = _kl_step(q, c, q.copy(), -1.0)
    return np.maximum(np.where(step > 0, np.nextafter(q - step, -1.0), q), 0.0)


IMPLEMENTATIONS = {
    "BinomialUpper": binomial_upper,
    "BinomialLower": binomial_lower,
    "KLUpper": kl_upper,
    "KLLower": kl_lower,
}
