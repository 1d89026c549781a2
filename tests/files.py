"""Paths and files for tests: arrays and text as they come, and a pickle that shows when it was opened."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


def save(folder: Path, name: str, content: object) -> Path:
    """Write a dictionary of arrays, an array, bytes or text."""
    path = folder / name
    if isinstance(content, dict):
        np.savez(path, **content)
    elif isinstance(content, (np.ndarray, np.generic)):
        np.save(path, content)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(str(content), encoding="utf-8")
    return path


class Bomb:
    """Makes the folder ``unpickled`` if it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, ("unpickled",))
