"""The printed proof of a theorem, formula → numbers put in → result, and its steps in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from sympy import Expr, S

from boundcalc.arguments import typed
from boundcalc.calculus import Complexity
from boundcalc.calculus.constructors import inserted
from boundcalc.conventions import Side
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.bound import bind, choose
from boundcalc.numeric.compiled import CompiledTheorem, CompiledVariant, compiled
from boundcalc.numeric.complexity import float_value as formula_value
from boundcalc.numeric.complexity import outer_value, values_of
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.exact import value_of
from boundcalc.numeric.proof import Proof, lemma_of, printed_proof
from boundcalc.record import Record
from boundcalc.symbolic.catalogue import lemma_page, lemmas
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.glossary import meaning
from boundcalc.symbolic.lemmas import sensitivity
from boundcalc.symbolic.lemmas.guards import weights
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import Quantity, Sample
from boundcalc.text import number, significant


@typed
def derive(id: str | Derivation, /, *, variant: str | None = None, **values: Any) -> Proof:
    """Derive a bound step by step.

    Parameters
    ----------
    id : str or Derivation
        A catalogue id, or any derivation.
    variant : str, optional
        Where left out: the first variant whose inputs are the values given, or the first of all.
    **values : float or Complexity
        Any of the parameters; steps whose numbers are complete show them. A class of functions
        (`boundcalc.calculus`) for a complexity puts the proof of its bound in.

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
    'r̂ + C√(ln(1/δ)/(2n))'
    >>> from boundcalc.calculus import function_class
    >>> F = function_class("linear-l2", norm=1, radius=1, m=1000)
    >>> derive("classic.uniform_deviation", variant="expected", rademacher=F).check().result
    'r̂ + 2LB₁X₁/√m + C√(ln(1/δ)/(2m))'
    """
    classes = {name: F for name, F in values.items() if isinstance(F, Complexity)}
    if isinstance(id, Derivation):
        if variant is not None:
            raise InputError("a derivation has no variants")
        return _of_derivation(id, values, classes, name="derivation")
    if classes:
        return _with_classes(id, variant, values, classes)
    return _of_theorem(id, variant, values)


def _of_theorem(id: str, variant: str | None, values: Mapping[str, Any]) -> Proof:
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
        numbers = {s.name: float(bound.numbers[s.name]) for s in expression.free_symbols}
        return float(value_of(expression, numbers))

    return printed_proof(
        form.symbolic.derivation,
        shown=shown,
        value=added,
        relation=form.relation,
        limit=limit,
        also=form.symbolic.also,
        id=id,
        variant=form.name,
        status=form.status.value,
        credit=bound.entry.credit,
        assumes=form.conditions,
    )


def _with_classes(
    id: str, variant: str | None, values: Mapping[str, Any], classes: Mapping[str, Complexity]
) -> Proof:
    """The proof of a theorem, down to the numbers of the classes put in."""
    entry = compiled(id)
    form = choose(entry, variant, {"m", *(parameter(name).name for name in values)})
    return _of_derivation(
        form.symbolic.derivation,
        values,
        classes,
        name=id,
        assumes=form.assumes,
        variant=form.name,
        status=form.status.value,
        credit=entry.credit,
    )


def _of_derivation(
    proof: Derivation,
    values: Mapping[str, Any],
    classes: Mapping[str, Complexity],
    *,
    name: str,
    assumes: tuple[str, ...] = (),
    variant: str = "",
    status: str = "",
    credit: str = "",
) -> Proof:
    """Any proof with any of its numbers."""
    named = {parameter(name).name: F for name, F in classes.items()}
    whole, trees = inserted(proof, named)
    sizes = {F.m for F in named.values()}
    if len(sizes) > 1:
        raise InputError(f"the classes are stated for m = {' and '.join(map(str, sorted(sizes)))}")
    numbers: dict[str, Any] = {}
    if not any(F.symbolic for F in named.values()):
        for tree in trees:
            numbers |= values_of(tree, *sizes)
    used = whole.expression.free_symbols | whole.failure.free_symbols
    used = used.union(*(step.added.free_symbols for step in whole.steps))
    known = {s.name: s.parameter for s in used if isinstance(s, ParameterSymbol)}
    for written, value in values.items():
        if written in classes:
            continue
        own = next((n for n, p in known.items() if written in (n, *p.aliases)), None)
        if own is None:
            raise UnknownNameError("parameter of the proof", written, known)
        given = known[own].check(value)
        if numbers.setdefault(own, given) != given:
            raise InputError(f"{own} is {given:g}, and {numbers[own]:g} for the class put in")
    shown = {own: number(float(numbers[own]), 10) for own in numbers if own in known}
    limit = ""
    if {s.name for s in whole.expression.free_symbols} <= shown.keys():
        upper = whole.side is Side.UPPER
        limit = significant(outer_value(whole.expression, numbers, up=upper), up=upper)
    said = (text for step in whole.steps for text in step.fact.all_assumptions)
    relation = "=" if whole.exact else "≤" if whole.side is Side.UPPER else "≥"
    return printed_proof(
        whole,
        shown=shown,
        value=lambda expression: formula_value(expression, numbers),
        relation=relation,
        limit=limit,
        assumes=tuple(dict.fromkeys((*assumes, *(said if classes else ())))),
        id=name,
        variant=variant,
        status=status,
        credit=credit,
    )


def _first(entry: CompiledTheorem, variant: str | None, names: set[str]) -> CompiledVariant:
    """The variant asked for, or the first of all: no numbers speak for another."""
    return choose(entry, variant or next(iter(entry.variants)), names)


def _decimal(values: Mapping[str, Any], name: str) -> str:
    written = next(v for k, v in values.items() if parameter(k).name == name)
    exact = exactly(written)
    if exact.denominator == 1:
        return str(exact.numerator)
    # a fraction inside a formula would have to stand in brackets
    return number(float(exact), 10) if isinstance(written, Fraction) else f"{written}"


@dataclass(frozen=True)
class StepExplanation(Record):
    """One step in words.

    Attributes
    ----------
    step : str
        Its number; ``1.2`` is the second step of the proof inside the first.
    symbols : tuple of (str, str)
        The symbols that appear here first, and what they are.
    why, loses : str
        Why the fact is true, and what it gives away.
    moves : str
        For bounded differences: how far one example moves the statistic.
    """

    json_keys: ClassVar[tuple[str, ...]] = ("step", "symbols", "why", "loses", "moves")

    step: str
    symbols: tuple[tuple[str, str], ...]
    why: str
    loses: str
    moves: str


def explain(proof: Derivation) -> tuple[StepExplanation, ...]:
    """Explain the steps of a derivation, those of the proofs inside it below each.

    Examples
    --------
    >>> from boundcalc.symbolic.catalogue import theorem
    >>> proof = theorem("holdout.hoeffding").variant("upper").derivation
    >>> explain(proof)[1].moves
    'one of the n examples of T moves r̂_T(f) by at most C/n; c_i = C/n and Σ c_i² = C²/n'
    """
    seen: set[Expr] = set()
    start = StepExplanation("0", _new(proof.claim, seen), "", "", "")
    return (start, *_explained(proof, "", seen))


def _explained(
    proof: Derivation, prefix: str, seen: set[Expr], first: int = 1
) -> Iterator[StepExplanation]:
    for i, step in enumerate(proof.steps, first):
        fact = lemma_of(step.fact)
        known = fact.constructor in lemmas()
        page = lemma_page(fact.constructor) if known else None
        yield StepExplanation(
            step=f"{prefix}{i}",
            symbols=_symbols(step, seen),
            why=page.why if page else "",
            loses=page.loses if page and step.fact.relation.sign == "≤" else "",
            moves=_moves(fact) if fact.constructor == "bounded_differences" else "",
        )
        begun = 1
        for inner in step.fact.proofs:
            yield from _explained(inner, f"{prefix}{i}.", seen, begun)
            begun += len(inner.steps)


def _symbols(step: Step, seen: set[Expr]) -> tuple[tuple[str, str], ...]:
    fact = step.fact
    return tuple(
        pair for part in (fact.lhs, fact.rhs, fact.cost, step.bound) for pair in _new(part, seen)
    )


def _new(expr: Expr, seen: set[Expr]) -> tuple[tuple[str, str], ...]:
    """The symbols of an expression that were not seen before, with their meanings."""
    found = []
    for symbol in sorted(expr.free_symbols - seen, key=str):
        seen.add(symbol)
        if isinstance(symbol, Quantity) and meaning(symbol):
            found.append((symbol.glyph, meaning(symbol)))
        elif isinstance(symbol, ParameterSymbol):
            found.append((symbol.glyph, symbol.parameter.meaning))
    return tuple(found)


def _moves(fact: Fact) -> str:
    """How far one example moves the statistic of bounded differences: its c_i."""
    parts: dict[Sample, list[str]] = {}
    total: dict[Sample, Expr] = {}
    for quantity, weight in weights(fact.lhs).items():
        for sample, width in sensitivity(quantity).items():
            moved = abs(weight) * width
            what = plain(abs(weight) * quantity)
            parts.setdefault(sample, []).append(f"{what} by at most {plain(moved)}")
            total[sample] = total.get(sample, S.Zero) + moved
    said = [
        f"one of the {plain(sample.size)} examples of {sample.text} moves {' and '.join(moved)}; "
        f"c_i = {plain(total[sample])} and Σ c_i² = {plain(sample.size * total[sample] ** 2)}"
        for sample, moved in parts.items()
    ]
    return "; ".join(said)
