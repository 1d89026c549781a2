"""Random objects for a small world: what they declare is true, and they disagree wherever they can.

Classes under different losses that contain one another as sets of functions, classes that depend on
the sample, composed classes with parts in any convention, learned and fixed predictors, names for
anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random
from typing import Any

from rational_intervals import exact
from small_world import World
from sympy import Expr, Integer, Rational, Symbol
from tables import Row, Rule, row

from boundcalc.conventions import Average, Output, Side
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.lemmas.nesting import ModalityClass
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Quantity,
    Sample,
    rademacher,
)

U, WIDE_DELTA = Symbol("u", positive=True), Symbol("delta", positive=True)
LOOSE_DELTA = Parameter(
    "delta", "δ", r"\delta", "a number that may be above 1", open_low=True
).symbol
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


def numbers_in(pool: Objects) -> None:
    """What the parameters are; those of a sample come with what they are given for."""
    draw, random, numbers = pool.world.draws[0], pool.random, pool.world.numbers
    chosen: dict[Symbol, Fraction | int] = {
        symbol("m"): len(draw["S"]),
        symbol("n"): len(draw["T"]),
        symbol("delta"): random.choice(
            [Fraction(1, 2), Fraction(9, 10), Fraction(1, 10), Fraction(99, 100)]
        ),
        symbol("lipschitz"): random.choice([1, 3]),
        symbol("loss_bound"): random.choice([1, 2]),
        symbol("factor"): random.choice([Fraction(1, 2), 2, 0]),
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


def samples_in(pool: Objects) -> None:
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


def a_rule(pool: Objects) -> Rule:
    random, points = pool.random, len(pool.world.law)
    targets = tuple(Fraction(random.choice(_GRID)) for _ in range(points))
    kind = random.random()
    if kind < 0.25:
        return Rule(Fraction(1), Fraction(1), targets, zero_one=True)
    if kind < 0.45:
        return Rule(Fraction(0), Fraction(0), targets)
    slope = random.choice([Fraction(1, 2), Fraction(1), Fraction(3), Fraction(1000)])
    return Rule(
        slope, random.choice([Fraction(1, 2), Fraction(1), Fraction(2), Fraction(5)]), targets
    )


def a_loss(pool: Objects, rule: Rule, *, letter: str | None = None) -> Loss:
    """A true description of a loss: its constants, larger ones, or symbols that are large enough."""
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


def some_rows(pool: Objects, rule: Rule, outputs: int, count: int) -> tuple[Row, ...]:
    random, points = pool.random, len(pool.world.law)
    made = (
        row(
            (tuple(Fraction(random.choice(_GRID)) for _ in range(outputs)) for _ in range(points)),
            rule,
        )
        for _ in range(count)
    )
    return tuple(dict.fromkeys(made))


def plain_class(pool: Objects, text: str, *, outputs: int) -> FunctionClass:
    rule = a_rule(pool)
    output = Output.VECTOR if outputs > 1 else Output.SCALAR
    over = FunctionClass(text, text, a_loss(pool, rule), output)
    rows = some_rows(pool, rule, outputs, pool.random.choice([1, 2, 2, 3]))
    return pool.add(over, rows, rule)  # type: ignore[no-any-return]


def part_of(random: Random, rows: Sequence[Row]) -> tuple[Row, ...]:
    return tuple(random.sample(list(rows), random.randint(1, len(rows))))


def under(rows: Iterable[Row], rule: Rule) -> tuple[Row, ...]:
    """The same functions under another loss."""
    return tuple(row(f.outputs, rule) for f in rows)


def relatives(pool: Objects, base: FunctionClass) -> None:
    """Classes that are contained in the base as sets of functions."""
    random, rule, text = pool.random, pool.rules[base], base.text
    rows = pool.world.families[base]
    assert isinstance(rows, tuple)
    small = pool.add(replace(base, text=f"{text}′", within=(base,)), part_of(random, rows), rule)
    others = [r for r in (*pool.rules.values(), a_rule(pool)) if r != rule]
    other = random.choice(others or [rule])
    loss = a_loss(pool, other)
    if loss != base.loss and random.random() < 0.8:  # the same functions, another loss
        pool.add(
            replace(base, text=f"{text}ˣ", loss=loss, within=(base,)), under(rows, other), other
        )
    if random.random() < 0.3:  # the same loss in another letter
        letter = "s" if base.loss.letter == "r" else "r"
        same = replace(base.loss, letter=letter)
        pool.add(replace(base, text=f"{text}ˡ", loss=same, within=(base,)), rows, rule)
    if random.random() < 0.3:  # the other outputs
        wrong = Output.SCALAR if base.output is Output.VECTOR else Output.VECTOR
        width = 2 if wrong is Output.VECTOR else 1
        made = some_rows(pool, rule, width, 2)
        pool.add(replace(base, text=f"{text}ᵒ", output=wrong, within=(base,)), made, rule)
    if random.random() < 0.5:  # chosen because of the sample S
        chosen = {d["S"]: part_of(random, rows) for d in pool.world.draws}
        each = [chosen[d["S"]] for d in pool.world.draws]
        pool.add(replace(base, text=f"{text}^", fixed=False, within=(base,)), each, rule)
    if random.random() < 0.3:
        fields: dict[str, Any] = {"loss": base.loss, "output": base.output, "family": "K"}
        few = pool.world.families[small]
        for seen, mine in (("a", few), ("ab", rows)):
            pool.add(
                ModalityClass(f"{text}{seen}", seen, sees=frozenset(seen), **fields), mine, rule
            )


def in_a_convention(random: Random, over: FunctionClass, sample: Sample) -> Quantity:
    """A complexity of a class in some convention."""
    average = random.choice([Average.EMPIRICAL, Average.EXPECTED])
    plain = rademacher(over, sample, average=average, loss_class=random.random() < 0.3)
    measure = random.choice(
        ["rademacher"] * 6 + ["gaussian", "rademacher_absolute", "gaussian_absolute"]
    )
    if measure == "rademacher":
        return plain
    subjects = plain.subjects
    if measure == "gaussian" and average is Average.EXPECTED and random.random() < 0.7:
        subjects = (over, sample, plain.subjects[3])
    return Quantity(measure, subjects, f"{measure} {plain.name}", plain.latex)


def complexity(pool: Objects) -> Quantity:
    """A complexity of any class, on any sample, in any convention."""
    random = pool.random
    return in_a_convention(random, random.choice(pool.classes), random.choice(pool.samples))


SIDES = tuple(Side)
