"""The printed proof of a theorem: formula → numbers put in → result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.compiled import value_of
from boundcalc.numeric.domains import exactly, named_values, select
from boundcalc.numeric.evaluate import choose, evaluate
from boundcalc.numeric.printed import Proof, proof_ledger, proof_step
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.derivation import Step
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.printing import latex, latex_sum, plain, plain_sum
from boundcalc.symbolic.theorem import Theorem, Variant
from boundcalc.text import number, significant


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
    """
    entry = theorem(id)
    given = named_values(values)
    chosen = _chosen(entry, variant, given)
    names = [p.name for p in chosen.parameters]
    select(given, (), names, f"{id} ({chosen.name})")
    if any(np.ndim(v) for v in given.values()):
        raise InputError("a derivation takes single numbers, not arrays")
    shown = {name: _decimal(values, name) for name in given}
    if shown:
        shown |= {k: f"{v:g}" for k, v in chosen.defaults.items() if k not in shown}
    proof = chosen.derivation
    upper = chosen.side is Side.UPPER
    return Proof(
        id=id,
        variant=chosen.name,
        status=chosen.status.value,
        credit=entry.credit,
        claim=plain(proof.claim if upper else -proof.claim),
        claim_latex=latex(proof.claim if upper else -proof.claim),
        steps=tuple(proof_step(step, numbers=_added(step, shown)) for step in proof.steps),
        result=plain_sum(chosen.terms),
        result_latex=latex_sum(chosen.terms),
        relation=chosen.relation,
        probability=plain(1 - proof.failure),
        numbers=_result(id, chosen, given, shown),
        ledger=proof_ledger(proof),
        assumes=chosen.assumes,
        derivation=proof,
        also=chosen.also,
    )


def _chosen(entry: Theorem, variant: str | None, given: Mapping[str, Any]) -> Variant:
    if variant is None and not given:
        return next(iter(entry.variants.values()))
    return choose(entry, variant, set(given))


def _decimal(values: Mapping[str, Any], name: str) -> str:
    written = next(v for k, v in values.items() if parameter(k).name == name)
    exact = exactly(written)
    return str(exact.numerator) if exact.denominator == 1 else f"{written}"


def _added(step: Step, shown: Mapping[str, str]) -> str:
    symbols = {s.name for s in step.added.free_symbols}
    if step.added == 0 or not shown or not symbols <= set(shown):
        return ""
    value = float(value_of(step.added, {name: float(shown[name]) for name in symbols}))
    formula, numbers = plain(step.added), plain(step.added, shown)
    if step.added.is_Symbol:
        return f"{formula} = {value:.6g}"
    return f"{formula} = {numbers} ≈ {value:.6g}"


def _result(id: str, chosen: Variant, given: Mapping[str, Any], shown: Mapping[str, str]) -> str:
    if not given or {p.name for p in chosen.parameters} - set(given) - set(chosen.defaults):
        return ""
    value = evaluate(id, variant=chosen.name, **given).value
    exact = chosen.relation == "="
    result = number(value) if exact else significant(value, up=chosen.side is Side.UPPER)
    return f"{plain_sum(chosen.terms)} = {plain_sum(chosen.terms, shown)} {chosen.relation} {result}"
