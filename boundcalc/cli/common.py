"""What the commands share: options, and the output in the format asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boundcalc.cli import completion
from boundcalc.cli.values import looks, named_numbers, parsed, typed_number, typed_whole, typed_word
from boundcalc.errors import InputError, UnknownNameError, visible
from boundcalc.record import as_json
from boundcalc.render.files import is_stream, whole_file
from boundcalc.render.spelling import SIGNS, json_for

if TYPE_CHECKING:
    from boundcalc.render.document import Document

_PATIENCE = 1.0  # seconds before a progress bar appears


class Format(StrEnum):
    """Output formats."""

    RICH = "rich"
    JSON = "json"
    MARKDOWN = "markdown"
    LATEX = "latex"
    CSV = "csv"
    HTML = "html"
    PNG = "png"
    SVG = "svg"
    PDF = "pdf"


PICTURES = (Format.PNG, Format.SVG, Format.PDF)
"""What only a file holds."""
_EXTENSIONS = {
    **{"json": Format.JSON, "md": Format.MARKDOWN, "tex": Format.LATEX, "csv": Format.CSV},
    **{"html": Format.HTML, "png": Format.PNG, "svg": Format.SVG, "pdf": Format.PDF},
}
DIRECTIONS = ("more", "less", "both")
TASKS = ("classification", "regression")


def _file(text: str, name: str) -> Path:
    if not text.strip():
        raise InputError(f"{name} is empty: it names the file to write")
    if Path(text).is_dir():
        raise InputError(f"{text} is a folder: {name} is a file")
    return Path(text)


def number_option(*names: str, **how: Any) -> Any:
    """An option that takes a number; the longest of its names is what messages call it."""
    return typer.Option(*names, **typed_number(max(names, key=len)) | how)


def delta_option(help: str) -> Any:
    """A failure probability; whoever types a confidence in its place is told."""
    return number_option("--delta", "-d", help=help, callback=_told)


def _told(value: float | None) -> float | None:
    if value is not None and 0.5 < value < 1:
        remark(
            f"--delta {value:g} is the probability of being wrong; for a confidence of {value:g} "
            f"say --delta {1 - value:.6g}"
        )
    return value


def whole_option(*names: str, least: int | None = 0, **how: Any) -> Any:
    """An option that takes a whole number."""
    return typer.Option(*names, **typed_whole(max(names, key=len), least) | how)


def word_option(words: Iterable[str], *names: str, **how: Any) -> Any:
    """An option that takes one of a few words."""
    return typer.Option(*names, **typed_word(words, max(names, key=len)) | how)


def variant_option(help: str) -> Any:
    """Which form of a theorem."""
    return typer.Option("--variant", "-v", help=help, autocompletion=completion.variants)


OUTPUT = parsed(_file, "--output", "FILE")
IdArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="Catalogue id; see `boundcalc list`.",
        autocompletion=completion.known_ids,
    ),
]
FirstBound = Annotated[
    str,
    typer.Argument(
        metavar="ID1[:VARIANT]", help="The first bound.", autocompletion=completion.known_ids
    ),
]
SecondBound = Annotated[
    str,
    typer.Argument(
        metavar="ID2[:VARIANT]", help="The second bound.", autocompletion=completion.known_ids
    ),
]
VariantOption = Annotated[
    str | None, variant_option("Which form; default: the tightest whose inputs are given.")
]
FormatOption = Annotated[
    Format,
    word_option(
        [word for word in Format if word not in PICTURES],
        "--format",
        "-f",
        help="How to print the result.",
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Write this file; its extension says what: .json .md .tex .csv .html, and .png .svg "
        ".pdf where there is a picture.",
        **OUTPUT,
    ),
]
CertifiedOption = Annotated[
    bool,
    typer.Option(
        "--certified", help="Prove the numbers by interval arithmetic, and show the enclosure."
    ),
]
DigitsOption = Annotated[
    Any,
    whole_option(
        "--digits",
        help="How many proven digits to print, 1 to 1000; with --certified alone 15.",
        least=None,
    ),
]
StandaloneOption = Annotated[
    bool,
    typer.Option("--standalone", help="With --format latex: a document that compiles by itself."),
]


def require_latex(standalone: bool, kind: str) -> None:
    """Refuse --standalone without LaTeX.

    Raises
    ------
    InputError
        For another format.
    """
    if standalone and kind != Format.LATEX:
        raise InputError("--standalone goes with --format latex")


DetailsOption = Annotated[
    bool, typer.Option("--details/--brief", help="Everything, or what fits on one screen.")
]
VALUES: dict[str, Any] = {"metavar": "NAME=VALUE", "autocompletion": completion.parameters_left}
# of several commands, each with its own names or in a part of its own of the help
MISSING: dict[str, Any] = {
    "help": "Missing values: the mean and a column that says where, or leave the example out.",
    **typed_word(("indicator", "drop"), "--missing"),
}
MissingOption = Annotated[str | None, typer.Option("--missing", **MISSING)]
CATEGORICAL: dict[str, Any] = {
    "metavar": "COLUMN",
    "help": "Names or a pattern of columns whose values are categories; repeatable. Columns of "
    "text are.",
}
CategoricalOption = Annotated[list[str] | None, typer.Option("--categorical", **CATEGORICAL)]
EQUIVALENCE: dict[str, Any] = {
    "help": "Do the two differ by less than this? Fixed before.",
    **typed_number("--equivalence"),
}
LOOKS: dict[str, Any] = {
    "help": "How often you look at the data in all; any: after every example, in order.",
    **parsed(looks, "--looks", "K|any"),
}
GROUP_SIZE: dict[str, Any] = {
    "help": "The most examples a group can have, fixed before: mean over examples.",
    **typed_whole("--group-size"),
}
CLASS_WEIGHTS: dict[str, Any] = {
    "help": "The weight of each class, fixed before the data.",
    **parsed(named_numbers, "--class-weights", "NAME=W,…"),
}


def resolved(format: Format, output: Path | None, *others: str) -> str:
    """What is written: a format, or one of other extensions that a command knows.

    A file is written as its extension says; what has none takes `format`.

    Raises
    ------
    UnknownNameError
        For another extension.
    InputError
        Where the format that was asked for is not that of the file.
    """
    if output is None:
        return format.value
    kind = output.suffix.lower().removeprefix(".")
    known = {**{name: f.value for name, f in _EXTENSIONS.items()}, **{o: o for o in others}}
    if kind not in known:
        named = format is not Format.RICH
        if is_stream(output) or (not kind and named):
            return (format if named else Format.MARKDOWN).value
        if not kind:
            raise InputError(f"{output.name} has no extension to go by: {', '.join(sorted(known))}")
        raise UnknownNameError("file extension", kind, known)
    if format is not Format.RICH and format.value != known[kind]:
        raise InputError(
            f"--format {format.value} is for the terminal; {output.name} is a {kind} file"
        )
    return known[kind]


def emit(
    record: Any,
    format: Format,
    output: Path | None,
    *,
    details: bool = True,
    also: Mapping[str, Any] | None = None,
    data: Callable[[], Any] | None = None,
    document: Callable[[], Document] | None = None,
    **shown: Any,
) -> None:
    """Print a result in the format asked for, or write it to a file, whole or not at all.

    Parameters
    ----------
    record : object
        The result: its one tidy table is its CSV, and it may have a picture. None for lists.
    format, output
    details : bool
        Everything, or what fits on one screen. What is asked for by name is never left out.
    also : mapping, optional
        Plain values beside those of the record.
    data, document : callable, optional
        The plain values and the document of what is no record.
    **shown
        What the record's document takes.
    """
    kind = Format(resolved(format, output))

    def made() -> Document:
        from boundcalc.render.present import document_of

        return document_of(record, details=details, **shown) if document is None else document()

    if kind is Format.RICH:
        from boundcalc.render.terminal import one_screen, show

        whole = details or bool(shown.get("ledger") or shown.get("explained"))
        show(made() if whole else one_screen(made()))
    elif kind in PICTURES:
        from boundcalc.render import plot, present

        assert output is not None
        picture = present.figure_of(record)
        with whole_file(output) as stream:
            plot.save(picture, stream, kind.value)
    elif kind is Format.JSON:
        text = as_json(record.to_dict() | (also or {}) if data is None else data())
        emit_text(json_for(text, "utf-8" if output else sys.stdout.encoding or "utf-8"), output)
    else:
        emit_text(_as_text(kind, record, made), output)


def emit_text(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file, whole or not at all.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        return
    with whole_file(output) as stream:
        stream.write(text.encode(errors=SIGNS))


def _as_text(kind: Format, record: Any, made: Callable[[], Document]) -> str:
    from boundcalc.render import html, present, texts

    if kind is Format.CSV:
        return texts.comma_separated(made() if record is None else (present.tidy_table(record),))
    if kind is Format.HTML:
        return html.page(made())
    return texts.latex_part(made()) if kind is Format.LATEX else texts.markdown(made())


def remark(text: str) -> None:
    """Say on stderr what was taken for granted, in one line."""
    print(f"Note: {visible(text)}", file=sys.stderr)


@contextmanager
def progress_bar(of: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on stderr for whoever waits longer than a second at a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    from boundcalc.render.terminal import console

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=console(stderr=True), transient=True)
    task = bar.add_task(of, total=None)
    timer = Timer(_PATIENCE, bar.start)
    timer.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        timer.cancel()
        timer.join()
        bar.stop()
