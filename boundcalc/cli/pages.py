"""Help pages as they were printed last: to draw one takes longer than a shell should wait."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import boundcalc
from boundcalc.numeric.cache import Store

COMPLETES = "_BOUNDCALC_COMPLETE"
"""What a shell sets when it asks for completions."""
_HELP = ("-h", "--help")
_ENVIRONMENT = (
    *("COLUMNS", "LINES", "TERMINAL_WIDTH", "TERM", "COLORTERM", "NO_COLOR", "FORCE_COLOR"),
    *("PY_COLORS", "GITHUB_ACTIONS", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "TYPER_USE_RICH"),
    *("_TYPER_FORCE_DISABLE_TERMINAL", "JUPYTER_COLUMNS", "UNICODE_VERSION", "PYTHONIOENCODING"),
)
"""What a page is drawn by, apart from the terminal."""


class _Copied(StringIO):
    """The standard output, of which a copy is kept."""

    def __init__(self, stream: Any) -> None:
        super().__init__()
        self.stream = stream

    @property
    def encoding(self) -> Any:  # type: ignore[override]
        """That of the output."""
        return self.stream.encoding

    def fileno(self) -> int:
        """That of the output."""
        return int(self.stream.fileno())

    def isatty(self) -> bool:
        """Whether the output is a terminal."""
        return bool(self.stream.isatty())

    def write(self, text: str, /) -> int:
        """Write to both."""
        self.stream.write(text)
        return super().write(text)

    def flush(self) -> None:
        """Send what was written."""
        self.stream.flush()


@contextmanager
def kept(arguments: list[str]) -> Iterator[bool]:
    """Print the help page that these arguments ask for, if it is known, else keep it."""
    words = arguments[:-1]
    one_command = len(words) <= 1 and not any(word.startswith("-") for word in words)
    # a terminal of Windows may be drawn on without anything being written
    elsewhere = COMPLETES in os.environ or sys.platform == "win32"
    if arguments[-1] not in _HELP or not one_command or elsewhere:
        yield False
        return
    store, name = Store("help", _version), _name(words)
    try:
        page = store.read(name)
    except ValueError:
        printed = sys.stdout
        sys.stdout = copy = _Copied(printed)
        try:
            yield False
        finally:
            sys.stdout = printed
        store.write(name, copy.getvalue())
    else:
        sys.stdout.write(page)
        yield True


def _name(words: list[str]) -> str:
    """What a page is kept under: all that its looks depend on."""
    sizes = []
    for stream in range(3):
        with suppress(OSError):
            sizes.append(os.get_terminal_size(stream))
    looks = [os.environ.get(name) for name in _ENVIRONMENT]
    key = (words, sizes, looks, sys.stdout.isatty(), sys.stdout.encoding)
    return blake2b(repr(key).encode(), digest_size=12).hexdigest()


def _version() -> str:
    """What changes with the programs that draw the pages."""
    package = Path(boundcalc.__file__).parent
    files = [*sorted(package.glob("*.py")), *sorted((package / "cli").glob("*.py"))]
    origins = (found.origin for found in map(find_spec, ("typer", "rich", "click")) if found)
    files += [Path(origin) for origin in origins if origin]
    seen = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    return blake2b(repr((sys.version, seen)).encode(), digest_size=12).hexdigest()
