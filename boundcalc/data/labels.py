"""Labels: classes with their names kept, or numbers.

Only canonical decimals are numbers: what programs write for a number, as in 10, −0.5 or 1e-05. All
other text stays text, such as 007, +1, 1_0, 12E1 or digits of other scripts: read as numbers they
would be merged.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from boundcalc.data.tables import MISSING_TEXT, as_float, is_missing
from boundcalc.errors import InputError, normal, shorten
from boundcalc.numeric.domains import unmasked

TASKS = CLASSIFICATION, REGRESSION = "classification", "regression"
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|-?[0-9](?:\.[0-9]+)?e[+-][0-9]{2,3}")
_LONGEST = 300
_MISSING = frozenset({"", "nan"})
# what stands for no value among numbers; among texts these are names of classes like others
_MISSING_NUMBER = MISSING_TEXT - _MISSING
_INFINITE = frozenset({"inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"})
_MOST_CLASSES = 1000
_NO_FRACTIONS = 2.0**53  # from here on every float is whole, which says nothing of classes
Place = Callable[[int], str]
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
    other : Labels or None
        The same labels for the other task, where they can be read in two ways.
    remarks : tuple of str
    """

    values: NDArray[Any]
    classes: tuple[Any, ...] | None
    other: Labels | None = None
    remarks: tuple[str, ...] = ()


def as_labels(values: Any, *, where: str, rows: Sequence[int] | None = None) -> Labels:
    """Check labels and encode what are classes.

    Text, truth values and whole numbers are classes, at most a thousand of them; other numbers
    stay as they are. None, NaN, its text and an empty text are missing. A class may be called
    none, NA, null or missing; only where all other labels are numbers do these words mean that a
    label is missing.

    Parameters
    ----------
    rows : sequence of int, optional
        The number of each label in error messages.

    Raises
    ------
    InputError
        If a label is missing or infinite, or if they are not a list; the message names the row.
    """
    if isinstance(values, (list, tuple)) and not any(map(np.ma.is_masked, values)):
        # as objects: NumPy would turn numbers among texts into texts
        values = np.array(values, dtype=object)
    array = np.asarray(unmasked(values, where, expected="a list of labels"))
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.size == 0:
        raise InputError(f"{where} has shape {array.shape}; give one label an example")
    numbered = range(1, len(array) + 1) if rows is None else rows

    def place(row: int) -> str:
        return f"{where}, row {numbered[row] if row < len(numbered) else row + 1}"

    if array.dtype.kind in "OUST":
        found = [_plain(value, place, row) for row, value in enumerate(array.tolist())]
        _refuse_mixed(found, place)
        if isinstance(found[0], str):
            made = _of_texts(found, place)
            return replace(made, remarks=(*made.remarks, *_merged(array.tolist(), found)))
        array = _of_objects(found)
        different = len(set(found))
    elif array.dtype.kind not in "biuf":
        raise InputError(f"{where} holds entries of type {array.dtype}; labels are numbers or text")
    else:
        different = len(np.unique(array)) if array.dtype == np.longdouble else 0
    made = _of_numbers(array, place)
    if made.classes is not None and different > len(made.classes):
        raise InputError(f"{where}: labels that differ in more digits than a float has; write text")
    return made


def _merged(written: Sequence[Any], names: Sequence[str]) -> Iterator[str]:
    """A remark where labels that were written in two ways are one class."""
    first: dict[str, Any] = {}
    for text, name in zip(written, names, strict=True):
        other = first.setdefault(name, text)
        if other != text:
            yield (
                f"labels that differ in blanks at their ends or in Unicode form only, such as "
                f"{other!a} and {text!a}, are one class"
            )
            return


def _plain(value: Any, place: Place, row: int) -> Any:
    """Text, a truth value or a number."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            said = f"the label {shorten(repr(value))} is not UTF-8 text"
            raise InputError(f"{place(row)}: {said}") from None
    if isinstance(value, str):
        value = normal(value)
        missing = value.lower() in _MISSING
    elif isinstance(value, (Real, Decimal)):
        size = as_float(value)
        if math.isinf(size):
            raise InputError(f"{place(row)}: the label is infinite")
        missing = math.isnan(size)
    else:
        missing = is_missing(value)
        if not missing:
            raise InputError(f"{place(row)}: {shorten(repr(value))} is no label")
    if missing:
        raise InputError(f"{place(row)}: the label is missing")
    return value


def _refuse_mixed(values: Sequence[Any], place: Place) -> None:
    kinds = {str: "text", bool: "a truth value"}
    first = kinds.get(type(values[0]), "a number")
    for row, value in enumerate(values):
        kind = kinds.get(type(value), "a number")
        if kind != first:
            raise InputError(
                f"{place(row)}: the label {shorten(repr(value))} is {kind}, and the first one, "
                f"{shorten(repr(values[0]))}, is {first}"
            )


def _of_objects(values: Sequence[Any]) -> NDArray[Any]:
    """Whole numbers exactly, others in floating point."""
    if isinstance(values[0], bool):
        return np.array(values)
    if any(v != int(v) or (isinstance(v, float) and abs(v) >= _NO_FRACTIONS) for v in values):
        return np.array(list(map(float, values)))
    whole = list(map(int, values))
    inside = min(whole) >= -(2**63) and max(whole) < 2**63
    return np.array(whole, dtype=np.int64 if inside else object)


def _of_numbers(array: NDArray[Any], place: Place) -> Labels:
    """Whole numbers and truth values as classes; others as they are."""
    whole = array.dtype.kind != "f"
    if not whole:
        array = array.astype(np.float64)
        bad = ~np.isfinite(array)
        if bad.any():
            row = int(np.argmax(bad))
            problem = "missing" if np.isnan(array[row]) else "infinite"
            raise InputError(f"{place(row)}: the label is {problem}")
        whole = _are_whole(array)
        # whole numbers in floating point name the same classes as integers
        array = array.astype(np.int64) if whole else array
    found, codes = np.unique(array, return_inverse=True)
    classes = Labels(codes.astype(np.int64), tuple(found.tolist()))
    if whole and found.size <= _MOST_CLASSES:
        return classes
    return Labels(array.astype(np.float64), None, classes if _few(found.size, array.size) else None)


def _are_whole(numbers: NDArray[np.float64]) -> bool:
    return bool(np.all(numbers == np.floor(numbers)) and np.abs(numbers).max() < _NO_FRACTIONS)


def _few(classes: int, m: int) -> bool:
    """Whether numbers are repeated so often that they may be codes."""
    return classes <= min(_MOST_CLASSES, m / 2)


def _of_texts(texts: Sequence[str], place: Place) -> Labels:
    """Text as classes; canonical decimals as numbers, unless two texts would be one class."""
    odd = {row: text.lower() for row, text in enumerate(texts) if not _is_decimal(text)}
    if odd and len(odd) < len(texts) and set(odd.values()) <= _MISSING_NUMBER | _INFINITE:
        row, word = next(iter(odd.items()))
        problem = "infinite" if word in _INFINITE else "missing"
        raise InputError(f"{place(row)}: the label is {problem}")
    names = tuple(sorted(set(texts)))
    places = {name: i for i, name in enumerate(names)}
    as_text = Labels(np.array([places[text] for text in texts], dtype=np.int64), names)
    if odd:
        return as_text
    if all(map(_WHOLE.fullmatch, texts)):
        return _of_numbers(_of_objects(list(map(int, texts))), place)
    numbers = np.array(list(map(float, texts)))
    read = _of_numbers(numbers, place)
    if read.classes is None:
        return replace(read, other=as_text if _few(len(names), len(texts)) else None)
    if len(read.classes) == len(names):
        return read
    twice = Counter(float(name) for name in names).most_common(1)[0][0]
    same = " and ".join([repr(name) for name in names if float(name) == twice][:2])
    remark = f"labels such as {same} are one number, written in two ways: they are kept apart"
    return replace(as_text, other=Labels(numbers, None), remarks=(remark,))


def _is_decimal(text: str) -> bool:
    return len(text) <= _LONGEST and _DECIMAL.fullmatch(text) is not None


def likely_task(classes: Sequence[Any] | None, where: str) -> str:
    """The task where none is named: text, truth values and few whole numbers are classes.

    Raises
    ------
    InputError
        For so many whole numbers that they may as well be amounts.
    """
    if classes is None:
        return REGRESSION
    if isinstance(classes[0], (str, bool)) or len(classes) <= _MOST_GUESSED:
        return CLASSIFICATION
    raise InputError(
        f"{where}: the labels are {len(classes)} different whole numbers; name the task, "
        "classification or regression"
    )


def class_notes(classes: Sequence[Any], trained: NDArray[Any]) -> tuple[str, ...]:
    """What guarantees for classes rest on, and classes that no predictor could learn.

    Parameters
    ----------
    classes : sequence
    trained : ndarray
        The labels of the examples for training, as places in `classes`.
    """
    known = f"the {len(classes)} classes were known beforehand"
    said = [f"assumed: {known}; they are read off all labels"]
    unseen = [str(name) for i, name in enumerate(classes) if not np.any(trained == i)]
    if unseen:
        named = ", ".join(map(shorten, unseen[:5]))
        said.append(f"no labelled training example is of class {named}")
    return tuple(said)
