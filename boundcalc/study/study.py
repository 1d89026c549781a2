"""A study: one training set, one test set, and what each subset of the modalities reached
on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from boundcalc.arguments import typed
from boundcalc.data.estimate.result import Estimate
from boundcalc.errors import InputError, refuse_unknown, shorten
from boundcalc.numeric.decide.decision import DIRECTIONS
from boundcalc.numeric.decide.pairs import COUNTS
from boundcalc.numeric.decide.sample import (
    METHODS,
    Population,
    checked_looks,
    checked_seed,
    counted_looks,
    refuse_two_questions,
)
from boundcalc.numeric.domains import exactly
from boundcalc.record import as_plain
from boundcalc.text import probability

CLOPPER_PEARSON, RELATIVE_ENTROPY = "clopper_pearson", "kl"
METHODS_OF_STUDIES = (*METHODS, CLOPPER_PEARSON, COUNTS, RELATIVE_ENTROPY)


class SharedDelta(StrEnum):
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
    joint: str = SharedDelta.HELD_OUT
    looks: int | str = 1
    margin: float | None = None
    equivalence: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        method = None if self.method is None else str(self.method).strip().replace("-", "_")
        for what, value, known in (
            ("direction", self.direction, DIRECTIONS),
            ("joint", self.joint, tuple(SharedDelta)),
            ("method", method, METHODS_OF_STUDIES),
        ):
            if value is not None:
                refuse_unknown(what, value, known)
        object.__setattr__(self, "method", method)
        checked_looks(self.looks)
        object.__setattr__(self, "seed", checked_seed(self.seed))
        refuse_two_questions(self.margin, self.equivalence)

    def asks(self, direction: str) -> bool:
        """Whether it is asked if the one with "more", or with "less", is better."""
        return self.direction in ("both", direction)


class LossKind(StrEnum):
    """What values a loss takes."""

    ZERO_ONE = "zero-one"
    BOUNDED = "bounded"


@dataclass(frozen=True)
class PosteriorNumbers:
    """A distribution Q on predictors, chosen in any way, and a prior P.

    Attributes
    ----------
    train_loss : Fraction
        The mean training loss of predictors drawn from Q.
    divergences : mapping of str to float
        KL(Q‖P), or its two parts where Q first draws a view; by parameter name, rounded up.
    m : int or None
        The training examples that P was fixed before.
    vote : bool
        Whether the majority vote of Q is asked about.
    """

    train_loss: Fraction
    divergences: Mapping[str, float]
    m: int | None
    vote: bool = False


@dataclass(frozen=True, eq=False)
class Subset:
    """One subset of the modalities and the predictor that was learned from it.

    Attributes
    ----------
    modalities : tuple of str
        As written; their order means nothing.
    train_loss, test_loss : float or None
        Mean losses, in [0, C].
    test_errors : int or None
        Errors on the test set, for a 0/1 loss.
    variance : float or None
        Unbiased variance of the test losses.
    test_losses : ndarray, shape (test_n,), or None
        Read-only; one loss for each test example, in the order that all subsets share. NaN where
        the predictor has none, since a modality is missing.
    complexity : float or None
        The c of R ≤ √(c/m).
    rademacher, rademacher_empirical : float or None
        The complexity as a number: expected, or measured on the training sample.
    centred_loss : float or None
        L̂ of Theorem 2.
    optimisation_gap : float or None
        How far training stopped above the empirical minimum.
    stability : float or None
        β: replacing one training example moves no loss of what is learned by more.
    posterior : PosteriorNumbers or None
        A distribution on predictors in place of one.
    candidates : int
        From how many classes, fixed beforehand, its class was chosen by the training examples; the
        limits from these pay for each.
    estimate : Estimate or None
        Monte-Carlo draws of the complexity on the training sample. What is drawn is no bound; the
        limit from it is one, and its event enters the ledger.
    sampled : float or None
        That limit, once the ledger has fixed what it costs.
    assumes : tuple of str
        What its complexity rests on, where it is that of a class.
    place : str
        Where it was written, for messages.
    name : str
        Of the predictor, where several see the same modalities; empty where it has none.
    """

    modalities: tuple[str, ...]
    train_loss: float | None = None
    test_loss: float | None = None
    test_errors: int | None = None
    variance: float | None = None
    test_losses: NDArray[np.float64] | None = None
    complexity: float | None = None
    rademacher: float | None = None
    rademacher_empirical: float | None = None
    centred_loss: float | None = None
    optimisation_gap: float | None = None
    stability: float | None = None
    posterior: PosteriorNumbers | None = None
    candidates: int = 1
    estimate: Estimate | None = None
    sampled: float | None = None
    assumes: tuple[str, ...] = ()
    place: str = ""
    name: str = ""

    @property
    def names(self) -> frozenset[str]:
        """The modalities, without an order."""
        return frozenset(self.modalities)

    @property
    def label(self) -> str:
        """For example ``text+audio``, or ``late_fusion[text+audio]`` for a predictor with a
        name.
        """
        seen = "+".join(self.modalities)
        return f"{self.name}[{seen}]" if self.name else seen

    @property
    def name_or_none(self) -> str | None:
        """The name, or None where it has none."""
        return self.name or None

    @property
    def measured(self) -> float | None:
        """The complexity on the sample: the limit from its draws, where the ledger pays for it."""
        return self.rademacher_empirical if self.sampled is None else self.sampled

    @property
    def has_complexity(self) -> bool:
        """Whether the complexity was given in any form."""
        given = (self.complexity, self.rademacher, self.rademacher_empirical)
        return any(value is not None for value in given)

    def expected_complexity(self, m: float | None) -> float | None:
        """R at `m` training examples; one that was given as a plain number is the same for
        every m.
        """
        if self.complexity is not None and m is not None:
            return math.sqrt(self.complexity / m)
        return self.rademacher


@as_plain.register
def _(value: Subset) -> list[str]:
    return list(value.modalities)


@dataclass(frozen=True, eq=False)
class Study:
    """What was measured; `boundcalc.study.read.read_study` makes one from a file or a mapping.

    Attributes
    ----------
    title : str
    subsets : tuple of Subset
        At least two.
    m, test_n : int or None
        Training and test examples.
    delta : float
        Failure probability of everything joint, in (0, 1).
    lipschitz : float or None
        Lipschitz constant of the loss in its first argument.
    loss_bound : float
        The loss takes values in [0, loss_bound].
    loss : LossKind
    loss_declared : bool
        Whether the user said so. If not, losses of which each is 0 or 1 are compared as 0/1 losses.
    erm : bool
        Whether every predictor minimises the training loss over its class, up to its optimisation
        gap.
    nested : bool
        Whether the class of every subset contains the classes of the subsets that it contains.
    vector_outputs : bool
        Whether complexities are those of vector-valued classes, R^vec.
    reference : tuple of str or None
        The modalities of the subset that everything is compared with, or the name of a predictor.
    question : Question
    population : Population
        Groups and classes of the test examples.
    place : str
        The file, for messages.
    """

    title: str
    subsets: tuple[Subset, ...]
    m: int | None = None
    test_n: int | None = None
    delta: float = 0.05
    lipschitz: float | None = None
    loss_bound: float = 1.0
    loss: LossKind = LossKind.BOUNDED
    loss_declared: bool = False
    erm: bool = False
    nested: bool = False
    vector_outputs: bool = False
    reference: tuple[str, ...] | None = None
    question: Question = field(default_factory=Question)
    population: Population = field(default_factory=Population)
    place: str = "study"

    @cached_property
    def exact_delta(self) -> Fraction:
        """δ, as it was written."""
        return exactly(self.delta)

    @cached_property
    def each_look(self) -> Fraction:
        """What one look at the data may cost."""
        return self.exact_delta / counted_looks(self.question.looks)

    @cached_property
    def probability(self) -> float:
        """With at least which probability everything joint holds."""
        return float(probability(self.exact_delta))

    def subset(self, wanted: tuple[str, ...], where: str) -> Subset:
        """The subset that sees these modalities, or the predictor of this name.

        Refused if the study has no such subset, or several predictors of it.
        """
        asked = "+".join(wanted)
        found = [s for s in self.subsets if asked in (s.name, s.label)]
        found = found or [s for s in self.subsets if s.names == frozenset(wanted)]
        if len(found) == 1:
            return found[0]
        named = ", ".join(s.label for s in found or self.subsets)
        said = f"no subset sees exactly '{shorten(asked)}'; the subsets are {named}"
        if found:
            said = f"several predictors see '{shorten(asked)}'; name one of {named}"
        raise InputError(f"{where}: {said}")


def compared_pairs(study: Study, *, all_pairs: bool = False) -> tuple[tuple[Subset, Subset], ...]:
    """The pairs (more, less) that are compared: each subset with the reference, or every nested
    pair.

    Two predictors of the same modalities are a nested pair too, where both directions are asked
    for. Where neither of two subsets contains the other, `more` is the one with more modalities;
    between equally many the names decide, so that the order of the subsets in the file does not
    matter.

    Refused if there is no pair, or the reference is not among the subsets.
    """
    pairs = [(a, b) for i, a in enumerate(study.subsets) for b in study.subsets[i + 1 :]]
    if study.reference is not None:
        reference = study.subset(study.reference, f"{study.place}: reference")
        return tuple(_ordered(a, b, reference) for a, b in pairs if reference in (a, b))
    if not all_pairs:
        same = study.question.direction == "both"
        pairs = [
            (a, b)
            for a, b in pairs
            if (a.names <= b.names if same else a.names < b.names) or b.names < a.names
        ]
    if not pairs:
        raise InputError(
            f"{study.place}: no subset contains another, so there is nothing to compare by "
            "default; give reference = [...], or ask for all pairs"
        )
    return tuple(_ordered(a, b, None) for a, b in pairs)


def _ordered(a: Subset, b: Subset, reference: Subset | None) -> tuple[Subset, Subset]:
    if a.names < b.names:
        return b, a
    if b.names < a.names:
        return a, b
    if reference is not None:
        return (b, a) if a is reference else (a, b)
    first, second = sorted((a, b), key=lambda s: (-len(s.names), sorted(s.names), s.name))
    return first, second
