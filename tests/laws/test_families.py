"""What the data chose is paid for in every event about it, or the proof is refused."""

from __future__ import annotations

import itertools
import math

import pytest
from sympy import Integer, Rational

from boundcalc.conventions import Side
from boundcalc.errors import CertificateError
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    change_of_measure,
    entropy_moment,
    fixed_deviation,
    for_every_member,
    moment_tail,
    relative_entropy_limit,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.posteriors import Posterior, Prior
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    deviation,
    empirical_risk,
    risk,
)

m, delta, w = symbol("m"), symbol("delta"), symbol("weight")
S = Sample("S", "S", m)
LOSS = Loss(symbol("lipschitz"), Integer(1))
G = FunctionClass("G", "G", LOSS)
F = FunctionClass("F_k", "F_k", LOSS, within=(G,))
f = Predictor("f_k", "f_k", F, fixed=True)
other = Predictor("f′", "f'", FunctionClass("H", "H", LOSS), fixed=True)
gap = risk(f) - empirical_risk(f, S)
half = delta / 2
P = Prior("P_k", "P_k", FunctionClass("H", "H", LOSS))


def shared(statistic: object, cost: object = half) -> Fact:
    return for_every_member(bounded_differences(statistic, cost=w * cost), share=w, cost=cost)


def alone(statistic: object, cost: object = half) -> Fact:
    return bounded_differences(statistic, cost=cost)


def total(*facts: Fact) -> Derivation:
    """The sum of facts about deviations, whatever it says."""
    claim = sum(fact.lhs - fact.rhs for fact in facts)
    return Derivation(claim, tuple(Apply(fact, 1) for fact in facts))


def test_the_mixture_would_be_false_of_the_best_looking_member() -> None:
    """r ≤ r̂ + a + b, of which one event in two is shared among forty coins: false beyond δ."""
    size, members, level = 50, 40, 0.1
    share = 1 / members
    plain = math.sqrt(math.log(2 / level) / (2 * size))
    each = math.sqrt(math.log(2 / (share * level)) / (2 * size))
    claimed = 0.99 * plain + 0.01 * each
    least = [0.5**size * math.comb(size, k) for k in range(size + 1)]
    fails = 1 - sum(p for k, p in enumerate(least) if 0.5 - k / size <= claimed) ** members
    assert fails > level
    mixed = Derivation(
        gap,
        (
            Apply(alone(gap), Rational(99, 100)),
            Apply(shared(gap), Rational(1, 100)),
            Apply(fixed_deviation(f, sample=S), -1),
        ),
    )
    assert float(mixed.expression.subs({m: size, delta: level, w: share})) == pytest.approx(claimed)
    with pytest.raises(CertificateError, match=r"so the data may choose F_k.*for_every_member too"):
        mixed.check()


ABOUT_A_MEMBER = {
    "itself": gap,
    "its other side": -gap,
    "its class": deviation(F, S, Side.LOWER),
    "a class around it": deviation(G, S, Side.UPPER),
    "it and another": gap + empirical_risk(other, S) - risk(other),
}


@pytest.mark.parametrize("what", ABOUT_A_MEMBER)
def test_an_event_about_a_member_is_shared_or_refused(what: str) -> None:
    statistic = ABOUT_A_MEMBER[what]
    for first, second in itertools.permutations((shared(gap), alone(statistic))):
        with pytest.raises(CertificateError, match="paid for one member only"):
            total(first, second).check()
    if what != "itself":
        assert total(shared(gap), shared(statistic, delta / 3)).check().failure == 5 * delta / 6
    assert total(shared(gap), alone(risk(other) - empirical_risk(other, S))).check()


def test_the_members_own_event_does_not_stand_beside_the_shared_one() -> None:
    """Its fact is inside the shared one; used by itself it is about one member."""
    own = bounded_differences(gap, cost=w * half)
    whole = for_every_member(own, share=w, cost=half)
    with pytest.raises(CertificateError, match="paid for one member only"):
        total(whole, own).check()


def test_an_event_that_names_the_predictor_only_is_about_its_class() -> None:
    loss = symbol("test_loss")
    limit = relative_entropy_limit(f, sample=S, loss=loss, side=Side.UPPER, cost=half)
    with pytest.raises(CertificateError, match="paid for one member only"):
        total(shared(deviation(F, S, Side.UPPER)), limit).check()


def test_a_prior_that_the_data_chose_is_paid_for_in_every_event() -> None:
    Q = Posterior("Q", "Q", P.over)
    tail = moment_tail(P, sample=S, cost=w * half)
    whole = for_every_member(tail, share=w, cost=half)
    rest = (change_of_measure(Q, P, sample=S), entropy_moment(P, sample=S))
    assert total(*rest, whole).check().failure == half
    with pytest.raises(CertificateError, match="the data may choose"):
        total(*rest, whole, moment_tail(P, sample=S, cost=half)).check()
