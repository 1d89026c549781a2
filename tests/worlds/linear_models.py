"""Linear composite models: means of least squares by numerical integration, qualities by projections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import quad
from scipy.stats import chi2

from boundcalc.worlds.checks import Floats
from boundcalc.worlds.micro.examples import TWO_SUBSETS
from boundcalc.worlds.micro.micro_world import MicroWorld, Values
from boundcalc.worlds.micro.one_sample import numbers_only
from worlds import register

LARGEST_SIZE = 200


@dataclass(frozen=True)
class Model:
    """y = θᵀx + noise; M sees some coordinates of x and N the first of those.

    Attributes
    ----------
    root : tuple of tuple of float
        x is this matrix times independent coordinates of variance 1.
    """

    root: tuple[tuple[float, ...], ...]
    theta: tuple[float, ...]
    noise: float
    m_sees: int
    n_sees: int

    def residual(self, columns: Floats, target: Floats) -> Floats:
        """What is left of a random variable, as a vector of its parts, after projection on others."""
        if not columns.size:
            return target
        return np.asarray(target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0])

    @property
    def parts(self) -> Floats:
        """Each coordinate of x by its independent parts, one column a coordinate."""
        return np.array(self.root, dtype=float).T

    def quality(self, subset: str) -> float:
        """η: the squared length of what is left of θᵀx."""
        seen = self.parts[:, : self.sees(subset)]
        return float((self.residual(seen, self.parts @ np.array(self.theta)) ** 2).sum())

    def sees(self, subset: str) -> int:
        """How many of the coordinates."""
        return self.m_sees if subset == "M" else self.n_sees

    def rank(self, subset: str) -> int:
        """The rank of what is seen."""
        seen = self.parts[:, : self.sees(subset)]
        return int(np.linalg.matrix_rank(seen)) if seen.size else 0

    def mean_risk(self, subset: str, m: int) -> float:
        """E r of least squares: 1/((XᵀX)⁻¹)_jj is χ² with m − p + 1 degrees of freedom, for white x."""
        p = self.rank(subset)
        mean = quad(lambda u: chi2.pdf(u, m - p + 1) / u, 0, np.inf, epsabs=0, epsrel=1e-12)[0]
        return float((self.noise + self.quality(subset)) * (1 + p * mean))

    def added(self) -> tuple[float, float]:
        """λ and ‖b‖: what N leaves of the rest of M, and the weights of M's best predictor there."""
        seen, n = self.parts[:, : self.m_sees], self.n_sees
        left = self.residual(seen[:, :n], seen[:, n:])
        best = np.linalg.lstsq(seen, self.parts @ np.array(self.theta), rcond=None)[0]
        least = float(np.linalg.svd(left, compute_uv=False)[-1]) ** 2
        return least, float(np.linalg.norm(best[n:]))


def _of_size(name: str, model: Model, m: int) -> MicroWorld:
    """Least squares on m examples."""
    numbers = {"m": float(m), "rank_m": float(model.rank("M")), "rank_n": float(model.rank("N"))}

    def at(world: MicroWorld, subjects: tuple[Any, ...]) -> float:
        return model.mean_risk(subjects[0], int(world.numbers["m"]))

    return _of_subsets(
        name,
        numbers,
        {
            **_ranks(model),
            "noise_variance": lambda *_: model.noise,
            "latent_quality": lambda _, subjects: model.quality(subjects[0]),
            "best_linear_risk": lambda _, subjects: model.noise + model.quality(subjects[0]),
            "least_squares_risk": at,
        },
        size=m,
    )


def _ranks(model: Model) -> dict[str, Values]:
    return {"rank": lambda _, subjects: model.rank(subjects[0])}


def _of_subsets(name: str, numbers: Any, extra: Any, **size: int) -> MicroWorld:
    return numbers_only(name, numbers, extra, **size, roles=TWO_SUBSETS)


def _all_sizes(name: str, model: Model) -> MicroWorld:
    """The least m at which M has no larger mean risk, found by trying them."""
    levels = {f"latent_quality_{s.lower()}": model.quality(s) for s in ("M", "N")}
    ranks = {f"rank_{s.lower()}": float(model.rank(s)) for s in ("M", "N")}

    def first(*_: object) -> float:
        for m in range(model.rank("M") + 2, LARGEST_SIZE):
            if model.mean_risk("M", m) <= model.mean_risk("N", m) * (1 + 1e-9):
                return float(m)
        return np.inf

    numbers = {"noise_variance": model.noise, **levels, **ranks}
    return _of_subsets(name, numbers, {"overtaking": first, **_ranks(model)})


def _population(name: str, model: Model) -> MicroWorld:
    """γ of the best predictors, and what N leaves of M."""
    least, norm = model.added()
    numbers: Mapping[str, float] = {
        "least_variance": least,
        "added_norm": norm,
        "rank_m": float(model.rank("M")),
        "rank_n": float(model.rank("N")),
    }
    gamma = model.quality("M") - model.quality("N")
    extra = {
        **_ranks(model),
        "population_gamma": lambda *_: gamma,
        "latent_quality": lambda _, subjects: model.quality(subjects[0]),
    }
    return _of_subsets(name, numbers, extra)


WHITE = Model(((1, 0, 0), (0, 2, 0), (0, 0, 1)), (0.5, 0.4, 1), 0.7, 2, 1)
CORRELATED = Model(
    ((1, 0.3, 0), (0.2, 1, 0), (0.5, -0.4, 0.8), (0, 0.1, 1.5)), (0.3, 0.8, 0.2, -0.5), 0.5, 3, 1
)
REPEATED = Model(((1, 0), (2, 0), (1, 1)), (1, 0.2, 0.5), 0.25, 3, 2)
NOTHING_SEEN = Model(((1, 0), (0.5, 1)), (0.4, 0.7), 1.5, 1, 0)


@register
def least_squares_white(name: str) -> MicroWorld:
    """Independent coordinates, few examples."""
    return _of_size(name, WHITE, 5)


@register
def least_squares_correlated(name: str) -> MicroWorld:
    """Correlated coordinates, one of which nobody sees."""
    return _of_size(name, CORRELATED, 9)


@register
def least_squares_repeated(name: str) -> MicroWorld:
    """A singular covariance: N sees one direction twice."""
    return _of_size(name, REPEATED, 7)


@register
def overtaking_white(name: str) -> MicroWorld:
    """When the second coordinate pays."""
    return _all_sizes(name, WHITE)


@register
def overtaking_correlated(name: str) -> MicroWorld:
    """When two more coordinates pay."""
    return _all_sizes(name, CORRELATED)


@register
def overtaking_nothing(name: str) -> MicroWorld:
    """When a coordinate pays against always answering 0."""
    return _all_sizes(name, NOTHING_SEEN)


@register
def population_white(name: str) -> MicroWorld:
    """One coordinate is added: its variance is the least eigenvalue, so the limit is attained."""
    return _population(name, WHITE)


@register
def population_correlated(name: str) -> MicroWorld:
    """Two correlated coordinates are added, a third stays unseen."""
    return _population(name, CORRELATED)


@register
def population_nothing(name: str) -> MicroWorld:
    """Against always answering 0; attained."""
    return _population(name, NOTHING_SEEN)
