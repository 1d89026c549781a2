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
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.prove.best_bound import best_bound
from boundcalc.numeric.prove.pool import Charge, Entry, FactRow, Pool, pool_of
from boundcalc.numeric.prove.program import Ending, maximise
from boundcalc.study.evidence import Evidence, Pair
from boundcalc.study.instances import Instances
from boundcalc.study.ledger import JointLimits
from boundcalc.study.records import PaidEvent, Provable, Row
from boundcalc.study.study import Study
from boundcalc.study.study_lemmas import EVENTS
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.text import probability

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
) -> Provable:
    """Add the best provable row to the joint rows of each pair.

    Parameters
    ----------
    evidence : Evidence
    pairs : sequence of Pair
    events : sequence of Event
        What the joint rows rest on.
    limits : JointLimits
        What the events say.
    joint : sequence of tuple of Row
        For each pair.
    """
    given = tuple(joint)
    events = [event for event in events if event.kind != "paired"]
    instances, pool = pool_of_events(evidence, events, limits)
    if len(pairs) * len(pool.rows.bounds) > _MOST_WORK:
        reason = (
            f"{len(pairs)} pairs are too many for the best provable row of each; prove finds it "
            f"for one"
        )
        return Provable(given, note=reason)
    maker = _Maker(evidence.study, instances, pool)
    found, unsolved = list[Row | None](), list[str]()
    for pair, rows in zip(pairs, given, strict=True):
        try:
            found.append(maker.row(pair, rows))
        except ConvergenceError:
            found.append(None)
            unsolved.append(" against ".join(subset.label for subset in pair))
    if maker.contradictory:
        return Provable(given, contradictory=True)
    rows_and_best = zip(given, found, strict=True)
    joined = tuple(rows if row is None else (*rows, row) for rows, row in rows_and_best)
    return Provable(joined, note=_unsolved(unsolved))


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
        fact = Fact(
            lemma=event.method,
            lhs=sign * risk,
            relation=Relation.AT_MOST,
            rhs=Rational(bound.numerator, bound.denominator),
            source=event.method,
            event=Event(
                ("held-out", name), (), Rational(event.cost.numerator, event.cost.denominator)
            ),
        )
        entry = Entry(partial(_same, fact), partial(str, name))
        lines.append(FactRow({risk: Fraction(sign)}, bound, False, entry))
        charges.append(Charge(name, event.cost, frozenset({row})))
    pool = instances.pool()
    return pool_of(lines, base=pool, charges=charges) if lines else pool


def _same(fact: Fact) -> Fact:
    return fact


def _unsolved(pairs: Sequence[str]) -> str:
    if not pairs:
        return ""
    more = f" and {len(pairs) - _MOST_NAMED} more pairs" if len(pairs) > _MOST_NAMED else ""
    return (
        f"there is no best provable row for {', '.join(pairs[:_MOST_NAMED])}{more}: the linear "
        "program behind it could not be solved in floating point; the other joint rows stand"
    )


class _Maker:
    """Makes the row of one pair after another from one pool."""

    def __init__(self, study: Study, instances: Instances, pool: Pool) -> None:
        self.study, self.instances, self.pool = study, instances, pool
        self.contradictory = False

    def row(self, pair: Pair, rows: Sequence[Row]) -> Row | None:
        """The best row, or None where nothing is proved beyond the range of the loss."""
        upper = self._end(*pair, min((r.upper for r in rows if r.upper is not None), default=None))
        lower = self._end(
            *pair[::-1], min((-r.lower for r in rows if r.lower is not None), default=None)
        )
        if self.contradictory or (upper is None and lower is None):
            return None
        events = dict.fromkeys(event for end in (upper, lower) if end for event in end[1])
        return Row(
            *pair,
            BEST,
            joint=True,
            lower=None if lower is None else -lower[0],
            upper=None if upper is None else upper[0],
            probability=probability(exactly(self.study.delta)),
            note=f"from {'; '.join(events)}" if events else "",
        )

    def _end(
        self, more: object, less: object, known: float | None
    ) -> tuple[float, tuple[str, ...]] | None:
        """The least upper limit on r(more) − r(less), and the events behind it if no other row has
        it.
        """
        C = self.study.loss_bound
        if self.contradictory:
            return None
        places = [self.instances.index[id(subset)] for subset in (more, less)]
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
