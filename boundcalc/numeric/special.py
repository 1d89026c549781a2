"""Limits that are defined by an equation, inverted numerically on the safe side.

Relative entropies are known to the rounding of their operations, which is allowed for. Binomial
tails are SciPy's beta integrals: their errors are not proved but were measured, and three times as
much as the largest that was seen is allowed for. A limit is moved outwards until the tail that it
leaves, so enlarged, is at most δ.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from boundcalc.errors import ConvergenceError
from boundcalc.numeric.search import boundaries

Floats = NDArray[np.float64]
_OUTWARD_STEPS = 30
_LOOSE = 1e-7
_LEAST_DELTA = 1e-250
"""Below it SciPy's beta integrals, which are right to 12 digits above it, lose all of them."""
_quiet = np.errstate(all="ignore")
_EPSILON, _TINY = np.finfo(float).eps, np.finfo(float).tiny


def _last(holds: Any, inside: Any, outside: Any) -> Floats:
    """The last float on the way from `inside`, where `holds`, to `outside`, where it does not; none
    negative.

    Nonnegative floats are ordered like their bits, so that halving those ends at two neighbours
    after at most 64 steps, whatever the scale.
    """
    ends = (
        np.array(end, dtype=float).view(np.int64) for end in np.broadcast_arrays(inside, outside)
    )
    return boundaries(lambda bits: holds(bits.view(np.float64)), *ends).view(np.float64)


def _outwards(limit: Floats, towards: float, holds: Any) -> Floats:
    """Move each limit, by one float first and twice as far each time, until `holds`; 0 and 1 always
    hold.
    """
    step = np.nextafter(limit, towards) - limit
    short = np.flatnonzero(~holds(limit) & (limit != towards))
    for _ in range(_OUTWARD_STEPS):
        if not short.size:
            break
        limit[short] = np.clip(limit[short] + step[short], 0.0, 1.0)
        step[short] *= 2
        short = short[~holds(limit[short], short) & (limit[short] != towards)]
    return limit


def _settled(guess: Floats, towards: float, holds: Any) -> Floats:
    """Limits near SciPy's guesses, on the safe side of them: towards 0 or 1.

    SciPy's inverses leave a tail that is off by up to 1e-8 of itself, thousands of floats away, and
    for extreme δ they are wrong or NaN: then the limit is searched for. `holds` takes limits and,
    where they are not all, their places.
    """
    limit = _outwards(guess, towards, holds)
    inwards = limit * (1 - _LOOSE if towards else 1 + _LOOSE)
    wrong = np.flatnonzero(
        (~holds(limit) & (limit != towards)) | (holds(inwards) & (inwards != limit))
    )
    if wrong.size:
        limit[wrong] = _last(lambda p: holds(p, wrong), np.full(wrong.shape, towards), 1 - towards)
    return limit


def _arguments(*arguments: Any) -> tuple[Floats, Floats, Floats, tuple[int, ...]]:
    """The arguments of a binomial limit as rows of one length, and the shape to give back."""
    k, n, delta = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in arguments))
    return k.ravel(), n.ravel(), delta.ravel(), k.shape


def _refuse_tiny(delta: Floats, used: Any) -> None:
    """Refuse a δ whose tails cannot be computed, where it is used; δ = 0 is the limit of all."""
    tiny = used & (delta > 0) & (delta < _LEAST_DELTA)
    if np.any(tiny):
        least = f"the least is {_LEAST_DELTA:g}"
        raise ConvergenceError(
            f"delta = {delta[tiny].min():.6g} is too small for a binomial limit; {least}"
        )


def _at_most(tail: Any, other: Any, a: Floats, b: Floats, delta: Floats) -> Any:
    """Whether a tail of Beta(a, b) is at most δ; where δ is near 1: is the other at least 1 − δ?

    Among 7,000 random tails of up to 10⁶ trials SciPy's were off by 7 (1 + √(min(a, b)/100)) (8 +
    |ln δ|) roundings, 2⁻⁵³ of the tail, at most.
    """
    near_one = delta > 0.5
    some_near_one = near_one.any()
    share = np.where(near_one, 1 - delta, delta) if some_near_one else delta
    known = 8 - np.log(np.maximum(share, _TINY))
    spare = 12 * _EPSILON * (1 + 0.1 * np.sqrt(np.minimum(a, b))) * known
    least, most = share * (1 + spare), share * (1 - spare)

    def holds(p: Any, at: Any = slice(None)) -> Any:
        if not some_near_one:
            return tail(a[at], b[at], p) <= most[at]
        rest = other(a[at], b[at], p) >= least[at]
        return np.where(near_one[at], rest, tail(a[at], b[at], p) <= most[at])

    return holds


@_quiet
def binomial_upper(errors: Any, n: Any, delta: Any) -> Floats:
    """The p with P(Bin(n, p) ≤ k) = δ; 1 where k = n (Clopper & Pearson 1934).

    Parameters
    ----------
    errors, n, delta : array_like
        0 ≤ errors ≤ n, 0 < delta < 1. `errors` may be a real number: the tail is then the beta
        integral, between those of the neighbouring counts.

    Raises
    ------
    ConvergenceError
        For δ below 10⁻²⁵⁰.
    """
    k, n, delta, shape = _arguments(errors, n, delta)
    _refuse_tiny(delta, k < n)
    a, b = k + 1, n - k
    holds = _at_most(special.betaincc, special.betainc, a, b, delta)
    limit = np.nextafter(_settled(special.betainccinv(a, b, delta), 1.0, holds), 1.0)
    return np.where(k < n, limit, 1.0).reshape(shape)


@_quiet
def binomial_lower(errors: Any, n: Any, delta: Any) -> Floats:
    """The p with P(Bin(n, p) ≥ k) = δ; 0 where k = 0 (Clopper & Pearson 1934)."""
    k, n, delta, shape = _arguments(errors, n, delta)
    _refuse_tiny(delta, k > 0)
    a, b = k, n - k + 1
    holds = _at_most(special.betainc, special.betaincc, a, b, delta)
    limit = np.nextafter(_settled(special.betaincinv(a, b, delta), 0.0, holds), 0.0)
    return np.where(k > 0, limit, 0.0).reshape(shape)


@_quiet
def bernoulli_kl(q: Any, step: Any) -> Floats:
    """kl(q‖q + step), accurate for small steps."""
    hit, miss = _kl_parts(np.asarray(q, dtype=float), np.asarray(step, dtype=float))
    return hit + miss


def _kl_parts(q: Floats, step: Floats) -> tuple[Floats, Floats]:
    """The two terms of kl(q‖q + step): the first-order terms cancel inside log1p."""
    ratio = step / q
    # where it is too large for a float, q is so small that the term is nothing beside the other
    hit = np.where(np.isfinite(ratio), -q * np.log1p(ratio), 0.0)
    miss = np.where(q < 1, (q - 1) * np.log1p(-step / (1 - q)), 0.0)
    return hit, miss


def _kl_step(q: Floats, c: Floats, room: Floats, *, up: bool) -> Floats:
    """The largest step in [0, room] with kl(q‖q ± step) ≤ c, rounded outwards."""

    def holds(step: Any) -> Any:
        hit, miss = _kl_parts(q, step if up else -step)
        # 1 − q and the quotients are off by rounding errors, which log1p enlarges next to −1
        enlarged = 2 + (1 - q) / (room - step) if up else 4
        spare = 4 * (abs(hit) + abs(miss)) + step * enlarged
        return ~(hit + miss - 2 * _EPSILON * spare < c)

    return _last(holds, room, 0.0)


@_quiet
def kl_upper(test_loss: Any, c: Any) -> Floats:
    """max{p : kl(q‖p) ≤ c}; q in [0, 1], c > 0."""
    q, c = np.broadcast_arrays(np.asarray(test_loss, dtype=float), np.asarray(c, dtype=float))
    step = _kl_step(q, c, 1 - q, up=True)
    out = np.where(step > 0, np.nextafter(q + step, np.inf), q)
    return np.asarray(
        np.where(np.isnan(q) | np.isnan(c), np.nan, np.minimum(out, 1.0)), dtype=float
    )


@_quiet
def kl_lower(test_loss: Any, c: Any) -> Floats:
    """min{p : kl(q‖p) ≤ c}; q in [0, 1], c > 0."""
    q, c = np.broadcast_arrays(np.asarray(test_loss, dtype=float), np.asarray(c, dtype=float))
    step = _kl_step(q, c, q.copy(), up=False)
    near = np.array(np.maximum(np.nextafter(q - step, -np.inf), 0.0))
    far = bernoulli_kl(q, -q / 2) < c  # below q/2 the step says little about what is left
    near[far] = _kl_far_below(q[far], c[far])
    return np.asarray(np.where(np.isnan(q) | np.isnan(c), np.nan, near), dtype=float)


def _kl_far_below(q: Floats, c: Floats) -> Floats:
    """The smallest p ≤ q/2 with kl(q‖p) ≤ c, rounded downwards by more than ln(p) is off."""

    def holds(p: Any) -> Any:
        miss = np.where(q < 1, (1 - q) * (np.log1p(-q) - np.log1p(-p)), 0.0)
        return q * (np.log(q) - np.log(p)) + miss >= c

    p = _last(holds, 0.0, q)
    rounded = p * (1 - 16 * _EPSILON * (1 - np.log(np.maximum(p, _TINY))))
    return np.nextafter(rounded, 0.0)  # a number below the normal ones keeps too few digits for it


def log_entropy_moment(m: Any) -> Floats:
    """ln ξ(m), ξ(m) = Σ_k (m choose k)(k/m)^k (1 − k/m)^(m−k), rounded up by more than it
    is off.
    """
    sizes, places = np.unique(np.asarray(m, dtype=float), return_inverse=True)
    found = np.array([_log_entropy_moment(size) for size in sizes])
    return np.asarray(found[places].reshape(np.shape(m)))


def _log_entropy_moment(m: float) -> float:
    """By ξ(m) = Σ_j Π_{i<j} (1 − i/m), and for large m by Stirling's and Ramanujan's formulas.

    A product of j factors is off by 3j roundings, and j is √(2m/π) in the mean of the terms.
    """
    if m > _MOST_SUMMED:
        theta = 1 / 3 + 4 / (135 * m)
        moment = np.sqrt(np.pi * m / 2) * np.exp(1 / (12 * m)) + 1 - theta
        return float(np.log(moment) + 64 * _EPSILON)
    ratios = np.maximum(1 - np.arange(9 * np.sqrt(m) + 9) / m, 0)
    return float(np.log1p(np.cumprod(ratios).sum()) + (2 * np.sqrt(m) + 16) * _EPSILON)


_MOST_SUMMED = 1e5
IMPLEMENTATIONS = {
    "BinomialUpper": binomial_upper,
    "BinomialLower": binomial_lower,
    "KLUpper": kl_upper,
    "KLLower": kl_lower,
    "LogEntropyMoment": log_entropy_moment,
}
