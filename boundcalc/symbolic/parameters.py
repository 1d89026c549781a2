"""Parameters by name: those of the table, and what other packages declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint

from sympy import Symbol

from boundcalc.arguments import typed
from boundcalc.errors import InputError, UnknownNameError, shorten
from boundcalc.symbolic.parameter import Parameter, ParameterSymbol
from boundcalc.symbolic.parameter_table import TABLE
from boundcalc.symbolic.plugins import leave_out, load_each

ENTRY_POINTS = "boundcalc.parameters"
SAMPLE_SIZES = ("m", "n")
"""The counts that grow without end: of training and of held-out examples."""


@cache
def _table() -> dict[str, Parameter]:
    return {p.name: p for p in TABLE}


@cache
def parameters() -> dict[str, Parameter]:
    """All parameters by name: this table, then what other packages declare under `ENTRY_POINTS`."""
    found = dict(_table())
    taken = found.keys() | {alias for p in TABLE for alias in p.aliases}
    for p in (p for group in load_each(ENTRY_POINTS, _declared) for p in group):
        clash = taken & {p.name, *p.aliases}
        if clash and found.get(p.name) != p:
            leave_out(f"the parameter {p.name} of another package", f"{min(clash)} is taken")
            continue
        found[p.name] = p
        taken |= {p.name, *p.aliases}
    return found


def _declared(entry: EntryPoint) -> tuple[Parameter, ...]:
    """One parameter, or several."""
    held = entry.load()
    several = (held,) if isinstance(held, Parameter) else tuple(held)
    for p in several:
        if not isinstance(p, Parameter):
            raise InputError(f"{shorten(p)} is not a Parameter")
    return several


def _named(name: str, known: Mapping[str, Parameter]) -> Parameter | None:
    return known.get(name) or next((p for p in known.values() if name in p.aliases), None)


def parameter(name: str) -> Parameter:
    """Look a parameter up by its long name or an alias.

    Beside those of the table, the parameters of other packages' theorems and classes are known.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest one.
    """
    found = _named(name, _table()) or _named(name, parameters())
    if found is None:
        # what these rest on may itself ask for symbols, so they are loaded for names of users only
        from boundcalc.symbolic.catalogue import foreign_parameters

        known = {**parameters(), **foreign_parameters()}
        found = _named(name, known)
        if found is None:
            raise UnknownNameError("parameter", name, known)
    return found


@typed
def symbol(name: str) -> ParameterSymbol:
    """The SymPy symbol of a parameter of the table, by name.

    Raises
    ------
    UnknownNameError
        If there is none; the message names the nearest one.

    Examples
    --------
    >>> symbol("L") == symbol("lipschitz")
    True
    """
    found = _named(name, _table()) or _named(name, parameters())
    if found is None:
        raise UnknownNameError("parameter", name, parameters())
    return found.symbol


def in_order(symbols: Iterable[Symbol]) -> tuple[Parameter, ...]:
    """The parameters among some symbols, in the order of the table; others come last, by name."""
    used = {s.parameter.name: s.parameter for s in symbols if isinstance(s, ParameterSymbol)}
    listed = [name for name in parameters() if name in used]
    return tuple(used[name] for name in (*listed, *sorted(used.keys() - set(listed))))
