"""What public functions take, by their annotations: another type is refused in one line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache, wraps
from inspect import CO_VARKEYWORDS, unwrap
from numbers import Real
from pathlib import Path
from types import NoneType, SimpleNamespace, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from boundcalc.errors import InputError, argument, refuse_unknown, shown

T = TypeVar("T", bound=Callable[..., Any])

_SAID: dict[Any, str] = {
    str: "text",
    int: "a number",
    float: "a number",
    bool: "true or false",
    Path: "a path",
    Mapping: "a mapping",
    Sequence: "a list",
    tuple: "a list",
    Callable: "a function",
}


_EXACT = 2**53  # from here on a float may stand for several whole numbers


def is_number(value: object) -> bool:
    """Whether a value is one number; truth values are not."""
    if isinstance(value, Decimal):
        return not value.is_nan()
    return isinstance(value, Real) and not isinstance(value, bool)


def whole(value: Any) -> Any:
    """A number of any type as an int where it is a whole one; anything else as it is."""
    exact = is_number(value) and abs(value) < _EXACT and value == int(value)
    return int(value) if exact else value


def dimensions(values: Any) -> int:
    """How many axes an array or nested lists have; −1 for lists of different lengths."""
    import numpy as np

    try:
        return np.ndim(values)
    except ValueError:
        return -1


def typed(target: T) -> T:
    """Refuse arguments that a function does not have, and types that its annotations do not name.

    Only the type is looked at: any number fits ``int``, because the function itself says which
    numbers it takes. What is annotated ``Any`` is left to the function.

    Parameters
    ----------
    target : callable
        A function, or a data class, whose fields are checked when it is made.

    Raises
    ------
    InputError
        When it is called; the message names the argument.
    """
    if isinstance(target, type):
        target.__init__ = typed(target.__init__)  # type: ignore[misc]
        return target
    inner = unwrap(target)
    code = inner.__code__
    names = code.co_varnames[: code.co_argcount]
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    open_ended = bool(code.co_flags & CO_VARKEYWORDS)
    called = inner.__qualname__.removesuffix(".__init__")

    @wraps(target)
    def checked(*args: Any, **kwargs: Any) -> Any:
        for name in () if open_ended else kwargs:
            refuse_unknown("argument", name, [one for one in known if one != "self"], called)
        hints = _hints(inner)
        plain = [_plain(hints, *one) for one in zip(names, args, strict=False)]
        rest = args[len(plain) :]
        return target(*plain, *rest, **{name: _plain(hints, name, kwargs[name]) for name in kwargs})

    return cast(T, checked)


@cache
def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of the arguments."""
    written = {name: text for name, text in function.__annotations__.items() if name != "return"}
    return get_type_hints(SimpleNamespace(__annotations__=written), function.__globals__)


def _plain(hints: Mapping[str, Any], name: str, value: Any) -> Any:
    """An argument that fits; a scalar of NumPy as one of Python."""
    hint = hints.get(name, Any)
    if hint is Any:
        return value
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if not _fits(hint, value):
        raise InputError(f"{argument(name)} must be {_said(hint)}, not {shown(value)}")
    if int in (hint, *get_args(hint)) and float not in (hint, *get_args(hint)):
        value = whole(value)
    if isinstance(value, int) and not _is_float(value):
        raise InputError(f"{argument(name)} is too large: {shown(value)}")
    return value


def _fits(hint: Any, value: Any) -> bool:
    if hint is Any:
        return True
    kind, inside = get_origin(hint) or hint, get_args(hint)
    if kind in (Union, UnionType):
        return any(_fits(one, value) for one in inside)
    if kind in (int, float):
        return is_number(value)
    if kind is Path:
        return isinstance(value, os.PathLike)
    if kind is Mapping:
        return isinstance(value, Mapping) and all(
            _fits(inside[0], key) and _fits(inside[1], one) for key, one in value.items()
        )
    if kind in (Sequence, tuple):
        listed = hasattr(value, "__len__") and hasattr(value, "__getitem__")
        if not listed or isinstance(value, (str, bytes, Mapping)):
            return False
        return all(_fits(inside[0], one) for one in value)
    return callable(value) if kind is Callable else isinstance(value, kind)


def _is_float(value: int) -> bool:
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _said(hint: Any) -> str:
    """The types that an annotation names, in words."""
    kind = get_origin(hint) or hint
    kinds = get_args(hint) if kind in (Union, UnionType) else (hint,)
    said = dict.fromkeys(_kind_said(one) for one in kinds if one is not NoneType)
    *most, last = said
    return f"{', '.join(most)} or {last}" if most else last


def _kind_said(hint: Any) -> str:
    kind, inside = get_origin(hint) or hint, get_args(hint)
    if kind in (Sequence, tuple) and inside[0] is str:
        return "a list of texts"
    return _SAID.get(kind) or f"a {kind.__name__}"
