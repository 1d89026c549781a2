"""``boundcalc sweep``: a bound over ranges of parameters, as a table, a file or a picture."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boundcalc.cli import completion
from boundcalc.cli.common import (
    PICTURES,
    VALUES,
    DetailsOption,
    Format,
    FormatOption,
    IdArgument,
    OutputOption,
    VariantOption,
    emit,
    progress_bar,
    resolved,
    whole_option,
)
from boundcalc.cli.values import assignments, decimal_from
from boundcalc.errors import InputError, prefix_errors, shorten
from boundcalc.render.files import whole_file

if TYPE_CHECKING:
    from boundcalc.numeric.sweep import Range

EXAMPLE = (
    "Examples: `boundcalc sweep lu2023.multimodal --vary n=10:1e6:7:log m=100000 L=2 kappa=0.05 "
    "c_predictor=1 c_connection=1` · `boundcalc sweep holdout.hoeffding --vary n=100:10000:50:log "
    "delta=0.05 loss_bound=1 test_loss=0.1 -o bound.png`"
)
_TABLES = ("csv", "parquet")
_ROWS_AT_ONCE = 1_000_000


def run(
    id: IdArgument,
    values: Annotated[
        list[str] | None, typer.Argument(help="The parameters that are held fixed.", **VALUES)
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="NAME=FROM:TO:COUNT[:log]",
            help="A varied parameter, both ends included; repeat it for a grid.",
            autocompletion=completion.parameters_left,
        ),
    ] = None,
    variant: VariantOption = None,
    compare_variant: Annotated[
        list[str] | None,
        typer.Option(
            "--compare-variant",
            help="Draw this form as well, with the crossovers; repeatable.",
            autocompletion=completion.variants,
        ),
    ] = None,
    chunks: Annotated[
        int | None,
        whole_option(
            "--chunks",
            help="Write the file in blocks of this many rows: grids of any size.",
            least=1,
        ),
    ] = None,
    workers: Annotated[
        int, whole_option("--workers", least=1, help="Processes that write FILE.parquet.")
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Compute FILE.parquet on the workers of a Dask scheduler.",
        ),
    ] = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Sweep a bound over ranges of parameters: value, terms, and where it is vacuous.

    -o takes FILE.parquet as well; FILE.csv holds all digits. One varied parameter is drawn as the
    stacked terms of the bound, two as a contour map.
    """
    from boundcalc.numeric.grid import LIMIT, grid

    numbers = assignments(values or [])
    ranges = _ranges(id, vary or [])
    kind = _kind(output, format, compare_variant or [], variant)
    axes = grid(ranges)
    if axes.size > LIMIT and (chunks is None or kind not in _TABLES):
        raise InputError(
            f"{axes.size:,} grid points are more than {LIMIT:,}: take fewer, or write them in "
            "blocks with --chunks N -o FILE.csv or FILE.parquet"
        )
    if (workers > 1 or scheduler is not None) and (output is None or kind != "parquet"):
        raise InputError("--workers and --scheduler are for -o FILE.parquet")
    if output is None or kind not in (*PICTURES, *_TABLES):
        _print(id, ranges, variant, numbers, chunks, format, output, details)
    elif kind in PICTURES:
        _draw(id, ranges, [variant, *(compare_variant or [])], numbers, output)
    else:
        from boundcalc.render.sweep import write_sweep

        with progress_bar("grid points") as progress:
            write_sweep(
                output,
                id,
                vary=ranges,
                variant=variant,
                chunks=chunks or _ROWS_AT_ONCE,
                workers=workers,
                scheduler=scheduler,
                progress=progress,
                **numbers,
            )


def _ranges(id: str, texts: Sequence[str]) -> dict[str, Range]:
    from boundcalc.numeric.compiled import compiled
    from boundcalc.numeric.sweep import Range

    if not texts:
        raise InputError("nothing is varied: add --vary NAME=FROM:TO:COUNT")
    found: dict[str, Range] = {}
    for text in texts:
        name, equals, numbers = (part.strip() for part in text.partition("="))
        parts = numbers.split(":")
        log = len(parts) == 4 and parts[3].strip() == "log"
        if not equals or not name or (len(parts) != 3 and not log):
            raise InputError(f"expected --vary NAME=FROM:TO:COUNT or …:log, not '{shorten(text)}'")
        target = compiled(id).parameter(name).name
        if target in {compiled(id).parameter(n).name for n in found}:
            raise InputError(f"{target} is varied twice")
        start, stop, count = (
            decimal_from(part, f"{word} of {name}")
            for part, word in zip(parts, ("FROM", "TO", "COUNT"), strict=False)
        )
        whole = count == count.to_integral_value()
        with prefix_errors(f"--vary {shorten(text)}"):
            found[name] = Range(start, stop, int(count) if whole else count, log=log)  # type: ignore[arg-type]
    return found


def _kind(output: Path | None, format: Format, compare: Sequence[str], variant: str | None) -> str:
    """What is written."""
    kind = resolved(format, output, "parquet")
    if compare and kind not in PICTURES:
        raise InputError("--compare-variant draws curves: add -o FILE.png, FILE.svg or FILE.pdf")
    if compare and variant is None:
        raise InputError("--compare-variant needs --variant as well")
    return kind


def _print(
    id: str,
    ranges: Mapping[str, Range],
    variant: str | None,
    numbers: Mapping[str, Any],
    chunks: int | None,
    format: Format,
    output: Path | None,
    details: bool,
) -> None:
    from boundcalc.numeric.sweep import sweep, sweep_blocks
    from boundcalc.render.sweep import write_csv

    if format is Format.CSV and chunks is not None:
        write_csv(
            sweep_blocks(id, vary=ranges, variant=variant, chunks=chunks, **numbers), sys.stdout
        )
        return
    with progress_bar("grid points") as progress:
        result = sweep(id, vary=ranges, variant=variant, progress=progress, **numbers)
    if format is Format.CSV:
        write_csv([result], sys.stdout)
    else:
        emit(result, format, output, details=details)


def _draw(
    id: str,
    ranges: Mapping[str, Range],
    variants: Sequence[str | None],
    numbers: Mapping[str, Any],
    output: Path,
) -> None:
    from boundcalc.numeric.grid import grid
    from boundcalc.numeric.sweep import sweep, sweep_variants
    from boundcalc.render import plot

    plot.check(len(ranges), grid(ranges).size)
    ranges = {name: range.finer(plot.SMOOTH[len(ranges)]) for name, range in ranges.items()}
    names = [v for v in variants if v is not None]
    with whole_file(output) as stream:
        with progress_bar("grid points") as progress:
            if len(variants) > 1:
                several = sweep_variants(id, names, vary=ranges, progress=progress, **numbers)
                picture = plot.figure(several)
            else:
                one = sweep(id, vary=ranges, variant=variants[0], progress=progress, **numbers)
                picture = plot.figure(one)
        plot.save(picture, stream, output.suffix.lower().removeprefix("."))
