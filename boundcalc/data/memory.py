"""How much memory is left: data that do not fit are refused in words, before the system ends the process."""

from __future__ import annotations

import re
from pathlib import Path

from boundcalc.errors import InputError

ADVICE = "take fewer rows or columns; an array in an .npy file is read in blocks by boundcalc estimate"
_GB = 1e9
# of a control group, version 2 and 1: its limit, what it uses, and what of this can be given back
_GROUPS = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)


def left() -> int | None:
    """Bytes that this process may still take; None where the system does not tell."""
    found = [size for size in (_machine(), _address_space(), *map(_group, _GROUPS)) if size is not None]
    return min(found, default=None)


def require(size: float, where: str) -> None:
    """Refuse what would take more bytes than are left.

    Raises
    ------
    InputError
        The message names both numbers, and what to do.
    """
    free = left()
    if free is not None and size > free:
        raise InputError(
            f"{where}: this takes about {size / _GB:.3g} GB of memory, and {free / _GB:.3g} GB are left: "
            f"{ADVICE}"
        )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def _machine() -> int | None:
    found = re.search(r"^MemAvailable:\s*(\d+) kB", _read("/proc/meminfo"), re.MULTILINE)
    return None if found is None else 1024 * int(found[1])


def _address_space() -> int | None:
    """What a limit as that of ``ulimit -v`` leaves."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    pages = _read("/proc/self/statm").split()
    if limit == resource.RLIM_INFINITY or not pages:
        return None
    return max(0, limit - int(pages[0]) * resource.getpagesize())


def _group(names: tuple[str, str, str]) -> int | None:
    limit, used, shares = (_read(f"/sys/fs/cgroup/{name}") for name in names)
    if not (limit.strip().isdigit() and used.strip().isdigit()):
        return None
    cached = re.search(r"^(?:total_)?inactive_file (\d+)", shares, re.MULTILINE)
    return max(0, int(limit) - int(used) + (0 if cached is None else int(cached[1])))
