"""Random classes with a structure: balls of weights, tables, and operations on other classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from objects import (
    _GRID,
    Objects,
    a_loss,
    a_rule,
    in_a_convention,
    part_of,
    rational,
    some_rows,
    under,
)
from rational_intervals import exact
from sympy import Expr, Integer, Rational
from tables import Ball, Row, Rule, combined, row

from boundcalc.conventions import Output
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    Quantity,
)

_BALLS = ("linear-l1", "linear-l2", "linear-lp", "kernel", "linear-frobenius", "network-frobenius")


def structured(pool: Objects) -> None:
    """Catalogue classes, and operations on the classes that there are."""
    random, points = pool.random, len(pool.world.law)
    for operation in random.sample(_BALLS, 3):
        q = {
            "linear-l1": float("inf"),
            "linear-lp": random.choice([1.0, 2.0, 4.0, float("inf")]),
        }.get(operation, 2)
        outputs = 2 if operation == "linear-frobenius" else 1
        inputs = tuple(
            tuple(Fraction(random.choice([-1, 1, 2])) for _ in "xy") for _ in range(points)
        )
        norm, slope = Fraction(random.choice([1, 2])), Fraction(random.choice([1, 3]))
        ball = Ball(norm, q, inputs, slope, outputs)  # type: ignore[arg-type]
        rule = Rule(slope, Fraction(100), (Fraction(0),) * points, affine=True)
        output = Output.VECTOR if outputs == 2 else Output.SCALAR
        constants = _true_of_ball(pool, operation, norm, q, outputs)
        over = StructuredClass(
            operation,
            operation,
            a_loss(pool, rule),
            output,
            operation=operation,
            constants=constants,
        )
        pool.add(over, ball, rule)
    rule = a_rule(pool)
    count = random.choice([2, 3])
    rows = some_rows(pool, rule, 1, count)
    bound = _largest(rows)
    made = (("size", Integer(len(rows))), ("bound", rational(bound)))
    finite = StructuredClass("finite", "F", a_loss(pool, rule), operation="finite", constants=made)
    pool.add(finite, rows, rule)
    bound = Fraction(random.choice([1, 2]))
    signs = list(product((-bound, bound), repeat=points))
    chosen = random.sample(signs, random.randint(1, len(signs)))
    dimension = random.choice([Integer(points), Integer(points + 2), symbol("dimension")])
    pool.world.numbers[symbol("dimension")] = exact(random.choice([points, 5]))
    made = (("bound", rational(bound)), ("dimension", dimension))
    patterns = StructuredClass("vc", "F", a_loss(pool, rule), operation="vc", constants=made)
    pool.add(patterns, tuple(row(((v,) for v in vector), rule) for vector in chosen), rule)
    covered = StructuredClass(
        "covered",
        "F",
        a_loss(pool, rule),
        operation="entropy-integral",
        constants=(("scale", Integer(9)),),
    )
    unit = [
        tuple((Fraction(0),) for _ in range(points)),
        tuple((Fraction(random.choice([0, 1])),) for _ in range(points)),
    ]
    pool.add(covered, tuple(dict.fromkeys(row(f, rule) for f in unit)), rule)
    for operation in random.sample(sorted(_OPERATIONS), 5):
        _composed(pool, operation)


def _largest(rows: Iterable[Row]) -> Fraction:
    return max(abs(v) for f in rows for o in f.outputs for v in o)


def _true_of_ball(
    pool: Objects, operation: str, norm: Fraction, q: float, outputs: int
) -> tuple[tuple[str, Expr], ...]:
    """What a ball says of itself and of its inputs, of which no coordinate is above 2."""
    dual = Integer(int(q)) if q in (1, 2, 4) else None
    known: dict[str, Expr] = {"radius": Integer(3)}
    if operation == "network-frobenius":
        known |= {"norm_product": rational(norm), "depth": Integer(1)}
    else:
        known["norm"] = rational(norm)
    if operation == "linear-l1":
        known["features"] = Integer(2)
    if operation == "linear-frobenius":
        known["outputs"] = Integer(outputs)
    if operation == "linear-lp" and q == 4 and pool.random.random() < 0.5:
        return (*known.items(), ("p", Rational(4, 3)), ("dual_exponent", Integer(2)))
    if operation == "linear-lp" and dual is not None:
        pool.world.numbers[symbol("dual_exponent")] = exact(int(dual))
        known["dual_exponent"] = pool.random.choice([dual, symbol("dual_exponent")])
    return tuple(known.items())


_OPERATIONS: dict[str, tuple[int, Callable[[Sequence[Fraction]], Fraction]]] = {
    "sum": (2, sum),  # type: ignore[dict-item]
    "scale": (1, lambda v: v[0]),
    "offset": (1, lambda v: v[0]),
    "subset": (1, lambda v: v[0]),
    "convex-hull": (1, lambda v: v[0]),
    "lipschitz": (1, lambda v: v[0]),
    "vector-contraction": (1, lambda v: v[0]),
    "max": (2, max),
    "union": (2, max),
}


def _functions(pool: Objects, part: Quantity, rule: Rule) -> tuple[Row, ...] | None:
    """The functions whose complexity a part is; the losses of a loss class are outputs."""
    rows = pool.world.families[part.subjects[0]]
    if not isinstance(rows, tuple):
        return None
    if part.subjects[-1] is True:
        return tuple(row(((v,) for v in f.losses), rule) for f in rows)
    return under(rows, rule)


def _composed(pool: Objects, operation: str) -> None:
    """The result of an operation on complexities, mostly in one convention."""
    random, points = pool.random, len(pool.world.law)
    count, join = _OPERATIONS[operation]
    tables = [c for c in pool.classes if isinstance(pool.world.families[c], tuple)]
    first = in_a_convention(random, random.choice(tables), random.choice(pool.samples))
    parts = [first]
    for _ in range(count - 1):
        over = random.choice(tables)
        subjects = (over, *first.subjects[1:])
        like = Quantity(
            first.measure, subjects, f"{first.measure} of {over.text} like {first.name}", over.latex
        )
        parts.append(
            like
            if random.random() < 0.7
            else in_a_convention(random, over, random.choice(pool.samples))
        )
    rule = a_rule(pool)
    if rule.zero_one:  # whose slope is 1 between whole outputs only
        rule = replace(rule, zero_one=False)
    if operation == "convex-hull":
        rule = Rule(Fraction(3), Fraction(100), (Fraction(-1),) * points, affine=True)
    families = [_functions(pool, part, rule) for part in parts]
    widths = {len(f.outputs[0]) for rows in families if rows for f in rows}
    if None in families or len(widths) != 1:
        return
    by = Fraction(random.choice([-2, Fraction(1, 2), 3]))
    shift = [Fraction(random.choice(_GRID)) for _ in range(points)]
    rows = _operated(pool, operation, [f for f in families if f], rule, join, by, shift)
    loss = a_loss(pool, rule)
    output = Output.VECTOR if len(rows[0].outputs[0]) > 1 else Output.SCALAR
    text = f"{operation}({', '.join(p.name for p in parts)})"
    constants = {"scale": ("factor", abs(by)), "union": ("bound", _largest(rows))}
    known = constants.get(operation, ("lipschitz", abs(by)))
    made = StructuredClass(
        text,
        text,
        loss,
        output,
        operation=operation,
        parts=tuple(parts),
        constants=((known[0], rational(known[1])),),
    )
    pool.add(made, rows, rule)
    pool.composed.append(made)


def _operated(
    pool: Objects,
    operation: str,
    families: list[tuple[Row, ...]],
    rule: Rule,
    join: Callable[[Sequence[Fraction]], Fraction],
    by: Fraction,
    shift: list[Fraction],
) -> tuple[Row, ...]:
    """The functions that an operation makes."""
    if operation == "union":
        return tuple(dict.fromkeys(f for rows in families for f in rows))
    if operation == "subset":
        return part_of(pool.random, families[0])
    if operation == "vector-contraction":
        bent = Rule(abs(by), Fraction(100), tuple(shift))
        return tuple(
            dict.fromkeys(
                row(((bent.loss(o, j),) for j, o in enumerate(f.outputs)), rule)
                for f in families[0]
            )
        )
    found = combined(families, rule, join)

    def changed(v: Fraction, j: int) -> Fraction:
        if operation == "scale":
            return by * v
        if operation == "offset":
            return v + shift[j]
        return abs(by) * abs(v - shift[j]) if operation == "lipschitz" else v

    moved = (tuple(tuple(changed(v, j) for v in o) for j, o in enumerate(f.outputs)) for f in found)
    return tuple(dict.fromkeys(row(outputs, rule) for outputs in moved))


def bounded_elsewhere(pool: Objects) -> None:
    """A class whose complexity in some convention is known to be at most a number."""
    over = pool.classes[0]
    value = pool.random.choice([0, 1, 2])
    constants = (("given_complexity", Integer(value)),)
    same = StructuredClass(
        "given", "F", over.loss, over.output, operation="given", constants=constants
    )
    pool.add(same, pool.world.families[over], pool.rules[over])
