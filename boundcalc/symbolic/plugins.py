"""Entry points of other packages, each loaded by itself: one that breaks is named and left out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from boundcalc.errors import PluginWarning, shorten

Loaded = TypeVar("Loaded")
_LINE = 200


def installed(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, by name; nothing is imported."""
    return tuple(sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)))


def load_each(group: str, load: Callable[[EntryPoint], Loaded]) -> Iterator[Loaded]:
    """What each entry point of a group holds, without those that cannot be loaded."""
    for entry in installed(group):
        try:
            yield load(entry)
        except (Exception, SystemExit) as error:
            leave_out(f"{group} '{entry.name}'{owner(entry)}", error)


def owner(entry: EntryPoint) -> str:
    """The package that an entry point is from, for messages."""
    return f" of {entry.dist.name}" if entry.dist else ""


def said(error: BaseException) -> str:
    """An error on one line."""
    return shorten(str(error) or type(error).__name__, _LINE)


def leave_out(what: str, error: BaseException | str) -> None:
    """Say in one line that something of another package is left out."""
    why = error if isinstance(error, str) else said(error)
    warnings.warn(f"left out: {what}: {why}", PluginWarning, stacklevel=3)
