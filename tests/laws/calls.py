"""Random calls of the lemma constructors: what each was told, and whether that is true in the world.

A constructor believes what only its caller can know. A call that tells it something false is kept, and marked:
it counts where the falsehood can be seen, in the call itself or beside another call of one derivation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from objects import LOOSE_DELTA, SIDES, U, WIDE_DELTA, Objects, complexity, rational
from rational_intervals import Interval, exact
from small_world import Values
from sympy import Expr, Float, Integer, S, log, sqrt
from tables import Ball, Unknown

from boundcalc.conventions import Average, Side
from boundcalc.symbolic import complexity_lemmas as classes
from boundcalc.symbolic import composition_lemmas as rules
from boundcalc.symbolic import lemmas
from boundcalc.symbolic import nesting_lemmas as nesting
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Predictor,
    Quantity,
    Sample,
    Subset,
    best_empirical_risk,
    best_linear_quality,
    best_risk,
    deviation,
    empirical_risk,
    gaussian,
    mean,
    named,
    rademacher,
    risk,
    unimodal_error,
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
        What the caller said that has one true value, by what it is about: two values contradict each other.
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
_MAKERS: list[Maker] = []


def maker(function: Maker) -> Maker:
    """A way to call a constructor."""
    _MAKERS.append(function)
    return function


def makers() -> list[Maker]:
    """All of them."""
    return _MAKERS


def shown(value: Any) -> str:
    """An argument as it is reported."""
    if isinstance(value, (FunctionClass, Predictor, Sample)):
        loss = value.loss if isinstance(value, FunctionClass) else None
        return f"{value.text}{f'[L={loss.lipschitz}, C={loss.width}, {loss.letter}]' if loss else ''}"
    if isinstance(value, Quantity):
        subjects = ", ".join(map(shown, value.subjects))
        return f"{type(value).__name__}:{value.measure}({subjects})"
    if isinstance(value, classes.Geometry):
        return value.ids[0]
    if isinstance(value, tuple):
        return f"({', '.join(map(shown, value))})"
    return str(value)


def _call(constructor: Callable[..., Fact], *args: Any, told: Any = None, **kwargs: Any) -> Call:
    """The fact and the words in which it was asked for; `told` are further fields of the call."""
    words = [*map(shown, args), *(f"{k}={shown(v)}" for k, v in kwargs.items())]
    trail = f"{constructor.__name__}({', '.join(words)})"
    try:
        fact = constructor(*args, **kwargs)
    except Exception as error:
        error.add_note(trail)
        raise
    return Call(fact, trail, **(told or {}))


def _cost(pool: Objects) -> Expr:
    tries: list[Expr] = [delta, delta, delta, delta / 2, rational(Fraction(1, 10)), WIDE_DELTA, LOOSE_DELTA, U]
    return pool.random.choice(tries)


def _class(pool: Objects) -> FunctionClass:
    return pool.random.choice(pool.classes)


def _predictor(pool: Objects) -> Predictor:
    return pool.random.choice(pool.predictors)


def _sample(pool: Objects) -> Sample:
    return pool.random.choice(pool.samples)


def _larger(pool: Objects, over: FunctionClass) -> FunctionClass:
    """A class that is declared to contain another, or any."""
    found = [c for c in pool.classes if over.is_within(c)]
    return pool.random.choice(found if pool.random.random() < 0.8 and found else pool.classes)


def _side(pool: Objects) -> Side:
    return pool.random.choice(SIDES)


def _average(pool: Objects) -> Average:
    return pool.random.choice([Average.EMPIRICAL, Average.EXPECTED])


# --- what any lemma may be called with --------------------------------------------------------------


def any_quantity(pool: Objects) -> Quantity:
    """A quantity of any kind; sometimes a name that calls itself one."""
    f, over, sample, random = _predictor(pool), _class(pool), _sample(pool), pool.random
    choices = (
        lambda: risk(f),
        lambda: empirical_risk(f, sample),
        lambda: best_risk(over),
        lambda: best_empirical_risk(over, sample),
        lambda: deviation(over, sample, _side(pool)),
        lambda: complexity(pool),
        lambda: mean(empirical_risk(f, sample)),
        lambda: rademacher(over, sample, average=_average(pool), loss_class=random.random() < 0.5),
    )
    found = random.choice(choices)()
    return a_name(pool, found) if random.random() < 0.25 else found


def a_name(pool: Objects, like: Quantity | None = None) -> Quantity:
    """A name with a meaning of its own; `like` is what it claims to measure."""
    known = [q for q in pool.world.definitions if like is None or q.measure == like.measure]
    if known and pool.random.random() < 0.5:
        return pool.random.choice(known)
    count = len(pool.world.definitions)
    measure, subjects = (like.measure, like.subjects) if like is not None else ("own", (count,))
    name = named(measure, f"y{count}", f"y_{count}", *subjects)
    pool.world.definitions[name] = _meaning(pool)
    return name


def _meaning(pool: Objects) -> Expr:
    f, random = _predictor(pool), pool.random
    choices: list[Expr] = [
        Integer(random.choice([-5, 0, 5])),
        Integer(10**17 + 1),
        risk(f),
        empirical_risk(f, _sample(pool)),
        risk(f) - risk(_predictor(pool)),
        10 * empirical_risk(f, pool.samples[0]),
    ]
    return random.choice(choices)


@maker
def _definition(pool: Objects) -> Call:
    name = a_name(pool, any_quantity(pool) if pool.random.random() < 0.5 else None)
    meaning = pool.world.definitions[name]
    return _call(lemmas.definition, name, meaning, of="y", source="huang2021", told={"told": {("name", name): meaning}})


# --- risks, infima, deviations ----------------------------------------------------------------------


@maker
def _infimum(pool: Objects) -> Call:
    f = _predictor(pool)
    return _call(lemmas.infimum, _larger(pool, f.member_of), f)


@maker
def _minimiser(pool: Objects) -> Call:
    best = [f for f in pool.predictors if f.risk_minimiser_of]
    f = pool.random.choice(best)
    inside = [c for c in pool.classes if f.risk_minimiser_of and c.is_within(f.risk_minimiser_of)] or pool.classes
    over = pool.random.choice(inside)
    members = [g for g in pool.predictors if g.member_of == over] or pool.predictors
    return _call(lemmas.minimiser, f, below=pool.random.choice([over, pool.random.choice(members)]))


@maker
def _erm(pool: Objects) -> Call:
    learned = [f for f in pool.predictors if f.erm_over]
    f = pool.random.choice(learned)
    members = [g for g in pool.predictors if f.erm_over and g.is_in(f.erm_over)] or pool.predictors
    gap = pool.random.choice([S.Zero, S.Zero, symbol("optimisation_gap"), Float(0.0)])
    return _call(lemmas.erm, f, against=pool.random.choice(members), sample=_sample(pool), gap=gap)


@maker
def _erm_infimum(pool: Objects) -> Call:
    learned = [f for f in pool.predictors if f.erm_over]
    return _call(nesting.erm_infimum, pool.random.choice(learned), sample=_sample(pool))


@maker
def _uniform_deviation(pool: Objects) -> Call:
    f = _predictor(pool)
    over = _larger(pool, f.member_of)
    return _call(lemmas.uniform_deviation, f, over=over, sample=_sample(pool), side=_side(pool))


@maker
def _fixed_deviation(pool: Objects) -> Call:
    return _call(lemmas.fixed_deviation, _predictor(pool), sample=_sample(pool))


@maker
def _substitution(pool: Objects) -> Call:
    f, g = pool.random.choice([*pool.world.composed, (_predictor(pool), _predictor(pool))])
    return _call(lemmas.substitution, f, by=g)


@maker
def _empirical_infimum(pool: Objects) -> Call:
    f = _predictor(pool)
    return _call(nesting.empirical_infimum, _larger(pool, f.member_of), at=f, sample=_sample(pool))


@maker
def _nested(pool: Objects) -> Call:
    over, sample = _class(pool), _sample(pool)
    larger = _larger(pool, over)
    kind = pool.random.choice(["deviation", "complexity", "infimum"])
    if kind == "deviation":
        return _call(nesting.nested_deviation, over, larger=larger, sample=sample, side=_side(pool))
    if kind == "infimum":
        return _call(nesting.nested_empirical_infimum, over, larger=larger, sample=sample)
    flag = pool.random.random() < 0.5
    return _call(
        nesting.nested_complexity, over, larger=larger, sample=sample, average=_average(pool), loss_class=flag
    )


@maker
def _loss_range(pool: Objects) -> Call:
    f = _predictor(pool)
    plain = pool.random.choice([risk(f), empirical_risk(f, _sample(pool))])
    quantity = a_name(pool, plain) if pool.random.random() < 0.2 else plain
    return _call(nesting.loss_range, quantity, side=_side(pool))


@maker
def _paired_risk(pool: Objects) -> Call:
    d, first, second = pool.random.choice(pool.pairs or [tuple(pool.random.sample(pool.predictors, 3))])
    return _call(nesting.paired_risk, d, first=first, second=second)


@maker
def _discordant(pool: Objects) -> Call:
    first, second = pool.random.sample(pool.predictors, 2)
    pairs = [p[1:] for p in pool.pairs]
    first, second = pool.random.choice([*pairs, (first, second)])
    only = [f for f in pool.predictors if f.text == nesting.only_name(first, second)] or pool.predictors
    other = [f for f in pool.predictors if f.text == nesting.only_name(second, first)] or pool.predictors
    chosen = pool.random.choice(only), pool.random.choice(other)
    return _call(nesting.discordant_risks, *chosen, first=first, second=second)


# --- means, complexities ----------------------------------------------------------------------------


@maker
def _symmetrisation(pool: Objects) -> Call:
    return _call(lemmas.symmetrisation, _class(pool), sample=_sample(pool), side=_side(pool))


@maker
def _expected_complexity(pool: Objects) -> Call:
    return _call(lemmas.expected_complexity, _class(pool), sample=_sample(pool))


@maker
def _contraction(pool: Objects) -> Call:
    return _call(lemmas.contraction, _class(pool), sample=_sample(pool), average=_average(pool))


@maker
def _from_gaussian(pool: Objects) -> Call:
    which = pool.random.choice([lemmas.gaussian_from_rademacher, lemmas.gaussian_comparison])
    return _call(which, _class(pool), sample=_sample(pool))


@maker
def _nonnegative(pool: Objects) -> Call:
    return _call(lemmas.complexity_is_nonnegative, _class(pool), sample=_sample(pool))


@maker
def _root(pool: Objects) -> Call:
    tries = [sqrt(U + log(delta)), sqrt(symbol("m")), sqrt(U + log(WIDE_DELTA)), sqrt(log(1 / LOOSE_DELTA)), sqrt(log(1 / delta))]
    return _call(lemmas.root_is_nonnegative, pool.random.choice(tries), term="rate")


def _of_samples(pool: Objects) -> Expr:
    """A sum of up to three statistics."""
    found = S.Zero
    for _ in range(pool.random.choice([1, 2, 2, 3])):
        f, over, sample = _predictor(pool), _class(pool), _sample(pool)
        statistic = pool.random.choice(
            [
                empirical_risk(f, sample),
                empirical_risk(f, sample),
                deviation(over, sample, _side(pool)),
                rademacher(over, sample, average=Average.EMPIRICAL, loss_class=pool.random.random() < 0.7),
                risk(f),
                any_quantity(pool),
            ]
        )
        found += pool.random.choice([1, 1, -1, -2, symbol("lipschitz"), rational(Fraction(1, 2))]) * statistic
    return found


@maker
def _bounded_differences(pool: Objects) -> Call:
    return _call(lemmas.bounded_differences, _of_samples(pool), cost=_cost(pool))


# --- held-out examples: what is observed -------------------------------------------------------------


def observed(pool: Objects, name: str, values: Values, about: Any) -> tuple[Expr, dict[str, Any]]:
    """A number of the sample: its parameter, or the number that it is on some outcome, or any other."""
    parameter, world = symbol(name), pool.world
    numbers = world.numbers
    if pool.random.random() < 0.4:
        known = numbers.setdefault(parameter, values)
        told = {("stands", parameter): about}
        return parameter, {"told": told, "false": known != values}
    value = pool.random.choice(values).low if pool.random.random() < 0.8 else Fraction(pool.random.choice([0, 1, 2]))
    where = frozenset(i for i, v in enumerate(values) if v == exact(value))
    given: Expr = rational(value)
    if pool.random.random() < 0.1 and value.denominator == 1:
        given = Float(float(value))
    return given, {"told": {("value", about): value}, "possible": where}


def _errors(pool: Objects, f: Predictor, sample: Sample) -> Values:
    size = exact(len(pool.world.draw(sample, 0)))
    return [v * size for v in pool.world.values(empirical_risk(f, sample))]


def _zero_one(pool: Objects) -> Predictor:
    return pool.random.choice([f for f in pool.predictors if f.member_of.loss.zero_one] or pool.predictors)


@maker
def _binomial(pool: Objects) -> Call:
    f, sample = _zero_one(pool), _sample(pool)
    errors, told = observed(pool, "errors", _errors(pool, f, sample), ("errors", f, sample.text))
    told = _as_share(told, f, sample, pool)
    return _call(lemmas.binomial_limit, f, sample=sample, errors=errors, side=_side(pool), cost=_cost(pool), told=told)


def _as_share(told: dict[str, Any], f: Predictor, sample: Sample, pool: Objects) -> dict[str, Any]:
    """A count of errors says what the empirical risk is."""
    size = len(pool.world.draw(sample, 0))
    shares = {("value", ("loss", f, sample.text)): v / size for (kind, _), v in told["told"].items() if kind == "value"}
    return {**told, "told": {**told["told"], **shares}, "visible": any(v > 1 for v in shares.values())}


@maker
def _relative_entropy(pool: Objects) -> Call:
    f, sample = _zero_one(pool), _sample(pool)
    values = pool.world.values(empirical_risk(f, sample))
    loss, told = observed(pool, "test_loss", values, ("loss", f, sample.text))
    return _call(lemmas.relative_entropy_limit, f, sample=sample, loss=loss, side=_side(pool), cost=_cost(pool), told=told)


@maker
def _bernstein(pool: Objects) -> Call:
    f, sample, world = _predictor(pool), _sample(pool), pool.world
    variances: list[Interval] = []
    for i, each in enumerate(world.predictors[f]):
        losses = [each.losses[j] for j in world.draw(sample, i)]
        mean_loss = sum(losses, Fraction(0)) / len(losses)
        variances.append(exact(sum(((v - mean_loss) ** 2 for v in losses), Fraction(0)) / max(len(losses) - 1, 1)))
    variance, told = observed(pool, "variance", variances, ("variance", f, sample.text))
    return _call(
        lemmas.empirical_bernstein, f, sample=sample, variance=variance, side=_side(pool), cost=_cost(pool), told=told
    )


# --- given numbers ----------------------------------------------------------------------------------


@maker
def _given_risk(pool: Objects) -> Call:
    f, sample = _predictor(pool), _sample(pool)
    quantity = empirical_risk(f, sample)
    name = pool.random.choice(["train_loss", "test_loss"])
    value, told = observed(pool, name, pool.world.values(quantity), ("loss", f, sample.text))
    return _call(lemmas.given, quantity, value, term="loss", told=told)


@maker
def _given_risk_of_the_best(pool: Objects) -> Call:
    best = [f for f in pool.predictors if f.risk_minimiser_of and f.fixed]
    f = pool.random.choice(best)
    value = pool.world.values(risk(f))[0].low
    given = rational(value) if pool.random.random() < 0.8 else S.Zero
    told = {"told": {("value", risk(f)): given}, "false": given != rational(value)}
    return _call(lemmas.given, risk(f), given, term="gap", told=told)


@maker
def _given_name(pool: Objects) -> Call:
    name = a_name(pool)
    values = pool.world.values(name)
    value = values[0].low
    given = pool.random.choice([rational(value), Float(float(value)), S.Zero, Integer(2), Float(1e17)])
    where = frozenset(i for i, v in enumerate(values) if v == exact(_binary(given)))
    random = len(set(values)) > 1
    told = {("name", name): given}
    if random:
        return _call(lemmas.given, name, given, term="name", told={"told": {("given", name): given}, "possible": where})
    return _call(lemmas.given, name, given, term="name", told={"told": told, "false": not where})


def _binary(value: Expr) -> Fraction:
    return Fraction(float(value)) if value.is_Float else Fraction(int(value.p), int(value.q))


@maker
def _given_complexity(pool: Objects) -> Call:
    quantity = complexity(pool)
    which = pool.random.choice([lemmas.given, rules.given_bound])
    values = pool.world.values(quantity)
    tops = [v.high.__ceil__() for v in values]
    at, slack = pool.random.choice(list(enumerate(tops))), pool.random.choice([0, 1, -3])
    value = at[1] + slack
    where = frozenset(i for i, v in enumerate(values) if v.high <= value)
    empirical = Average.EMPIRICAL in quantity.subjects
    told: dict[str, Any] = {"possible": where} if empirical else {"false": not where}
    told["visible"] = value < 0
    extra = {"term": "complexity"} if which is lemmas.given else {}
    return _call(which, quantity, Integer(value), told=told, **extra)


@maker
def _given_bound(pool: Objects) -> Call:
    """A number for what is no complexity: nothing that a user could know."""
    quantity = any_quantity(pool)
    if "rademacher" in quantity.measure or "gaussian" in quantity.measure:
        return _given_complexity(pool)
    return _call(rules.given_bound, quantity, pool.random.choice([S.Zero, Integer(-1)]), told={"visible": True})


@maker
def _intrinsic(pool: Objects) -> Call:
    over, sample = _class(pool), _sample(pool)
    quantity = rademacher(over, sample)
    (value, *_) = pool.world.values(quantity)
    square = value * value * exact(len(pool.world.draw(sample, 0)))
    given = rational(square.low) if square.low == square.high and pool.random.random() < 0.7 else Integer(7)
    told = {"told": {("value", quantity): given}, "false": given == 7}
    return _call(lemmas.intrinsic_complexity, over, sample=sample, value=given, told=told)


# --- rules for composed classes ----------------------------------------------------------------------


def _whole(pool: Objects) -> Quantity:
    """A complexity of a composed class, mostly in the convention of its parts."""
    if not pool.composed:
        raise Unknown("no composed class")
    over = pool.random.choice(pool.composed)
    part = over.parts[0]
    random = pool.random.random()
    if random < 0.7:
        subjects = (over, *part.subjects[1:-1], random < 0.2)
        return Quantity(part.measure, subjects, f"{part.measure} of {over.text} {subjects[1:]}", over.latex)
    like = complexity(pool)
    subjects = (over, *like.subjects[1:])
    return Quantity(like.measure, subjects, f"{like.measure} of {over.text} {subjects[1:]}", over.latex)


_PLAIN_RULES = (
    rules.sum_rule,
    rules.shift_rule,
    rules.subset_rule,
    rules.hull_rule,
    rules.maximum_rule,
)


@maker
def _rule(pool: Objects) -> Call:
    whole = _whole(pool)
    fitting = {
        "sum": rules.sum_rule,
        "offset": rules.shift_rule,
        "subset": rules.subset_rule,
        "convex-hull": rules.hull_rule,
        "max": rules.maximum_rule,
    }
    which = fitting.get(whole.subjects[0].operation) or pool.random.choice(_PLAIN_RULES)
    return _call(which, whole)


def constant(pool: Objects, over: FunctionClass, kind: str, tries: tuple[int, ...] = (-1, 0, 1, 3)) -> tuple[Expr, dict[str, Any]]:
    """A number that belongs to a class: the true one, or another."""
    true = pool.world.constants.get((over, kind))
    if true is not None and pool.random.random() < 0.6:
        return rational(Fraction(true)), {"told": {(kind, over): Fraction(true)}}
    value = Fraction(pool.random.choice(tries))
    return rational(value), {"told": {(kind, over): value}, "false": value != true, "visible": value < 0}


@maker
def _rule_with_constant(pool: Objects) -> Call:
    whole = _whole(pool)
    operation = whole.subjects[0].operation
    which, name, kind = {
        "scale": (rules.scale_rule, "factor", "factor"),
        "lipschitz": (rules.lipschitz_rule, "constant", "lipschitz"),
        "vector-contraction": (rules.vector_rule, "constant", "lipschitz"),
        "union": (rules.union_rule, "bound", "bound"),
    }.get(operation, (rules.scale_rule, "factor", "factor"))
    value, told = constant(pool, whole.subjects[0], kind)
    return _call(which, whole, told=told, **{name: value})


@maker
def _between_conventions(pool: Objects) -> Call:
    first = complexity(pool)
    over, sample, average, flag = first.subjects if len(first.subjects) == 4 else (*first.subjects[:2], Average.EXPECTED, False)
    if pool.random.random() < 0.5:
        flag = not flag
    if pool.random.random() < 0.5:
        measure = f"{first.measure}_absolute"
        other = Quantity(measure, (over, sample, average, flag), f"{measure} {first.name} {flag}", first.latex)
        return _call(rules.signed_rule, first, other)
    other = gaussian(over, sample, loss_class=flag)
    if average is Average.EMPIRICAL:
        other = Quantity("gaussian", (over, sample, average, flag), f"Ĝ {first.name} {flag}", first.latex)
    return _call(rules.gaussian_rule, first, other)


@maker
def _identity(pool: Objects) -> Call:
    """A class that a theorem speaks of is another: of the same functions, or not."""
    first, second = complexity(pool), complexity(pool)
    if pool.random.random() < 0.8:
        families = pool.world.families
        outputs = {over: {f.outputs for f in rows} for over, rows in families.items() if isinstance(rows, tuple)}
        mine = outputs.get(first.subjects[0])
        alike = [c for c in outputs if mine is not None and outputs[c] == mine and c.output is first.subjects[0].output]
        over = pool.random.choice(alike or [first.subjects[0]])
        flag = first.subjects[-1] if pool.random.random() < 0.6 else not first.subjects[-1]
        subjects = (over, *first.subjects[1:-1], flag)
        second = Quantity(first.measure, subjects, f"{first.measure} of {over.text} {subjects[1:]}", over.latex)
    same = _same_functions(pool, first.subjects[0], second.subjects[0])
    told = {"told": {("is", first.subjects[0]): second.subjects[0]}, "false": not same}
    return _call(rules.identity, first, second, told=told)


def _same_functions(pool: Objects, first: FunctionClass, second: FunctionClass) -> bool:
    one, other = pool.world.families[first], pool.world.families[second]
    if not (isinstance(one, tuple) and isinstance(other, tuple)):
        return first == second
    return {f.outputs for f in one} == {f.outputs for f in other}


# --- catalogue classes --------------------------------------------------------------------------------


def _ball(pool: Objects, *operations: str) -> Quantity:
    """A complexity of a ball, on a sample or expected; sometimes in another convention."""
    balls = [c for c in pool.classes if isinstance(c, StructuredClass) and isinstance(pool.world.families[c], Ball)]
    over = pool.random.choice([b for b in balls if b.operation in operations] or balls)
    flag = pool.random.random() < 0.15
    return rademacher(over, _sample(pool), average=_average(pool), loss_class=flag)


_GEOMETRIES = (classes.EUCLIDEAN, classes.KERNEL, classes.FROBENIUS, classes.SUPREMUM, classes.COLUMNS)


def _geometry(pool: Objects, of: Quantity) -> classes.Geometry:
    fitting = [g for g in _GEOMETRIES if of.subjects[0].operation in g.ids]
    return pool.random.choice(fitting or _GEOMETRIES)


@maker
def _dual_norm(pool: Objects) -> Call:
    of = _ball(pool)
    value, told = constant(pool, of.subjects[0], "norm")
    return _call(classes.dual_norm, of, _geometry(pool, of), norm=value, told=told)


@maker
def _second_moment(pool: Objects) -> Call:
    of = _ball(pool, "linear-l2", "kernel", "linear-frobenius")
    which = pool.random.choice([classes.second_moment, classes.khinchin_kahane])
    value, told = constant(pool, of.subjects[0], "outputs", (1, 2, 8))
    return _call(which, of, _geometry(pool, of), outputs=value, told=told)


@maker
def _columns(pool: Objects) -> Call:
    of = _ball(pool, "linear-l1", "linear-lp")
    q = pool.world.constants[of.subjects[0], "q"]
    kind = pool.random.choice(["massart", "khintchine", "columnwise"])
    if kind == "massart":
        features = pool.random.choice([2, 2, 1])
        told: dict[str, Any] = {"told": {("features", of.subjects[0]): features}, "false": features != 2}
        return _call(classes.massart_columns, of, features=Integer(features), told=told)
    if kind == "columnwise":
        return _call(classes.columnwise, of, told={"false": q > 2})
    dual = pool.random.choice([1, 2, 4])
    told = {"told": {("dual", of.subjects[0]): dual}, "false": dual != q, "visible": dual < 2}
    return _call(classes.khintchine, of, dual=Integer(dual), told=told)


@maker
def _almost_surely(pool: Objects) -> Call:
    of = _ball(pool)
    family = pool.world.families[of.subjects[0]]
    assert isinstance(family, Ball)
    radius = pool.random.choice([3, 3, 0, -1])
    told = {"false": radius < 3, "visible": radius < 0}
    return _call(classes.almost_surely, of, _geometry(pool, of), radius=Integer(radius), told=told)


@maker
def _measured(pool: Objects) -> Call:
    of = _ball(pool)
    geometry = _geometry(pool, of)
    size = classes.data_size(of, geometry)
    values = pool.world.values(size)
    value = pool.random.choice(values).low if pool.random.random() < 0.7 else Fraction(pool.random.choice([-1, 1]))
    where = frozenset(i for i, v in enumerate(values) if v == exact(value))
    told = {"told": {("value", size): value}, "possible": where, "visible": value < 0}
    return _call(classes.measured, of, geometry, rational(value), told=told)


def _leaf(pool: Objects, operation: str) -> Quantity:
    over = next(c for c in pool.classes if isinstance(c, StructuredClass) and c.operation == operation)
    flag = pool.random.random() < 0.2
    return rademacher(over, _sample(pool), average=_average(pool), loss_class=flag)


@maker
def _finite(pool: Objects) -> Call:
    of = _leaf(pool, "finite")
    if pool.random.random() < 0.5:
        value, told = constant(pool, of.subjects[0], "size", (1, 5))
        value_is_enough = value >= pool.world.constants[of.subjects[0], "size"]
        return _call(classes.finite_maximum, of, size=value, told={**told, "false": not value_is_enough})
    bound = pool.random.choice([2, -1, 0])
    told = {"told": {("bound", of.subjects[0]): bound}, "false": bound < 2, "visible": bound < 0}
    return _call(classes.bounded_values, of, bound=Integer(bound), told=told)


@maker
def _patterns(pool: Objects) -> Call:
    of = _leaf(pool, "vc")
    if pool.random.random() < 0.5:
        value, told = constant(pool, of.subjects[0], "bound")
        return _call(classes.massart_patterns, of, bound=value, told=told)
    points = len(pool.world.law)
    dimension, loose = pool.random.choice([points, points + 1, 5]), pool.random.random() < 0.5
    size = of.subjects[1].size
    unseen = loose and not size.is_number and dimension > len(pool.world.draw(of.subjects[1], 0))
    return _call(classes.sauer_shelah, of, dimension=Integer(dimension), loose=loose, told={"false": unseen})


@maker
def _network(pool: Objects) -> Call:
    of = _ball(pool, "network-frobenius")
    if pool.random.random() < 0.5:
        value, told = constant(pool, of.subjects[0], "norm")
        return _call(classes.peeling, of, product=value, told=told)
    radius = pool.random.choice([3, -1])
    told = {"false": radius < 0, "visible": radius < 0}
    return _call(classes.network_inputs, of, depth=S.One, radius=Integer(radius), told=told)


@maker
def _chaining(pool: Objects) -> Call:
    of = _leaf(pool, "entropy-integral")
    value = pool.random.choice([1, -1])
    if pool.random.random() < 0.5:
        return _call(classes.chaining, of)
    return _call(
        classes.covering_family, of, Integer(value), family="given", told={"false": value < 0, "visible": value < 0}
    )


# --- the linear model, sample sizes -------------------------------------------------------------------


@maker
def _least_squares(pool: Objects) -> Call:
    """The risk of least squares is infinite, or has no mean, up to one example more than directions."""
    subset = pool.random.choice("MN")
    rank_of = {"M": 2, "N": 1}
    size_of = pool.world.constants.setdefault((subset, "examples"), pool.random.choice([3, 4, 9]))
    rank, told = rank_of[subset], {}
    best = Fraction(1)
    defined = size_of > rank + 1
    value = best * (1 + Fraction(rank, size_of - rank - 1)) if defined else Fraction(10**6)
    world = pool.world
    world.constants.setdefault(((subset,), "best_linear_risk"), best)
    world.constants.setdefault(((subset,), "least_squares_risk"), value)
    given_rank = rank if pool.random.random() < 0.7 else pool.random.choice([0, 3])
    given_size = size_of if pool.random.random() < 0.7 else pool.random.choice([2, 5])
    told = {
        "told": {("rank", subset): given_rank, ("size", subset): given_size},
        "false": (given_rank, given_size) != (rank, size_of),
        "visible": given_size <= given_rank + 1,
    }
    return _call(lemmas.least_squares, subset, rank=Integer(given_rank), size=Integer(given_size), told=told)


@maker
def _explained_gain(pool: Objects) -> Call:
    """N ⊂ M: the qualities are what they are, or what names say."""
    more, world = Subset("M"), pool.world
    less = Subset("N", within=(more,))
    better, worse = best_linear_quality(more), best_linear_quality(less)
    for quality, value in ((better, 1), (worse, 3)):
        world.constants.setdefault((quality.subjects, quality.measure), Fraction(value))
        world._known.pop(quality, None)
    gain = pool.random.choice([0, 1, 2])
    told = {"told": {("quality", q): None for q in (better, worse)}}
    return _call(lemmas.explained_gain, better, worse, least_variance=Integer(gain), added_norm=S.One, told=told)


@maker
def _defined_quality(pool: Objects) -> Call:
    """A name that is given the meaning of a latent quality, by a definition that says something else."""
    subset = Subset("M") if pool.random.random() < 0.5 else Subset("N", within=(Subset("M"),))
    value = Integer(pool.random.choice([0, 5]))
    quality = best_linear_quality(subset)
    told = {"told": {("quality", quality): value}, "false": True}
    return _call(lemmas.definition, quality, value, of="η", source="huang2021", told=told)


@maker
def _overtaking(pool: Objects) -> Call:
    """Two risks of least squares, with levels a < b and ranks p > q: where they cross is found by trying."""
    world, count = pool.world, len(pool.world.definitions)
    name = named("crossover", f"m*{count}", "m^*", count)
    a, b, p, q = (symbol(s) for s in ("latent_quality_m", "latent_quality_n", "rank_m", "rank_n"))
    numbers = dict(zip((a, b, p, q), (1, 2, 3, 1), strict=True))
    world.numbers.update({s: exact(v) for s, v in numbers.items()})
    where = [a > 0, b > a, p > q]
    if pool.random.random() < 0.3:
        where.pop(pool.random.randrange(3))
    fact = _call(lemmas.overtaking, name, more=(a, p), less=(b, q), where=tuple(where))
    m = 5
    while 1 + Fraction(3, m - 4) > 2 * (1 + Fraction(1, m - 2)):
        m += 1
    world.definitions[name] = Integer(m)
    return fact


@maker
def _least_size(pool: Objects) -> Call:
    name = named("least", f"m°{len(pool.world.definitions)}", "m^*", len(pool.world.definitions))
    A, target = Fraction(pool.random.choice([1, 3, -1])), Fraction(pool.random.choice([1, 2]), 2)
    m = symbol("m")
    fact = _call(
        lemmas.least_size, name, threshold=rational(A) / sqrt(m), target=rational(target), size=m
    )
    least = 1
    while Fraction(A) ** 2 > target**2 * least:
        least += 1
    pool.world.definitions[name] = Integer(least)
    return fact


@maker
def _hard_labelling(pool: Objects) -> Call:
    size = pool.random.choice([1, 2])
    error = unimodal_error(Integer(size))
    pool.world.constants[error.subjects, error.measure] = Fraction(1, 2)
    quantity = a_name(pool, error) if pool.random.random() < 0.5 else error
    return _call(lemmas.hard_labelling, quantity)


def another(pool: Objects) -> Call:
    """A call of any constructor."""
    return pool.random.choice(_MAKERS)(pool)
