"""What is asked of a study, fixed before the losses are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from boundcalc.arguments import typed
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.decide.decision import DIRECTIONS
from boundcalc.numeric.decide.pairs import COUNTS
from boundcalc.numeric.decide.sample import METHODS, checked_looks, checked_seed

CLOPPER_PEARSON, RELATIVE_ENTROPY = "clopper_pearson", "kl"
METHODS_OF_STUDIES = (*METHODS, CLOPPER_PEARSON, COUNTS, RELATIVE_ENTROPY)


class Joint(StrEnum):
    """What shares one failure probability."""

    HELD_OUT = "held-out"
    ALL = "all"


@typed
@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    direction : {"both", "more", "less"}
        Whether it is asked if the subset that sees more is better, if the other is, or both.
    method : str, optional
        What decides where it fits the losses; else the method that suits them.
    joint : {"held-out", "all"}
        Whether what the training examples say is a statement of its own, or shares δ.
    looks : int or "any"
        How often the data are looked at in all.
    margin, equivalence : float, optional
        Is one no worse than the other by this much? Do the two differ by less?
    seed : int
        Of the orders in which the betting method sees the rows.
    """

    direction: str = "both"
    method: str | None = None
    joint: str = Joint.HELD_OUT
    looks: int | str = 1
    margin: float | None = None
    equivalence: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for what, value, known in (
            ("direction", self.direction, DIRECTIONS),
            ("joint", self.joint, tuple(Joint)),
            ("method", self._method, METHODS_OF_STUDIES),
        ):
            if value is not None and value not in known:
                raise UnknownNameError(what, str(value), known)
        object.__setattr__(self, "method", self._method)
        checked_looks(self.looks)
        object.__setattr__(self, "seed", checked_seed(self.seed))
        if self.margin is not None and self.equivalence is not None:
            raise InputError("margin and equivalence are two questions: ask one of them")

    @property
    def _method(self) -> str | None:
        return None if self.method is None else str(self.method).strip().replace("-", "_")

    def asks(self, direction: str) -> bool:
        """Whether it is asked if the one with "more", or with "less", is better."""
        return self.direction in ("both", direction)


def question(given: Mapping[str, Any], where: str = "") -> Question:
    """The question that keys or options ask; a message says where they stand."""
    try:
        return Question(**given)
    except InputError as error:
        if not where:
            raise
        raise InputError(f"{where}: {error}") from None
