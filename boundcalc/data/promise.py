"""Which subsets of the modalities to fit first, by arithmetic on examples that are used for nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from boundcalc.data.problems import Floats


def promises(blocks: Mapping[str, Floats], targets: Floats, m: int) -> Floats:
    """How fast a training-based bound falls with the norm, for every set of modalities.

    Over the ball ‖W‖_F ≤ B the mean of ⟨t_i, W φ(x_i)⟩ is at most B a, a = ‖(1/n) Σ t_i φ(x_i)ᵀ‖_F, and
    twice the complexity is at most 2 B √(s/m), s the mean of ‖φ‖₂². The promise is a − 2√(s/m). Both a² and s
    of a set are the sums of those of its modalities, so all 2^K sets take 2^K additions. What noise alone
    adds to a² is subtracted.

    Parameters
    ----------
    blocks : mapping of str to ndarray, shape (n, d_k)
        Features of each modality.
    targets : ndarray, shape (n, outputs)
        What the scores should be like.
    m : int
        Training examples.

    Returns
    -------
    ndarray, shape (2^K,)
        Bit k of the index says whether the k-th modality is in the set.
    """
    n = len(targets)
    centred = targets - targets.mean(axis=0)
    spread = float(np.mean(np.sum(centred**2, axis=1)))
    aligned, sizes = np.zeros(1), np.zeros(1)
    for phi in blocks.values():
        size = float(np.mean(np.sum(phi**2, axis=1)))
        found = float(np.sum((phi.T @ centred / n) ** 2)) - size * spread / n
        aligned = np.concatenate([aligned, aligned + max(found, 0.0)])
        sizes = np.concatenate([sizes, sizes + size])
    value: Floats = np.sqrt(aligned) - 2 * np.sqrt(sizes / m)
    return value


def first_sets(names: Sequence[str], promise: Floats, most: int) -> list[tuple[str, ...]]:
    """At most so many sets: all modalities together, each alone, then those that promise most."""
    K = len(names)
    order = [2**K - 1, *(2**k for k in range(K))]
    ranked = np.argsort(-promise, kind="stable")
    first = set(order)
    for mask in ranked[: most + len(order) + 1]:
        if mask and int(mask) not in first:
            order.append(int(mask))
    return [_members(names, mask) for mask in dict.fromkeys(order[:most])]


def _members(names: Sequence[str], mask: int) -> tuple[str, ...]:
    return tuple(name for k, name in enumerate(names) if mask >> k & 1)
