"""From how many training examples on Theorem 2's bound prefers one subset to another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boundcalc.numeric.domains import exactly
from boundcalc.numeric.evaluate import evaluate
from boundcalc.study.evidence import Pair
from boundcalc.study.records import Preference
from boundcalc.study.study import Study, Subset


def preferences(study: Study, pairs: Sequence[Pair]) -> Iterator[Preference]:
    """One for each pair whose intrinsic complexities and training losses are known."""
    for more, less in pairs:
        known = [more.intrinsic, less.intrinsic, more.train_loss, less.train_loss, study.lipschitz]
        if None not in known and not study.vector_outputs:
            yield _preference(study, more, less)


def _preference(study: Study, more: Subset, less: Subset) -> Preference:
    assert more.intrinsic is not None
    assert less.intrinsic is not None
    drop = _drop(more, less)
    if more.intrinsic > less.intrinsic:
        if drop <= 0:
            reason = "it has the larger complexity and no smaller training loss"
            return Preference(more, less, None, f"{_preferred(more, less, 'never ')}: {reason}")
        m = _least(study, more, less)
        return Preference(
            more, less, m, f"{_preferred(more, less)} from m = {m:,} on{_now(study, m)}"
        )
    if drop >= 0:
        reason = "it has no larger complexity and no larger training loss"
        return Preference(more, less, 1, f"{_preferred(more, less)} at every m: {reason}")
    if more.intrinsic == less.intrinsic:
        reason = "it has the larger training loss and no smaller complexity"
        return Preference(more, less, None, f"{_preferred(more, less, 'never ')}: {reason}")
    m = _least(study, less, more)
    reason = "there its smaller complexity outweighs its larger training loss"
    return Preference(more, less, None, f"{_preferred(more, less)} only below m = {m:,}: {reason}")


def _preferred(more: Subset, less: Subset, how: str = "") -> str:
    return f"{more.label} is {how}preferred to {less.label}"


def _now(study: Study, m: int) -> str:
    return (
        ""
        if study.m is None
        else f"; at this study's {study.m:,} {'it is' if study.m >= m else 'not yet'}"
    )


def _drop(more: Subset, less: Subset) -> float:
    """How much lower the training loss of `more` is, from the decimals that were written."""
    return float(exactly(less.train_loss) - exactly(more.train_loss))


def _least(study: Study, more: Subset, less: Subset) -> int:
    result = evaluate(
        "huang2021.selection",
        variant="crossover",
        lipschitz=study.lipschitz,
        complexity_m=more.intrinsic,
        complexity_n=less.intrinsic,
        loss_drop=_drop(more, less),
    )
    return int(result.value)
