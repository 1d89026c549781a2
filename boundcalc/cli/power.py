"""``boundcalc power``: how many test examples a comparison needs, before there are data."""

from __future__ import annotations

from typing import Annotated

import typer

from boundcalc.cli.common import Format, FormatOption, OutputOption, emit_record, number, whole

EXAMPLE = "Example: `boundcalc power --p10 0.04 --p01 0.02`"


def run(
    p10: Annotated[
        str | None, typer.Option("--p10", help="Probability that only A is wrong (0/1 losses).")
    ] = None,
    p01: Annotated[
        str | None, typer.Option("--p01", help="Probability that only B is wrong.")
    ] = None,
    gap: Annotated[str | None, typer.Option("--gap", help="Risk of A minus that of B.")] = None,
    risk: Annotated[str | None, typer.Option("--risk", help="Risk of A (0/1 losses).")] = None,
    correlation: Annotated[
        str | None, typer.Option("--correlation", help="Correlation of the two 0/1 losses.")
    ] = None,
    spread: Annotated[
        str | None,
        typer.Option("--spread", help="Standard deviation of the differences (other losses)."),
    ] = None,
    loss_bound: Annotated[
        str, typer.Option("--loss-bound", "-C", help="The most that the loss can be.")
    ] = "1",
    target: Annotated[str, typer.Option("--target", help="Probability of a decision.")] = "0.8",
    n: Annotated[str | None, typer.Option("-n", help="Also for this number of examples.")] = None,
    delta: Annotated[str, typer.Option("--delta", "-d", help="Failure probability.")] = "0.05",
    direction: Annotated[
        str, typer.Option("--direction", metavar="more|less|both", help="As it will be asked.")
    ] = "both",
    pairs: Annotated[
        str, typer.Option("--pairs", help="How many pairs are decided together.")
    ] = "1",
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Forecast how many test examples decide which of two predictors is better.

    Assume **--p10 and --p01**; or **--gap, --risk and --correlation** of two 0/1 losses; or, for
    other losses, **--gap and --spread**. A is the predictor with the higher risk.
    """
    from boundcalc.numeric.decide.power import power

    def given(text: str | None, name: str) -> float | None:
        return None if text is None else float(number(text, name))

    result = power(
        p10=given(p10, "p10"),
        p01=given(p01, "p01"),
        gap=given(gap, "gap"),
        risk=given(risk, "risk"),
        correlation=given(correlation, "correlation"),
        spread=given(spread, "spread"),
        loss_bound=float(number(loss_bound, "loss_bound")),
        target=float(number(target, "target")),
        n=None if n is None else whole(n, "n"),
        delta=float(number(delta, "delta")),
        direction=direction,
        pairs=whole(pairs, "pairs"),
    )
    emit_record(result, format, output)
