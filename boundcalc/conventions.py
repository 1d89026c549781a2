"""The conventions that a complexity, a limit or a fact is stated in."""

from __future__ import annotations

from enum import Flag, StrEnum


class Signs(StrEnum):
    """Whether the supremum is over the signed average or its absolute value."""

    SIGNED = "signed"
    ABSOLUTE = "absolute"


class Average(StrEnum):
    """Whether a complexity is measured on the given sample or averaged over samples."""

    EMPIRICAL = "empirical"
    EXPECTED = "expected"


class Output(StrEnum):
    """Whether predictors have one real output or a vector of them."""

    SCALAR = "scalar"
    VECTOR = "vector"


class Noise(StrEnum):
    """Random signs or standard normals."""

    RADEMACHER = "Rademacher"
    GAUSSIAN = "Gaussian"


class Side(StrEnum):
    """Which side of the truth a limit is on."""

    UPPER = "upper"
    LOWER = "lower"


class Relation(StrEnum):
    """How the two sides of a fact compare."""

    AT_MOST = "<="
    EQUAL = "="

    @property
    def sign(self) -> str:
        """The relation as it is printed."""
        return "≤" if self is Relation.AT_MOST else "="


class Status(StrEnum):
    """How far the constants of a theorem can be trusted."""

    DERIVED = "derived"
    PUBLISHED = "published"
    CONSTANTS_UNKNOWN = "constants unknown"


class Split(StrEnum):
    """How the failure probability of a study is split over its events."""

    EQUAL = "equal"
    PLANNED = "planned"


class Trend(Flag):
    """Which way a value may go as a parameter grows; the rules combine with ``|``."""

    CONSTANT = 0
    NONDECREASING = 1
    NONINCREASING = 2
    UNKNOWN = 3

    @property
    def reversed(self) -> Trend:
        """The trend of the negation."""
        swap = {Trend.NONDECREASING: Trend.NONINCREASING, Trend.NONINCREASING: Trend.NONDECREASING}
        return swap.get(self, self)
