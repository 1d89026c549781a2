"""The lattice of a study's subsets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from boundcalc.study.study import Study

Indices = NDArray[np.int64]


def nested_edges(study: Study) -> tuple[Indices, Indices]:
    """The pairs of subsets of which the first is contained in the second, with none in between."""
    place = {subset.names: i for i, subset in enumerate(study.subsets)}
    # sorted: a set of names has another order in every session
    covered = ((lower, i) for names, i in place.items() for lower in _covered(names, place))
    edges = sorted((place[lower], i) for lower, i in covered)
    below, above = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    return below, above


def _covered(names: frozenset[str], known: Mapping[frozenset[str], int]) -> list[frozenset[str]]:
    """The largest known subsets of a set of modalities."""
    nearest = [smaller for name in names if (smaller := names - {name}) in known]
    if len(nearest) == len(names):
        return nearest
    inside = sorted((other for other in known if other < names), key=len, reverse=True)
    found: list[frozenset[str]] = []
    for other in inside:
        if not any(other < larger for larger in found):
            found.append(other)
    return found
