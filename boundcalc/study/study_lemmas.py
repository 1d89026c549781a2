"""The lemmas between the quantities of a study: one function each, for templates and for
instances.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sympy import Expr, S, sqrt

from boundcalc.conventions import Average, Side
from boundcalc.study.study_quantities import (
    EMPIRICAL,
    EXPECTED,
    PAIR_ROLES,
    ROLES,
    SHARED_ROLES,
    Member,
    StudyLemma,
    difference,
    only,
)
from boundcalc.symbolic import lemmas
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import nesting
from boundcalc.symbolic.quantities import (
    Predictor,
    Quantity,
    deviation,
    empirical_risk,
    rademacher,
    risk,
)

_SIDES = (Side.UPPER, Side.LOWER)


def _each_side(build: Callable[..., Fact]) -> tuple[StudyLemma, ...]:
    """A lemma that has a side, once for each."""
    return tuple(StudyLemma(partial(build, side=side)) for side in _SIDES)


def _at_least(role: Callable[[Member], Quantity], side: Side = Side.LOWER) -> StudyLemma:
    """A loss is at least 0, or at most its bound."""
    return StudyLemma(lambda s: nesting.loss_range(role(s), side=side))


def _observed(role: str, term: str) -> StudyLemma:
    """The quantity of a role is the number that was given."""
    return StudyLemma(lambda s: lemmas.given(ROLES[role](s), s[role], term=term), (role,))


def _intrinsic(s: Member) -> Fact:
    value = sqrt(s["complexity_m"] / s["m"])
    return lemmas.given(ROLES["rademacher"](s), value, term="complexity")


def _centred(s: Member) -> Fact:
    gap = ROLES["train_loss"](s) - SHARED_ROLES["true_train_loss"](s)
    return lemmas.definition(gap, ROLES["centred_loss"](s), of="L̂", source="huang2021")


def _quality(s: Member) -> Fact:
    worse = ROLES["best_head_risk"](s) - SHARED_ROLES["true_risk"](s)
    return lemmas.definition(ROLES["latent_quality"](s), worse, of="η", source="huang2021")


def _erm(s: Member) -> Fact:
    gap = s.numbers.get("optimisation_gap", S.Zero)
    return nesting.erm_infimum(s.learned, sample=s.sample, gap=gap)


# facts about one subset, by what has to be known of the study beyond their own numbers
ALWAYS = (
    _at_least(ROLES["risk"], Side.UPPER),
    _at_least(ROLES["risk"]),
    StudyLemma(lambda s: lemmas.minimiser(s.best, below=s.learned)),
    _at_least(ROLES["best_risk"]),
    StudyLemma(lambda s: lemmas.minimiser(s.best, below=s.head)),
    StudyLemma(lambda s: lemmas.infimum(s.head, at=s.learned)),
    StudyLemma(_quality),
    StudyLemma(lambda s: lemmas.minimiser(s.true, below=s.best)),
    _at_least(SHARED_ROLES["true_risk"]),
)
TRAINED = (
    _observed("train_loss", "train_loss"),
    _at_least(ROLES["train_loss"]),
    _at_least(ROLES["train_loss_of_best"]),
    *_each_side(
        lambda s, side: lemmas.uniform_deviation(
            s.learned, over=s.joint, sample=s.sample, side=side
        )
    ),
    *_each_side(
        lambda s, side: lemmas.uniform_deviation(s.best, over=s.joint, sample=s.sample, side=side)
    ),
    *_each_side(lambda s, side: lemmas.symmetrisation(s.joint, sample=s.sample, side=side)),
    StudyLemma(lambda s: lemmas.fixed_deviation(s.best, sample=s.sample)),
    StudyLemma(lambda s: nesting.empirical_infimum(s.joint, at=s.learned, sample=s.sample)),
    StudyLemma(lambda s: nesting.empirical_infimum(s.joint, at=s.best, sample=s.sample)),
    StudyLemma(lambda s: lemmas.complexity_is_nonnegative(s.joint, sample=s.sample)),
    StudyLemma(lambda s: lemmas.contraction(s.joint, sample=s.sample), ("lipschitz",)),
    _observed("rademacher", "complexity"),
    StudyLemma(_intrinsic, ("complexity_m",)),
)
MEASURED = (
    StudyLemma(lambda s: lemmas.expected_complexity(s.joint, sample=s.sample)),
    StudyLemma(
        lambda s: lemmas.contraction(s.joint, sample=s.sample, average=EMPIRICAL), ("lipschitz",)
    ),
    _observed("rademacher_empirical", "complexity"),
)
CENTRED = (
    StudyLemma(_centred),
    _observed("centred_loss", "centred_loss"),
    StudyLemma(lambda s: lemmas.fixed_deviation(s.true, sample=s.sample)),
    _at_least(SHARED_ROLES["true_train_loss"]),
)
ERM = (StudyLemma(_erm),)


def _nested(average: Average) -> tuple[StudyLemma, ...]:
    """A class has no larger complexity than one that contains it, and so have its losses."""

    def build(n: Member, m: Member, loss_class: bool) -> Fact:
        return nesting.nested_complexity(
            n.joint, larger=m.joint, sample=m.sample, average=average, loss_class=loss_class
        )

    return tuple(StudyLemma(partial(build, loss_class=flag)) for flag in (False, True))


def _nested_deviation(n: Member, m: Member, side: Side) -> Fact:
    return nesting.nested_deviation(n.joint, larger=m.joint, sample=m.sample, side=side)


# facts about two subsets, the first contained in the second
NESTED = (StudyLemma(lambda n, m: lemmas.minimiser(m.best, below=n.best)),)
NESTED_TRAINED = (
    *_nested(EXPECTED),
    *_each_side(_nested_deviation),
    *_each_side(lambda n, m, side: lemmas.in_expectation(_nested_deviation(n, m, side))),
    StudyLemma(
        lambda n, m: nesting.nested_empirical_infimum(n.joint, larger=m.joint, sample=m.sample)
    ),
)
NESTED_MEASURED = _nested(EMPIRICAL)


def _tail(f: Callable[[Member], Expr]) -> StudyLemma:
    """Bounded differences, at the cost of an event."""
    return StudyLemma(lambda s: lemmas.bounded_differences(f(s), cost=s["delta"]))


def _deviation(s: Member, side: Side) -> Expr:
    return deviation(s.joint, s.sample, side)


def _loss_deviation(s: Member, side: Side) -> Expr:
    """The deviation of a class beyond twice the complexity of its losses on the sample."""
    inside = 2 * rademacher(s.joint, s.sample, average=EMPIRICAL, loss_class=True)
    return _deviation(s, side) - inside


def _mean_event(s: Member, side: Side, f: Predictor | None = None) -> Fact:
    mean_loss = empirical_risk(s.learned if f is None else f, s.test)
    return lemmas.bounded_differences(
        -mean_loss if side is Side.UPPER else mean_loss, cost=s["delta"]
    )


def _bernstein(s: Member, side: Side, f: Predictor | None = None) -> Fact:
    of = s.learned if f is None else f
    return lemmas.empirical_bernstein(
        of, sample=s.test, variance=s["variance"], side=side, cost=s["delta"]
    )


def _binomial(s: Member, side: Side) -> Fact:
    errors = s["errors_most" if side is Side.UPPER else "errors_fewest"]
    return lemmas.binomial_limit(
        s.learned, sample=s.test, errors=errors, side=side, cost=s["delta"]
    )


_BY_SIDE = {"hoeffding": _mean_event, "empirical_bernstein": _bernstein}
_CLASSIC = "classic.uniform_deviation"
# the events of the ledger, by theorem and variant
EVENTS: dict[tuple[str, str], StudyLemma] = {
    (_CLASSIC, "empirical"): _tail(partial(_loss_deviation, side=Side.UPPER)),
    (_CLASSIC, "lower-empirical"): _tail(partial(_loss_deviation, side=Side.LOWER)),
    (_CLASSIC, "lower-erm"): _tail(lambda s: empirical_risk(s.best, s.sample) - risk(s.best)),
    ("huang2021.theorem2", "sharp"): _tail(
        lambda s: empirical_risk(s.true, s.sample) - risk(s.true)
    ),
}
for _name, _side in (("expected", Side.UPPER), ("lower", Side.LOWER)):
    _event = _tail(partial(_deviation, side=_side))
    EVENTS[_CLASSIC, _name] = EVENTS[_CLASSIC, f"{_name}-vector"] = _event
for _method, _build in (*_BY_SIDE.items(), ("clopper_pearson", _binomial)):
    for _side, _lemma in zip(_SIDES, _each_side(_build), strict=True):
        EVENTS[f"holdout.{_method}", str(_side)] = _lemma

# what goes with a held-out limit that is not a limit on the risk by itself
TESTED = (
    StudyLemma(lambda s: lemmas.fixed_deviation(s.learned, sample=s.test)),
    _observed("test_loss", "test_loss"),
)


def _discordant_event(s: Member, t: Member, side: Side, *, first: bool) -> Fact:
    """One of the two binomial limits that make one side of the difference."""
    f, errors = (only(s, t), "errors_first") if first else (only(t, s), "errors_second")
    end = side if first else _SIDES[1 - _SIDES.index(side)]
    return lemmas.binomial_limit(f, sample=s.test, errors=s[errors], side=end, cost=s["delta"])


# the facts that share the cost of an event equally
PAIR_EVENTS: dict[tuple[str, str], tuple[StudyLemma, ...]] = {
    (f"holdout.{method}", str(side)): (
        StudyLemma(lambda s, t, build=build, side=side: build(s, side, difference(s, t))),
    )
    for method, build in _BY_SIDE.items()
    for side in _SIDES
} | {
    ("holdout.clopper_pearson", str(side)): tuple(
        StudyLemma(partial(_discordant_event, side=side, first=first)) for first in (True, False)
    )
    for side in _SIDES
}
DISCORDANT = (
    StudyLemma(
        lambda s, t: nesting.discordant_risks(
            only(s, t), only(t, s), first=s.learned, second=t.learned
        )
    ),
)


def _test_difference(s: Member, t: Member) -> Fact:
    observed = s["test_loss_difference"]
    return lemmas.given(PAIR_ROLES["test_difference"](s, t), observed, term="test_loss")


PAIRED = (
    StudyLemma(
        lambda s, t: nesting.paired_risk(difference(s, t), first=s.learned, second=t.learned)
    ),
    StudyLemma(lambda s, t: lemmas.fixed_deviation(difference(s, t), sample=s.test)),
    StudyLemma(_test_difference, ("test_loss_difference",)),
)
