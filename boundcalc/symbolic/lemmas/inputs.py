"""The numbers that a user gives, and theorems used as facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import (
    Expr,
    Rational,
    Rel,
    S,
    StrictGreaterThan,
    StrictLessThan,
    Symbol,
    ceiling,
    diff,
    expand_mul,
    factor_terms,
    nan,
    oo,
    sqrt,
    sympify,
    zoo,
)

from boundcalc.conventions import Average
from boundcalc.errors import ConventionError
from boundcalc.symbolic.consistency import spoken_of
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    equal,
    exact,
    given_number,
    is_measured,
    is_parameter,
    require,
    require_possible,
)
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.posteriors import Posterior
from boundcalc.symbolic.quantities import FunctionClass, Name, Quantity, Sample, rademacher

# what may stand for a quantity, by measure; for the others the parameter of that name
_STANDS_FOR = {
    "empirical_risk": ("train_loss", "test_loss"),
    "empirical_gibbs_risk": ("train_loss",),
    "risk": ("connection_gap",),
}
# what may be given too large
_OVER_ESTIMATED = frozenset(
    {"rademacher", "gaussian", "divergence", "view_divergence", "weight_divergence"}
)
_OBSERVED = frozenset(
    {"empirical_risk", "empirical_gibbs_risk", "latent_quality", "noise_variance"}
)
_M, _N, _GROWTH = symbol("m"), symbol("n"), symbol("growth")


def given(quantity: Quantity, value: Expr, *, term: str) -> Fact:
    """Replace a quantity by the number that the user gives for it.

    A complexity and a divergence may be over-estimated (``≤``); every other quantity is the number
    itself (``=``). What may be given is an empirical risk, the complexity of a class, KL(Q‖P) of a
    posterior, the connection gap κ (the risk of the best connection), the noise and the latent
    qualities of a linear model, or a name that a definition introduced. The value is an exact
    number, or the parameter that the table says to mean it. A parameter measured on the sample
    cannot stand for an expected complexity, nor the reverse.

    Why: it is your number. A complexity may be given too large, other quantities have to be
    right.

    Loses: how much a complexity is over-estimated.
    """
    value = exact(value)
    named, too_large = isinstance(quantity, Name), quantity.measure in _OVER_ESTIMATED
    said = f"{quantity.name} is neither observed nor an input: it cannot be given"
    require(may_be_given(quantity), said)
    if quantity.measure == "rademacher":
        _require_same_convention(quantity, value)
    meant = value.is_number or stands_for(value, quantity)
    require(meant, f"{value} is not a parameter that stands for {quantity.name}")
    real = named and value.is_real
    require(real or provably_nonnegative(value), f"{quantity.name} is at least 0, not {value}")
    conditions = []
    if quantity.measure in ("empirical_risk", "empirical_gibbs_risk"):
        drawn = quantity.subjects[0]
        width = (drawn.over if isinstance(drawn, Posterior) else drawn.member_of).loss.width
        conditions.append(
            require_possible(width - value, f"{quantity.name} is at most {width}, not {value}")
        )
    return (at_most if too_large else equal)(
        "given",
        quantity,
        value,
        "input",
        conditions=tuple(conditions),
        term=term,
        settles=None if too_large else quantity,
    )


def may_be_given(quantity: Quantity) -> bool:
    """Whether a user may know the number that a quantity is, or one that it does not exceed."""
    known = quantity.measure in _OVER_ESTIMATED | _OBSERVED
    return isinstance(quantity, Name) or known or _is_connection_gap(quantity)


def _is_connection_gap(quantity: Quantity) -> bool:
    """Whether it is the risk of the best connection: its loss is a distance."""
    if quantity.measure != "risk":
        return False
    (g,) = quantity.subjects
    return bool(g.fixed and g.risk_minimiser_of == g.member_of and g.member_of.loss.letter == "d")


def _require_same_convention(quantity: Quantity, value: Expr) -> None:
    """The complexity is that of a class, and measured or expected as the parameter is."""
    _, _, average, loss_class = quantity.subjects
    require(not loss_class, f"{quantity.name} is that of a loss class: contract it first")
    for s in value.free_symbols:
        wants = Average.EMPIRICAL if "empirical" in s.name else Average.EXPECTED
        if is_parameter(s, "rademacher") and wants is not average:
            raise ConventionError(
                f"{s.name} is {wants}, {quantity.name} is {average}: pay bounded differences "
                f"between them"
            )


def stands_for(value: Expr, quantity: Quantity) -> bool:
    """Whether the table of parameters says that the value is this kind of quantity."""
    if quantity.measure == "rademacher" and Average.EXPECTED in quantity.subjects:
        intrinsic = value**2 * quantity.subjects[1].size  # R = √(c/m)
        return is_parameter(value, "rademacher") or is_parameter(intrinsic, "complexity")
    if quantity.measure != "gaussian":
        return is_parameter(value, *_STANDS_FOR.get(quantity.label, (quantity.label,)))
    _, sample, *average, loss_class = quantity.subjects
    composite = symbol("c_composite") * _N ** (_GROWTH - 1)
    known = {
        True: {symbol("c_predictor") / sqrt(_N): _N, composite: _N},
        False: {symbol("c_connection") / sqrt(_M): _M},
    }[loss_class]
    same_size = known.get(value) in sample.size.free_symbols
    return same_size and Average.EMPIRICAL not in average


def intrinsic_complexity(over: FunctionClass, *, sample: Sample, value: Expr) -> Fact:
    """R_m(F) = √(c/m), assumed: c is the intrinsic complexity.

    Why: it is assumed.

    Loses: nothing: it is an equation.
    """
    complexity = rademacher(over, sample)
    given_number(value, "complexity", "an intrinsic complexity")
    rhs = sqrt(value / sample.size)
    why = f"the complexity of {over.text} is exactly √(c/m)"
    return equal("intrinsic complexity", complexity, rhs, "input", why, settles=complexity)


def instance(
    proof: Derivation, *, of: str, source: str, at: Mapping[Symbol, Expr], term: str
) -> Fact:
    """A theorem that always holds, used as a fact with some of its parameters fixed.

    The kernel checks the theorem's own derivation first. A parameter takes a value inside its
    domain; sample sizes stay, because the samples that the claim speaks of have them, and so do the
    numbers of one sample.

    Why: a theorem that always holds is a fact for every value of its parameters.

    Loses: nothing.
    """
    Derivation.check(proof)
    require(proof.failure == 0, f"{of} may fail: its event has to be paid for")
    facts = tuple(step.fact for step in proof.steps)
    every = (part for fact in facts for part in fact.tree())
    about = spoken_of(proof.claim, *(side for fact in every for side in (fact.lhs, fact.rhs)))
    sizes = {_M, _N, symbol("tasks")}
    sizes |= {s for thing in about if isinstance(thing, Sample) for s in thing.size.free_symbols}
    values = {name: exact(value) for name, value in at.items()}
    for name, value in values.items():
        require(isinstance(name, ParameterSymbol), f"{name} is not a parameter of {of}")
        said = f"{name} is the size of a sample: it cannot be set to {value} in {of}"
        require(name not in sizes, said)
        require(not is_measured(name), f"{name} is measured on the sample: it has no value in {of}")
        require(_in_domain(value, name), f"{name} cannot be {value}: {name.parameter.domain}")
    _require_defined(proof, values)
    return at_most(
        of,
        proof.claim.subs(values, simultaneous=True),
        expand_mul(proof.limit.subs(values, simultaneous=True)),
        source,
        *(f"{name} = {value}" for name, value in values.items()),
        term=term,
        proofs=(proof,),
        sets=tuple((name, value) for name, value in values.items() if value != name),
    )


def _require_defined(proof: Derivation, values: Mapping[Symbol, Expr]) -> None:
    """No expression of a proof loses its meaning at the values, as by a division by 0."""
    facts = (part for step in proof.steps for part in step.fact.tree())
    sides = [side for fact in facts for side in (fact.lhs, fact.rhs)]
    for expr in map(sympify, (*sides, *(step.multiplier for step in proof.steps))):
        infinite = expr.subs(values, simultaneous=True).has(zoo, nan, oo, S.NegativeInfinity)
        require(not infinite, f"{expr} has no value with these parameters")


def _in_domain(value: Expr, name: ParameterSymbol) -> bool:
    """Whether a value is provably in the domain of a parameter."""
    domain = name.parameter
    above = below = True
    if domain.low != float("-inf"):
        spare = value - Rational(domain.low)
        above = bool(spare.is_positive) if domain.open_low else provably_nonnegative(spare)
    if domain.high != float("inf"):
        spare = Rational(domain.high) - value
        below = bool(spare.is_positive) if domain.open_high else provably_nonnegative(spare)
    return above and below and bool(value.is_integer if domain.integer else value.is_real)


def least_size(
    quantity: Quantity, *, threshold: Expr, target: Expr, size: Expr, where: Iterable[Rel] = ()
) -> Fact:
    """The least whole `size` with threshold = A/√size ≤ target is ⌈(A/target)²⌉; A, target > 0.

    That A and the target are positive has to follow from the conditions ``x > y`` in `where`.

    Why: solve the inequality for the sample size.

    Loses: nothing: it is an equation.
    """
    said = f"{quantity.name} is not a quantity that a solution may define"
    require(isinstance(quantity, Name), said)
    numerator = factor_terms(expand_mul(exact(threshold) * sqrt(size)))
    require(size not in numerator.free_symbols, f"{threshold} is not of the form A/√{size}")
    conditions = tuple(where)
    for expr in (numerator, exact(target)):
        positive = expr.is_positive or any(
            _positive_if(expr, condition) for condition in conditions
        )
        require(positive, f"{expr} is not known to be positive")
    return equal(
        "solution for the sample size",
        quantity,
        ceiling((numerator / target) ** 2),
        "boundcalc",
        *map(str, conditions),
        conditions=conditions,
        settles=quantity,
    )


def _positive_if(expr: Expr, condition: Rel) -> bool:
    """Whether x > y makes an expression positive: it is 0 at x = y ≥ 0 and rises with x."""
    said = f"{condition} is not of the form x > y"
    require(isinstance(condition, StrictGreaterThan | StrictLessThan), said)
    x, y, larger = condition.gts, condition.lts, Symbol("x", positive=True)
    starts = x.is_Symbol and provably_nonnegative(y) and expr.subs(x, y) == 0
    return bool(starts and diff(expr.subs(x, larger), larger).is_positive)
