"""Mutants of facts and closed forms: every constant of them, made wrong in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sympy import Add, Expr, Rational, S, expand_mul, log

from boundcalc.conventions import Relation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import Quantity
from boundcalc.worlds.micro.checking import value_on_arrays

DELTA = symbol("delta")
HALVED = {symbol(name) for name in ("lipschitz", "loss_bound", "distance_bound")}
DOUBLED = {symbol(name) for name in ("m", "n", "tasks")}


def inside(expr: Expr) -> Iterator[tuple[str, Expr]]:
    """One number, constant or size inside a product changed; exponents are left alone, but √m becomes m."""
    if expr.is_Number and expr not in (0, 1, -1):
        yield f"{expr} → {expr / 2}", expr / 2
    elif expr in HALVED:
        yield f"{expr} → {expr}/2", expr / 2
    elif expr in DOUBLED:
        yield f"{expr} → 2{expr}", 2 * expr
    elif isinstance(expr, log) and DELTA in expr.free_symbols:
        yield "δ → 2δ", expr.subs(DELTA, 2 * DELTA)
    elif isinstance(expr, LimitFunction) and DELTA in expr.args:
        yield "δ → 2δ", expr.func(*(2 * a if a == DELTA else a for a in expr.args))
    elif expr.is_Pow and expr.base in DOUBLED and abs(expr.exp) == Rational(1, 2):
        yield f"√{expr.base} → {expr.base}", expr.base ** (2 * expr.exp)
    for i, part in enumerate(expr.args[:1] if expr.is_Pow else expr.args):
        if not (expr.is_Add and part.is_Number):
            for label, new in inside(part):
                yield label, expr.func(*expr.args[:i], new, *expr.args[i + 1 :])


def name_of(part: Expr) -> str:
    """What a term is about, without its numbers: the label must not depend on how SymPy prints."""
    return "·".join(sorted(s.name for s in part.free_symbols)) or str(part)


def of_sum(expr: Expr) -> dict[str, Expr]:
    """Each term of a sum dropped, halved, with the other sign, and changed inside."""
    whole = expand_mul(S(expr))
    parts = [part for part in Add.make_args(whole) if part != 0]
    found: dict[str, Expr] = {}
    for i, part in enumerate(parts):
        rest = Add(*parts[:i], *parts[i + 1 :])
        for label, new in (
            ("dropped", S.Zero),
            ("halved", part / 2),
            ("flipped", -part),
            *inside(part),
        ):
            mutant = expand_mul(rest + new)
            if mutant != whole and mutant not in found.values():
                found[f"{name_of(part)}: {label}"] = mutant
    return found


def _at_random(seed: int) -> Callable[[Any], float]:
    """Some numbers inside the domains, any sign for quantities."""
    rng = np.random.default_rng(seed)
    known: dict[Any, float] = {DELTA: float(rng.uniform(0.001, 0.45))}

    def look(s: Any) -> float:
        if s not in known:
            if s in DOUBLED:
                known[s] = float(rng.integers(3, 40))
            elif isinstance(s, Quantity) or s.is_nonnegative is None:
                known[s] = float(rng.normal())
            else:
                known[s] = float(rng.uniform(0.1, 1))
        return known[s]

    return look


def weaker(original: Expr, mutant: Expr) -> bool:
    """Whether a mutant of an upper bound is never below the original, so that it is true if that is."""
    values = (
        (value_on_arrays(mutant, look), value_on_arrays(S(original), look))
        for look in map(_at_random, range(12))
    )
    return min(float(new) - float(old) for new, old in values) >= -1e-12


def of_fact(fact: Fact) -> dict[str, Fact]:
    """All mutants of a fact that claim something that the fact does not."""
    equation = fact.relation is Relation.EQUAL
    found = {
        f"right: {label}": replace(fact, rhs=mutant)
        for label, mutant in of_sum(fact.rhs).items()
        if equation or not weaker(fact.rhs, mutant)
    }
    if equation:
        found |= {
            f"left: {label}": replace(fact, lhs=mutant)
            for label, mutant in of_sum(fact.lhs).items()
        }
    if fact.event:
        found["cost halved"] = replace(fact, event=replace(fact.event, cost=fact.event.cost / 2))
    return found
