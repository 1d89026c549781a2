"""Nothing false can be certified: random facts added up in random ways, against a small world.

Whatever `Derivation.check` accepts is evaluated exactly on every sample. What a caller says of an
object is true there; where it is not, it counts only if it can be seen: two calls of one derivation
contradict each other, or a number cannot be what it is said to be.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import calls_on_classes
import calls_on_linear_models
import calls_on_risks
import calls_on_samples
from calls import Call, shown
from contradictions import contradiction
from findings import Finding, conflicts
from objects import LOOSE_DELTA, WIDE_DELTA, U
from populated import objects
from rational_intervals import NoValue, Undefined
from sympy import Expr, Float, Integer, Rational, S, Symbol, expand_mul, log, pi, sqrt
from tables import Unknown

from boundcalc.conventions import Relation
from boundcalc.errors import BoundcalcError
from boundcalc.symbolic import lemmas
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import extrema
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import Quantity, coefficients, quantities_in

delta = symbol("delta")
NOTHING = Fact("nothing", S.Zero, Relation.EQUAL, S.Zero, "definition")
MAKERS = (
    (5, calls_on_risks.MAKERS),
    (4, calls_on_classes.MAKERS),
    (3, calls_on_samples.MAKERS),
    (1, calls_on_linear_models.MAKERS),
)
"""Ways to call a constructor, and how often: those on risks and classes can go wrong most."""

POOL, ROUNDS, CONTRADICTIONS = 60, 200, 12
"""How many facts a world has, and how many combinations of them are tried."""


def combined(calls: Sequence[Call], fact: Any, trail: str, **more: Any) -> Call:
    """A call that rests on others: what they were told, it was told."""
    told: dict[Any, Any] = {}
    false = any(c.false for c in calls)
    visible = any(c.visible for c in calls) or bool(conflicts(calls)) or more.pop("visible", False)
    for call in calls:
        told |= call.told
    possible = [c.possible for c in calls if c.possible is not None]
    where = frozenset.intersection(*possible) if possible else None
    return Call(
        fact, trail, told | more.pop("told", {}), false or more.pop("false", False), visible, where
    )


def _multipliers(random: Random, fact: Fact) -> Expr:
    tries: list[Expr] = [
        S.One,
        S.One,
        Integer(2),
        Rational(1, 3),
        sqrt(2),
        pi,
        symbol("lipschitz"),
        symbol("m"),
    ]
    odd: list[Expr] = [
        Float(1.0),
        Float(0.1),
        U,
        U + log(delta),
        log(1 / delta),
        log(2 / delta),
        log(1 / WIDE_DELTA),
        log(1 / LOOSE_DELTA),
        1 - WIDE_DELTA,
        S.NegativeOne,
        4 - 2 * sqrt(2 * log(2)),
        symbol("factor"),
        1 / symbol("factor"),
        -1 / (S(fact.rhs) - S(fact.lhs)) if fact.lhs != fact.rhs else S.One,
    ]
    return random.choice(tries if random.random() < 0.8 else odd)


class Worldly:
    """One world, its facts, and the search for a false sum of them."""

    def __init__(self, seed: int) -> None:
        self.seed, self.pool = seed, objects(seed)
        self.random = self.pool.random
        self.calls: list[Call] = []
        self._rows: dict[int, dict[Quantity, Expr]] = {}
        self._speaking: dict[Quantity, list[Call]] = {}
        self.found: list[Finding] = []
        self.counts: Counter[str] = Counter()

    @property
    def world(self) -> Any:
        """The small world."""
        return self.pool.world

    def fill(self, size: int) -> None:
        """Calls of constructors, and proofs that stand inside other facts."""
        while len(self.calls) < size:
            self.counts["called"] += 1
            try:
                deeper = len(self.calls) > size // 3 and self.random.random() < 0.35
                call = self._nested() if deeper else self._another()
            except (BoundcalcError, Unknown, Undefined):
                self.counts["refused"] += 1
                continue
            except Exception as error:
                if not hasattr(error, "__notes__"):
                    raise
                call = Call(NOTHING, error.__notes__[0])
                self._found("breaks", [call], f"{type(error).__name__}: {error}")
                continue
            if not self._alone(call):
                self._keep(call)

    def _another(self) -> Call:
        (makers,) = self.random.choices([m for _, m in MAKERS], [share for share, _ in MAKERS])
        return self.random.choice(makers)(self.pool)

    def _alone(self, call: Call) -> bool:
        """Whether a fact is false by itself: then nothing is built on it."""
        signs = (S.One, S.NegativeOne) if call.fact.relation is Relation.EQUAL else (S.One,)
        return any([self.try_sum([call], derivation([(call, sign)])) for sign in signs])

    def _nested(self) -> Call:
        kind = self.random.choice(["instance", "instance", "in_expectation", "of_bounds"])
        if kind == "in_expectation":
            call = self._of_one_sample(inside=True) or self.random.choice(self.calls)
            fact = lemmas.in_expectation(call.fact)
            return combined([call], fact, f"in_expectation([{call.trail}])")
        if kind == "of_bounds":
            return self._of_bounds()
        first = self._of_one_sample(inside=False)
        calls, proof = self._sum(self.random.choice([1, 1, 2, 3]), first)
        values, told, false = self._setting()
        fact = lemmas.instance(proof, of="a theorem", source="boundcalc", at=values, term="theorem")
        trail = f"instance([{' + '.join(c.trail for c in calls)}], at={values})"
        conditions = [
            v.subs(values) for c in calls for key, v in c.told.items() if key[0] == "condition"
        ]
        seen = any(spare.is_number and spare < 0 for spare in conditions)
        return combined(calls, fact, trail, told=told, false=false, visible=seen)

    def _of_one_sample(self, *, inside: bool) -> Call | None:
        """Sometimes a call that holds numbers of the sample, in a fact inside or in its own."""
        kinds = ("instance(", "largest_of_bounds(", "smallest_of_bounds(")
        found = [c for c in self.calls if c.possible and c.trail.startswith(kinds) is inside]
        return self.random.choice(found) if found and self.random.random() < 0.4 else None

    def _setting(self) -> tuple[dict[Symbol, Expr], dict[Any, Any], bool]:
        """Values for some parameters: the true ones, or others."""
        values: dict[Symbol, Expr] = {}
        false = False
        for name in ("lipschitz", "loss_bound", "rank_m", "dimension", "dual_exponent", "factor"):
            s = symbol(name)
            if s in self.world.numbers and self.random.random() < 0.3:
                true = self.world.numbers[s].low
                value = Fraction(true) if self.random.random() < 0.6 else Fraction(5)
                values[s] = Rational(value.numerator, value.denominator)
                false |= value != true
        told = {("parameter", s): v for s, v in values.items()}
        return values, told, false

    def _of_bounds(self) -> Call:
        """The largest of some bounds, or the smallest of those on one quantity."""
        upper = [
            c
            for c in self.calls
            if isinstance(c.fact.lhs, Quantity) and not quantities_in(S(c.fact.rhs))
        ]
        if not upper:
            raise Unknown("no bounds")
        chosen = self.random.sample(upper, min(len(upper), self.random.choice([1, 2])))
        same = [c for c in upper if c.fact.lhs == chosen[0].fact.lhs]
        rule = extrema.largest_of_bounds
        if len(same) > 1 and self.random.random() < 0.5:
            chosen, rule = self.random.sample(same, 2), extrema.smallest_of_bounds
        proofs = tuple(Derivation(c.fact.lhs, (Apply(c.fact, 1),)) for c in chosen)
        trail = f"{rule.__name__}([{' | '.join(c.trail for c in chosen)}])"
        return combined(chosen, rule(proofs), trail)

    def _sum(self, count: int, first: Call | None = None) -> tuple[list[Call], Derivation]:
        """Facts with multipliers, of which the later ones cancel what the earlier ones speak of."""
        calls = [first or self.random.choice(self.calls)]
        steps = [(calls[0], _multipliers(self.random, calls[0].fact))]
        if calls[0].fact.relation is Relation.EQUAL and self.random.random() < 0.5:
            steps[0] = (calls[0], -steps[0][1])
        for _ in range(count - 1):
            step = self._partner(steps)
            calls.append(step[0])
            steps.append(step)
        return calls, derivation(steps)

    def _partner(self, steps: list[tuple[Call, Expr]]) -> tuple[Call, Expr]:
        weights = self._weights(steps)
        shared = sorted((q for q, w in weights.items() if w != 0), key=str)
        self.random.shuffle(shared)
        for quantity in shared[:3] if self.random.random() < 0.9 else []:
            fitting = []
            for call in self._speaking.get(quantity, ()):
                times = expand_mul(-weights[quantity] / self._row(call)[quantity])
                equal = call.fact.relation is Relation.EQUAL
                if all(call is not c for c, _ in steps):
                    fitting += [(call, times)] * (equal or not times.could_extract_minus_sign())
            if fitting:
                return self.random.choice(fitting)
        call = self.random.choice(self.calls)
        return call, _multipliers(self.random, call.fact)

    def _row(self, call: Call) -> dict[Quantity, Expr]:
        """What a fact adds to the coefficient of each quantity."""
        if id(call) not in self._rows:
            self._rows[id(call)] = coefficients(S(call.fact.rhs) - S(call.fact.lhs))[0]
        return self._rows[id(call)]

    def _weights(self, steps: list[tuple[Call, Expr]]) -> dict[Quantity, Expr]:
        found: dict[Quantity, Expr] = {}
        for call, times in steps:
            for quantity, weight in self._row(call).items():
                found[quantity] = expand_mul(found.get(quantity, S.Zero) + times * weight)
        return found

    def _keep(self, call: Call) -> None:
        self.calls.append(call)
        for quantity in self._row(call):
            self._speaking.setdefault(quantity, []).append(call)

    def search(self, rounds: int) -> None:
        """Try sums of facts, and those in which everything cancels."""
        self._contradictions()
        for _ in range(rounds):
            calls, proof = self._sum(self.random.choice([1, 2, 2, 3, 3, 3]))
            self.try_sum(calls, proof)

    def _contradictions(self) -> None:
        """Sums that leave 0 ≤ −c; a fact that makes one is left out of the next search."""
        left = list(self.calls)
        for _ in range(CONTRADICTIONS):
            steps = contradiction(self.world, left, self.random)
            if steps is None:
                return
            self.counts["contradictions"] += 1
            self.try_sum([c for c, _ in steps], derivation(steps))
            doubtful = [c for c, _ in steps if c.false or c.visible] or [c for c, _ in steps]
            dropped = self.random.choice(doubtful)
            left = [c for c in left if c is not dropped]

    def try_sum(self, calls: Sequence[Call], proof: Derivation) -> bool:
        """Judge a statement, if it is certified; whether it is false."""
        self.counts["tried"] += 1
        try:
            proof.check()
        except BoundcalcError:
            return False
        except Exception as error:
            return self._found("breaks", calls, f"{type(error).__name__}: {error}")
        self.counts["certified"] += 1
        against = bool(conflicts(calls)) or any(c.visible for c in calls)
        if any(c.false for c in calls) and not against:
            self.counts["resting on something false"] += 1
            return False
        text = f"{shown(proof.claim)} ≤ {proof.expression} but for {proof.failure}"
        try:
            wrong = self.is_false(proof, None if against else _possible(calls))
        except Unknown:
            self.counts["unknown"] += 1
            return False
        except NoValue:  # a multiplier or a bound with a pole where the world's numbers are
            self.counts["no value here"] += 1
            return False
        except Undefined as error:
            return self._found(f"undefined ({error})", calls, text)
        self.counts["judged"] += 1
        return wrong and self._found("seen to contradict" if against else "false", calls, text)

    def _found(self, kind: str, calls: Sequence[Call], text: str) -> bool:
        self.found.append(Finding(kind, self.seed, tuple(calls), text))
        return True

    def is_false(self, proof: Derivation, possible: frozenset[int] | None) -> bool:
        """Whether the claim is beyond the bound more often than what was paid for."""
        gaps = self.world.sums(proof.claim - proof.expression)
        beyond = Fraction(0)
        for i, gap in enumerate(gaps):
            if (possible is None or i in possible) and gap.low > 0:
                beyond += self.world.weights[i]
        return bool(beyond) and beyond > self.world.at(proof.failure, 0).high


def _possible(calls: Sequence[Call]) -> frozenset[int] | None:
    sets = [c.possible for c in calls if c.possible is not None]
    return frozenset.intersection(*sets) if sets else None


def _moved(steps: Sequence[tuple[Call, Expr]]) -> Expr:
    return expand_mul(sum((times * (S(c.fact.rhs) - S(c.fact.lhs)) for c, times in steps), S.Zero))


def derivation(steps: Sequence[tuple[Call, Expr]]) -> Derivation:
    """The statement that what quantities remain is at most what numbers remain."""
    moved = _moved(steps)
    rest = moved.xreplace(dict.fromkeys(quantities_in(moved), S.Zero))
    return Derivation(rest - moved, tuple(Apply(c.fact, times) for c, times in steps))


def worlds(
    seeds: Iterator[int] | range, *, size: int = POOL, rounds: int = ROUNDS
) -> Iterator[Worldly]:
    """Worlds that have been searched."""
    for seed in seeds:
        found = Worldly(seed)
        found.fill(size)
        found.search(rounds)
        yield found


def main() -> None:
    """Search many worlds, and print what is found, one example of each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--combinations", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    seed = chosen.seed
    while counts["tried"] < chosen.combinations:
        (world,) = worlds(range(seed, seed + 1))
        counts += world.counts
        for finding in world.found:
            if not kinds[finding.signature]:
                print(finding, flush=True)
            kinds[finding.signature] += 1
        seed += 1
    for text, count in (*counts.most_common(), *kinds.most_common()):
        print(f"{count:8,} {text}")


if __name__ == "__main__":
    main()
