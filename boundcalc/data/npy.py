"""Arrays from NumPy's files, which are never unpickled."""

from __future__ import annotations

import errno
from pathlib import Path
from tokenize import TokenError
from typing import Any, Literal

import numpy as np

from boundcalc.errors import InputError, shorten

_MAGIC = b"\x93NUMPY"
# what NumPy raises for a damaged file: a header that is cut short fails in the tokenizer it is read with
DAMAGED = (EOFError, KeyError, NotImplementedError, OverflowError, SyntaxError, TokenError)


def read_npy(file: Path, where: str, *, needs: str = "", mapped: Literal["r"] | None = None) -> Any:
    """The array in an ``.npy`` file.

    Parameters
    ----------
    file : Path
    where : str
        What error messages call it.
    needs : str
        What they say of an empty file.
    mapped : {"r"}, optional
        Leave the entries on the disk.

    Raises
    ------
    InputError
        If it is no such file, is damaged or holds Python objects.
    OSError, MemoryError
    """
    with file.open("rb") as stream:
        start = stream.read(len(_MAGIC))
    if not start:
        raise InputError(f"{where} is empty{needs}")
    if start != _MAGIC:
        raise InputError(f"{where} is not a NumPy array file (one made by numpy.save)")
    try:
        return np.load(file, mmap_mode=mapped, allow_pickle=False)
    except ValueError as error:
        raise refusal(error, where) from None
    except OSError as error:
        if error.errno != errno.ENOMEM:
            raise
        raise InputError(
            f"{where}: {file.stat().st_size / 1e9:.3g} GB of address space are needed to read it in "
            "blocks, and this process may not take so much (ulimit -v)"
        ) from None
    except DAMAGED:
        raise damaged(where) from None


def refusal(error: ValueError, where: str) -> InputError:
    """What NumPy's refusal of an array means."""
    if "Object arrays" in str(error) or "Python objects" in str(error):
        return InputError(
            f"{where} holds Python objects, which are never unpickled; save an array of numbers, or labels "
            "of plain text: numpy.array(labels, dtype=str)"
        )
    return InputError(f"{where} is damaged: {shorten(str(error), 80)}")


def damaged(where: str) -> InputError:
    """A file that NumPy cannot read to its end."""
    return InputError(f"{where} is damaged")
