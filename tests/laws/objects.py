"""Random objects for a small world: what they declare is true, and they disagree wherever they can.

Classes under different losses that contain one another as sets of functions, classes that depend on the
sample, composed classes with parts in any convention, learned and fixed predictors, names for anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from rational_intervals import exact
from small_world import World, bare_world, dot
from sympy import Expr, Integer, Rational, Symbol
from tables import Ball, Row, Rule, combined, row

from boundcalc.conventions import Average, Output, Side
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.nesting_lemmas import ModalityClass, only_name, pair_name
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Quantity, Sample, rademacher

U, WIDE_DELTA = Symbol("u", positive=True), Symbol("delta", positive=True)
LOOSE_DELTA = Parameter("delta", "δ", r"\delta", "a number that may be above 1", open_low=True).symbol
_GRID = (-1, 0, 1, 2)


@dataclass
class Objects:
    """What constructors are called with, in one world.

    Attributes
    ----------
    classes : list of FunctionClass
    composed : list of StructuredClass
        With parts; their functions are what the operation says.
    """

    world: World
    samples: list[Sample] = field(default_factory=list)
    classes: list[FunctionClass] = field(default_factory=list)
    composed: list[StructuredClass] = field(default_factory=list)
    predictors: list[Predictor] = field(default_factory=list)
    pairs: list[tuple[Predictor, Predictor, Predictor]] = field(default_factory=list)
    rules: dict[FunctionClass, Rule] = field(default_factory=dict)

    @property
    def random(self) -> Random:
        """The source of all choices."""
        return self.world.random

    def add(self, over: Any, family: Any, rule: Rule) -> Any:
        """A class with its functions."""
        self.world.families[over], self.rules[over] = family, rule
        self.classes.append(over)
        return over


def rational(value: Fraction | int) -> Rational:
    """An exact number for an expression."""
    return Rational(Fraction(value).numerator, Fraction(value).denominator)


def objects(seed: int) -> Objects:
    """A world full of objects."""
    pool = Objects(bare_world(seed))
    _numbers(pool)
    _samples(pool)
    for text in "ABV":
        _plain_class(pool, text, outputs=2 if text == "V" else 1)
    for base in list(pool.classes):
        _relatives(pool, base)
    _structured(pool)
    _bounded_elsewhere(pool)
    for base in list(pool.classes):
        _predictors(pool, base)
    _pairs(pool)
    _connections(pool)
    return pool


def _numbers(pool: Objects) -> None:
    """What the parameters are in this world; those of a sample come with what they are given for."""
    draw, random, numbers = pool.world.draws[0], pool.random, pool.world.numbers
    chosen: dict[Symbol, Fraction | int] = {
        symbol("m"): len(draw["S"]),
        symbol("n"): len(draw["T"]),
        symbol("delta"): random.choice([Fraction(1, 2), Fraction(9, 10), Fraction(1, 10), Fraction(99, 100)]),
        symbol("lipschitz"): random.choice([1, 3]),
        symbol("loss_bound"): random.choice([1, 2]),
        symbol("factor"): random.choice([Fraction(1, 2), 2]),
        symbol("optimisation_gap"): random.choice([0, Fraction(1, 4)]),
        symbol("rank_m"): random.choice([1, 2, 5]),
        symbol("rank_n"): 0,
        symbol("latent_quality_m"): 1,
        symbol("latent_quality_n"): 3,
        U: Fraction(1, 10),
        WIDE_DELTA: 3,
    }
    if symbol("delta") != LOOSE_DELTA:
        chosen[LOOSE_DELTA] = 3
    numbers.update({s: exact(v) for s, v in chosen.items()})


def _samples(pool: Objects) -> None:
    sizes = {text: len(d) for text, d in pool.world.draws[0].items()}
    m, n = symbol("m"), symbol("n")
    literal = pool.random.random() < 0.5
    size_s: Expr = Integer(sizes["S"]) if literal else m
    size_t: Expr = Integer(sizes["T"]) if pool.random.random() < 0.5 else n
    pool.samples += [
        Sample("S", "S", size_s, independent_of=frozenset({"T"})),
        Sample("T", "T", size_t, independent_of=frozenset({"S", "D"})),
        Sample("D", "D", size_s, independent_of=frozenset({"T"})),
    ]
    if pool.random.random() < 0.3:  # the same sample under another size, as true as the first
        pool.samples.append(replace(pool.samples[0], size=m if literal else Integer(sizes["S"])))


def _rule(pool: Objects) -> Rule:
    random, points = pool.random, len(pool.world.law)
    targets = tuple(Fraction(random.choice(_GRID)) for _ in range(points))
    kind = random.random()
    if kind < 0.25:
        return Rule(Fraction(1), Fraction(1), targets, zero_one=True)
    if kind < 0.45:
        return Rule(Fraction(0), Fraction(0), targets)
    slope = random.choice([Fraction(1, 2), Fraction(1), Fraction(3), Fraction(1000)])
    return Rule(slope, random.choice([Fraction(1, 2), Fraction(1), Fraction(2), Fraction(5)]), targets)


def _loss(pool: Objects, rule: Rule, *, letter: str | None = None) -> Loss:
    """A true description of a loss: the constants, or larger ones, or the symbols where they are large enough."""
    random, numbers = pool.random, pool.world.numbers
    width: Expr = rational(rule.width)
    slope: Expr = rational(rule.slope)
    bound, lipschitz = symbol("loss_bound"), symbol("lipschitz")
    if rule.width <= numbers[bound].low and random.random() < 0.5:  # type: ignore[union-attr]
        width = bound
    elif random.random() < 0.2 and not rule.zero_one:
        width = width + 1
    if rule.slope <= numbers[lipschitz].low and random.random() < 0.5:  # type: ignore[union-attr]
        slope = lipschitz
    says = rule.zero_one and random.random() < 0.8
    chosen = random.choice("rrrd") if letter is None else letter
    return Loss(slope, rational(1) if says else width, says, chosen, random.choice(["ℓ", "ℓ", "ϕ"]))


def _rows(pool: Objects, rule: Rule, outputs: int, count: int) -> tuple[Row, ...]:
    random, points = pool.random, len(pool.world.law)
    made = (
        row((tuple(Fraction(random.choice(_GRID)) for _ in range(outputs)) for _ in range(points)), rule)
        for _ in range(count)
    )
    return tuple(dict.fromkeys(made))


def _plain_class(pool: Objects, text: str, *, outputs: int) -> FunctionClass:
    rule = _rule(pool)
    output = Output.VECTOR if outputs > 1 else Output.SCALAR
    over = FunctionClass(text, text, _loss(pool, rule), output)
    return pool.add(over, _rows(pool, rule, outputs, pool.random.choice([1, 2, 2, 3])), rule)  # type: ignore[no-any-return]


def _part_of(random: Random, rows: Sequence[Row]) -> tuple[Row, ...]:
    return tuple(random.sample(list(rows), random.randint(1, len(rows))))


def _under(rows: Iterable[Row], rule: Rule) -> tuple[Row, ...]:
    """The same functions under another loss."""
    return tuple(row(f.outputs, rule) for f in rows)


def _relatives(pool: Objects, base: FunctionClass) -> None:
    """Classes that are contained in the base as sets of functions."""
    random, rule, text = pool.random, pool.rules[base], base.text
    rows = pool.world.families[base]
    assert isinstance(rows, tuple)
    small = pool.add(replace(base, text=f"{text}′", within=(base,)), _part_of(random, rows), rule)
    others = [r for r in (*pool.rules.values(), _rule(pool)) if r != rule]
    other = random.choice(others or [rule])
    loss = _loss(pool, other)
    if random.random() < 0.6:  # the same functions, another loss
        pool.add(replace(base, text=f"{text}ˣ", loss=loss, within=(base,)), _under(rows, other), other)
    if random.random() < 0.3:  # the same loss in another letter
        letter = "s" if base.loss.letter == "r" else "r"
        same = replace(base.loss, letter=letter)
        pool.add(replace(base, text=f"{text}ˡ", loss=same, within=(base,)), rows, rule)
    if random.random() < 0.3:  # the other outputs
        wrong = Output.SCALAR if base.output is Output.VECTOR else Output.VECTOR
        width = 2 if wrong is Output.VECTOR else 1
        made = _rows(pool, rule, width, 2)
        pool.add(replace(base, text=f"{text}ᵒ", output=wrong, within=(base,)), made, rule)
    if random.random() < 0.5:  # chosen because of the sample S
        chosen = {d["S"]: _part_of(random, rows) for d in pool.world.draws}
        each = [chosen[d["S"]] for d in pool.world.draws]
        pool.add(replace(base, text=f"{text}^", fixed=False, within=(base,)), each, rule)
    if random.random() < 0.3:
        fields: dict[str, Any] = {"loss": base.loss, "output": base.output, "family": "K"}
        few = pool.world.families[small]
        for seen, mine in (("a", few), ("ab", rows)):
            pool.add(ModalityClass(f"{text}{seen}", seen, sees=frozenset(seen), **fields), mine, rule)


def _convention(random: Random, over: FunctionClass, sample: Sample) -> Quantity:
    """A complexity of a class in some convention."""
    average = random.choice([Average.EMPIRICAL, Average.EXPECTED])
    plain = rademacher(over, sample, average=average, loss_class=random.random() < 0.3)
    measure = random.choice(["rademacher"] * 6 + ["gaussian", "rademacher_absolute", "gaussian_absolute"])
    if measure == "rademacher":
        return plain
    subjects = plain.subjects
    if measure == "gaussian" and average is Average.EXPECTED and random.random() < 0.7:
        subjects = (over, sample, plain.subjects[3])
    return Quantity(measure, subjects, f"{measure} {plain.name}", plain.latex)


def complexity(pool: Objects) -> Quantity:
    """A complexity of any class, on any sample, in any convention."""
    random = pool.random
    return _convention(random, random.choice(pool.classes), random.choice(pool.samples))


_BALLS = ("linear-l1", "linear-l2", "linear-lp", "kernel", "linear-frobenius", "network-frobenius")


def _structured(pool: Objects) -> None:
    """Catalogue classes, and operations on the classes that there are."""
    random, points = pool.random, len(pool.world.law)
    for operation in random.sample(_BALLS, 3):
        q = {"linear-l1": float("inf"), "linear-lp": random.choice([1.0, 2.0, 4.0, float("inf")])}.get(operation, 2)
        outputs = 2 if operation == "linear-frobenius" else 1
        inputs = tuple(tuple(Fraction(random.choice([-1, 1, 2])) for _ in "xy") for _ in range(points))
        norm, slope = Fraction(random.choice([1, 2])), Fraction(random.choice([1, 3]))
        ball = Ball(norm, q, inputs, slope, outputs)  # type: ignore[arg-type]
        rule = Rule(slope, Fraction(100), (Fraction(0),) * points, affine=True)
        output = Output.VECTOR if outputs == 2 else Output.SCALAR
        constants = _true_of_ball(pool, operation, norm, q, outputs)
        over = StructuredClass(
            operation, operation, _loss(pool, rule), output, operation=operation, constants=constants
        )
        pool.add(over, ball, rule)
    rule = _rule(pool)
    count = random.choice([2, 3])
    rows = _rows(pool, rule, 1, count)
    bound = _largest(rows)
    if random.random() < 0.3:  # values in an interval of this length, far from 0
        rows = tuple(row(((v + 10,) for (v,) in f.outputs), rule) for f in rows)
    made = (("size", Integer(len(rows))), ("bound", rational(bound)))
    finite = StructuredClass("finite", "F", _loss(pool, rule), operation="finite", constants=made)
    pool.add(finite, rows, rule)
    bound = Fraction(random.choice([1, 2]))
    signs = list(product((-bound, bound), repeat=points))
    chosen = random.sample(signs, random.randint(1, len(signs)))
    dimension = random.choice([Integer(points), Integer(points + 2), symbol("dimension")])
    pool.world.numbers[symbol("dimension")] = exact(random.choice([points, 5]))
    made = (("bound", rational(bound)), ("dimension", dimension))
    patterns = StructuredClass("vc", "F", _loss(pool, rule), operation="vc", constants=made)
    pool.add(patterns, tuple(row(((v,) for v in vector), rule) for vector in chosen), rule)
    covered = StructuredClass(
        "covered", "F", _loss(pool, rule), operation="entropy-integral", constants=(("scale", Integer(9)),)
    )
    unit = [tuple((Fraction(0),) for _ in range(points)), tuple((Fraction(random.choice([0, 1])),) for _ in range(points))]
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
    """The functions whose complexity a part is: outputs, or the losses of a loss class as outputs."""
    rows = pool.world.families[part.subjects[0]]
    if not isinstance(rows, tuple):
        return None
    if part.subjects[-1] is True:
        return tuple(row(((v,) for v in f.losses), rule) for f in rows)
    return _under(rows, rule)


def _composed(pool: Objects, operation: str) -> None:
    """The result of an operation on complexities, mostly in one convention."""
    random, points = pool.random, len(pool.world.law)
    count, join = _OPERATIONS[operation]
    tables = [c for c in pool.classes if isinstance(pool.world.families[c], tuple)]
    first = _convention(random, random.choice(tables), random.choice(pool.samples))
    parts = [first]
    for _ in range(count - 1):
        over = random.choice(tables)
        subjects = (over, *first.subjects[1:])
        like = Quantity(first.measure, subjects, f"{first.measure} of {over.text} like {first.name}", over.latex)
        parts.append(like if random.random() < 0.7 else _convention(random, over, random.choice(pool.samples)))
    rule = _rule(pool)
    if operation == "convex-hull":
        rule = Rule(Fraction(3), Fraction(100), (Fraction(-1),) * points, affine=True)
    families = [_functions(pool, part, rule) for part in parts]
    widths = {len(f.outputs[0]) for rows in families if rows for f in rows}
    if None in families or len(widths) != 1:
        return
    by = Fraction(random.choice([-2, Fraction(1, 2), 3]))
    shift = [Fraction(random.choice(_GRID)) for _ in range(points)]
    rows = _operated(pool, operation, [f for f in families if f], rule, join, by, shift)
    loss = _loss(pool, rule)
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
        return _part_of(pool.random, families[0])
    if operation == "vector-contraction":
        bent = Rule(abs(by), Fraction(100), tuple(shift))
        return tuple(dict.fromkeys(row(((bent.loss(o, j),) for j, o in enumerate(f.outputs)), rule) for f in families[0]))
    found = combined(families, rule, join)

    def changed(v: Fraction, j: int) -> Fraction:
        if operation == "scale":
            return by * v
        if operation == "offset":
            return v + shift[j]
        return abs(by) * abs(v - shift[j]) if operation == "lipschitz" else v

    moved = (tuple(tuple(changed(v, j) for v in o) for j, o in enumerate(f.outputs)) for f in found)
    return tuple(dict.fromkeys(row(outputs, rule) for outputs in moved))


def _bounded_elsewhere(pool: Objects) -> None:
    """A class whose complexity in some convention is known to be at most a number."""
    over = pool.classes[0]
    value = pool.random.choice([0, 1, 2])
    constants = (("given_complexity", Integer(value)),)
    same = StructuredClass("given", "F", over.loss, over.output, operation="given", constants=constants)
    pool.add(same, pool.world.families[over], pool.rules[over])


def _predictors(pool: Objects, over: FunctionClass) -> None:
    """Fixed, best, learned in any way: what each declares is true of it."""
    world, random, families = pool.world, pool.random, pool.world.families[over]
    if isinstance(families, Ball) or over in pool.composed:
        return
    each = families if isinstance(families, list) else [families] * len(world.draws)
    text = over.text
    apart = frozenset({"T"})

    def add(f: Predictor, choose: Callable[[tuple[Row, ...], int], Row]) -> None:
        world.predictors[f] = [choose(rows, i) for i, rows in enumerate(each)]  # type: ignore[arg-type]
        pool.predictors.append(f)

    def on_sample(f: Row, i: int, sample: str = "S") -> Fraction:
        draw = world.draws[i][sample]
        return sum((f.losses[j] for j in draw), Fraction(0)) / len(draw)

    def risk(f: Row) -> Fraction:
        return dot(world.law, f.losses)

    if isinstance(families, tuple):
        fixed = random.choice(families)
        add(Predictor(f"f{text}", "f", over, fixed=True), lambda rows, i: fixed)  # type: ignore[arg-type]
        add(Predictor(f"f°{text}", "f", over, fixed=True, risk_minimiser_of=over), lambda rows, i: min(rows, key=risk))
    else:
        add(Predictor(f"h°{text}", "h", over, risk_minimiser_of=over), lambda rows, i: min(rows, key=risk))
    learned = Predictor(f"f̂{text}", "f", over, erm_over=over, erm_on="S")
    learned = replace(learned, independent_of=apart) if random.random() < 0.5 else learned
    add(learned, lambda rows, i: min(rows, key=lambda f: on_sample(f, i)))
    bad = Predictor(f"w{text}", "w", over, independent_of=apart if random.random() < 0.5 else frozenset())
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

        def learned(i: int, theirs: tuple[Row, ...] = theirs) -> Row:
            draw = world.draws[i]["S"]
            return min(theirs, key=lambda f: sum((f.losses[j] for j in draw), Fraction(0)))

        best = min(theirs, key=lambda f: dot(world.law, f.losses))
        chosen = [learned(i).outputs for i in world.outcomes]
        if all(o in rows for o, rows in zip(chosen, kept, strict=True)):
            f = Predictor(f"e{over.text}{larger.text}", "e", over, erm_over=larger, erm_on="S")
            world.predictors[f] = [rows[o] for o, rows in zip(chosen, kept, strict=True)]
            pool.predictors.append(f)
        if over.fixed and best.outputs in kept[0]:
            f = Predictor(f"b{over.text}{larger.text}", "b", over, fixed=True, risk_minimiser_of=larger)
            world.predictors[f] = [kept[0][best.outputs]] * len(each)
            pool.predictors.append(f)


def _pairs(pool: Objects) -> None:
    """Differences of losses, and events that one errs and another does not; some names can be read in two ways."""
    world, random = pool.world, pool.random
    tables = [f for f in pool.predictors if f.member_of.loss.width == 1]
    for _ in range(3):
        if len(tables) < 2:
            return
        first, second = random.sample(tables, 2)
        if random.random() < 0.5:
            first, second = replace(first, text="a"), replace(second, text=random.choice(["b", "b−c"]))
            for new, old in ((first, "a"), (second, "b")):
                world.predictors[new] = world.predictors[next(f for f in tables if replace(f, text=new.text) == new)]
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
    d = Predictor(pair_name(first, second), "d", over, **_apart(first, second))
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
        only = Predictor(only_name(f, g), "o", over, **_apart(f, g))
        world.predictors[only] = rows
        pool.predictors.append(only)


def _connections(pool: Objects) -> None:
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


SIDES = tuple(Side)
