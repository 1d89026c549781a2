"""The steps of a proof in words: what each symbol is, why a step is true, what it loses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from sympy import Expr, S

from boundcalc.numeric.proof import lemma_of
from boundcalc.record import Record
from boundcalc.symbolic.catalogue import lemma_page, lemmas
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.glossary import meaning
from boundcalc.symbolic.lemmas import sensitivity
from boundcalc.symbolic.lemmas.guards import weights
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import Quantity, Sample


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
            what = quantity.glyph if abs(weight) == 1 else plain(abs(weight) * quantity)
            parts.setdefault(sample, []).append(f"{what} by at most {plain(moved)}")
            total[sample] = total.get(sample, S.Zero) + moved
    said = [
        f"one of the {plain(sample.size)} examples of {sample.text} moves {' and '.join(moved)}; "
        f"c_i = {plain(total[sample])} and Σ c_i² = {plain(sample.size * total[sample] ** 2)}"
        for sample, moved in parts.items()
    ]
    return "; ".join(said)
