"""The files that a study names lie in its folder: studies may come from strangers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from boundcalc.errors import InputError, shorten

_ALLOWED = ContextVar("_ALLOWED", default=False)


@contextmanager
def allow_outside() -> Iterator[None]:
    """Within it, a study may name any file."""
    before = _ALLOWED.set(True)
    try:
        yield
    finally:
        _ALLOWED.reset(before)


def file_in(folder: Path | None, name: str | Path) -> Path:
    """A file that a study in a folder names.

    Parameters
    ----------
    folder : Path or None
        None where the caller names the file and not a study.
    name : str or Path

    Raises
    ------
    InputError
        If it lies outside the folder, behind a symbolic link too, or is a device or a pipe.
    """
    if folder is None:
        return Path(name)
    path, shown = folder / name, shorten(str(name), 200)
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
        special = path.exists() and not path.is_file() and not path.is_dir()
    except (OSError, ValueError, RuntimeError):  # a name with a zero byte, links in a circle
        raise InputError(f"'{shown}' is not the name of a file") from None
    if _ALLOWED.get():
        return path
    if not inside:
        raise InputError(f"'{shown}' is outside the folder of the study; --allow-outside reads it")
    if special:
        raise InputError(f"'{shown}' is a device or a pipe; --allow-outside reads it")
    return path
