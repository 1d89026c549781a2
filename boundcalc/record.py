"""Records: what every result is, and its plain values for JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import reduce, singledispatch
from pathlib import Path
from typing import Any, ClassVar

from boundcalc.errors import UNSEEN, visible


@singledispatch
def as_plain(value: Any) -> Any:
    """A value as JSON has it: arrays and tuples as lists, enumerations as their values.

    A float that is no finite number is None. A type of its own registers how it is written:
    ``@plain.register``.
    """
    if hasattr(value, "tolist"):  # NumPy arrays and scalars, without loading NumPy
        return as_plain(value.tolist())
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_plain(getattr(value, f.name)) for f in fields(value)}
    return value


@as_plain.register
def _(value: float) -> float | None:
    return value if math.isfinite(value) else None


@as_plain.register(Fraction)
@as_plain.register(Decimal)
def _(value: Fraction | Decimal) -> float:
    return float(value)


@as_plain.register
def _(value: Enum) -> Any:
    return value.value


@as_plain.register
def _(value: Path) -> str:
    return str(value)


@as_plain.register(tuple)
@as_plain.register(list)
@as_plain.register(range)
def _(value: Any) -> list[Any]:
    if all(type(entry) is float for entry in value):  # a long array of numbers, in one pass
        return [entry if math.isfinite(entry) else None for entry in value]
    return [as_plain(entry) for entry in value]


@as_plain.register(set)
@as_plain.register(frozenset)
def _(value: Any) -> list[Any]:
    return sorted(as_plain(entry) for entry in value)


@as_plain.register
def _(value: Mapping) -> dict[str, Any]:  # type: ignore[type-arg]
    return {str(as_plain(key)): as_plain(entry) for key, entry in value.items()}


_LONGEST_VALUE, _LONGEST_LINE = 40, 160


class Brief:
    """Base of frozen dataclasses whose `repr` is one line: the single values, shortened."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "__repr__" not in cls.__dict__:  # else a dataclass would write a long one
            cls.__repr__ = Brief.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        shown, room = [], _LONGEST_LINE
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if not isinstance(value, (bool, int, float, str, Fraction)) or value == "":
                continue
            part = f"{field.name}={_short(value)}"
            room -= len(part)
            if room < 0:
                shown.append("…")
                break
            shown.append(part)
        return f"{type(self).__name__}({', '.join(shown)})"


def _short(value: Any) -> str:
    text = f"{value.value}" if isinstance(value, Enum) else f"{value}"
    text = visible(" ".join(text[: 2 * _LONGEST_VALUE].split()))
    text = text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
    return repr(text) if isinstance(value, str) else text


class Shown(Brief):
    """Base of what prints itself: on one screen, in a notebook, as text of other programs.

    What it looks like is the business of `boundcalc.render`, which is loaded when it is asked for.
    """

    def __str__(self) -> str:
        return str(_present().on_screen(self))

    def _repr_html_(self) -> str:
        """The answer in a notebook."""
        return str(_present().written(self, "notebook"))

    def _repr_latex_(self) -> str | None:
        """The answer as a formula, where it is one: for notebooks that become papers."""
        found = _present().as_formula(self)
        return None if found is None else str(found)

    def to_html(self) -> str:
        """The answer as an HTML page of its own."""
        return str(_present().written(self, "html"))

    def to_markdown(self) -> str:
        """The answer as Markdown."""
        return str(_present().written(self, "markdown"))

    def to_latex(self) -> str:
        """The answer as LaTeX."""
        return str(_present().written(self, "latex"))


def _present() -> Any:
    from boundcalc.render import present

    return present


class Record(Shown):
    """Base of all results: a frozen dataclass that is written to JSON in one way.

    Subclasses name their keys in `json_keys` where these are not simply the fields: each entry is
    ``key``, ``key=attribute`` (a dotted path is followed) or, with a question mark at the end, a
    key that is left out where its value is None. Or they name in `json_more` what follows their
    fields.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Limit(Record):
    ...     json_keys = ("value", "examples=n", "note?")
    ...     value: float
    ...     n: int
    ...     note: str | None = None
    >>> Limit(0.25, 100).to_dict()
    {'value': 0.25, 'examples': 100}
    """

    json_keys: ClassVar[tuple[str, ...]] = ()
    json_more: ClassVar[tuple[str, ...]] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        own = (f.name for f in fields(self))  # type: ignore[arg-type]
        keys = self.json_keys or (*own, *self.json_more)
        found = {}
        for entry in keys:
            key, _, path = entry.removesuffix("?").partition("=")
            value = as_plain(reduce(getattr, (path or key).split("."), self))
            if value is not None or not entry.endswith("?"):
                found[key] = value
        return found

    def to_json(self) -> str:
        """The record as JSON text."""
        return as_json(self.to_dict())

    def to_frame(self) -> Any:
        """The record's one tidy table as a pandas DataFrame, the verdict in it."""
        return _present().as_frame(self)

    def plot(self, ax: Any = None) -> Any:
        """Draw the record, where it has a picture: on given axes, or in a figure of its own.

        Raises
        ------
        InputError
            If it has none.
        MissingExtraError
            If matplotlib is not installed.
        """
        return _present().figure_of(self, ax)


@as_plain.register
def _(value: Record) -> dict[str, Any]:
    return value.to_dict()


def as_json(values: Any) -> str:
    """Plain values as JSON text, readable and with a line break at the end."""
    text = json.dumps(as_plain(values), ensure_ascii=False, indent=2, allow_nan=False)
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
