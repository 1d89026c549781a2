"""What the commands share: the output format, numbers from the command line, output."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from boundcalc.cli import completion
from boundcalc.errors import BoundcalcError, InputError, nearest, shorten, visible
from boundcalc.record import as_json
from boundcalc.render.signs import SIGNS, json_for

if TYPE_CHECKING:
    from boundcalc.render.document import Document

_LONGEST_NUMBER = 400
_POWER = re.compile(r"([+-]?)10(?:\^|\*\*)([+-]?\d{1,4})")
_FRACTION = re.compile(r"([+-]?\d+)/(\d*[1-9]\d*)")
_GROUPS = re.compile(r"[+-]?\d{1,3}([,_' \u00a0\u2009\u202f]\d{3})+(\.\d+)?")
_LINKS = 40  # as many as the system follows
_PATIENCE = 1.0  # seconds before a progress bar appears
# names that the functions behind the commands use for something else
_KEYWORDS = frozenset({"variant", "target", "digits", "format", "output"})


class Format(StrEnum):
    """Output formats."""

    RICH = "rich"
    JSON = "json"
    MARKDOWN = "markdown"
    LATEX = "latex"
    CSV = "csv"


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
            raise InputError(f"{name} = {value} is below {least}")
        return value

    return {"parser": read_by(read, name), "metavar": "INTEGER"}


def typed_word(words: type[StrEnum], name: str) -> dict[str, Any]:
    """What `typer.Option` needs for one of a few words."""
    known = [word.value for word in words]

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
        "--output", "-o", help="Write to this file instead of the terminal.", dir_okay=False
    ),
]
StandaloneOption = Annotated[
    bool,
    typer.Option("--standalone", help="With --format latex: a document that compiles by itself."),
]


def require_latex(standalone: bool, format: StrEnum) -> None:
    """Refuse --standalone without LaTeX.

    Raises
    ------
    InputError
        For another format.
    """
    if standalone and format.value != Format.LATEX.value:
        raise InputError("--standalone goes with --format latex")


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
) -> None:
    """Print a result in the format asked for, or write it to a file, whole or not at all."""
    if format is Format.RICH and output is None:
        from boundcalc.render.terminal import show

        show(document())
        return
    text = _as_text(format, data=data, document=document)
    if format is Format.JSON:
        text = json_for(text, "utf-8" if output else sys.stdout.encoding or "utf-8")
    emit_text(text, output)


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


def _as_text(format: Format, *, data: Callable[[], Any], document: Callable[[], Document]) -> str:
    from boundcalc.render import texts

    if format is Format.JSON:
        return as_json(data())
    if format is Format.LATEX:
        return texts.latex(document())
    if format is Format.CSV:
        return texts.comma_separated(document())
    return texts.markdown(document())


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears whole or not at all: a temporary file beside it, renamed at the end.

    The file behind a symbolic link is replaced, not the link, and keeps its mode; a device or a
    pipe is written to.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    temporary = None
    try:
        target = _target(path)
        if target is None:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as stream:
                yield stream
            return
        mode = _mode(target)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".boundcalc.")
        with os.fdopen(handle, "wb") as stream:
            yield stream
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _target(path: Path) -> Path | None:
    """The file to be replaced, behind all links; None for what is written to where it stands."""
    for _ in range(_LINKS):
        if path.absolute().as_posix().startswith(("/dev/", "/proc/")):
            break
        if not path.is_symlink():
            return path if path.is_file() or not path.exists() else None
        path = path.parent / path.readlink()
    return None


def _mode(target: Path) -> int:
    """The mode of a file, or that of a new one."""
    if target.exists():
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


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
