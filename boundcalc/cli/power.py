"""``boundcalc power``: how many test examples a comparison needs, before there are data."""

from __future__ import annotations

from typing import Annotated

from boundcalc.cli.common import (
    DIRECTIONS,
    Format,
    FormatOption,
    OutputOption,
    delta_option,
    emit,
    number_option,
    whole_option,
    word_option,
)

EXAMPLE = "Example: `boundcalc power --p10 0.04 --p01 0.02`"


def run(
    p10: Annotated[
        float | None, number_option("--p10", help="Probability that only A is wrong (0/1 losses).")
    ] = None,
    p01: Annotated[
        float | None, number_option("--p01", help="Probability that only B is wrong.")
    ] = None,
    gap: Annotated[float | None, number_option("--gap", help="Risk of A minus that of B.")] = None,
    risk: Annotated[float | None, number_option("--risk", help="Risk of A (0/1 losses).")] = None,
    correlation: Annotated[
        float | None, number_option("--correlation", help="Correlation of the two 0/1 losses.")
    ] = None,
    spread: Annotated[
        float | None,
        number_option("--spread", help="Standard deviation of the differences (other losses)."),
    ] = None,
    loss_bound: Annotated[
        float, number_option("--loss-bound", "-C", help="The most that the loss can be.")
    ] = 1,
    target: Annotated[float, number_option("--target", help="Probability of a decision.")] = 0.8,
    n: Annotated[
        int | None, whole_option("-n", help="Also for this number of examples.", least=None)
    ] = None,
    delta: Annotated[float, delta_option("Failure probability.")] = 0.05,
    direction: Annotated[
        str,
        word_option(
            DIRECTIONS, "--direction", help="As it will be asked: more (is B better?) or both."
        ),
    ] = "both",
    pairs: Annotated[
        int, whole_option("--pairs", help="How many pairs are decided together.", least=None)
    ] = 1,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Forecast how many test examples decide which of two predictors is better.

    Assume **--p10 and --p01**; or **--gap, --risk and --correlation** of two 0/1 losses; or, for
    other losses, **--gap and --spread**. A is the predictor with the higher risk.
    """
    from boundcalc.numeric.decide.power import power

    result = power(
        p10=p10,
        p01=p01,
        gap=gap,
        risk=risk,
        correlation=correlation,
        spread=spread,
        loss_bound=loss_bound,
        target=target,
        n=n,
        delta=delta,
        direction=direction,
        pairs=pairs,
    )
    emit(result, format, output)
