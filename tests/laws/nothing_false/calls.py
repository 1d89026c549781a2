"""Random calls of the lemma constructors, each with what it was told and whether that is true.

A constructor believes what only its caller can know. A call that tells it something false is kept,
and marked: it counts where the falsehood can be seen, in the call itself or beside another call of
one derivation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from objects import LOOSE_DELTA, SIDES, WIDE_DELTA, Objects, U, complexity, rational
from sympy import Expr, Integer
from tables import Unknown

from boundcalc.conventions import Average, Side
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import classes
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Predictor,
    Quantity,
    Sample,
    best_empirical_risk,
    best_risk,
    deviation,
    empirical_risk,
    mean,
    named,
    rademacher,
    risk,
)

delta = symbol("delta")


@dataclass(frozen=True)
class Call:
    """A fact, and what its constructor was told.

    Attributes
    ----------
    fact : Fact
    trail : str
        The call, for whoever has to repeat it.
    told : mapping
        What the caller said that has one true value, by what it is about.
    false : bool
        Whether anything that was told is false in the world.
    visible : bool
        Whether the constructor could see that what it was told cannot be.
    possible : frozenset of int or None
        The outcomes on which the numbers of the sample are those that were given; None for all.
    """

    fact: Fact
    trail: str
    told: Mapping[Any, Any] = field(default_factory=dict)
    false: bool = False
    visible: bool = False
    possible: frozenset[int] | None = None


Maker = Callable[[Objects], Call]


def shown(value: Any) -> str:
    """An argument as it is reported."""
    if isinstance(value, (FunctionClass, Predictor, Sample)):
        loss = value.loss if isinstance(value, FunctionClass) else None
        return (
            f"{value.text}{f'[L={loss.lipschitz}, C={loss.width}, {loss.letter}]' if loss else ''}"
        )
    if isinstance(value, Quantity):
        subjects = ", ".join(map(shown, value.subjects))
        return f"{type(value).__name__}:{value.measure}({subjects})"
    if isinstance(value, classes.Geometry):
        return value.ids[0]
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    return str(value)


def call_of(constructor: Callable[..., Fact], *args: Any, told: Any = None, **kwargs: Any) -> Call:
    """The fact and the words in which it was asked for; `told` are further fields of the call."""
    words = [*map(shown, args), *(f"{k}={shown(v)}" for k, v in kwargs.items())]
    trail = f"{constructor.__name__}({', '.join(words)})"
    try:
        fact = constructor(*args, **kwargs)
    except Exception as error:
        error.add_note(trail)
        raise
    return Call(fact, trail, **(told or {}))


def a_cost(pool: Objects) -> Expr:
    tries: list[Expr] = [
        delta,
        delta,
        delta,
        delta / 2,
        rational(Fraction(1, 10)),
        WIDE_DELTA,
        LOOSE_DELTA,
        U,
    ]
    return pool.random.choice(tries)


def a_class(pool: Objects) -> FunctionClass:
    return pool.random.choice(pool.classes)


def a_predictor(pool: Objects) -> Predictor:
    return pool.random.choice(pool.predictors)


def a_sample(pool: Objects) -> Sample:
    return pool.random.choice(pool.samples)


def a_larger(pool: Objects, over: FunctionClass) -> FunctionClass:
    """A class that is declared to contain another, or any."""
    above = [c for c in pool.classes if over in c.within or c in over.within or over.is_within(c)]
    proper = [c for c in above if c != over]
    choice = pool.random.random()
    return pool.random.choice((choice < 0.6 and proper) or (choice < 0.9 and above) or pool.classes)


def a_member(pool: Objects) -> Predictor:
    """A predictor, mostly of a class that others are related to."""
    near = [f for f in pool.predictors if f.member_of.within]
    return pool.random.choice((pool.random.random() < 0.7 and near) or pool.predictors)


def a_side(pool: Objects) -> Side:
    return pool.random.choice(SIDES)


def some(found: Sequence[Any], pool: Objects) -> Any:
    """Any of some objects, if the world has one."""
    if not found:
        raise Unknown("no such object")
    return pool.random.choice(found)


def an_average(pool: Objects) -> Average:
    return pool.random.choice([Average.EMPIRICAL, Average.EXPECTED])


def any_quantity(pool: Objects) -> Quantity:
    """A quantity of any kind; sometimes a name that calls itself one."""
    f, over, sample, random = a_predictor(pool), a_class(pool), a_sample(pool), pool.random
    choices = (
        lambda: risk(f),
        lambda: empirical_risk(f, sample),
        lambda: best_risk(over),
        lambda: best_empirical_risk(over, sample),
        lambda: deviation(over, sample, a_side(pool)),
        lambda: complexity(pool),
        lambda: mean(empirical_risk(f, sample)),
        lambda: rademacher(
            over, sample, average=an_average(pool), loss_class=random.random() < 0.5
        ),
    )
    found = random.choice(choices)()
    return a_name(pool, found) if random.random() < 0.25 else found


def a_name(pool: Objects, like: Quantity | None = None) -> Quantity:
    """A name with a meaning of its own; `like` is what it claims to measure."""
    known = [q for q in pool.world.definitions if like is None or q.label == like.measure]
    if known and pool.random.random() < 0.5:
        return pool.random.choice(known)
    count = len(pool.world.definitions)
    measure, subjects = (like.measure, like.subjects) if like is not None else ("own", (count,))
    name = named(measure, f"y{count}", f"y_{count}", *subjects)
    pool.world.definitions[name] = _meaning(pool)
    return name


def _meaning(pool: Objects) -> Expr:
    f, random = a_predictor(pool), pool.random
    choices: list[Expr] = [
        Integer(random.choice([-5, 0, 5])),
        Integer(10**17 + 1),
        1 / symbol("factor"),
        risk(f),
        empirical_risk(f, a_sample(pool)),
        risk(f) - risk(a_predictor(pool)),
        10 * empirical_risk(f, pool.samples[0]),
    ]
    return random.choice(choices)


def merged(*said: dict[str, Any]) -> dict[str, Any]:
    """What was told in several respects."""
    found: dict[str, Any] = {"told": {}}
    for each in said:
        found["told"] |= each.get("told", {})
        for flag in ("false", "visible"):
            found[flag] = found.get(flag, False) or each.get(flag, False)
        if "possible" in each:
            found["possible"] = each["possible"]
    return found


def conditional(spare: Expr, true: Fraction) -> dict[str, Any]:
    """A condition ``spare >= 0``: assumed where it has parameters, seen where it has none."""
    seen = bool(spare.is_number and true < 0)
    return {"told": {("condition", spare): spare}, "false": true < 0, "visible": seen}
