"""How much the observed gaps depend on the split: shown, and never evidence."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from boundcalc.numeric.decide.sample import paired_sample
from boundcalc.study.measurement import Spread
from boundcalc.study.study import Study, Subset, compared_pairs


def spreads(studies: Sequence[Study], *, all_pairs: bool) -> tuple[Spread, ...]:
    """The observed gaps of each pair over studies of the same subsets on other splits.

    The splits share examples, so their gaps depend on one another in a way that nobody knows: no
    interval comes from them.
    """
    gaps: dict[tuple[tuple[str, ...], tuple[str, ...]], list[float]] = {}
    for study in studies:
        for more, less in compared_pairs(study, all_pairs=all_pairs):
            gaps.setdefault((more.modalities, less.modalities), []).append(_gap(study, more, less))
    return tuple(
        Spread(more, less, len(found), min(found), median(found), max(found))
        for (more, less), found in gaps.items()
    )


def _gap(study: Study, more: Subset, less: Subset) -> float:
    """The observed r(more) − r(less), over groups where there are some."""
    assert more.test_losses is not None
    assert less.test_losses is not None
    sample = paired_sample(
        more.test_losses, less.test_losses, study.loss_bound, False, study.population
    )
    return float(np.average(sample.a - sample.b, weights=sample.weights))
