"""The joint row of a comparison that is the best of all: what the events of the ledger prove
together.

The events are the limits on single risks that the other joint rows rest on, so this row costs
nothing; to them come the lemmas that always hold: definitions, ERM optimality, and what nested
classes have in common. Pairs that are tested are decided step by step, which pays for no other use
of their intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial

import numpy as np
from sympy import Rational

from boundcalc.conventions import Relation, Side
from boundcalc.errors import ConvergenceError
from boundcalc.numeric.prove.best_bound import best_bound
from boundcalc.numeric.prove.pool import Charge, Entry, FactRow, Pool, pool_of
from boundcalc.numeric.prove.program import Ending, maximise
from boundcalc.study.evidence import Evidence, Pair
from boundcalc.study.instances import Instances
from boundcalc.study.ledger import JointLimits
from boundcalc.study.records import PaidEvent, Row
from boundcalc.study.study import Study
from boundcalc.study.study_lemmas import EVENTS
from boundcalc.symbolic.facts import Event, Fact

BEST = "best-provable"
_GAIN = 1e-9
_MOST_WORK = 60_000
_MOST_NAMED = 4


def with_best(
    evidence: Evidence,
    pairs: Sequence[Pair],
    events: Sequence[PaidEvent],
    limits: JointLimits,
    joint: Sequence[tuple[Row, ...]],
) -> tuple[tuple[tuple[Row, ...], ...], str, bool]:
    """The joint rows of each pair, with the best provable one at the end; why there are none, or
    none for some pairs; and whether the events, on which all rest, contradict one another.
    """
    given = tuple(joint)
    events = [event for event in events if event.kind != "paired"]
    instances, pool = pool_of_events(evidence, events, limits)
    if len(pairs) * len(pool.rows.bounds) > _MOST_WORK:
        many = f"{len(pairs)} pairs are too many for the best provable row of each"
        return given, f"{many}; prove finds it for one", False
    maker = _Maker(evidence.study, instances, pool)
    joined, unsolved = list[tuple[Row, ...]](), list[str]()
    for pair, rows in zip(pairs, given, strict=True):
        best = None
        try:
            best = maker.row(pair, rows)
        except ConvergenceError:
            unsolved.append(evidence.pair(*pair).label)
        joined.append(rows if best is None else (*rows, best))
    if maker.contradictory:
        return given, "", True
    more = len(unsolved) - _MOST_NAMED
    named = ", ".join(unsolved[:_MOST_NAMED]) + (f" and {more} more pairs" if more > 0 else "")
    note = (
        f"there is no best provable row for {named}: the linear program behind it could not be "
        "solved in floating point; the other joint rows stand"
    )
    return tuple(joined), note if unsolved else "", False


def pool_of_events(
    evidence: Evidence, events: Sequence[PaidEvent], limits: JointLimits
) -> tuple[Instances, Pool]:
    """All lemmas of a study, with the events that are paid for."""
    by_lemma = [e for e in events if e.kind == "complexity" or (e.method, e.variant) in EVENTS]
    instances = Instances(evidence.study, by_lemma, evidence)
    return instances, _with_limits(instances, [e for e in events if e not in by_lemma], limits)


def _with_limits(instances: Instances, events: Sequence[PaidEvent], limits: JointLimits) -> Pool:
    """The pool of the lemmas, with limits that are no lemma as facts that cost what their event
    does.
    """
    lines, charges = list[FactRow](), list[Charge]()
    for row, event in enumerate(events):
        (subset,) = event.subsets
        value = limits.get(event.kind, event.side, subset)
        assert value is not None
        sign = 1 if event.side is Side.UPPER else -1
        risk = instances.quantity("risk", instances.index[id(subset)])
        bound = sign * Fraction(value)
        name = f"{event.quantity}, {event.side} side, by {event.method} ({event.variant})"
        cost = Rational(event.cost.numerator, event.cost.denominator)
        fact = Fact(
            lemma=event.method,
            lhs=sign * risk,
            relation=Relation.AT_MOST,
            rhs=Rational(bound.numerator, bound.denominator),
            source=event.method,
            event=Event(("held-out", name), (), cost),
        )
        entry = Entry(partial(_same, fact), partial(str, name))
        lines.append(FactRow({risk: Fraction(sign)}, bound, False, entry))
        charges.append(Charge(name, event.cost, frozenset({row})))
    pool = instances.pool()
    return pool_of(lines, base=pool, charges=charges) if lines else pool


def _same(fact: Fact) -> Fact:
    return fact


class _Maker:
    """Makes the row of one pair after another from one pool."""

    def __init__(self, study: Study, instances: Instances, pool: Pool) -> None:
        self.study, self.instances, self.pool = study, instances, pool
        self.contradictory = False

    def row(self, pair: Pair, rows: Sequence[Row]) -> Row | None:
        """The best row, or None where nothing is proved beyond the range of the loss."""
        known = (r.upper for r in rows if r.upper is not None)
        upper = self._end(pair, min(known, default=None))
        known = (-r.lower for r in rows if r.lower is not None)
        lower = self._end(pair[::-1], min(known, default=None))
        if self.contradictory or (upper is None and lower is None):
            return None
        events = dict.fromkeys(event for end in (upper, lower) if end for event in end[1])
        note = f"from {'; '.join(events)}" if events else ""
        ends = None if lower is None else -lower[0], None if upper is None else upper[0]
        return Row(*pair, BEST, True, *ends, self.study.probability, note=note)

    def _end(self, pair: Pair, known: float | None) -> tuple[float, tuple[str, ...]] | None:
        """The least upper limit on the difference of two risks, and the events behind it if no
        other row has it.
        """
        C = self.study.loss_bound
        if self.contradictory:
            return None
        places = [self.instances.index[id(subset)] for subset in pair]
        objective = np.zeros(self.pool.rows.matrix.shape[1])
        objective[[self.instances.column("risk", i) for i in places]] = 1, -1
        solution = maximise(objective, self.pool.rows)
        if solution.ending is Ending.INFEASIBLE:
            self.contradictory = True
            return None
        best = C if known is None else known
        if (
            solution.ending is Ending.OPTIMAL
            and float(objective @ solution.point) < best - _GAIN * C
        ):
            above, below = (self.instances.quantity("risk", i) for i in places)
            certificate = best_bound(above - below, self.pool, side=Side.UPPER)
            carrying = set(certificate.carriers)
            events = tuple(c.event for c in self.pool.charges if not carrying.isdisjoint(c.rows))
            return min(certificate.value, best), events
        return None if known is None else (known, ())
