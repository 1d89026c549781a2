"""Entry points of other packages, each loaded by itself: one that breaks is named and left out."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from boundcalc.errors import PluginWarning, shorten

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Loaded = TypeVar("Loaded")
_LINE = 200
_OURS = b"[boundcalc."


def installed(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, by name; nothing is imported."""
    if not any(map(_may_hold_some, sys.path)):
        return ()
    from importlib.metadata import entry_points  # slow to load, and as a rule there are none

    return tuple(sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)))


def _may_hold_some(place: str) -> bool:
    """Whether a package in a folder of the path might declare entry points of ours."""
    folder = Path(place)
    if not folder.is_dir():
        return folder.exists()  # an archive
    metadata = (*folder.glob("*.dist-info/entry_points.txt"), *folder.glob("*.egg-info/entry*.txt"))
    return any(_OURS in path.read_bytes() for path in metadata)


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
