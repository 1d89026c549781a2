"""The user's cache, of compiled theorems for one: JSON, read as data and never run.

What is kept is only used while everything that it was computed from is the same: the text of the
files of the package that make a theorem and compile it, and the versions of SymPy and Python. Each
file begins with a checksum of the rest. A cache that is damaged, missing or read-only costs time
and nothing else; a file appears whole or not at all, so that two processes may write at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import boundcalc

PLACES = (
    "symbolic",
    "theorems",
    "arguments.py",
    "record.py",
    "conventions.py",
    "errors.py",
    "text.py",
)
"""The files of the package that make theorems."""
COMPILERS = ("arithmetic.py", "compile.py", "compiled.py", "tapes.py")
"""Those of this folder that compile them."""
_KEPT = 4
"""How many versions are kept side by side."""
_LOADED = "boundcalc.symbolic.theorem"


def _home() -> Path:
    """Where the system keeps caches of a user."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if Path(given).is_absolute():
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _version() -> str:
    """A checksum of everything that compiled theorems follow from."""
    digest = blake2b(f"{sys.version} {boundcalc.__version__}".encode(), digest_size=12)
    package = Path(boundcalc.__file__).parent
    for path in _files(package):
        digest.update(f"{path.relative_to(package).as_posix()} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    sympy = find_spec("sympy")
    if sympy is not None and sympy.origin:
        digest.update(Path(sympy.origin).with_name("release.py").read_bytes())
    return digest.hexdigest()


def _files(package: Path) -> list[Path]:
    """The files that theorems and their compilation are made of."""
    found = [package / "numeric" / name for name in COMPILERS]
    for place in (package / name for name in PLACES):
        inside = [place] if place.is_file() else [*place.rglob("*.py"), *place.rglob("*.bib")]
        found += sorted(inside)
    return found


class Store:
    """The user's cache of one kind, for this version of what it is computed from.

    Parameters
    ----------
    kind : str
    version : callable
        A checksum of all that it is computed from.
    fit : callable
        Whether what is computed now follows from that.
    """

    def __init__(
        self, kind: str, version: Callable[[], str], fit: Callable[[], bool] = lambda: True
    ) -> None:
        self._place = kind, version, fit

    @cached_property
    def _folder(self) -> tuple[Path, bool]:
        """The folder, and whether it may be written to."""
        kind, version, fit = self._place
        return _home() / "boundcalc" / kind / version(), fit()

    def read(self, name: str) -> Any:
        """What was kept under a name.

        Raises
        ------
        ValueError
            If there is nothing, or not what was written.
        """
        try:
            text = (self._folder[0] / f"{name}.json").read_bytes()
        except (OSError, RuntimeError):  # no such file, or no home at all
            raise ValueError(f"{name} is not in the cache") from None
        checksum, _, rest = text.partition(b"\n")
        if checksum != _checksum(rest):
            raise ValueError(f"{name} is damaged")
        return json.loads(rest)

    def write(self, name: str, data: Any) -> None:
        """Keep data under a name, where that can be done."""
        import tempfile

        with suppress(OSError, RuntimeError):  # a full or read-only disk, or no home at all
            folder, fit = self._folder
            if not fit:
                return
            if not folder.exists():
                folder.mkdir(parents=True, mode=0o700)
                _forget_old(folder)
            rest = json.dumps(data, ensure_ascii=False).encode()
            handle, temporary = tempfile.mkstemp(dir=folder)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(_checksum(rest) + b"\n" + rest)
                os.replace(temporary, folder / f"{name}.json")
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise


theorems = Store("theorems", _version, lambda: _LOADED not in sys.modules)
"""Modules that were loaded before their files were read may be older than the files."""


def _checksum(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).hexdigest().encode()


def _forget_old(folder: Path) -> None:
    """Remove all but the newest versions."""
    import shutil

    versions = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime)
    for old in versions[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
