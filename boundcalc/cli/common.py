"""What the commands share: the output format, numbers from the command line, output."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Any

import typer

from boundcalc.cli import completion
from boundcalc.errors import (
    BoundcalcError,
    InputError,
    UnknownNameError,
    nearest,
    shorten,
    visible,
)
from boundcalc.record import as_json
from boundcalc.render.files import is_stream, whole_file
from boundcalc.render.signs import SIGNS, json_for

if TYPE_CHECKING:
    from boundcalc.render.document import Document

_LONGEST_NUMBER = 400
_POWER = re.compile(r"([+-]?)10(?:\^|\*\*)([+-]?\d{1,4})")
_FRACTION = re.compile(r"([+-]?\d+)/(\d*[1-9]\d*)")
_GROUPS = re.compile(r"[+-]?\d{1,3}([,_' \u00a0\u2009\u202f]\d{3})+(\.\d+)?")
_PATIENCE = 1.0  # seconds before a progress bar appears
# names that the functions behind the commands use for something else
_KEYWORDS = frozenset({"variant", "target", "certified", "digits", "format", "output"})


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


class CommandLineError(BoundcalcError):
    """A value on the command line that cannot be used.

    It is no ValueError, which Typer would put into words of its own.
    """


def read_by(read: Callable[[str, str], Any], name: str) -> Callable[[str], Any]:
    """A parser for `typer.Option`: a function of the text and the name, whose refusals stay one
    line.
    """

    def parser(text: str) -> Any:
        try:
            return read(text, name)
        except InputError as error:
            raise CommandLineError(str(error)) from None

    return parser


def typed_number(name: str) -> dict[str, Any]:
    """What `typer.Option` needs for a Decimal, kept as it was written."""
    return {"parser": read_by(number, name), "metavar": "NUMBER"}


def typed_whole(name: str, least: int = 0) -> dict[str, Any]:
    """What `typer.Option` needs for a whole number."""

    def read(text: str, name: str) -> int:
        value = whole(text, name)
        if value < least:
            said = f"{name} must be a whole number from {least} on"
            raise InputError(f"{name} = {value} is below {least}: {said}")
        return value

    return {"parser": read_by(read, name), "metavar": "INTEGER"}


def typed_word(words: type[StrEnum], name: str) -> dict[str, Any]:
    """What `typer.Option` needs for one of a few words."""
    known = [word.value for word in words if word not in PICTURES]

    def word(text: str, name: str) -> StrEnum:
        if text.lower() not in known:
            choices = f"{', '.join(known[:-1])} or {known[-1]}"
            hint = nearest(text.lower(), known).partition("; known")[0]
            raise InputError(f"{name} must be {choices}, not '{shorten(text)}'{hint}")
        return words(text.lower())

    def completed(incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    choices = "|".join(known)
    return {"parser": read_by(word, name), "metavar": choices, "autocompletion": completed}


IdArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="Catalogue id; see `boundcalc list`.",
        autocompletion=completion.known_ids,
    ),
]
VariantOption = Annotated[
    str | None,
    typer.Option(
        "--variant",
        "-v",
        help="Which form; default: the tightest whose inputs are given.",
        autocompletion=completion.variants,
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option(
        "--format", "-f", help="How to print the result.", **typed_word(Format, "--format")
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Write this file; its extension says what: .json .md .tex .csv .html, and .png .svg "
        ".pdf where there is a picture.",
        dir_okay=False,
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
    typer.Option(
        "--digits",
        **typed_whole("digits", 1),
        help="How many proven digits to print, 1 to 1000; with --certified alone 15.",
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


MISSING: dict[str, Any] = {
    "metavar": "indicator|drop",
    "help": "Missing values: the mean and a column that says where, or leave the example out.",
}
MissingOption = Annotated[str | None, typer.Option("--missing", **MISSING)]

DetailsOption = Annotated[
    bool, typer.Option("--details/--brief", help="Everything, or what fits on one screen.")
]


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


def number(text: str, name: str) -> Decimal:
    """A number from the command line, kept as the decimal that was written.

    Usual spellings are read where they are exact: our minus sign, ``10^15``, ``10**15``, ``1/8``.

    Raises
    ------
    InputError
        For text, NaN, infinity or more than 400 characters.
    """
    if len(text) > _LONGEST_NUMBER:
        raise InputError(
            f"{name} has {len(text)} characters; a number has at most {_LONGEST_NUMBER}"
        )
    plain = text.strip().replace("−", "-")
    try:
        # Decimal() also reads 1_000 and digits of other scripts
        value = Decimal(_power(plain) if plain.isascii() and "_" not in plain else "")
    except InvalidOperation:
        found = _fraction(plain)
        if found is None:
            said = f"{name} must be a number, not '{shorten(text)}'"
            raise InputError(said + _spelling(plain)) from None
        value = found
    if not value.is_finite():
        raise InputError(f"{name} must be a finite number, not '{shorten(text)}'")
    if value and abs(value.adjusted()) > _LONGEST_NUMBER:
        raise InputError(f"{name} = {shorten(text)} is too large or too close to 0")
    return value


def _power(text: str) -> str:
    found = _POWER.fullmatch(text)
    return f"{found[1]}1e{found[2]}" if found else text


def _fraction(text: str) -> Decimal | None:
    """A fraction that is a decimal; None for another text."""
    if not text.isascii() or not (found := _FRACTION.fullmatch(text)):
        return None
    above, below = int(found[1]), int(found[2])
    context = Context(prec=2 * _LONGEST_NUMBER)
    value = context.divide(Decimal(above), Decimal(below))
    return None if context.flags[Inexact] else value


def _spelling(text: str) -> str:
    """How a number that is written for people is typed."""
    if _GROUPS.fullmatch(text):
        return f": write {re.sub('[^0-9.+-]', '', text)}, without separators"
    if text.isascii() and (found := _FRACTION.fullmatch(text)):
        return f": write it as a decimal, as {float(Fraction(int(found[1]), int(found[2]))):.6g}"
    if "/" in text:
        return ": write it as a decimal"
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f": write {text.replace(',', '.')}, with a point"
    if "," in text:
        return ": write it without separators"
    return ": write 1e15 for 10^15" if "^" in text or "·" in text or "×" in text else ""


def whole(text: str, name: str) -> int:
    """A whole number from the command line."""
    value = number(text, name)
    if value != value.to_integral_value():
        raise InputError(f"{name} must be a whole number, not '{text}'")
    return int(value)


def assignments(pairs: Sequence[str]) -> dict[str, Decimal]:
    """``NAME=VALUE …`` as a mapping; a name given twice is an error."""
    found: dict[str, Decimal] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise InputError(f"expected NAME=VALUE, not '{shorten(pair)}'")
        name = name.strip()
        if name in _KEYWORDS:
            raise InputError(f"{name} is an option, not a parameter: write --{name}")
        if name in found:
            raise InputError(f"{name} is given twice")
        found[name] = number(text, name)
    return found


def named_numbers(text: str) -> dict[str, float]:
    """``NAME=W,NAME=W`` as a mapping: the weights of classes."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, value = part.rpartition("=")
        name = name.strip()
        if not equals or not name:
            raise InputError(f"--class-weights takes NAME=W,NAME=W, not '{text}'")
        if name in found:
            raise InputError(f"--class-weights names the class '{name}' twice")
        found[name] = float(number(value, f"the weight of class '{name}'"))
    return found


def emit(
    format: Format,
    *,
    data: Callable[[], Any],
    document: Callable[[], Document],
    output: Path | None = None,
    record: Any = None,
    details: bool = True,
) -> None:
    """Print a result in the format asked for, or write it to a file, whole or not at all.

    Parameters
    ----------
    data, document : callable
        Plain values, and the document.
    record : object, optional
        The result itself: its one tidy table is its CSV, and it may have a picture.
    details : bool
        Whether a terminal gets everything, or what fits on one screen.
    """
    kind = Format(resolved(format, output))
    if kind is Format.RICH:
        from boundcalc.render.terminal import one_screen, show

        show(document() if details else one_screen(document()))
    elif kind in PICTURES:
        from boundcalc.render import plot, present

        assert output is not None
        picture = present.drawn(record)
        with whole_file(output) as stream:
            plot.save(picture, stream, kind.value)
    else:
        text = _as_text(kind, data=data, document=document, record=record)
        if kind is Format.JSON:
            text = json_for(text, "utf-8" if output else sys.stdout.encoding or "utf-8")
        emit_text(text, output)


def emit_record(
    record: Any,
    format: Format,
    output: Path | None,
    *,
    details: bool = True,
    also: Mapping[str, Any] | None = None,
    **shown: Any,
) -> None:
    """Print a result by its own document, as `emit` does.

    Parameters
    ----------
    record : Record
    format, output
    details : bool
        Everything, or what fits on one screen. What is asked for by name is never left out.
    also : mapping, optional
        Plain values beside those of the record.
    **shown
        What the document takes.
    """
    from boundcalc.render.present import document_of

    emit(
        format,
        data=lambda: record.to_dict() | (also or {}),
        document=lambda: document_of(record, details=details, **shown),
        output=output,
        record=record,
        details=details or bool(shown.get("ledger") or shown.get("explained")),
    )


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


def _as_text(
    kind: Format, *, data: Callable[[], Any], document: Callable[[], Document], record: Any
) -> str:
    from boundcalc.render import html, present, texts

    if kind is Format.JSON:
        return as_json(data())
    if kind is Format.CSV and record is not None:
        return texts.comma_separated((present.table_of(record),))
    made = document()
    if kind is Format.CSV:
        return texts.comma_separated(made)
    if kind is Format.HTML:
        return html.page(made, html.title_in(made))
    return texts.latex(made) if kind is Format.LATEX else texts.markdown(made)


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
