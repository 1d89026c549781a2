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
    known = [q for q in pool.world.definitions if like is None or q.label == like.measure]
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
    spare = sample.size - 2
    told = merged(told, conditional(spare, world.at(spare, 0).low))
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
    if value.is_number:
        spare = f.member_of.loss.width - value
        told = merged(told, conditional(spare, pool.world.at(spare, 0).low))
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
    values = pool.world.values(quantity)
    top, slack = pool.random.choice([v.high.__ceil__() for v in values]), pool.random.choice([0, 1, -3])
    told = _at_most(quantity, values, top + slack)
    return _call(lemmas.given, quantity, Integer(top + slack), term="complexity", told=told)


def _at_most(quantity: Quantity, values: Values, value: int) -> dict[str, Any]:
    """Where a complexity does not exceed a number."""
    where = frozenset(i for i, v in enumerate(values) if v.high <= value)
    told: dict[str, Any] = {"false": not where}
    if Average.EMPIRICAL in quantity.subjects:
        told = {"possible": where}
    return {**told, "visible": value < 0}


@maker
def _given_bound(pool: Objects) -> Call:
    """The number that a class gives, in a convention; a risk is nothing that a user could give."""
    if pool.random.random() < 0.2:
        return _call(rules.given_bound, any_quantity(pool), told={"visible": True})
    over = next(c for c in pool.classes if isinstance(c, StructuredClass) and c.operation == "given")
    like = complexity(pool)
    quantity = Quantity(like.measure, (over, *like.subjects[1:]), f"{like.measure} given {like.subjects[1:]}", "v")
    value = int(dict(over.constants)["given_complexity"])
    told = _at_most(quantity, pool.world.values(quantity), value)
    told["told"] = {("given", over): (like.measure, like.subjects[1:])}
    return _call(rules.given_bound, quantity, told=told)


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


_RULES = {
    "sum": rules.sum_rule,
    "offset": rules.shift_rule,
    "subset": rules.subset_rule,
    "convex-hull": rules.hull_rule,
    "max": rules.maximum_rule,
    "scale": rules.scale_rule,
    "lipschitz": rules.lipschitz_rule,
    "vector-contraction": rules.vector_rule,
    "union": rules.union_rule,
}


@maker
def _rule(pool: Objects) -> Call:
    whole = _whole(pool)
    which = _RULES[whole.subjects[0].operation]
    return _call(which if pool.random.random() < 0.9 else pool.random.choice(list(_RULES.values())), whole)


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
def _of_ball(pool: Objects) -> Call:
    of = _ball(pool)
    which = pool.random.choice(
        [classes.dual_norm, classes.second_moment, classes.khinchin_kahane, classes.almost_surely]
    )
    return _call(which, of, _geometry(pool, of))


@maker
def _columns(pool: Objects) -> Call:
    of = _ball(pool, "linear-l1", "linear-lp")
    which = pool.random.choice([classes.massart_columns, classes.khintchine, classes.columnwise])
    q = pool.world.numbers.get(symbol("dual_exponent"), exact(2)).low  # type: ignore[union-attr]
    spares = {classes.khintchine: [-2, 1], classes.columnwise: [2, -1]}.get(which)
    told: dict[str, Any] = {}
    if spares:
        declared = dict(of.subjects[0].constants).get("dual_exponent", S(2))
        told = conditional(spares[0] + spares[1] * declared, Fraction(spares[0]) + spares[1] * q)
    return _call(which, of, told=told)


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
    """A condition ``spare >= 0``: it is assumed where it has parameters, and seen where it has none."""
    seen = bool(spare.is_number and true < 0)
    return {"told": {("condition", spare): spare}, "false": true < 0, "visible": seen}


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
    return _call(pool.random.choice([classes.finite_maximum, classes.bounded_values]), _leaf(pool, "finite"))


@maker
def _patterns(pool: Objects) -> Call:
    of = _leaf(pool, "vc")
    if pool.random.random() < 0.5:
        return _call(classes.massart_patterns, of)
    over, sample = of.subjects[:2]
    loose = pool.random.random() < 0.5
    spare = sample.size - dict(over.constants)["dimension"]
    told = conditional(spare, pool.world.at(spare, 0).low) if loose else {}
    return _call(classes.sauer_shelah, of, loose=loose, told=told)


@maker
def _network(pool: Objects) -> Call:
    of = _ball(pool, "network-frobenius")
    if pool.random.random() < 0.3:
        return _call(classes.almost_surely, of, classes.NETWORK)
    return _call(pool.random.choice([classes.peeling, classes.sub_gaussian_norm]), of)


@maker
def _chaining(pool: Objects) -> Call:
    of = _leaf(pool, "entropy-integral")
    return _call(pool.random.choice([classes.chaining, classes.covering_family]), of)


# --- the linear model, sample sizes -------------------------------------------------------------------


def _subset(pool: Objects, text: str) -> Subset:
    """N is in M, of rank 1 and 2; M may say its rank as a parameter."""
    true = pool.world.at(symbol("rank_m"), 0).low
    rank = pool.random.choice([rational(true), symbol("rank_m")])
    more = Subset("M", rank=rank)
    return more if text == "M" else Subset("N", within=(more,), rank=Integer(1))


@maker
def _least_squares(pool: Objects) -> Call:
    """The risk of least squares has no mean up to one example more than directions."""
    subset = _subset(pool, pool.random.choice("MN"))
    size = pool.random.choice([3, 4, 6, 9])
    sample = Sample(f"Z{size}", "Z", Integer(size))
    assert subset.rank is not None
    spare = size - subset.rank - 2
    told = conditional(spare, pool.world.at(spare, 0).low)
    return _call(lemmas.least_squares, subset, sample=sample, told=told)


@maker
def _linear_quality(pool: Objects) -> Call:
    return _call(lemmas.linear_quality, _subset(pool, pool.random.choice("MN")))


@maker
def _explained_gain(pool: Objects) -> Call:
    less = _subset(pool, "N")
    better, worse = best_linear_quality(less.within[0]), best_linear_quality(less)
    gain = pool.random.choice([0, 1, 2, 3])
    told = {"told": {("gain",): gain, **{("quality", q): None for q in (better, worse)}}, "false": gain > 2}
    return _call(lemmas.explained_gain, better, worse, least_variance=Integer(gain), added_norm=S.One, told=told)


@maker
def _given_quality(pool: Objects) -> Call:
    quality = best_linear_quality(_subset(pool, pool.random.choice("MN")))
    true = pool.world.values(quality)[0].low
    value = true if pool.random.random() < 0.7 else Fraction(7)
    told = {"told": {("value", quality): value}, "false": value != true}
    return _call(lemmas.given, quality, rational(value), term="quality", told=told)


@maker
def _defined_quality(pool: Objects) -> Call:
    """A latent quality is given another meaning."""
    quality = best_linear_quality(_subset(pool, pool.random.choice("MN")))
    value = Integer(pool.random.choice([0, 5]))
    told = {"told": {("quality", quality): value}, "false": True}
    return _call(lemmas.definition, quality, value, of="η", source="huang2021", told=told)


@maker
def _overtaking(pool: Objects) -> Call:
    """Two risks of least squares, with levels a < b and ranks p > q: where they cross is found by trying."""
    world, count = pool.world, len(pool.world.definitions)
    name = named("crossover", f"m*{count}", "m^*", count)
    a, b, p, q = (symbol(s) for s in ("latent_quality_m", "latent_quality_n", "rank_m", "rank_n"))
    where = [a > 0, b > a, p > q]
    if pool.random.random() < 0.3:
        where.pop(pool.random.randrange(3))
    fact = _call(lemmas.overtaking, name, more=(a, p), less=(b, q), where=tuple(where))
    level, above, rank, below = (int(world.at(s, 0).low) for s in (a, b, p, q))
    m = rank + 2
    while level * (1 + Fraction(rank, m - rank - 1)) > above * (1 + Fraction(below, m - below - 1)):
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
