"""The printed proof of a theorem: formula → numbers put in → result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import Expr

from boundcalc.arguments import typed
from boundcalc.errors import InputError
from boundcalc.numeric.bound import bind, choose, value_of
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.proof import Proof, printed_proof
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.theorem import Theorem, Variant
from boundcalc.text import number, significant


@typed
def derive(id: str, /, *, variant: str | None = None, **values: Any) -> Proof:
    """Derive a bound step by step.

    Parameters
    ----------
    id : str
    variant : str, optional
        Where left out: the first variant whose inputs are the values given, or the first of all.
    **values : float
        Any of the variant's parameters; steps whose numbers are complete show them.

    Returns
    -------
    Proof

    Raises
    ------
    InputError
        As `evaluate`.

    Examples
    --------
    >>> derive("holdout.hoeffding").check().result
    'r̂ + C·√(ln(1/δ)/(2·n))'
    """
    bound = bind(id, variant, values, choice=_first if not values else choose, partial=True)
    if any(np.ndim(v) for v in bound.numbers.values()):
        raise InputError("a derivation takes single numbers, not arrays")
    form, limit = bound.variant, ""
    shown = {name: _decimal(values, name) for name in bound.written}
    if shown:
        shown |= {k: f"{v:g}" for k, v in form.defaults.items() if k not in shown}
        if not bound.free:
            bound.check()
            value = bound.value()
            exact = form.relation == "="
            limit = number(value) if exact else significant(value, up=bound.upper)

    def added(expression: Expr) -> float:
        numbers = {s.name: float(shown[s.name]) for s in expression.free_symbols}
        return float(value_of(expression, numbers))

    return printed_proof(
        form.derivation,
        shown=shown,
        value=added,
        relation=form.relation,
        limit=limit,
        also=form.also,
        id=id,
        variant=form.name,
        status=form.status.value,
        credit=bound.entry.credit,
        assumes=form.assumes,
    )


def _first(entry: Theorem, variant: str | None, names: set[str]) -> Variant:
    """The variant asked for, or the first of all: no numbers speak for another."""
    return choose(entry, variant or next(iter(entry.variants)), names)


def _decimal(values: Mapping[str, Any], name: str) -> str:
    written = next(v for k, v in values.items() if parameter(k).name == name)
    exact = exactly(written)
    return str(exact.numerator) if exact.denominator == 1 else f"{written}"
