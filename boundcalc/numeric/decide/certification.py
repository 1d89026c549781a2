"""The record of a certified comparison of two predictors, and what it says in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from math import floor, log10
from typing import Any

from boundcalc.numeric.decide.decision import is_asked
from boundcalc.numeric.decide.forecast import Needed
from boundcalc.record import Record
from boundcalc.text import confidence

SIGN_TEST = "discordant"
IN_WORDS = {
    SIGN_TEST: "exact (discordant pairs)",
    "betting": "betting",
    "betting_anytime": "betting, at any time",
    "empirical_bernstein": "empirical Bernstein",
    "hoeffding": "Hoeffding",
    "clopper_pearson": "Clopper–Pearson",
}
_LEAST_AMOUNT = 1e-9
EQUAL_MEANS = (
    "the observed mean losses are equal: no number of examples would decide it if they stayed so"
)
WEIGHTED = (
    "each held-out loss is multiplied by the weight of its class, fixed before the data: mean "
    "losses and risks are weighted, and the exact test for 0/1 losses does not apply"
)
CONTRADICTORY = (
    "No verdict, because the limits contradict one another: an assumption fails (do all examples "
    "come from one distribution?), or the data are very unusual."
)
# of a verdict that a later step of the step-down gives, whose interval contains 0
DIRECTION_ONLY = "the direction is certified and the amount is not"


@dataclass(frozen=True)
class Interval:
    """An interval for r(A) − r(B).

    Attributes
    ----------
    method : str
        The catalogue's name of the limit, ``discordant`` or ``betting``.
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
    """The examples on which exactly one of two 0/1 predictors is wrong, and the exact test on them.

    Attributes
    ----------
    n10, n01 : int
        On how many only A is wrong, only B is wrong.
    p_value_a, p_value_b : float
        Of "r(A) ≥ r(B)", whose rejection certifies A, and of "r(A) ≤ r(B)", whose rejection
        certifies B.
    level : float
        Each direction that is asked for is tested at this level.
    """

    n10: int
    n01: int
    p_value_a: float
    p_value_b: float
    level: float


@dataclass(frozen=True)
class Margin:
    """What the interval says of a margin that was fixed before the data.

    Attributes
    ----------
    margin : float
    a_not_worse, b_not_worse : bool
        Whether it is certified that A's risk is above B's by less than the margin, and B's above
        A's.
    asked : {"margin", "equivalence"}
    """

    margin: float
    a_not_worse: bool
    b_not_worse: bool
    asked: str

    @property
    def equivalent(self) -> bool:
        """Whether the two risks are certified to differ by less than the margin."""
        return self.a_not_worse and self.b_not_worse


@dataclass(frozen=True)
class Proved(Record):
    """The deciding limits and p-values as decimals on the safe side, every rounding accounted for.

    Attributes
    ----------
    lower, upper : str
        Rounded down, and up.
    p_value_a, p_value_b : str
        Rounded up.
    digits : int
        How many digits are significant.
    """

    lower: str
    upper: str
    p_value_a: str
    p_value_b: str
    digits: int


@dataclass(frozen=True)
class Certification(Record):
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
        Which predictor is certified to have the lower risk; None as well where the limits
        contradict one another.
    rows : tuple of Interval
    discordant : Discordant or None
        For 0/1 losses.
    further_examples : int or None
        0 where there is a verdict. Else a forecast of about how many more examples, or groups where
        there are groups, decide it with probability ½ if the losses stay distributed as observed;
        None if the difference is 0, or of the direction that was not asked for, or more than 10^15
        are needed.
    assumes : tuple of str
    loss : {"zero-one", "bounded"}
    loss_declared : bool
        Whether the user said so, or it was read off the losses.
    direction : {"both", "more", "less"}
        Whether it was asked if B is better, "more", if A is, "less", or both.
    level : float
        Of each direction.
    p_value_a, p_value_b : float
        Of the deciding method, as in `Discordant`.
    groups : int or None
        The number of independent groups of examples.
    looks : int or str
        How often the data are looked at in all; ``any`` for no limit.
    margin : Margin or None
    forecast : tuple of Needed
        Where there is no verdict.
    seed : int
        Of the orders in which the betting method sees the rows.
    proved : Proved or None
        The deciding limits and p-values to the digits that were asked for.
    notes : tuple of str, or None
        What is unusual about these losses.
    """

    json_keys = (
        *("a", "b", "n", "delta", "loss_bound", "mean_a", "mean_b", "difference", "deciding"),
        *("verdict", "sentence", "rows", "discordant", "further_examples", "assumes", "loss"),
        *("loss_declared", "direction", "level", "p_value_a", "p_value_b", "groups", "looks"),
        *("margin", "forecast", "seed", "proved?", "notes?"),
    )

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
    loss: str
    loss_declared: bool
    direction: str
    level: float
    p_value_a: float
    p_value_b: float
    groups: int | None
    looks: int | str
    margin: Margin | None
    forecast: tuple[Needed, ...]
    seed: int
    proved: Proved | None = None
    notes: tuple[str, ...] | None = None

    @property
    def decider(self) -> Interval:
        """The interval of the deciding method."""
        return next(row for row in self.rows if row.deciding)

    @property
    def amount(self) -> float | None:
        """By how much the better one is better at least; None where there is no verdict, or only
        the direction is certified.
        """
        least = {"a": -self.decider.upper, "b": self.decider.lower, None: 0.0}[self.verdict]
        return least if least > 0 else None

    @property
    def contradictory(self) -> bool:
        """Whether the limits contradict one another: then nothing is certified."""
        return self.decider.lower > self.decider.upper

    @property
    def decimals(self) -> int:
        """How many decimals suit the scale of the loss."""
        return max(0, 4 - floor(log10(self.loss_bound)))

    @property
    def sentence(self) -> str:
        """The verdict in words; where there is none, why, and what would change it."""
        said = [_decided(self)] if self.verdict else [_undecided(self), _outlook(self)]
        if self.contradictory:
            said = [CONTRADICTORY]
        elif self.margin is not None:
            said.insert(1, margin_in_words(self.margin, self.a, self.b, self.direction))
        if self.deciding == SIGN_TEST and not self.loss_declared:
            said.append("The loss is taken for 0/1, since every loss here is 0 or 1.")
        return " ".join(filter(None, said))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, text and lists, ready for JSON."""
        record = super().to_dict()
        if self.margin is not None:
            record["margin"]["equivalent"] = self.margin.equivalent
        return record


def same_losses(a: str, b: str) -> str:
    """What is to be said of two predictors that have the same loss on every example."""
    return f"the losses of {a} and {b} are the same: they cannot be told apart"


def _decided(record: Certification) -> str:
    better, worse = (record.a, record.b) if record.verdict == "a" else (record.b, record.a)
    said = (
        f"{better} is certified better than {worse}: with probability at least "
        f"{confidence(record.delta)} its risk is lower"
    )
    amount = record.amount
    if amount is None:
        return f"{said}; {DIRECTION_ONLY}."
    if amount < _LEAST_AMOUNT * record.loss_bound:
        return f"{said}."
    # an amount below the usual last digit is still an amount
    places = max(record.decimals, 1 - floor(log10(amount)))
    return f"{said} by at least {_decimal(amount, places, ROUND_FLOOR)}."


def _undecided(record: Certification) -> str:
    asked = {
        "both": "",
        "more": f"whether {record.b} is better: ",
        "less": f"whether {record.a} is better: ",
    }[record.direction]
    low = _decimal(record.decider.lower, record.decimals, ROUND_FLOOR)
    high = _decimal(record.decider.upper, record.decimals, ROUND_CEILING)
    where = {
        "both": f"between {low} and {high}",
        "more": f"at least {low}",
        "less": f"at most {high}",
    }
    both, least = record.direction == "both", p_value(min(record.p_value_a, record.p_value_b))
    if least == "1":
        said = f"the losses speak for {'neither' if both else 'nothing of that'}, the p-value is 1"
    elif both:
        said = f"both p-values are above {record.level:.3g}, the smaller one is {least}"
    else:
        said = f"the p-value, {least}, is above {record.level:.3g}"
    return (
        f"Undecided: {asked}with probability at least {confidence(record.delta)} the risk of "
        f"{record.a} minus that of {record.b} is {where[record.direction]}; {said}."
    )


def margin_in_words(margin: Margin, a: str, b: str, direction: str) -> str:
    """What is said of a margin or of equivalence."""
    if margin.asked == "equivalence":
        said = "are certified" if margin.equivalent else "are not certified"
        return f"The two {said} to be equivalent within {margin.margin:g}."
    found = []
    for better, worse, holds, other in (
        (a, b, margin.a_not_worse, "less"),
        (b, a, margin.b_not_worse, "more"),
    ):
        if direction in ("both", other):
            found.append(
                f"{'Certified' if holds else 'Not certified'}: that the risk of {better} is less "
                f"than {margin.margin:g} above that of {worse}."
            )
    return " ".join(found)


def _outlook(record: Certification) -> str:
    margin = record.margin
    if margin is not None and margin.asked == "equivalence" and margin.equivalent:
        return ""
    if record.difference == 0:
        return f"{EQUAL_MEANS[:1].upper()}{EQUAL_MEANS[1:]}."
    if not is_asked(record.direction, record.difference):
        better = record.b if record.difference > 0 else record.a
        return (
            f"It was not asked whether {better} is better, which has the lower mean loss: no "
            "number of examples would decide what was asked if the losses stayed as observed."
        )
    if not record.forecast:
        return ""
    if record.forecast[0].n is None:
        return "More than 10^15 examples would be needed if the losses stayed as observed."
    what = "groups" if record.groups is not None else "examples"
    said = forecast_in_words(record.forecast, what)
    return f"{said[:1].upper()}{said[1:]}."


def forecast_in_words(forecast: Sequence[Needed], what: str, better: str = "") -> str:
    """How many examples decide a pair, if the losses stayed as observed."""
    half, mostly = forecast[0], forecast[-1]
    for_whom = f" for {better}" if better else ""
    return (
        f"a forecast, if the losses stayed as observed: about {rounded_count(half.n)} {what} in "
        f"all decide it{for_whom} with probability {half.probability:g}, {rounded_count(mostly.n)} "
        f"with {mostly.probability:g}{_span(mostly)}"
    )


def _span(needed: Needed) -> str:
    most = "infinitely many" if needed.most is None else rounded_count(needed.most)
    if needed.least is None:
        return f" (up to {most} over the interval)"
    return f" (between {rounded_count(needed.least)} and {most} over the interval)"


def rounded_count(count: int | None) -> str:
    """Two digits, upwards: a forecast is no more exact than that."""
    if count is None:
        return "more than 10^15"
    with localcontext(prec=2, rounding=ROUND_CEILING):
        return f"{int(+Decimal(count)):,}"


def p_value(value: float) -> str:
    """Three digits, rounded up: a p-value above the level is shown above it."""
    with localcontext(prec=3, rounding=ROUND_CEILING):
        return f"{float(+Decimal(value)):g}"


def _decimal(value: float, places: int, rounding: str) -> str:
    with localcontext(prec=200):
        text = f"{Decimal(value).quantize(Decimal(f'1e-{places}'), rounding=rounding) + 0:f}"
    return text.replace("-", "−")
