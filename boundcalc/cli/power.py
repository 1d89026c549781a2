"""``boundcalc power``: how many test examples a comparison needs, before there are data."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from boundcalc.cli.common import DIRECTIONS, Format, FormatOption, OutputOption, emit
from boundcalc.cli.values import typed_number, typed_whole, typed_word

EXAMPLE = "Example: `boundcalc power --p10 0.04 --p01 0.02`"


def _number(name: str, *names: str, help: str) -> Any:
    return typer.Option(*names, help=help, **typed_number(name))


def run(
    p10: Annotated[
        float | None,
        _number("p10", "--p10", help="Probability that only A is wrong (0/1 losses)."),
    ] = None,
    p01: Annotated[
        float | None, _number("p01", "--p01", help="Probability that only B is wrong.")
    ] = None,
    gap: Annotated[float | None, _number("gap", "--gap", help="Risk of A minus that of B.")] = None,
    risk: Annotated[float | None, _number("risk", "--risk", help="Risk of A (0/1 losses).")] = None,
    correlation: Annotated[
        float | None,
        _number("correlation", "--correlation", help="Correlation of the two 0/1 losses."),
    ] = None,
    spread: Annotated[
        float | None,
        _number("spread", "--spread", help="Standard deviation of the differences (other losses)."),
    ] = None,
    loss_bound: Annotated[
        float, _number("loss_bound", "--loss-bound", "-C", help="The most that the loss can be.")
    ] = 1,
    target: Annotated[
        float, _number("target", "--target", help="Probability of a decision.")
    ] = 0.8,
    n: Annotated[
        int | None,
        typer.Option("-n", help="Also for this number of examples.", **typed_whole("n", None)),
    ] = None,
    delta: Annotated[float, _number("delta", "--delta", "-d", help="Failure probability.")] = 0.05,
    direction: Annotated[
        str,
        typer.Option(
            "--direction", help="As it will be asked.", **typed_word(DIRECTIONS, "direction")
        ),
    ] = "both",
    pairs: Annotated[
        int,
        typer.Option(
            "--pairs",
            help="How many pairs are decided together.",
            **typed_whole("pairs", None),
        ),
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
