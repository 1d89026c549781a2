"""The record of a certified comparison of two predictors, and what it says in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from math import floor, log10
from typing import Any

from boundcalc.text import confidence

SIGN_TEST = "discordant"
IN_WORDS = {
    SIGN_TEST: "exact (discordant pairs)",
    "empirical_bernstein": "empirical Bernstein",
    "hoeffding": "Hoeffding",
    "clopper_pearson": "Clopper–Pearson",
}


@dataclass(frozen=True)
class Interval:
    """A two-sided interval for r(A) − r(B).

    Attributes
    ----------
    method : str
        The catalogue's name of the limit, or ``discordant``.
    paired : bool
        Whether it uses that the examples are the same.
    lower, upper : float
        In [−loss_bound, loss_bound].
    probability : float
        It holds with at least this probability, by itself.
    deciding : bool
        Whether the verdict rests on it.
    wider : float or None
        For an unpaired interval: its width over that of the paired one by the same method.
    """

    method: str
    paired: bool
    lower: float
    upper: float
    probability: float
    deciding: bool
    wider: float | None


@dataclass(frozen=True)
class Discordant:
    """The examples on which exactly one of two 0/1 predictors is wrong, and the sign test on them.

    Attributes
    ----------
    n10, n01 : int
        On how many only A is wrong, only B is wrong.
    p_value_a, p_value_b : float
        Of "r(A) ≥ r(B)", whose rejection certifies A, and of "r(A) ≤ r(B)", whose rejection certifies B.
    level : float
        Each direction is tested at this level, δ/2.
    """

    n10: int
    n01: int
    p_value_a: float
    p_value_b: float
    level: float


@dataclass(frozen=True)
class Certification:
    """The comparison of two predictors on the same examples.

    Attributes
    ----------
    a, b : str
        What the two are called.
    n : int
        Number of examples.
    delta, loss_bound : float
    mean_a, mean_b, difference : float
        Mean losses, and that of A minus that of B.
    deciding : str
        The method that decides.
    verdict : {"a", "b"} or None
        Which predictor is certified to have the lower risk.
    rows : tuple of Interval
    discordant : Discordant or None
        For 0/1 losses.
    further_examples : int or None
        Where there is no verdict: how many more examples the deciding method needs if the losses stay
        distributed as observed; None if the difference is 0 or more than 10^15 are needed.
    assumes : tuple of str
    """

    a: str
    b: str
    n: int
    delta: float
    loss_bound: float
    mean_a: float
    mean_b: float
    difference: float
    deciding: str
    verdict: str | None
    rows: tuple[Interval, ...]
    discordant: Discordant | None
    further_examples: int | None
    assumes: tuple[str, ...]

    @property
    def decider(self) -> Interval:
        """The interval of the deciding method."""
        return next(row for row in self.rows if row.deciding)

    @property
    def decimals(self) -> int:
        """How many decimals suit the scale of the loss."""
        return max(0, 4 - floor(log10(self.loss_bound)))

    @property
    def sentence(self) -> str:
        """The verdict in words; where there is none, why, and what would change it."""
        return _decided(self) if self.verdict else f"{_undecided(self)} {_outlook(self)}"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, text and lists, ready for JSON."""
        record = asdict(self)
        names = ("rows", "discordant", "further_examples", "assumes")
        last = {name: record.pop(name) for name in names}
        last |= {"rows": list(last["rows"]), "assumes": list(last["assumes"])}
        return record | {"sentence": self.sentence} | last


def _decided(record: Certification) -> str:
    better, worse = (record.a, record.b) if record.verdict == "a" else (record.b, record.a)
    amount = -record.decider.upper if record.verdict == "a" else record.decider.lower
    said = (
        f"{better} is certified better than {worse}: with probability at least "
        f"{confidence(record.delta)} its risk is lower"
    )
    if amount <= 0:
        return f"{said}. By how much is not certified: the interval, which pays for four limits, reaches 0."
    # an amount below the usual last digit is still an amount
    places = max(record.decimals, 1 - floor(log10(amount)))
    return f"{said} by at least {_decimal(amount, places, ROUND_FLOOR)}."


def _undecided(record: Certification) -> str:
    pairs = record.discordant
    if record.deciding == SIGN_TEST and pairs is not None:
        return (
            f"Undecided: exactly one of the two is wrong on {_times(pairs.n10 + pairs.n01, 'example')}, "
            f"{record.a} on {pairs.n10:,} and {record.b} on {pairs.n01:,}; the sign test's smaller p-value, "
            f"{p_value(min(pairs.p_value_a, pairs.p_value_b))}, is above δ/2 = {pairs.level:.3g}."
        )
    row = record.decider
    low = _decimal(row.lower, record.decimals, ROUND_FLOOR)
    high = _decimal(row.upper, record.decimals, ROUND_CEILING)
    return (
        f"Undecided: with probability at least {confidence(record.delta)} the risk of {record.a} minus that "
        f"of {record.b} is between {low} and {high} ({IN_WORDS[row.method]}), and 0 lies between."
    )


def _outlook(record: Certification) -> str:
    if record.difference == 0:
        return "The mean losses are equal: no number of examples would decide it if they stayed equal."
    if record.further_examples is None:
        return "More than 10^15 examples would be needed if the losses stayed as observed."
    further = _times(record.further_examples, "further example")
    return f"{further} would decide it if the losses stayed as observed."


def _times(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def p_value(value: float) -> str:
    """Three digits, rounded up: a p-value above the level is shown above it."""
    with localcontext(prec=3, rounding=ROUND_CEILING):
        return f"{float(+Decimal(value)):g}"


def _decimal(value: float, places: int, rounding: str) -> str:
    with localcontext(prec=200):
        text = f"{Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=rounding) + 0:f}"
    return text.replace("-", "−")
