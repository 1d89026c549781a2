"""What a comparison consists of: limits, rows, verdicts, crossovers and the ledger behind them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from boundcalc.conventions import Side, Status
from boundcalc.numeric.decide.certification import Margin
from boundcalc.numeric.decide.forecast import Needed
from boundcalc.numeric.evaluate import OfBound
from boundcalc.record import Record
from boundcalc.study.design import Measurement
from boundcalc.study.study import Study, Subset

Certified = Literal["more", "less"] | None
_NAMES = ("more_name=more.name_or_none?", "less_name=less.name_or_none?")


@dataclass(frozen=True)
class PaidEvent(Record):
    """One thing that may fail, what it costs, and what holds unless it does.

    Attributes
    ----------
    quantity : str
        What is bounded, for example ``r(text)`` or ``r(text+audio) − r(text)``.
    kind : {"held-out", "paired", "complexity", "deviation"}
    subsets : tuple of Subset
        One subset, or the pair (more, less) whose difference of risks is bounded.
    side : Side
        For a pair ``upper`` certifies that the one which sees more is better, ``lower`` the other.
    method, variant : str
        Catalogue id and variant; for a complexity that was drawn, ``estimate`` and its lemma; for a
        paired test its name and the side.
    candidates : int
        How many classes, one of which the training examples chose, share the cost equally.
    cost : Fraction
        Its failure probability, exactly.
    """

    quantity: str
    kind: Literal["held-out", "paired", "complexity", "deviation"]
    subsets: tuple[Subset, ...]
    side: Side
    method: str
    variant: str
    candidates: int = 1
    cost: Fraction = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Limit(OfBound):
    """One limit on one quantity.

    Attributes
    ----------
    quantity : {"risk", "latent quality", "Gibbs risk", "risk of the vote"}
        Of what the subset's predictor, or its posterior Q, does.
    status : Status
        How far the constants can be trusted.
    side : Side
    value : float
        Not clipped to the range of the loss.
    vacuous : bool
        Whether it says no more than the range of the loss does.
    joint : bool
        Whether it is an event of the ledger, and its probability that of everything joint; if not,
        it holds on its own only.
    """

    json_keys = (
        *("quantity", "id", "method", "variant", "side", "value", "vacuous", "joint"),
        *("probability", "status", "assumes"),
    )

    quantity: Literal["risk", "latent quality", "Gibbs risk", "risk of the vote"]
    status: Status
    side: Side
    value: float
    vacuous: bool
    joint: bool

    @property
    def method(self) -> str:
        """The catalogue id of the bound, as in a row of the table."""
        return self.id


@dataclass(frozen=True)
class SubsetResult(Record):
    """What is known of the risk of one subset's predictor.

    Attributes
    ----------
    subset : Subset
    train_loss, test_loss, rademacher, rademacher_empirical : float or None
        Observed losses; the expected complexity at the study's m, and the one measured on the
        sample. The test loss is the mean that the verdicts are about: over groups where the
        examples come in groups, weighted by class where classes have weights.
    risk_lower, risk_upper : float or None
        The best joint limits, within [0, C]; None where no event of the ledger bounds this side.
    limits : tuple of Limit
    """

    json_keys = (
        *("modalities=subset", "name=subset.name_or_none?", "train_loss", "test_loss"),
        *("rademacher", "rademacher_empirical", "risk_lower", "risk_upper", "limits"),
    )

    subset: Subset
    train_loss: float | None
    test_loss: float | None
    rademacher: float | None
    rademacher_empirical: float | None
    risk_lower: float | None
    risk_upper: float | None
    limits: tuple[Limit, ...]

    @property
    def observed_loss(self) -> float | None:
        """The test loss, or the training loss where there is none."""
        return self.test_loss if self.test_loss is not None else self.train_loss


@dataclass(frozen=True)
class Row(Record):
    """An interval for r(more) − r(less) by one method.

    Attributes
    ----------
    more, less : Subset
    method : str
    joint : bool
        Joint rows all hold together with probability ≥ 1 − δ and carry the verdict. Every other row
        holds, both of its ends at once, with probability ≥ 1 − δ on its own.
    lower, upper : float or None
        Within [−C, C]; None where the method has nothing to say.
    probability : float
    value : float or None
        ``theorem1``: τ, its terms without γ. ``theorem2``: an upper limit on γ.
    note : str
    """

    json_more = ("certified", *_NAMES)

    more: Subset
    less: Subset
    method: str
    joint: bool
    lower: float | None
    upper: float | None
    probability: float
    value: float | None = None
    note: str = ""

    @property
    def certified(self) -> Certified:
        """Which of the two the row alone certifies to have the lower risk."""
        if self.upper is not None and self.upper < 0:
            return "more"
        if self.lower is not None and self.lower > 0:
            return "less"
        return None


@dataclass(frozen=True)
class Outlook(Record):
    """How much data would decide a pair, if what was observed stayed as it is: a forecast, no fact.

    Attributes
    ----------
    test_n, m : int or None
        So many test examples, or groups of them where they come in groups, decide it with
        probability ½; with so many training examples the deviation limits do. None where no number
        is known to.
    more_test_n, more_m : int or None
        How many more than there are now.
    reasons : tuple of str
        A sentence for each: what the number rests on, or why there is none.
    forecast : tuple of Needed
        Test examples, or groups, for each probability, with the range over the interval.
    """

    test_n: int | None = None
    m: int | None = None
    more_test_n: int | None = None
    more_m: int | None = None
    reasons: tuple[str, ...] = ()
    forecast: tuple[Needed, ...] = ()


@dataclass(frozen=True)
class Verdict(Record):
    """What is decided on a pair.

    Attributes
    ----------
    more, less : Subset
    verdict : {"more", "less", "undecided", "contradictory"}
        Which is certified to have the lower risk.
    lower, upper : float or None
        The joint interval for r(more) − r(less).
    sentence : str
    needed : Outlook or None
        For an undecided pair.
    method : str or None
        Of the test that decides; None where limits on each risk do.
    p_value : float or None
        The smaller one of the test, of the directions that were asked for.
    level : float or None
        Of its first step, and of each side of the interval.
    n : int or None
        The examples that are compared.
    amount : float or None
        By how much the better one is better at least; None where only the direction is certified.
    margin : Margin or None
        Here a is `less`, b is `more`.
    """

    json_more = _NAMES

    more: Subset
    less: Subset
    verdict: Literal["more", "less", "undecided", "contradictory"]
    lower: float | None
    upper: float | None
    sentence: str
    needed: Outlook | None = None
    method: str | None = None
    p_value: float | None = None
    level: float | None = None
    n: int | None = None
    amount: float | None = None
    margin: Margin | None = None

    @property
    def certified(self) -> bool:
        """Whether one of the two is certified better."""
        return self.verdict in ("more", "less")

    @property
    def is_limited(self) -> bool:
        """Whether anything at all is known of the difference."""
        return (self.lower, self.upper, self.p_value) != (None, None, None)

    @property
    def equivalent(self) -> bool:
        """Whether the two are certified to differ by less than the margin of equivalence."""
        return (
            self.margin is not None
            and self.margin.asked == "equivalence"
            and self.margin.equivalent
        )


@dataclass(frozen=True)
class Preference(Record):
    """From how many training examples on Theorem 2's bound prefers more modalities.

    Attributes
    ----------
    more, less : Subset
    m_star : int or None
        The least such number, if the training losses stay; None if there is none.
    sentence : str
    """

    more: Subset
    less: Subset
    m_star: int | None
    sentence: str


@dataclass(frozen=True)
class Comparison(Record):
    """Modality subsets compared.

    Attributes
    ----------
    study : Study
    subsets : tuple of SubsetResult
    comparisons : tuple of Row
    verdicts : tuple of Verdict
    crossovers : tuple of Preference
    ledger : tuple of Event
        Their costs add up to δ exactly.
    notes : tuple of str
        What was assumed, what was rounded, and which methods lack which numbers; the most important
        first.
    data : Measurement or None
        How the study was measured, where it was made from data.
    training : Comparison or None
        Where held-out losses decide: what the training examples say. A statement of its own, with
        probability ≥ 1 − δ; it decides nothing above.
    answer : str
        Which subset to use, in a sentence or two.
    """

    json_keys = (
        *("title=study.title", "m=study.m", "delta=study.delta", "subsets", "comparisons"),
        *("verdicts", "crossovers", "ledger", "notes", "answer", "data?", "training?"),
    )

    study: Study
    subsets: tuple[SubsetResult, ...]
    comparisons: tuple[Row, ...]
    verdicts: tuple[Verdict, ...]
    crossovers: tuple[Preference, ...]
    ledger: tuple[PaidEvent, ...]
    notes: tuple[str, ...] = ()
    data: Measurement | None = None
    training: Comparison | None = None
    answer: str = ""
