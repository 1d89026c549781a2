"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from boundcalc.errors import InputError

_LINKS = 40  # as many as the system follows


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears whole or not at all: a temporary file beside it, renamed at the end.

    The file behind a symbolic link is replaced, not the link, and keeps its mode; a device or a
    pipe is written to.

    Refused if it cannot be written.
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
    except ValueError:
        if "\0" not in str(path):
            raise
        raise InputError(f"cannot write {path}: it is not the name of a file") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """Whether it is a device or a pipe, which has no extension to go by."""
    return _of_the_system(path) or (path.exists() and not path.is_file())


def _of_the_system(path: Path) -> bool:
    return path.absolute().as_posix().startswith(("/dev/", "/proc/"))


def _target(path: Path) -> Path | None:
    """The file to be replaced, behind all links; None for what is written to where it stands."""
    for _ in range(_LINKS):
        if _of_the_system(path):
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
