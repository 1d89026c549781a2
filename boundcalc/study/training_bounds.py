"""PAC-Bayes and stability: what a posterior, weights of views or β say of the training examples.

These limits are no events of a ledger: each holds by itself, beside the verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Annotated, Any, Final, Literal, Self

from pydantic import model_validator

from boundcalc.arguments import is_number
from boundcalc.errors import InputError, prefix_errors, shown
from boundcalc.numeric.arithmetic import float_above
from boundcalc.numeric.domains import exactly
from boundcalc.study.study import LossKind, PosteriorNumbers, Study, Subset
from boundcalc.study.toml_file import (
    FLAG,
    NUMBERS,
    TomlTable,
    ValueType,
    between,
    in_domain,
    table_type,
    tables_type,
)

GIBBS: Final = "Gibbs risk"
VOTE: Final = "risk of the vote"
LEARNED: Final = "risk"
SPEAKS_OF = {
    GIBBS: "r(Q) is the mean risk of a predictor drawn from Q, and not the risk of the predictor "
    "that the verdicts are about",
    VOTE: "the vote is that of all predictors of Q, and not the predictor that the verdicts are "
    "about",
    LEARNED: "β is a property of the learner, known before the data",
}

_SUM_TO_ONE = Fraction(1, 10**9)
_SLACK = 2.0**-50  # more than rounding does to a logarithm, relative to its size plus one
_GAUSSIAN = ("mean", "variance", "prior_mean", "prior_variance")


def _numbers(key: str, value: Any, *, alone: bool = False) -> tuple[float, ...]:
    listed = value.tolist() if hasattr(value, "tolist") else value
    found: tuple[float, ...] = NUMBERS.check(
        key, [listed] if alone and is_number(listed) else listed
    )
    for one in found:
        if not math.isfinite(one):
            raise InputError(f"{key} has {one}, which is no finite number")
    return found


_VECTOR = ValueType("a list of numbers, one a weight", NUMBERS.schema, _numbers)
_EACH = ValueType(
    "a number, or a list with one for each weight",
    {"anyOf": [{"type": "number"}, NUMBERS.schema]},
    partial(_numbers, alone=True),
)


class _Distributions(TomlTable):
    """Q and P on the predictors of one class: their divergence, or the two Gaussians."""

    train_loss: Annotated[float | None, in_domain("train_loss")] = None
    divergence: Annotated[float | None, in_domain("divergence")] = None
    mean: Annotated[tuple[float, ...] | None, _VECTOR] = None
    variance: Annotated[tuple[float, ...] | None, _EACH] = None
    prior_mean: Annotated[tuple[float, ...] | None, _EACH] = None
    prior_variance: Annotated[tuple[float, ...] | None, _EACH] = None

    def given_divergence(self) -> float:
        """KL(Q‖P), as given or that of the two Gaussians, rounded up.

        Refused if neither is there, or both are.
        """
        written = [key for key in _GAUSSIAN if getattr(self, key) is not None]
        if self.divergence is not None:
            if written:
                raise InputError(f"divergence and {written[0]} both say KL(Q‖P); keep one of them")
            return self.divergence
        for key in ("mean", "variance", "prior_variance"):
            if getattr(self, key) is None:
                need = "divergence, or the mean, variance and prior_variance of Gaussians"
                raise InputError(f"{key} is missing: KL(Q‖P) needs {need}")
        size, columns = len(self.mean or ()), []
        for key in _GAUSSIAN:
            values = getattr(self, key) or (0.0,)
            if len(values) not in (1, size):
                raise InputError(f"mean has {size} numbers, but {key} has {len(values)}")
            columns.append([exactly(one) for one in values] * (size if len(values) == 1 else 1))
        for key, column in zip(_GAUSSIAN, columns, strict=True):
            if key.endswith("variance") and min(column) <= 0:
                raise InputError(
                    f"{key} must be above 0: KL(Q‖P) is infinite where Q or P is a single "
                    "predictor, and no PAC-Bayes bound speaks of that one"
                )
        return gaussian_divergence(*columns)


def gaussian_divergence(
    mean: Sequence[Fraction],
    variance: Sequence[Fraction],
    prior_mean: Sequence[Fraction],
    prior_variance: Sequence[Fraction],
) -> float:
    """KL(Q‖P) of two Gaussians with independent coordinates, rounded up.

    ½ Σ ((v + (μ − μ₀)²)/v₀ − 1 − ln(v/v₀)).
    """
    parts = list[float]()
    for mu, v, mu_0, v_0 in zip(mean, variance, prior_mean, prior_variance, strict=True):
        log, slack = _logarithm(v / v_0)
        parts += [float_above((v + (mu - mu_0) ** 2) / v_0 - 1), -log, slack]
    return _sum_above(parts) / 2


def weights_divergence(weights: Sequence[Fraction], prior: Sequence[Fraction]) -> float:
    """KL(ρ‖π) of two lists of weights, rounded up: Σ ρ ln(ρ/π)."""
    parts = list[float]()
    for rho, pi in zip(weights, prior, strict=True):
        if rho:
            log, slack = _logarithm(rho / pi)
            parts += [float(rho) * log, 2 * slack]
    return _sum_above(parts)


def _sum_above(parts: Sequence[float]) -> float:
    """A sum that is at least 0, rounded up."""
    total = math.fsum(parts)
    return max(math.nextafter(total, math.inf), 0.0) if any(parts) else 0.0


def _logarithm(ratio: Fraction) -> tuple[float, float]:
    """ln of a fraction, and more than how far it can be off."""
    above, below = math.log(ratio.numerator), math.log(ratio.denominator)
    return above - below, 0.0 if ratio == 1 else _SLACK * (1 + above + below)


_WEIGHT = between(0, 1)


class ViewTable(_Distributions):
    """One view: its weight, and the distributions on its predictors."""

    weight: Annotated[float, _WEIGHT]
    prior_weight: Annotated[float | None, _WEIGHT] = None


class PosteriorTable(_Distributions):
    """A distribution Q on predictors, and the prior P that was fixed before the examples."""

    m: Annotated[int | None, in_domain("m")] = None
    vote: Annotated[bool, FLAG] = False
    views: Annotated[Mapping[str, ViewTable] | None, tables_type(ViewTable)] = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.views is None:
            if self.train_loss is None:
                raise InputError(
                    "train_loss is missing: the mean training loss of predictors drawn from Q, "
                    "which is not that of the subset's own predictor"
                )
            return self
        for key in ("divergence", *_GAUSSIAN):
            if getattr(self, key) is not None:
                raise InputError(f"{key} belongs to each of the views")
        without = [name for name, view in self.views.items() if view.train_loss is None]
        if self.train_loss is not None and len(without) < len(self.views):
            raise InputError("train_loss is given twice, here and in the views; keep one of them")
        if self.train_loss is None and without:
            raise InputError(f"train_loss is missing: give it here, or in view {shown(without[0])}")
        if len({view.prior_weight is None for view in self.views.values()}) > 1:
            raise InputError("prior_weight is given for some views; give it for all, or for none")
        return self


POSTERIOR = table_type(PosteriorTable)


def posterior_of(
    table: PosteriorTable, study: Study, modalities: Sequence[str], where: str
) -> PosteriorNumbers:
    """The numbers of a posterior, checked against its study.

    Refused where they contradict the study, or what the bounds assume.
    """
    with prefix_errors(f"{where}, posterior"):
        if table.m is not None and study.m is not None and table.m > study.m:
            raise InputError(f"m = {table.m} is above the study's m = {study.m}")
        if table.vote and study.loss is not LossKind.ZERO_ONE:
            raise InputError('vote = true speaks of errors: it needs loss = "zero-one"')
        if table.views is None:
            assert table.train_loss is not None
            loss = exactly(table.train_loss)
            numbers = {"divergence": table.given_divergence()}
        else:
            loss, numbers = _of_views(table, table.views, modalities)
        if loss > study.loss_bound:
            raise InputError(
                f"train_loss = {float(loss):.10g} is above loss_bound = {study.loss_bound:.10g}"
            )
    m = study.m if table.m is None else table.m
    return PosteriorNumbers(loss, numbers, m, table.vote)


def _of_views(
    table: PosteriorTable, views: Mapping[str, ViewTable], modalities: Sequence[str]
) -> tuple[Fraction, dict[str, float]]:
    """The mean training loss, and both parts of the divergence."""
    known = set(modalities)
    for name in views:
        if not known.issuperset(part.strip() for part in name.split("+")):
            raise InputError(f"the view {shown(name)} is not among the subset's modalities")
    weights = _normalised([view.weight for view in views.values()], "weight")
    prior = [
        Fraction(1, len(views)) if view.prior_weight is None else exactly(view.prior_weight)
        for view in views.values()
    ]
    prior = _normalised(prior, "prior_weight")
    mean_divergence, mean_loss = Fraction(0), Fraction(0)
    for (name, view), rho, pi in zip(views.items(), weights, prior, strict=True):
        with prefix_errors(f"view {shown(name)}"):
            if rho and not pi:
                raise InputError("weight is above 0 where prior_weight is 0: KL(ρ‖π) is infinite")
            mean_divergence += rho * exactly(view.given_divergence())
            mean_loss += rho * exactly(view.train_loss or 0.0)
    loss = mean_loss if table.train_loss is None else exactly(table.train_loss)
    return loss, {
        "view_divergence": float_above(mean_divergence),
        "weight_divergence": weights_divergence(weights, prior),
    }


def _normalised(weights: Sequence[Fraction | float], key: str) -> list[Fraction]:
    exact = [exactly(one) for one in weights]
    total = sum(exact, Fraction(0))
    if abs(total - 1) > _SUM_TO_ONE:
        raise InputError(f"the {key}s of the views add up to {float(total):.10g}, not to 1")
    return [one / total for one in exact]


@dataclass(frozen=True)
class TrainingBound:
    """A limit that a posterior or β gives.

    The lower limit is the same bound on what is missing to the range: C − ℓ is a loss in [0, C] as
    well, of the same divergence and the same β. For PAC-Bayes both follow from one event, since
    kl(1 − q‖1 − p) = kl(q‖p).

    Attributes
    ----------
    id, variant : str
        In the catalogue.
    quantity : str
        What is bounded.
    numbers : mapping of str to float
        By parameter name, without the training loss and δ.
    train_loss : Fraction
    width : Fraction
        The range of the loss.
    unit : Fraction
        What the losses are divided by before they are put in.
    events : int
        On how many events both sides rest; 0 where there is an upper limit only.
    """

    id: str
    variant: str
    quantity: Literal["risk", "Gibbs risk", "risk of the vote"]
    numbers: Mapping[str, float]
    train_loss: Fraction
    width: Fraction
    unit: Fraction = Fraction(1)
    events: int = 1

    def at(self, *, upper: bool) -> dict[str, float]:
        """The numbers for one side."""
        loss = self.train_loss if upper else self.width - self.train_loss
        return {**self.numbers, "train_loss": float_above(loss / self.unit)}

    def limit(self, value: float, *, upper: bool) -> float:
        """The limit on the risk that the value of the bound says."""
        exact = Fraction(value) * self.unit
        # + 0.0, since 0 has no sign
        return float_above(exact) if upper else -float_above(exact - self.width) + 0.0


def training_bounds(study: Study, subset: Subset) -> Iterator[TrainingBound]:
    """All of one subset whose numbers are there, the tightest of a kind first."""
    Q, C = subset.posterior, exactly(study.loss_bound)
    if Q is not None and Q.m is not None:
        numbers: Mapping[str, float] = {"m": Q.m, **Q.divergences}
        bound = partial(TrainingBound, numbers=numbers, train_loss=Q.train_loss, width=C, unit=C)
        vote = "pac_bayes.multi_view", "vote"
        if "divergence" in numbers:
            yield bound("pac_bayes.kl", "exact", GIBBS)
            yield bound("pac_bayes.quadratic", "exact", GIBBS, events=0)
            yield bound("pac_bayes.mcallester", "exact", GIBBS)
            vote = "pac_bayes.majority_vote", "exact"
        else:
            yield bound("pac_bayes.multi_view", "exact", GIBBS)
        if Q.vote:
            yield bound(*vote, VOTE, events=0)
    beta, loss, m = subset.stability, subset.train_loss, study.m
    if beta is not None and loss is not None and m is not None:
        numbers = {"m": m, "stability": beta, "loss_bound": study.loss_bound}
        id, variant = "classic.stability", "replacement"
        yield TrainingBound(id, variant, LEARNED, numbers, exactly(loss), C, events=2)
