"""Random predictors: fixed, best, learned in any way, and what is made of two of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from objects import Objects
from small_world import dot
from sympy import Integer
from tables import Ball, Row

from boundcalc.symbolic.lemmas.nesting import only_name, pair_name
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
)


def predictors_of(pool: Objects, over: FunctionClass) -> None:
    """Fixed, best, learned in any way: what each declares is true of it."""
    world, random, families = pool.world, pool.random, pool.world.families[over]
    if isinstance(families, Ball) or over in pool.composed:
        return
    each = families if isinstance(families, list) else [families] * len(world.draws)
    text = over.text
    apart = frozenset({"T"})

    def add(f: Predictor, choose: Callable[[tuple[Row, ...], int], Row]) -> None:
        world.predictors[f] = [choose(rows, i) for i, rows in enumerate(each)]  # type: ignore
        pool.predictors.append(f)

    def on_sample(f: Row, i: int, sample: str = "S") -> Fraction:
        draw = world.draws[i][sample]
        return sum((f.losses[j] for j in draw), Fraction(0)) / len(draw)

    def risk(f: Row) -> Fraction:
        return dot(world.law, f.losses)

    if isinstance(families, tuple):
        fixed = random.choice(families)
        add(Predictor(f"f{text}", "f", over, fixed=True), lambda rows, i: fixed)  # type: ignore
        add(
            Predictor(f"f°{text}", "f", over, fixed=True, risk_minimiser_of=over),
            lambda rows, i: min(rows, key=risk),
        )
    else:
        add(
            Predictor(f"h°{text}", "h", over, risk_minimiser_of=over),
            lambda rows, i: min(rows, key=risk),
        )
    learned = Predictor(f"f̂{text}", "f", over, erm_over=over, erm_on="S")
    learned = replace(learned, independent_of=apart) if random.random() < 0.5 else learned
    add(learned, lambda rows, i: min(rows, key=lambda f: on_sample(f, i)))
    without = apart if random.random() < 0.5 else frozenset[str]()
    bad = Predictor(f"w{text}", "w", over, independent_of=without)
    sample = "S" if bad.independent_of else random.choice("ST")
    add(bad, lambda rows, i: max(rows, key=lambda f: risk(f) - on_sample(f, i, sample)))
    _across(pool, over, each)  # type: ignore[arg-type]


def _across(pool: Objects, over: FunctionClass, each: list[tuple[Row, ...]]) -> None:
    """Members that minimise over a larger class, under the loss of that class."""
    world = pool.world
    for larger in over.within:
        theirs = world.families[larger]
        if not isinstance(theirs, tuple):
            continue
        kept = [{f.outputs: f for f in rows} for rows in each]
        best = _least(theirs, world.law)
        chosen = [_least(theirs, world.shares(draw["S"])).outputs for draw in world.draws]
        if all(o in rows for o, rows in zip(chosen, kept, strict=True)):
            f = Predictor(f"e{over.text}{larger.text}", "e", over, erm_over=larger, erm_on="S")
            world.predictors[f] = [rows[o] for o, rows in zip(chosen, kept, strict=True)]
            pool.predictors.append(f)
        if over.fixed and best.outputs in kept[0]:
            f = Predictor(
                f"b{over.text}{larger.text}", "b", over, fixed=True, risk_minimiser_of=larger
            )
            world.predictors[f] = [kept[0][best.outputs]] * len(each)
            pool.predictors.append(f)


def _least(rows: Sequence[Row], weights: Sequence[Fraction]) -> Row:
    """The function with the least weighted loss."""
    return min(rows, key=lambda f: dot(weights, f.losses))


def pairs(pool: Objects) -> None:
    """Differences of losses, and errors of one alone; some names can be read in two ways."""
    world, random = pool.world, pool.random
    tables = [f for f in pool.predictors if f.member_of.loss.width == 1]
    for _ in range(3):
        if len(tables) < 2:
            return
        first, second = random.sample(tables, 2)
        if random.random() < 0.5:
            first, second = (
                replace(first, text="a"),
                replace(second, text=random.choice(["b", "b−c"])),
            )
            for new, old in ((first, "a"), (second, "b")):
                world.predictors[new] = world.predictors[
                    next(f for f in tables if replace(f, text=new.text) == new)
                ]
                del old
            pool.predictors += [first, second]
        _difference(pool, first, second)
        if first.member_of.loss.zero_one and second.member_of.loss.zero_one:
            _only(pool, first, second)
    _ambiguous(pool, tables)


def _ambiguous(pool: Objects, tables: list[Predictor]) -> None:
    """a − (b−c) and (a−b) − c have one name."""
    world = pool.world
    renamed = []
    for text in ("a−b", "c", "a", "b−c"):
        old = pool.random.choice(tables)
        new = replace(old, text=text)
        world.predictors[new] = world.predictors[old]
        renamed.append(new)
    pool.predictors += renamed
    _difference(pool, renamed[0], renamed[1])
    pool.pairs.append((pool.pairs[-1][0], renamed[2], renamed[3]))


def _apart(first: Predictor, second: Predictor) -> dict[str, Any]:
    fixed = first.fixed and second.fixed
    both = [frozenset({"S", "T", "D"}) if f.fixed else f.independent_of for f in (first, second)]
    return {"fixed": fixed, "independent_of": frozenset() if fixed else both[0] & both[1]}


def _difference(pool: Objects, first: Predictor, second: Predictor) -> None:
    world, width = pool.world, Fraction(1)
    over = FunctionClass(f"D{len(pool.pairs)}", "D", Loss(Integer(1), Integer(2)))
    rows = [
        Row(f.outputs, tuple(a - b + width for a, b in zip(f.losses, g.losses, strict=True)))
        for f, g in zip(world.predictors[first], world.predictors[second], strict=True)
    ]
    made = _apart(first, second) | {"made_of": (first, second)}
    d = Predictor(pair_name(first, second), "d", over, **made)
    world.predictors[d] = rows
    pool.predictors.append(d)
    pool.pairs.append((d, first, second))


def _only(pool: Objects, first: Predictor, second: Predictor) -> None:
    world = pool.world
    for f, g in ((first, second), (second, first)):
        over = FunctionClass(f"O{f.text}{g.text}", "O", Loss(Integer(1), Integer(1), True))
        rows = [
            Row(a.outputs, tuple(Fraction(x > y) for x, y in zip(a.losses, b.losses, strict=True)))
            for a, b in zip(world.predictors[f], world.predictors[g], strict=True)
        ]
        made = _apart(f, g) | {"made_of": (f, g)}
        only = Predictor(only_name(f, g), "o", over, **made)
        world.predictors[only] = rows
        pool.predictors.append(only)


def connections(pool: Objects) -> None:
    """Losses where the second modality is predicted: off by at most L times the distance."""
    world, random = pool.world, pool.random
    connections = [g for g in pool.predictors if g.member_of.loss.letter == "d"]
    for f in random.sample(pool.predictors, min(6, len(pool.predictors))):
        if f.member_of not in pool.rules:
            continue
        slope, share = pool.rules[f.member_of].slope, random.choice([1, Fraction(1, 2), -1])
        for g in connections[:4]:
            world.composed[f, g] = [
                tuple(a + share * slope * b for a, b in zip(x.losses, y.losses, strict=True))
                for x, y in zip(world.predictors[f], world.predictors[g], strict=True)
            ]
