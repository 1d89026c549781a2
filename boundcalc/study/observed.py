"""What was observed of a subset, by parameter name: as the decimals that were written, and exact means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from boundcalc.numeric.domains import exactly
from boundcalc.study.limits import HeldOut, held_out
from boundcalc.study.study import LossKind, Study, Subset


def observed(study: Study, subset: Subset, *, exact: bool) -> dict[str, Any]:
    """The numbers of one subset that a lemma may use, by parameter name.

    Parameters
    ----------
    exact : bool
        Take means over lists of losses exactly, which takes time.
    """
    found: dict[str, Any] = {
        "m": study.m,
        "lipschitz": study.lipschitz,
        "loss_bound": study.loss_bound,
        "optimisation_gap": 0 if subset.optimisation_gap is None else subset.optimisation_gap,
        "rademacher_empirical": subset.rademacher_empirical if subset.sampled is None else subset.sampled,
        "train_loss": subset.train_loss,
        "centred_loss": subset.centred_loss,
        "rademacher": subset.rademacher,
        "complexity_m": subset.intrinsic,
        "n": study.test_n,
        **_tested(study, subset, exact),
    }
    return {name: value for name, value in found.items() if value is not None}


def _tested(study: Study, subset: Subset, exact: bool) -> dict[str, Any]:
    test = held_out(study, subset)
    if test is None:
        return {}
    found: dict[str, Any] = {"test_loss": subset.test_loss}
    if test.errors is not None:
        fewest, most = test.errors
        mean = Fraction(fewest, test.sample.n) if fewest == most else None
        found = {"errors_fewest": fewest, "errors_most": most, "test_loss": mean}
    if subset.test_losses is None:
        return found | {"variance": subset.variance}
    if not exact:
        spread = test.sample.variance if test.sample.n > 1 else None
        return found | {"test_loss": test.mean, "variance": spread}
    mean, variance = moments([Fraction(x) for x in subset.test_losses.tolist()])
    return found | {"test_loss": mean, "variance": variance}


def moments(values: Sequence[Fraction]) -> tuple[Fraction, Fraction | None]:
    """The mean and the unbiased variance; no variance of a single value."""
    n, total = len(values), sum(values, Fraction(0))
    squares = sum((x * x for x in values), Fraction(0))
    return total / n, (squares - total * total / n) / (n - 1) if n > 1 else None


def exact_difference(study: Study, first: Subset, second: Subset) -> dict[str, Fraction]:
    """Mean and variance of the shifted differences of two lists of losses; for 0/1 losses also the numbers
    of examples on which only one errs."""
    assert first.test_losses is not None
    assert second.test_losses is not None
    shift = exactly(study.loss_bound)
    pairs = zip(first.test_losses.tolist(), second.test_losses.tolist(), strict=True)
    mean, variance = moments([Fraction(a) - Fraction(b) + shift for a, b in pairs])
    found = {"test_loss_difference": mean}
    if study.loss is LossKind.ZERO_ONE:
        found["errors_first"] = Fraction(int((first.test_losses > second.test_losses).sum()))
        found["errors_second"] = Fraction(int((first.test_losses < second.test_losses).sum()))
    return found if variance is None else found | {"variance": variance}


# what a loss for each example says of two subsets, by parameter name
OF_PAIRS: Mapping[str, Callable[[HeldOut], float]] = {
    "test_loss_difference": lambda found: found.sample.mean,
    "variance": lambda found: found.sample.variance,
    "errors_first": lambda found: found.only_counts[0],
    "errors_second": lambda found: found.only_counts[1],
}
