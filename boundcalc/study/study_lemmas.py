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
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import (
    binomial_limit,
    bounded_differences,
    complexity_is_nonnegative,
    contraction,
    definition,
    empirical_bernstein,
    expected_complexity,
    fixed_deviation,
    given,
    in_expectation,
    infimum,
    minimiser,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.lemmas.nesting import (
    discordant_risks,
    empirical_infimum,
    erm_infimum,
    loss_range,
    nested_complexity,
    nested_deviation,
    nested_empirical_infimum,
    paired_risk,
)
from boundcalc.symbolic.quantities import deviation, empirical_risk, rademacher, risk

_SIDES = (Side.UPPER, Side.LOWER)


def _loss_given(s: Member) -> Fact:
    return given(ROLES["train_loss"](s), s["train_loss"], term="train_loss")


def _complexity_given(s: Member) -> Fact:
    return given(ROLES["rademacher"](s), s["rademacher"], term="complexity")


def _intrinsic_given(s: Member) -> Fact:
    return given(ROLES["rademacher"](s), sqrt(s["complexity_m"] / s["m"]), term="complexity")


def _measured_given(s: Member) -> Fact:
    return given(ROLES["rademacher_empirical"](s), s["rademacher_empirical"], term="complexity")


def _centred(s: Member) -> Fact:
    gap = ROLES["train_loss"](s) - SHARED_ROLES["true_train_loss"](s)
    return definition(gap, ROLES["centred_loss"](s), of="L̂", source="huang2021")


def _quality(s: Member) -> Fact:
    worse = ROLES["best_head_risk"](s) - SHARED_ROLES["true_risk"](s)
    return definition(ROLES["latent_quality"](s), worse, of="η", source="huang2021")


def _erm(s: Member) -> Fact:
    return erm_infimum(s.learned, sample=s.sample, gap=s.numbers.get("optimisation_gap", S.Zero))


# facts about one subset, by what has to be known of the study beyond their own numbers
ALWAYS = (
    StudyLemma(lambda s: loss_range(ROLES["risk"](s), side=Side.UPPER)),
    StudyLemma(lambda s: loss_range(ROLES["risk"](s), side=Side.LOWER)),
    StudyLemma(lambda s: minimiser(s.best, below=s.learned)),
    StudyLemma(lambda s: loss_range(ROLES["best_risk"](s), side=Side.LOWER)),
    StudyLemma(lambda s: minimiser(s.best, below=s.head)),
    StudyLemma(lambda s: infimum(s.head, at=s.learned)),
    StudyLemma(_quality),
    StudyLemma(lambda s: minimiser(s.true, below=s.best)),
    StudyLemma(lambda s: loss_range(SHARED_ROLES["true_risk"](s), side=Side.LOWER)),
)
TRAINED = (
    StudyLemma(_loss_given, ("train_loss",)),
    StudyLemma(lambda s: loss_range(ROLES["train_loss"](s), side=Side.LOWER)),
    StudyLemma(lambda s: loss_range(ROLES["train_loss_of_best"](s), side=Side.LOWER)),
    *(
        StudyLemma(
            lambda s, side=side: uniform_deviation(
                s.learned, over=s.joint, sample=s.sample, side=side
            )
        )
        for side in _SIDES
    ),
    *(
        StudyLemma(
            lambda s, side=side: uniform_deviation(s.best, over=s.joint, sample=s.sample, side=side)
        )
        for side in _SIDES
    ),
    *(
        StudyLemma(lambda s, side=side: symmetrisation(s.joint, sample=s.sample, side=side))
        for side in _SIDES
    ),
    StudyLemma(lambda s: fixed_deviation(s.best, sample=s.sample)),
    StudyLemma(lambda s: empirical_infimum(s.joint, at=s.learned, sample=s.sample)),
    StudyLemma(lambda s: empirical_infimum(s.joint, at=s.best, sample=s.sample)),
    StudyLemma(lambda s: complexity_is_nonnegative(s.joint, sample=s.sample)),
    StudyLemma(lambda s: contraction(s.joint, sample=s.sample), ("lipschitz",)),
    StudyLemma(_complexity_given, ("rademacher",)),
    StudyLemma(_intrinsic_given, ("complexity_m",)),
)
MEASURED = (
    StudyLemma(lambda s: expected_complexity(s.joint, sample=s.sample)),
    StudyLemma(lambda s: contraction(s.joint, sample=s.sample, average=EMPIRICAL), ("lipschitz",)),
    StudyLemma(_measured_given, ("rademacher_empirical",)),
)
CENTRED = (
    StudyLemma(_centred),
    StudyLemma(
        lambda s: given(ROLES["centred_loss"](s), s["centred_loss"], term="centred_loss"),
        ("centred_loss",),
    ),
    StudyLemma(lambda s: fixed_deviation(s.true, sample=s.sample)),
    StudyLemma(lambda s: loss_range(SHARED_ROLES["true_train_loss"](s), side=Side.LOWER)),
)
ERM = (StudyLemma(_erm),)


def _nested_complexity(n: Member, m: Member, average: Average, loss_class: bool) -> Fact:
    return nested_complexity(
        n.joint, larger=m.joint, sample=m.sample, average=average, loss_class=loss_class
    )


def _nested_deviation(n: Member, m: Member, side: Side) -> Fact:
    return nested_deviation(n.joint, larger=m.joint, sample=m.sample, side=side)


# facts about two subsets, the first contained in the second
NESTED = (StudyLemma(lambda n, m: minimiser(m.best, below=n.best)),)
NESTED_TRAINED = (
    *(
        StudyLemma(partial(_nested_complexity, average=EXPECTED, loss_class=flag))
        for flag in (False, True)
    ),
    *(StudyLemma(partial(_nested_deviation, side=side)) for side in _SIDES),
    *(
        StudyLemma(lambda n, m, side=side: in_expectation(_nested_deviation(n, m, side)))
        for side in _SIDES
    ),
    StudyLemma(lambda n, m: nested_empirical_infimum(n.joint, larger=m.joint, sample=m.sample)),
)
NESTED_MEASURED = tuple(
    StudyLemma(partial(_nested_complexity, average=EMPIRICAL, loss_class=flag))
    for flag in (False, True)
)


def _deviation_event(s: Member, side: Side, *, measured: bool) -> Fact:
    inside = (
        2 * rademacher(s.joint, s.sample, average=EMPIRICAL, loss_class=True)
        if measured
        else S.Zero
    )
    return bounded_differences(deviation(s.joint, s.sample, side) - inside, cost=s["delta"])


def _fixed_event(f: Callable[[Member], Expr], s: Member) -> Fact:
    return bounded_differences(f(s), cost=s["delta"])


def _mean_event(s: Member, side: Side) -> Fact:
    mean_loss = empirical_risk(s.learned, s.test)
    return bounded_differences(-mean_loss if side is Side.UPPER else mean_loss, cost=s["delta"])


def _bernstein(s: Member, side: Side) -> Fact:
    return empirical_bernstein(
        s.learned, sample=s.test, variance=s["variance"], side=side, cost=s["delta"]
    )


def _binomial(s: Member, side: Side) -> Fact:
    errors = s["errors_most" if side is Side.UPPER else "errors_fewest"]
    return binomial_limit(s.learned, sample=s.test, errors=errors, side=side, cost=s["delta"])


# the events of the ledger, by theorem and variant
EVENTS: dict[tuple[str, str], StudyLemma] = {
    ("classic.uniform_deviation", "expected"): StudyLemma(
        partial(_deviation_event, side=Side.UPPER, measured=False)
    ),
    ("classic.uniform_deviation", "empirical"): StudyLemma(
        partial(_deviation_event, side=Side.UPPER, measured=True)
    ),
    ("classic.uniform_deviation", "lower-empirical"): StudyLemma(
        partial(_deviation_event, side=Side.LOWER, measured=True)
    ),
    ("classic.uniform_deviation", "lower"): StudyLemma(
        partial(_deviation_event, side=Side.LOWER, measured=False)
    ),
    ("classic.uniform_deviation", "lower-erm"): StudyLemma(
        partial(_fixed_event, lambda s: empirical_risk(s.best, s.sample) - risk(s.best))
    ),
    ("huang2021.theorem2", "sharp"): StudyLemma(
        partial(_fixed_event, lambda s: empirical_risk(s.true, s.sample) - risk(s.true))
    ),
    **{
        ("holdout.hoeffding", str(side)): StudyLemma(partial(_mean_event, side=side))
        for side in _SIDES
    },
    **{
        ("holdout.empirical_bernstein", str(side)): StudyLemma(partial(_bernstein, side=side))
        for side in _SIDES
    },
    **{
        ("holdout.clopper_pearson", str(side)): StudyLemma(partial(_binomial, side=side))
        for side in _SIDES
    },
}
for _name in ("expected", "lower"):
    EVENTS["classic.uniform_deviation", f"{_name}-vector"] = EVENTS[
        "classic.uniform_deviation", _name
    ]

# what goes with a held-out limit that is not a limit on the risk by itself
TESTED = (
    StudyLemma(lambda s: fixed_deviation(s.learned, sample=s.test)),
    StudyLemma(
        lambda s: given(ROLES["test_loss"](s), s["test_loss"], term="test_loss"), ("test_loss",)
    ),
)


def _pair_event(s: Member, t: Member, side: Side, *, variance: bool) -> Fact:
    d = difference(s, t)
    if variance:
        return empirical_bernstein(
            d, sample=s.test, variance=s["variance"], side=side, cost=s["delta"]
        )
    mean_loss = empirical_risk(d, s.test)
    return bounded_differences(-mean_loss if side is Side.UPPER else mean_loss, cost=s["delta"])


def _discordant_event(s: Member, t: Member, side: Side, *, first: bool) -> Fact:
    """One of the two binomial limits that make one side of the difference."""
    f, errors = (only(s, t), "errors_first") if first else (only(t, s), "errors_second")
    end = side if first else _SIDES[1 - _SIDES.index(side)]
    return binomial_limit(f, sample=s.test, errors=s[errors], side=end, cost=s["delta"])


# the facts that share the cost of an event equally
PAIR_EVENTS: dict[tuple[str, str], tuple[StudyLemma, ...]] = {
    (f"holdout.{method}", str(side)): (
        StudyLemma(partial(_pair_event, side=side, variance=method != "hoeffding")),
    )
    for method in ("hoeffding", "empirical_bernstein")
    for side in _SIDES
} | {
    ("holdout.clopper_pearson", str(side)): tuple(
        StudyLemma(partial(_discordant_event, side=side, first=first)) for first in (True, False)
    )
    for side in _SIDES
}
DISCORDANT = (
    StudyLemma(
        lambda s, t: discordant_risks(only(s, t), only(t, s), first=s.learned, second=t.learned)
    ),
)
PAIRED = (
    StudyLemma(lambda s, t: paired_risk(difference(s, t), first=s.learned, second=t.learned)),
    StudyLemma(lambda s, t: fixed_deviation(difference(s, t), sample=s.test)),
    StudyLemma(
        lambda s, t: given(
            PAIR_ROLES["test_difference"](s, t), s["test_loss_difference"], term="test_loss"
        ),
        ("test_loss_difference",),
    ),
)
