"""One family of exceptions.

Every message is one line that names the input, its value and, where there is one, the nearest
valid alternative. The command line prints the message and exits with code 2.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copyreg import __newobj__  # type: ignore[attr-defined]
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from importlib import import_module
from numbers import Real
from typing import Any, TypeVar

T = TypeVar("T")

_WRITTEN_OUT = 1e15
"""Below this a whole number is shown with all its digits, whatever its type."""
_LONG = "a whole number of more than 60 digits"
# controls but the line break, marks that change the direction or have no width, and what Unicode
# keeps for the inside of a program
UNSEEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    r"\ufdd0-\ufdd1]"
)
_ARGUMENT = re.compile("\ufdd0([^\ufdd0\ufdd1]*)\ufdd1")
_MARKS = re.compile("[\ufdd0\ufdd1]")  # about a name that holds that of an argument


def visible(text: str) -> str:
    r"""Text that a terminal shows as it is: control characters and marks become ``\x1b``."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def argument(name: str) -> str:
    """The name of an argument in a message: a command calls it as the option that was typed."""
    return f"\ufdd0{name}\ufdd1"


def nearest(name: object, known: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` or a short list of what is known."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1, cutoff=0.6) if isinstance(name, str) else []
    if close:
        return f"; did you mean '{close[0]}'?"
    if not names:
        return ""
    shown = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"; known: {shown}"


def shorten(value: object, limit: int = 40) -> str:
    """Show a user's value on one line, cut when it is long."""
    text = value if isinstance(value, str) else shown(value, limit)
    text = visible(" ".join(text.split()))
    return text if len(text) <= limit else f"{text[: limit - 1]}… ({len(text)} characters)"


def shown(value: object, limit: int = 40) -> str:
    """Show a user's value as it is written: a text in quotes, a date as a date."""
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, int) and value.bit_length() > 200:
        return _LONG
    if isinstance(value, float) and value.is_integer() and abs(value) < _WRITTEN_OUT:
        return str(int(value))
    try:
        return shorten(str(value) if isinstance(value, (Real, Decimal)) else repr(value), limit)
    except ValueError:  # Python writes no whole number of more than a few thousand digits
        return f"a {type(value).__name__} with {_LONG}"


class BoundcalcError(Exception):
    """Base of all errors that boundcalc raises on purpose.

    Escape sequences and marks that turn the direction of a line are shown, not sent to a terminal.

    Attributes
    ----------
    marked : str
        The message as it was written, its arguments marked by `argument`.
    """

    def __init__(self, message: object = "") -> None:
        self.marked = " ".join(str(message).splitlines())
        super().__init__(self.calling({}))

    def __reduce__(self) -> tuple[Any, ...]:
        """What another process makes it of, without what its class was called with."""
        return __newobj__, (type(self), *self.args), vars(self)

    def calling(self, names: Mapping[str, str]) -> str:
        """The message, with these other names for arguments."""
        called = _ARGUMENT.sub(lambda found: names.get(found[1], found[1]), self.marked)
        return visible(_MARKS.sub("", called))


class InputError(BoundcalcError, ValueError):
    """Input that cannot be used; the message says where it is and what is allowed."""


class UnknownNameError(InputError):
    """A name that is not known, with the nearest known one."""

    def __init__(self, kind: str, name: object, known: Iterable[str], of: str = "") -> None:
        owner = f" of {of}" if of else ""
        super().__init__(f"unknown {kind} '{shorten(name)}'{owner}{nearest(name, known)}")


class DomainError(InputError):
    """A number outside its domain."""


class MissingExtraError(InputError):
    """An optional dependency that is not installed; the message says how to install it."""

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(f"{what} need {package}: pip install 'boundcalc[{extra}]'")


def refuse_unknown(kind: str, name: object, known: Collection[object], of: str = "") -> None:
    """Refuse a name that is not one of these.

    Raises
    ------
    UnknownNameError
        For another one, with the nearest of these.
    """
    if name not in known:
        raise UnknownNameError(kind, str(name), map(str, known), of)


def find(kind: str, name: str, table: Mapping[str, T], of: str = "") -> T:
    """What a table has under a name; one that it lacks is refused as by `refuse_unknown`."""
    refuse_unknown(kind, name, table, of)
    return table[name]


def normal(name: object) -> str:
    """A name in its one normal form: Unicode's composed one, without blanks at its ends."""
    return unicodedata.normalize("NFC", str(name)).strip()


def refuse_alike(names: Iterable[str], where: str, what: str) -> None:
    """Refuse names that differ in nothing that a reader sees as a difference.

    Raises
    ------
    InputError
        For two that differ in case, blanks or Unicode form only.
    """
    seen: dict[str, str] = {}
    for name in dict.fromkeys(names):
        alike = "".join(normal(name).casefold().split())
        if alike in seen:
            raise InputError(
                f"{where}: the names '{shorten(seen[alike])}' and '{shorten(name)}' differ in "
                f"case, blanks or Unicode form only: is this one {what}?"
            )
        seen[alike] = name


def optional(module: str, what: str, extra: str) -> Any:
    """Import a module of an optional dependency.

    Raises
    ------
    MissingExtraError
        If it cannot be imported: `what` need it, and `extra` installs it.
    InputError
        If it refuses to be loaded, because of settings of the user for example.
    """
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ImportError:
        raise MissingExtraError(what, package, extra) from None
    except Exception as error:
        said = shorten(str(error), 120)
        raise InputError(f"{what} need {package}, which cannot be loaded: {said}") from None


class ConventionError(InputError):
    """Two conventions that do not match, for example an empirical complexity where the
    expected one is needed."""


class ImpossibleTargetError(InputError):
    """A target that nothing meets; the message names the term that is in the way."""


class SideConditionError(InputError):
    """A lemma was asked for where its side conditions do not hold."""


class CertificateError(BoundcalcError):
    """A derivation that the kernel does not accept."""


class ConvergenceError(BoundcalcError):
    """A numerical search that did not end; never replaced by a number."""


class CatalogueError(BoundcalcError):
    """Something in the catalogue, ours or a plugin's, that cannot be read."""


class PluginWarning(UserWarning):
    """Something of another package that is left out; the message names it in one line."""


class ContradictionError(InputError):
    """Facts that cannot all be true; `facts` are the numbers of those that contradict one
    another.
    """

    def __init__(self, message: str, facts: tuple[int, ...]) -> None:
        super().__init__(message)
        self.facts = facts


class UnboundedError(InputError):
    """A linear form that no combination of the facts bounds; the message names the missing link."""


@contextmanager
def prefix_errors(where: str) -> Iterator[None]:
    """Say where the input stands that is refused inside; its names are those of a file's keys."""
    try:
        yield
    except InputError as error:
        kind = ConventionError if isinstance(error, ConventionError) else InputError
        raise kind(f"{where}: {error}") from None
