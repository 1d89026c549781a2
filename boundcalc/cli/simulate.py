"""``boundcalc simulate``: every bound beside the truth, in a world where the truth is known."""

from __future__ import annotations

import os
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from boundcalc.cli.common import (
    PICTURES,
    DetailsOption,
    Format,
    FormatOption,
    OutputOption,
    emit,
    progress_bar,
    resolved,
    whole_option,
)
from boundcalc.errors import InputError, optional
from boundcalc.render.files import whole_file

EXAMPLE = (
    "Examples: `boundcalc simulate examples/worlds/audio.toml` · "
    "`boundcalc simulate examples/worlds/audio.toml --repetitions 500 --seed 1 -o risk.png`"
)
_MANY = 20_000  # repetitions from which on starting processes is worth it
_INTERRUPTED = 130


def run(
    world: Annotated[Path, typer.Argument(metavar="WORLD", help="A world file (TOML).")],
    repetitions: Annotated[
        int | None,
        whole_option(
            "--repetitions",
            help="At each size; default: as in the file. On one core 1,000 at one size take about "
            "0.2 seconds in a small table world, 3 in a small linear one.",
        ),
    ] = None,
    seed: Annotated[int | None, whole_option("--seed", help="Default: as in the file.")] = None,
    at: Annotated[
        int | None,
        whole_option("--at", help="Print the bounds at this size; default: the largest."),
    ] = None,
    workers: Annotated[
        int | None,
        whole_option(
            "--workers",
            help="Processes; default: all cores for 20 000 repetitions or more, else one.",
            least=1,
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="ADDRESS", help="Run on the workers of a Dask scheduler."
        ),
    ] = None,
    details: DetailsOption = False,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Repeat draw, fit, bound; print truth, bound, tightness, violation rate, and the crossovers.

    The numbers are the same to the last digit on one core, on all, or on a cluster. Ctrl-C keeps
    what was done until then and labels it partial.
    """
    from boundcalc.study.simulate import changed, read_world, simulate

    experiment = changed(read_world(world), repetitions=repetitions, seed=seed)
    sizes = experiment.sizes
    if at is not None and at not in sizes:
        raise InputError(f"--at {at}: the sizes are {', '.join(map(str, sizes))}")
    kind = resolved(format, output)
    drawn = output if kind in PICTURES else None
    if drawn is not None:
        optional("matplotlib", "plots", "plot")
    with ExitStack() as stack:
        # the place of the picture is tried before anything is computed
        stream = stack.enter_context(whole_file(drawn)) if drawn is not None else None
        if workers is None:
            workers = _processes(experiment.repetitions * len(sizes))
        with progress_bar("repetitions") as progress:
            try:
                record = simulate(
                    experiment, workers=workers, scheduler=scheduler, progress=progress
                )
            except KeyboardInterrupt:
                typer.echo("Interrupted before any repetitions were done.", err=True)
                raise typer.Exit(_INTERRUPTED) from None
        if stream is not None:
            from boundcalc.render.plot import save
            from boundcalc.render.simulation import simulation_figure

            save(simulation_figure(record), stream, kind)
    emit(record, format, None if drawn is not None else output, details=details, size=at)
    if not record.complete:
        raise typer.Exit(_INTERRUPTED)
    if record.refuted:
        raise typer.Exit(1)


def _processes(repetitions: int) -> int:
    many = repetitions >= _MANY and find_spec("distributed") is not None
    return (os.cpu_count() or 1) if many else 1
