"""A diagnosis in numbers and words: connection, heterogeneity, Lu's learner and bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from boundcalc.data.diagnose.connection import Connection
from boundcalc.data.diagnose.lu_bound import LuBound
from boundcalc.numeric.decide.certification import DIRECTION_ONLY, Certification
from boundcalc.record import Record
from boundcalc.text import all_of, count, lower, number, significant

ZERO_ONE, CLIPPED = "0/1 loss", "clipped absolute error"
_MOST_NAMED = 6


@dataclass(frozen=True)
class ModalityPair(Record):
    """One ordered pair of modalities: x predicts y, and both predict the label.

    Attributes
    ----------
    connection : Connection
    adds : Certification or None
        r(x) against r(x, y): heterogeneity, in these classes. None without labels.
    two_stage : Certification or None
        r(x) against r(x, ŷ), the f̂ of both fed with ŷ = ĝ(x): Lu's learner against x alone.
    bound : LuBound or None
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("x", "y", "connection", "adds", "two_stage", "both_seeds", "lu_bound=bound"),
    )
    connection: Connection
    adds: Certification | None
    two_stage: Certification | None
    bound: LuBound | None

    @property
    def x(self) -> str:
        """The modality that is seen at test time."""
        return self.connection.source

    @property
    def y(self) -> str:
        """The other one."""
        return self.connection.target

    @property
    def heterogeneous(self) -> bool:
        """Whether y is certified to lower the risk of x."""
        return self.adds is not None and self.adds.verdict == "b"

    @property
    def both_seeds(self) -> bool:
        """Whether connection and heterogeneity are both certified."""
        return self.connection.certified and self.heterogeneous

    def __str__(self) -> str:
        return f"{self.x} → {self.y}"


@dataclass(frozen=True)
class Diagnosis(Record):
    """The seeds of an advantage, in numbers.

    Attributes
    ----------
    source : str
        The data.
    modalities : tuple of str
    examples : mapping of str to int
        How many are in the parts ``setup``, ``training``, ``labelled`` (of training) and
        ``held_out``.
    seed : int
    connection_class, predictor_class : str
        ``linear`` or ``rbf``.
    loss : str or None
        None without labels.
    loss_bound : float or None
    risks : mapping of str to float
        The mean held-out loss of each modality alone.
    pairs : tuple of ModalityPair
    delta : float
        All limits hold together with probability at least 1 − delta, and so do all verdicts.
    statements : int
        Among how many δ is divided.
    share : float
        The part of each.
    scale : str
        ``columns`` if distances are in standard deviations of the columns, else ``none``.
    notes : tuple of str
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("source", "seed", "connection_class", "predictor_class", "loss", "loss_bound", "delta"),
        *("statements", "share", "scale", "modalities", "examples", "risks", "pairs"),
        *("sentences", "notes"),
    )
    source: str
    modalities: tuple[str, ...]
    examples: Mapping[str, int]
    seed: int
    connection_class: str
    predictor_class: str
    loss: str | None
    loss_bound: float | None
    risks: Mapping[str, float]
    pairs: tuple[ModalityPair, ...]
    delta: float
    statements: int
    share: float
    scale: str
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is certified, what is not, and what Lu's bound says, in plain words."""
        said = [_connection(self.pairs)]
        if self.loss is not None:
            pairs = self.pairs
            said += [_heterogeneity(self), _both(pairs), _two_stage(pairs), _lu(pairs)]
        return tuple(said)


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    if len(found) > _MOST_NAMED:
        found = [*found[:_MOST_NAMED], f"{len(found) - _MOST_NAMED} more"]
    return all_of(found)


def _connection(pairs: Sequence[ModalityPair]) -> str:
    sure = [pair for pair in pairs if pair.connection.certified]
    if not sure:
        return (
            "Connection: for no pair is it certified that one modality predicts the other better "
            "than the other's mean does, which does not prove that none does."
        )
    best = min(sure, key=lambda pair: pair.connection.normalised.upper)
    share = significant(best.connection.normalised.upper, up=True, digits=3)
    which = "all pairs" if len(sure) == len(pairs) else _listed(map(str, sure))
    return (
        f"Connection: certified for {which}: for modalities x → y, the distance ‖ĝ(x) − y‖ is on "
        "average less than the spread of y, distances above D counted as D. Strongest for "
        f"{best}, at most {share} of the spread."
    )


def _with_amount(found: Certification | None, name: str) -> str:
    """By how much the second predictor is better at least."""
    if found is None:
        return name
    if found.amount is None:
        return f"{name} ({DIRECTION_ONLY})"
    amount = lower(found.amount, found.decimals)
    return f"{name} (by at least {amount})" if amount.strip("0.") else name


def _heterogeneity(record: Diagnosis) -> str:
    said = []
    for name in record.modalities:
        helped = [pair for pair in record.pairs if pair.y == name and pair.heterogeneous]
        if helped:
            said.append(f"{name} adds to {_listed(_with_amount(p.adds, p.x) for p in helped)}")
    worse = [pair for pair in record.pairs if pair.adds is not None and pair.adds.verdict == "a"]
    if worse:
        said.append(f"the learner does worse with y than without for {_listed(map(str, worse))}")
    adding = {pair.y for pair in record.pairs if pair.heterogeneous}
    silent = [name for name in record.modalities if name not in adding]
    if not said:
        return (
            "Heterogeneity: no modality is certified to lower the risk of another one when it is "
            "added, which does not prove that none does."
        )
    rest = f" Nothing is certified to be gained from {_listed(silent)}." if silent else ""
    return f"Heterogeneity, certified: {'; '.join(said)}.{rest}"


def _both(pairs: Sequence[ModalityPair]) -> str:
    present = [pair for pair in pairs if pair.both_seeds]
    if present:
        return f"Both seeds of an advantage are certified for {_listed(map(str, present))}."
    return "For no pair are both seeds of an advantage certified."


def _two_stage(pairs: Sequence[ModalityPair]) -> str:
    def where(verdict: str | None) -> list[ModalityPair]:
        return [p for p in pairs if p.two_stage is not None and p.two_stage.verdict == verdict]

    def named(found: list[ModalityPair]) -> str:
        return "all pairs" if len(found) == len(pairs) else _listed(map(str, found))

    words = (("b", "certified better"), ("a", "certified worse"), (None, "undecided"))
    said = [f"{word} for {named(where(verdict))}" for verdict, word in words if where(verdict)]
    about = "Lu's two-stage learner, which sees only x at test time, against x alone"
    return f"{about}: {'; '.join(said)}."


def _lu(pairs: Sequence[ModalityPair]) -> str:
    bounds = [(pair, pair.bound) for pair in pairs if pair.bound is not None]
    valued = [(pair, bound, bound.value) for pair, bound in bounds if bound.value is not None]
    if not valued:
        return f"Lu's bound has no value: {bounds[0][1].missing}."
    pair, bound, value = min(valued, key=lambda found: found[2])
    amount = f"{significant(value, up=True, digits=4)} for {pair}"
    if not bound.vacuous:
        return (
            "Lu's bound, for the minimisers and not for the ridge fits shown: the excess of f(x, "
            f"g(x)) over the best f(x, y) in its class is at most {amount}, where a loss is at "
            f"most {bound.loss_bound:g}."
        )
    said = (
        f"Lu's bound is vacuous at this size: the least is {amount}, where a loss is at most "
        f"{bound.loss_bound:g}"
    )
    term = significant(bound.connection_term, up=True, digits=4)
    if bound.times is not None:
        return (
            f"{said}. Its term L κ is {term}; for the others about {count(bound.times)} times as "
            "many examples would be needed."
        )
    at_best = number(bound.observed_term, 4)
    observed = f"{said}. Its term L κ alone is {term} ({at_best} with κ̂ in place of its limit)"
    if bound.observed_term < bound.loss_bound:
        return f"{observed}: more held-out examples would lower it."
    hopeless = all(found.observed_term >= found.loss_bound for _, found, _ in valued)
    at_all = ", for every pair no less than a loss can be"
    everywhere = at_all if hopeless and len(valued) > 1 else ""
    return f"{observed}{everywhere}: more examples would not help."
