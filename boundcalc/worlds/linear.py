"""The linear composite model, in which every risk is known exactly.

x is a Gaussian vector with mean 0 whose coordinates are divided among the modalities, y = θᵀx +
noise, and predictors are linear in the coordinates that are seen. The population quantities (η, the
best weights) hold for any x with this covariance; what is said of least squares needs x Gaussian.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import floor, inf, nan, sqrt
from types import MappingProxyType
from typing import Any

import numpy as np

from boundcalc.errors import InputError, UnknownNameError, shorten
from boundcalc.worlds.checks import (
    Floats,
    blocks_of,
    checked_number,
    checked_numbers,
    checked_whole,
    generator,
    sizes,
    weights_of,
)
from boundcalc.worlds.covariance import (
    EXPLAINED,
    Conditional,
    conditional,
    covariance_matrix,
    pivoted_cholesky,
)

Subset = str | Iterable[str]


@dataclass(frozen=True, eq=False)
class LinearWorld:
    """Gaussian x, y = θᵀx + noise, squared loss, least squares on the modalities that are seen.

    A singular covariance is allowed and has the meaning that a pseudo-inverse gives it: coordinates
    that are linear functions of others add nothing, and p is the rank of the covariance of what is
    seen.

    Parameters
    ----------
    covariance : array of shape (d, d)
        Of x; symmetric and positive semidefinite.
    blocks : mapping of str to sequence of int
        The coordinates of each modality; each coordinate is in exactly one.
    theta : array of shape (d,)
        The true weights.
    noise_variance : float
        σ², the variance of y given x.

    Examples
    --------
    >>> blocks = {"text": [0], "audio": [1]}
    >>> covariance = [[1, 0.5], [0.5, 1]]
    >>> world = LinearWorld(
    ...     covariance=covariance, blocks=blocks, theta=[1, 1], noise_variance=1
    ... )
    >>> world.latent_quality("text")
    0.75
    >>> world.crossover(["text", "audio"], "text")
    5
    """

    covariance: Floats
    blocks: Mapping[str, Sequence[int]]
    theta: Floats
    noise_variance: float

    def __post_init__(self) -> None:
        covariance = covariance_matrix(self.covariance)
        blocks = blocks_of(self.blocks, len(covariance))
        checked = {
            "covariance": covariance,
            "blocks": MappingProxyType(blocks),
            "theta": weights_of(self.theta, len(covariance)),
            "noise_variance": checked_number("noise_variance", self.noise_variance),
            "_known": {},
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def __reduce__(self) -> Any:
        return LinearWorld, (self.covariance, dict(self.blocks), self.theta, self.noise_variance)

    # --- the population
    # -----------------------------------------------------------------------------

    def modalities(self, subset: Subset) -> tuple[str, ...]:
        """The modalities of a subset, in the world's order; a text may join names with ``+``.

        Raises
        ------
        UnknownNameError
            For a modality that the world does not have.
        """
        if isinstance(subset, str):
            subset = [part.strip() for part in subset.split("+") if part.strip()]
        elif not isinstance(subset, Iterable):
            raise InputError(
                f"a subset is {shorten(subset)}: give names of modalities, such as 'a+b'"
            )
        names = [*subset]
        for name in names:
            if not isinstance(name, str) or name not in self.blocks:
                raise UnknownNameError("modality", str(name), self.blocks)
        return tuple(name for name in self.blocks if name in names)

    def coordinates(self, subset: Subset) -> list[int]:
        """The coordinates that a subset sees."""
        return sorted(chain.from_iterable(self.blocks[name] for name in self.modalities(subset)))

    def _given(self, subset: Subset) -> Conditional:
        """What the subset says of the rest, computed once."""
        names, known = self.modalities(subset), self.__dict__["_known"]
        if names not in known:
            known[names] = conditional(self.covariance, self.coordinates(names))
        split: Conditional = known[names]
        return split

    def rank(self, subset: Subset) -> int:
        """p, the rank of the covariance of the coordinates seen."""
        return self._given(subset).rank

    def latent_quality(self, subset: Subset) -> float:
        """η, the excess risk of the best linear predictor on the subset over that on everything.

        It is θ_N'ᵀ (Schur complement of Σ_NN) θ_N', N' what is not seen. With a bound B on the norm
        of the weights it is that value if the best weights are in the ball, else a lower limit on
        η.
        """
        split = self._given(subset)
        unseen = self.theta[split.hidden]
        return max(0.0, float(unseen @ split.schur @ unseen))

    def latent_quality_lower(self, subset: Subset) -> float:
        """λ_min(Schur complement) ‖θ_N'‖², a lower limit on η that asks only how long θ_N' is."""
        split = self._given(subset)
        if not split.hidden.size:
            return 0.0
        values, unseen = np.linalg.eigvalsh(split.schur), self.theta[split.hidden]
        return float(values[0] * (unseen @ unseen)) if values[0] > EXPLAINED * values[-1] else 0.0

    def best_weights(self, subset: Subset) -> Floats:
        """Weights with the least risk on the subset, else 0: θ_N + Σ_NN⁻¹ Σ_NN' θ_N'.

        Where coordinates seen are linear functions of others seen there are many: this is one.
        """
        split = self._given(subset)
        weights = np.where(np.isin(np.arange(self.theta.size), split.hidden), 0.0, self.theta)
        weights[split.pivots] += split.slopes @ self.theta[split.hidden]
        return weights

    def risk(self, weights: Any) -> Any:
        """The exact risk of x ↦ weightsᵀx, σ² + (θ − w)ᵀ Σ (θ − w), or of each row of a matrix."""
        gap = self.theta - checked_numbers("weights", weights, (..., self.theta.size))
        excess = np.einsum("...i,ij,...j->...", gap, self.covariance, gap)
        return _plain(self.noise_variance + np.maximum(excess, 0))

    # --- least squares on m examples
    # ----------------------------------------------------------------

    def expected_risk(self, subset: Subset, m: Any) -> Any:
        """E r of ordinary least squares on m examples: (σ² + η)(m − 1)/(m − p − 1).

        Without intercept and without norm limit. For m = p − 1, p and p + 1 the mean is infinite,
        and `math.inf` is returned. For m < p − 1 the solution of least norm is taken; its mean risk
        is finite. Where the covariance of what is seen is a multiple s of the identity it is s ‖w‖²
        (1 − m/p) + (σ² + η)(1 + m/(p − m − 1)), w the best weights (Belkin, Hsu & Xu 2020); else no
        closed form is given: the result is `math.nan`. Without noise and with η = 0 all this holds
        for every m < p, with 0 for the second term, and from m = p on the risk is 0.

        Parameters
        ----------
        subset : str or collection of str
        m : int or array of int
            The sample size; an array gives an array.
        """
        counts, p = sizes("m", m), self.rank(subset)
        left = self.noise_variance + self.latent_quality(subset)
        if p == 0:
            return _plain(np.full(counts.shape, left))
        few = self._explained_by_chance(subset) * (1 - np.minimum(counts, p) / p)
        if left == 0:
            return _plain(np.where(counts >= p, 0.0, few))
        few = few + left * (1 + counts / np.where(counts < p - 1, p - counts - 1, 1))
        spare = np.where(counts > p + 1, counts - p - 1, 1)
        few = np.where(counts >= p - 1, inf, few)
        return _plain(np.where(counts > p + 1, left * (counts - 1) / spare, few))

    def _explained_by_chance(self, subset: Subset) -> float:
        """s ‖w‖² where the covariance of what is seen is s times the identity; NaN where it is not.

        m < p examples then show a random subspace, which holds m/p of each direction in the mean.
        """
        seen = self.coordinates(subset)
        scale = self.covariance[seen[0], seen[0]]
        if not np.array_equal(self.covariance[np.ix_(seen, seen)], scale * np.eye(len(seen))):
            return nan
        weights = self.best_weights(subset)[seen]
        return float(scale * (weights @ weights))

    def expected_train_risk(self, subset: Subset, m: Any) -> Any:
        """E r̂ of ordinary least squares on its m examples: (σ² + η)(m − p)/m, and 0 for m ≤ p."""
        counts, p = sizes("m", m), self.rank(subset)
        left = self.noise_variance + self.latent_quality(subset)
        return _plain(left * np.maximum(counts - p, 0) / counts)

    def crossover(self, more: Subset, less: Subset) -> int | None:
        """The least m from which on `more` has the smaller expected risk; None if it never has.

        M beats N iff m (η_N − η_M) > (σ² + η_N)(p_M + 1) − (σ² + η_M)(p_N + 1), once m > p_M + 1.
        At m = p_M + 1 the risk of M is infinite, so that fewer examples are never the answer,
        unless M makes no error: without noise and with η_M = 0 it wins from m = p_M on, and at
        smaller m as long as its risk is less than that of N, which may be infinite there. Where no
        closed form says so, it is not counted.

        Raises
        ------
        InputError
            If `less` is not a part of `more`.
        """
        names = self.modalities(more), self.modalities(less)
        if not set(names[1]) < set(names[0]):
            raise InputError(
                f"crossover: '{'+'.join(names[1])}' is not a part of '{'+'.join(names[0])}'; "
                "compare nested subsets, the larger first"
            )
        p, q = self.rank(more), self.rank(less)
        left_m, left_n = (Fraction(self.noise_variance + self.latent_quality(s)) for s in names)
        gain = left_n - left_m
        if gain <= Fraction(EXPLAINED) * left_n:
            return None
        if left_m == 0:
            least = p
            while least > 1 and self._better(*names, least - 1):
                least -= 1
            return least
        return max(p + 2, floor((left_n * (p + 1) - left_m * (q + 1)) / gain) + 1)

    def _better(self, more: Subset, less: Subset, m: int) -> bool:
        """Whether `more`, which makes no error, is known to have the smaller risk at m < p."""
        risk, other = (float(self.expected_risk(subset, m)) for subset in (more, less))
        # without noise no risk is infinite: least squares shortens w
        return other == inf or risk < other

    def trace_complexity(self, subset: Subset, m: Any, *, norm: float) -> Any:
        """B √(tr Σ_NN / m), a bound on the Rademacher complexity of {x ↦ wᵀx_N : ‖w‖₂ ≤ B}."""
        trace = float(np.diag(self.covariance)[self.coordinates(subset)].sum())
        return _plain(checked_number("norm", norm) * sqrt(trace) / np.sqrt(sizes("m", m)))

    # --- data
    # ---------------------------------------------------------------------------------------

    @cached_property
    def _factor(self) -> Floats:
        return pivoted_cholesky(self.covariance)[0]

    def sample(self, m: int, seed: Any) -> tuple[Floats, Floats]:
        """m examples.

        Parameters
        ----------
        m : int
        seed : int, numpy.random.SeedSequence or numpy.random.Generator

        Returns
        -------
        x : ndarray of shape (m, d)
        y : ndarray of shape (m,)
        """
        rng, count = generator(seed), checked_whole("m", m, 1)
        x = rng.standard_normal((count, self._factor.shape[1])) @ self._factor.T
        y = x @ self.theta + sqrt(self.noise_variance) * rng.standard_normal(count)
        return x, y

    def fit(self, subset: Subset, x: Any, y: Any) -> Floats:
        """Ordinary least squares on what the subset sees; the weights of what is unseen are 0.

        The solution of least norm among the coordinates that are not linear functions of others.

        Parameters
        ----------
        subset : str or collection of str
        x : array of shape (m, d)
        y : array of shape (m,)
        """
        pivots = self._given(subset).pivots
        inputs = checked_numbers("x", x, (None, self.theta.size))
        targets = checked_numbers("y", y, (len(inputs),))
        weights = np.zeros(self.theta.size)
        weights[pivots] = np.linalg.lstsq(inputs[:, pivots], targets, rcond=None)[0]
        return weights


def _plain(values: Any) -> Any:
    """A float for one number, an array for an array; always the same NaN, so records compare."""
    if np.ndim(values):
        return values
    return nan if np.isnan(values) else float(values)
