"""Records with plain values for JSON."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from functools import singledispatch
from typing import Any

from boundcalc.study.study import Subset


@singledispatch
def _plain(value: Any) -> Any:
    return value


@_plain.register
def _(value: tuple) -> list[Any]:  # type: ignore[type-arg]
    return [_plain(entry) for entry in value]


@_plain.register
def _(value: Fraction) -> float:
    return float(value)


@_plain.register
def _(value: Subset) -> list[str]:
    return list(value.modalities)


class Record:
    """A frozen record with plain values for JSON: a subset is the list of its modalities."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """The record less some of its fields."""
    return {name: value for name, value in record.items() if name not in names}


@_plain.register
def _(value: Record) -> dict[str, Any]:
    return value.to_dict()
