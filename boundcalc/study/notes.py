"""What a reader of a comparison has to know: what was rounded, assumed, left out, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boundcalc.study.counts import error_counts, is_rounded
from boundcalc.study.limits import held_out
from boundcalc.study.records import Event, Verdict
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.symbolic.catalogue import theorem

_SECOND_LOOK = (
    "to compare again after adding examples is a second look at the data: before the first, divide δ by the "
    "number of looks"
)


def notes(
    study: Study,
    ledger: Sequence[Event],
    compared: Sequence[Subset],
    verdicts: Sequence[Verdict],
    apart: bool = False,
    more: str = "",
) -> tuple[str, ...]:
    """The notes of a comparison, each one sentence; `more` is one from elsewhere."""
    forecast = any(v.needed and (v.needed.test_n or v.needed.m) for v in verdicts)
    found = (
        _rounded(study),
        "" if apart else _no_held_out(study, compared),
        "" if apart else _no_deviation(study, ledger, compared),
        _loss_class(study),
        _erm(study),
        _left_out(study, compared),
        *_assumed(ledger),
        *_classes(compared),
        _nested(study) if study.nested else "",
        more,
        _SECOND_LOOK if forecast else "",
    )
    return tuple(note for note in found if note)


def assumptions(study: Study, ledger: Sequence[Event]) -> tuple[str, ...]:
    """What a proof from all lemma instances of a study rests on."""
    found = (*_assumed(ledger), _nested(study), _loss_class(study))
    return tuple(note for note in found if note)


def _nested(study: Study) -> str:
    if study.m is None:
        return ""
    if study.nested:
        return "assumed by nested = true: the class of every subset contains those of the subsets it contains"
    return "nested = true in the study would say that the class of a subset contains those of its subsets"


def _names(subsets: Sequence[Subset]) -> str:
    return ", ".join(s.label for s in subsets)


def _rounded(study: Study) -> str:
    said = []
    for subset in study.subsets:
        counts = error_counts(study, subset)
        if counts is not None and is_rounded(study, subset):
            fewest, most = counts
            taken = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            said.append(f"{subset.label} is taken as {taken} of {study.test_n}")
    if not said:
        return ""
    return (
        f"test_loss · test_n is not a whole number of errors: {', '.join(said)}; "
        "each limit takes the count that weakens it"
    )


def _no_held_out(study: Study, compared: Sequence[Subset]) -> str:
    without = [s for s in compared if held_out(study, s) is None]
    if not without:
        return ""
    if study.test_n is None and any(s.test_loss is not None or s.test_errors is not None for s in without):
        return "held-out limits are off: test_n is missing"
    if len(without) == len(compared):
        return "held-out limits are off: no subset has test_loss, test_errors or test_losses"
    return f"held-out limits are off for {_names(without)}: test_loss, test_errors or test_losses is missing"


def _no_deviation(study: Study, ledger: Sequence[Event], compared: Sequence[Subset]) -> str:
    bounded = {event.subsets[0] for event in ledger if event.kind == "deviation"}
    without = [s for s in compared if s not in bounded]
    if not without:
        return ""
    if all(s.train_loss is None and not s.has_complexity for s in compared):
        return "training-based limits are off: no subset has train_loss and a complexity"
    return f"training-based limits are off for {_names(without)}: {what_is_lost(study, without)}"


def what_is_lost(study: Study, subsets: Sequence[Subset]) -> str:
    """What is not there for training-based limits on some subsets."""
    lost = [name for name, value in (("m", study.m), ("lipschitz", study.lipschitz)) if value is None]
    lost += ["train_loss"] if any(s.train_loss is None for s in subsets) else []
    said = [f"{', '.join(lost)} {'is' if len(lost) == 1 else 'are'} missing"] if lost else []
    said += ["no complexity is given"] if any(not s.has_complexity for s in subsets) else []
    return ", and ".join(said) or "no theorem takes a complexity measured on the sample for vector outputs"


def _loss_class(study: Study) -> str:
    uses = any(s.has_complexity for s in study.subsets) and study.lipschitz is not None
    if study.loss is not LossKind.ZERO_ONE or not uses:
        return ""
    return "a 0/1 loss is not Lipschitz: every complexity is taken as that of the 0/1 loss class itself"


def _erm(study: Study) -> str:
    if study.erm:
        return ""
    unused = [s for s in study.subsets if s.optimisation_gap is not None]
    if unused and all(s.optimisation_gap == s.train_loss for s in unused):
        return "Theorem 1 takes each training loss for the optimisation gap, since no loss is negative"
    if unused:
        return f"optimisation_gap of {_names(unused)} is used by Theorem 1 alone: the rest needs erm = true"
    if any(s.has_complexity for s in study.subsets):
        return "Theorem 1, the erm certificate and the erm lower limits are off: they need erm = true"
    return ""


def _left_out(study: Study, compared: Sequence[Subset]) -> str:
    idle = [s for s in study.subsets if s not in compared]
    return f"{_names(idle)} is in no compared pair, so the ledger does not pay for it" if idle else ""


def _classes(compared: Sequence[Subset]) -> Iterator[str]:
    """What the complexities rest on, once for each set of assumptions."""
    users: dict[tuple[str, ...], list[Subset]] = {}
    for subset in compared:
        if subset.assumes:
            users.setdefault(subset.assumes, []).append(subset)
    for assumes, subsets in users.items():
        yield f"assumed of the class of {_names(subsets)}: {'; '.join(assumes)}"


def _assumed(ledger: Sequence[Event]) -> Iterator[str]:
    """What the events rest on, once for each theorem and set of assumptions."""
    if ledger:
        yield "assumed throughout: the examples are i.i.d.; classes and methods were fixed before the data"
    drawn = [event for event in ledger if event.kind == "complexity"]
    if drawn:
        yield (
            f"R̂_S is at most the mean of its draws plus what {drawn[0].variant} allow, or the closed form "
            "where that is smaller"
        )
    users: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    for event in (event for event in ledger if event.kind != "complexity"):
        assumes = theorem(event.method).variant(event.variant).assumes
        users.setdefault((event.method, assumes), {})[event.variant] = None
    for (method, assumes), variants in users.items():
        if assumes:
            yield f"assumed by {method} ({', '.join(variants)}): {'; '.join(assumes)}"
