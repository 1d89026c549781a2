"""How a study was measured on data: the parts, the grid, the fits."""

from __future__ import annotations

from dataclasses import dataclass

from boundcalc.record import Record


@dataclass(frozen=True)
class Fit(Record):
    """The linear predictor of one subset.

    Attributes
    ----------
    modalities : tuple of str
    norm : float
        The norm that the training examples chose.
    train_loss, test_loss : float
        Mean ramp or clipped absolute loss.
    test_errors : int or None
        Errors on the held-out part, for classification.
    rademacher_empirical : float
        R̂_S of the class of that norm, by its closed form.
    """

    modalities: tuple[str, ...]
    norm: float
    train_loss: float
    test_loss: float
    test_errors: int | None
    rademacher_empirical: float


@dataclass(frozen=True)
class Spread(Record):
    """The observed gaps of a pair over several splits: no evidence.

    Attributes
    ----------
    more, less : tuple of str
    splits : int
    least, median, most : float
        Of r(more) − r(less) on the held-out parts.
    """

    more: tuple[str, ...]
    less: tuple[str, ...]
    splits: int
    least: float
    median: float
    most: float


@dataclass(frozen=True)
class Measurement(Record):
    """How a study was measured on data.

    Attributes
    ----------
    source, task, loss : str
    sizes : tuple of three int
        Examples for means and scales, for training, held out.
    seed : int
    norms : tuple of float
        The grid.
    margin, clip : float or None
        ρ for classification, C for regression.
    choose : str
        How the norms were chosen.
    intercept : bool
    draws : int
    subsets : int
        How many nonempty subsets there are.
    fits : tuple of Fit
    notes : tuple of str
        What is unusual about the data.
    spread : tuple of Spread
        Where several splits were tried.
    """

    source: str
    task: str
    loss: str
    sizes: tuple[int, int, int]
    seed: int
    norms: tuple[float, ...]
    margin: float | None
    clip: float | None
    choose: str
    intercept: bool
    draws: int
    subsets: int
    fits: tuple[Fit, ...]
    notes: tuple[str, ...]
    spread: tuple[Spread, ...] = ()
