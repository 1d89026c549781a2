"""Labels: numbers, or text that is encoded with its mapping kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.errors import InputError, UnknownNameError, shorten
from boundcalc.numeric.domains import unmasked

TASKS = ("classification", "regression")
_MISSING = frozenset({"", "nan"})
# what stands for no value among numbers; among texts these are names of classes like others
_MISSING_NUMBER = frozenset({"na", "n/a", "none", "null", "missing", "<na>"})
_MOST_CLASSES = 1000
_NO_FRACTIONS = 2.0**53  # from here on every floating-point number is whole, which says nothing of classes
_MOST_GUESSED = 20  # so many whole numbers are taken for classes without being asked


@dataclass(frozen=True, eq=False)
class Labels:
    """Checked labels.

    Attributes
    ----------
    values : ndarray, shape (m,)
        For classes their places in `classes`, else numbers.
    classes : tuple or None
        The labels found, sorted, where they are text, truth values or whole numbers.
    """

    values: NDArray[Any]
    classes: tuple[Any, ...] | None


def as_labels(values: Any, *, where: str, first_row: int = 1) -> Labels:
    """Check labels and encode what are classes.

    Text, truth values and whole numbers are classes, at most a thousand of them; other numbers stay as they
    are. None, NaN, its text and an empty text are missing. A class may be called none, NA, null or missing;
    only where all other labels are numbers do these words mean that a label is missing.

    Raises
    ------
    InputError
        If a label is missing or infinite, or if they are not a list; the message names the row.
    """
    array = np.asarray(
        unmasked(values, where, advice="leave these examples out", expected="a list of labels")
    )
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.size == 0:
        raise InputError(f"{where} has shape {array.shape}; give one label an example")
    if array.dtype.kind in "OUST":
        array = _text(array, where, first_row)
    elif array.dtype.kind not in "biuf":
        raise InputError(f"{where} holds entries of type {array.dtype}; labels are numbers or text")
    if array.dtype.kind == "f":
        bad = ~np.isfinite(array)
        if bad.any():
            row = int(np.argmax(bad))
            problem = "missing" if np.isnan(array[row]) else "infinite"
            raise InputError(f"{where}, row {row + first_row}: the label is {problem}")
        if np.any(array != np.floor(array)) or np.abs(array).max() >= _NO_FRACTIONS:
            return Labels(array.astype(np.float64), None)
    found, codes = np.unique(array, return_inverse=True)
    if array.dtype.kind != "U" and found.size > _MOST_CLASSES:
        return Labels(array.astype(np.float64), None)
    if array.dtype.kind == "f":
        # whole numbers in floating point name the same classes as integers
        return Labels(codes.astype(np.int64), tuple(int(c) for c in found))
    return Labels(codes.astype(np.int64), tuple(c.item() for c in found))


def _text(array: NDArray[Any], where: str, first_row: int) -> NDArray[Any]:
    """Text labels as text; numbers that came as text or as objects as numbers."""
    texts = []
    for row, value in enumerate(array.tolist()):
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        if text is None or text != text or str(text).strip().lower() in _MISSING:
            raise InputError(f"{where}, row {row + first_row}: the label is missing")
        if not isinstance(text, (str, int, float)):
            raise InputError(f"{where}, row {row + first_row}: {shorten(repr(text))} is no label")
        texts.append(str(text).strip())
    words = {row: text for row, text in enumerate(texts) if not _is_number(text)}
    if not words:
        return np.array([float(text) for text in texts])
    if len(words) < len(texts) and all(text.lower() in _MISSING_NUMBER for text in words.values()):
        raise InputError(f"{where}, row {next(iter(words)) + first_row}: the label is missing")
    return np.array(texts, dtype=np.str_)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def check_task(labels: Labels | None, task: str, where: str) -> None:
    """Refuse labels that do not fit a task.

    Raises
    ------
    InputError
        If there are none; for classification also if they are no classes or one class only.
    """
    if task not in TASKS:
        raise UnknownNameError("task", task, TASKS)
    if labels is None:
        raise InputError(f"{where} has no labels, which {task} needs: add y")
    if task == "regression":
        if labels.classes is not None and isinstance(labels.classes[0], str):
            raise InputError(
                f"{where}: the labels are text ('{shorten(labels.classes[0])}'); regression needs numbers"
            )
        return
    if labels.classes is None:
        raise InputError(f"{where}: the labels are not classes but numbers with many values")
    if len(labels.classes) < 2:
        raise InputError(f"{where}: all labels are {labels.classes[0]!r}; classification needs two classes")


def likely_task(classes: Sequence[Any] | None, where: str) -> str:
    """The task where none is named: text, truth values and few whole numbers are classes.

    Raises
    ------
    InputError
        For so many whole numbers that they may as well be amounts.
    """
    if classes is None:
        return "regression"
    if isinstance(classes[0], (str, bool)) or len(classes) <= _MOST_GUESSED:
        return "classification"
    raise InputError(
        f"{where}: the labels are {len(classes)} different whole numbers; name the task, classification "
        "or regression"
    )


def class_notes(classes: Sequence[Any], trained: NDArray[Any]) -> tuple[str, ...]:
    """What guarantees for classes rest on, and classes that no predictor could learn.

    Parameters
    ----------
    classes : sequence
    trained : ndarray
        The labels of the examples for training, as places in `classes`.
    """
    said = [f"assumed: the {len(classes)} classes were known beforehand; they are read off all labels"]
    unseen = [str(name) for i, name in enumerate(classes) if not np.any(trained == i)]
    if unseen:
        said.append(f"no labelled training example is of class {', '.join(map(shorten, unseen[:5]))}")
    return tuple(said)
