"""What is computed in a short way is what the long way gives."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import comb

import pytest
from proofs import proof_named, proof_names
from sympy import Rational, S, expand_mul

from boundcalc.errors import DomainError
from boundcalc.numeric.domains import checked
from boundcalc.numeric.evaluate import evaluate
from boundcalc.numeric.prove.best_bound import reading_order
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.functions import binomial_tail, tail_in_units
from boundcalc.symbolic.lemmas.guards import at_most
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.precision import ends, working_digits
from boundcalc.symbolic.quantities import named, quantities_in

QUANTITIES = [named("own", f"q{i}", f"q_{i}") for i in range(7)]


@pytest.mark.parametrize("form", proof_names())
def test_the_running_bound_is_the_expanded_sum(form: object) -> None:
    proof = proof_named(form)
    bound = expand_mul(proof.claim)
    for step in proof.steps:
        bound = bound + step.multiplier * (step.fact.rhs - step.fact.lhs)
        bound = expand_mul(bound) if quantities_in(bound) else bound
        assert step.bound == bound


def plain_reading_order(claim: dict, moves: list[dict]) -> list[int]:
    """Each time the fact that cancels something and leaves the fewest quantities, all tried in full."""
    bound, left, order = dict(claim), set(range(len(moves))), []
    while left:
        after = {
            i: {q: c for q in bound | moves[i] if (c := bound.get(q, 0) + moves[i].get(q, 0)) != 0}
            for i in left
        }
        meeting = [i for i in left if not bound.keys().isdisjoint(moves[i])]
        best = min(meeting or left, key=lambda i: (len(after[i]) if meeting else 0, i))
        bound = after[best]
        left.remove(best)
        order.append(best)
    return order


@pytest.mark.parametrize("seed", range(40))
def test_a_long_proof_is_ordered_as_if_every_fact_were_tried(seed: int) -> None:
    draw = random.Random(seed)
    rows = [
        {q: draw.choice((-2, -1, 1, 2)) for q in draw.sample(QUANTITIES, draw.randint(1, 3))}
        for _ in range(9)
    ]
    facts: list[Fact] = [
        at_most("fact", sum((-c * q for q, c in row.items()), S.Zero), S.One, "fact")
        for row in rows
    ]
    claim = {q: draw.choice((-1, 1)) for q in QUANTITIES[:3]}
    found = reading_order(
        sum((c * q for q, c in claim.items()), S.Zero), facts, [Rational(1)] * len(facts)
    )
    assert found == plain_reading_order(claim, rows)


@pytest.mark.parametrize("n", [1, 2, 7, 40, 160])
def testbinomial_tails_hold_the_exact_sum(n: int) -> None:
    with working_digits(20):
        for k in {0, 1, n // 3, n // 2, n - 1, n}:
            for text in ("1e-9", "0.01", "0.3", "0.5", "0.97"):
                exact = Fraction(float(text))
                for step, counts in ((1, range(k, n + 1)), (-1, range(k + 1))):
                    tail = sum(comb(n, i) * exact**i * (1 - exact) ** (n - i) for i in counts)
                    low, high = ends(binomial_tail(k, n, exact, step=step))
                    assert low <= tail <= high
                    assert high - low <= tail / 10**15


@pytest.mark.parametrize("bits", [0, 3, 12])
def test_few_bits_still_hold_abinomial_tail(bits: int) -> None:
    """With terms in coarse units a rounding to the wrong side shows."""
    for n, k, step, r in product(
        (1, 6, 23), range(24), (1, -1), (Fraction(1, 99), Fraction(3, 7), Fraction(2))
    ):
        if k > n:
            continue
        counts = range(k, n + 1) if step > 0 else range(k + 1)
        exact = sum(Fraction(comb(n, i), comb(n, k)) * r ** abs(i - k) for i in counts)
        for precision in (1, 30):
            low, high = tail_in_units(k, n, r, step=step, bits=bits, precision=precision)
            assert low <= exact * 2**bits <= high


def test_a_crossover_is_the_least_whole_number() -> None:
    """m is enough and m − 1 is not, both in exact arithmetic on squares of square roots."""
    draw = random.Random(3)
    for _ in range(40):
        small, drop = draw.randint(1, 50) ** 2, draw.randint(1, 999)
        large = (draw.randint(1, 50) + round(small**0.5)) ** 2
        found = evaluate(
            "huang2021.selection",
            variant="crossover",
            lipschitz=1,
            complexity_m=large,
            complexity_n=small,
            loss_drop=drop / 1000,
        ).value
        exact = (Fraction(2000, drop) * (round(large**0.5) - round(small**0.5))) ** 2
        assert found - 1 < exact <= found


@pytest.mark.parametrize(
    ("name", "value"),
    [("delta", 1.0), ("delta", 0.0), ("m", 2.5), ("m", 0), ("delta", float("nan")), ("m", -3)],
)
def test_numbers_at_and_beyond_a_border_are_refused(name: str, value: float) -> None:
    with pytest.raises(DomainError, match=name):
        checked(parameter(name), value)
