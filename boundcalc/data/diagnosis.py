"""The record of a diagnosis: connection, heterogeneity, the two-stage learner, Lu's bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from boundcalc.data.connection import Connection
from boundcalc.data.diagnosis_words import sentences
from boundcalc.data.lu_bound import LuBound
from boundcalc.numeric.certifying.certification import Certification


@dataclass(frozen=True)
class Pair:
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

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, text and lists."""
        return {
            "x": self.x,
            "y": self.y,
            "connection": self.connection.to_dict(),
            "adds": None if self.adds is None else self.adds.to_dict(),
            "two_stage": None if self.two_stage is None else self.two_stage.to_dict(),
            "both_seeds": self.both_seeds,
            "lu_bound": None if self.bound is None else self.bound.to_dict(),
        }


@dataclass(frozen=True)
class Diagnosis:
    """The seeds of an advantage, in numbers.

    Attributes
    ----------
    source : str
        The data.
    modalities : tuple of str
    examples : mapping of str to int
        How many are in the parts ``setup``, ``training``, ``labelled`` (of training) and ``held_out``.
    seed : int
    connection_class, predictor_class : str
        ``linear`` or ``rbf``.
    loss : str or None
        None without labels.
    loss_bound : float or None
    risks : mapping of str to float
        The mean held-out loss of each modality alone.
    pairs : tuple of Pair
    delta : float
        All that is certified holds together with probability at least 1 − delta.
    statements : int
        Among how many δ is divided.
    share : float
        The part of each.
    scale : str
        ``columns`` if distances are in standard deviations of the columns, else ``none``.
    notes : tuple of str
    """

    source: str
    modalities: tuple[str, ...]
    examples: Mapping[str, int]
    seed: int
    connection_class: str
    predictor_class: str
    loss: str | None
    loss_bound: float | None
    risks: Mapping[str, float]
    pairs: tuple[Pair, ...]
    delta: float
    statements: int
    share: float
    scale: str
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it says, in plain words."""
        return sentences(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, text and lists, ready for JSON."""
        keys = (
            "source",
            "seed",
            "connection_class",
            "predictor_class",
            "loss",
            "loss_bound",
            "delta",
            "statements",
            "share",
            "scale",
        )
        return {key: getattr(self, key) for key in keys} | {
            "modalities": list(self.modalities),
            "examples": dict(self.examples),
            "risks": dict(self.risks),
            "pairs": [pair.to_dict() for pair in self.pairs],
            "sentences": list(self.sentences),
            "notes": list(self.notes),
        }
