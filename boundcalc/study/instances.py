"""All lemma instances between the quantities of a study, as rows of a linear program.

Each lemma is called once, on symbols; the row of every subset is that template with its numbers put in, for
all subsets at once. A fact itself is only built, by the same call on exact numbers, when it carries a proof.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from sympy import Rational

from boundcalc.conventions import Output
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.prove.fact_printing import fact_texts
from boundcalc.numeric.prove.pool import Charge, Entry, Pool
from boundcalc.numeric.prove.program import Constraints
from boundcalc.study.columns import Columns
from boundcalc.study.lattice import Indices, nested_edges
from boundcalc.study.limits import HeldOut, paired, spend
from boundcalc.study.observed import OF_PAIRS, exact_difference, observed
from boundcalc.study.records import Event
from boundcalc.study.schemas import (
    ALWAYS,
    CENTRED,
    DISCORDANT,
    ERM,
    EVENTS,
    MEASURED,
    NESTED,
    NESTED_MEASURED,
    NESTED_TRAINED,
    PAIR_EVENTS,
    PAIRED,
    TESTED,
    TRAINED,
    Schema,
)
from boundcalc.study.setting import Frame, Member
from boundcalc.study.study import LossKind, Study
from boundcalc.study.templates import NUMBERS, template_of
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import Quantity


@dataclass(frozen=True, eq=False)
class _Block:
    """Instances of one lemma: for the subsets (or pairs of subsets) with these indices.

    `costs`: what the events of its facts cost; `charged`: what is paid, which is more where a class was
    chosen from several.
    """

    schema: Schema
    members: tuple[Indices, ...]
    events: tuple[str, ...] = ()
    costs: tuple[Fraction, ...] = ()
    charged: tuple[Fraction, ...] = ()
    pairs: Indices | None = None

    def __len__(self) -> int:
        return len(self.members[0])


class Instances:
    """The lemma instances of a study, given the events that are paid for.

    Parameters
    ----------
    study : Study
    ledger : sequence of Event
        With their costs.
    """

    def __init__(self, study: Study, ledger: Sequence[Event]) -> None:
        self.study, self.ledger = study, ledger
        self.frame = Frame(
            erm=study.erm,
            nested=study.nested,
            output=Output.VECTOR if study.vector_outputs else Output.SCALAR,
            zero_one=study.loss is LossKind.ZERO_ONE,
        )
        self.count = len(study.subsets)
        self.index = {id(subset): i for i, subset in enumerate(study.subsets)}
        self.pairs = list(dict.fromkeys(e.subsets for e in ledger if e.kind == "paired"))
        pairs = [(self.index[id(first)], self.index[id(second)]) for first, second in self.pairs]
        self.columns = Columns(self.count, pairs, self.member)

    @cached_property
    def numbers(self) -> Mapping[str, NDArray[np.float64]]:
        """What is known of every subset, by parameter name; NaN where it is not."""
        known = [observed(self.study, subset, exact=False) for subset in self.study.subsets]
        return {
            name: np.array([float(each[name]) if name in each else np.nan for each in known])
            for name in NUMBERS
        }

    def member(self, i: int, **more: Fraction) -> Member:
        """One subset with its exact numbers."""
        subset = self.study.subsets[i]
        numbers = {**observed(self.study, subset, exact=True), **more}
        exact = {name: exactly(value) for name, value in numbers.items()}
        symbols = {name: Rational(value.numerator, value.denominator) for name, value in exact.items()}
        return Member(subset.label, subset.names, self.frame, symbols)

    @cached_property
    def _all(self) -> tuple[list[_Block], list[int]]:
        """The blocks, and the row at which each starts."""
        blocks = list(self._blocks())
        return blocks, np.cumsum([0, *(len(block) for block in blocks)]).tolist()

    @property
    def numeric_rows(self) -> Iterator[int]:
        """The facts that hold a number which was observed, or an event that was paid for."""
        for block, start in zip(*self._all, strict=False):
            if template_of(block.schema, self.frame, len(block.members)).numeric:
                yield from range(start, start + len(block))

    def pool(self) -> Pool:
        """The instances as a pool of facts."""
        blocks, starts = self._all
        first = {id(block): start for block, start in zip(blocks, starts, strict=False)}
        drawn = (e for e in self.ledger if e.kind == "complexity")
        charges = [Charge(f"{e.quantity}, by {e.variant}", e.cost, frozenset()) for e in drawn]
        for block in blocks:
            for k, cost in enumerate(block.charged):
                charges.append(Charge(block.events[k], cost, frozenset({first[id(block)] + k})))

        def fact(row: int) -> Fact:
            at = bisect_right(starts, row) - 1
            return self._fact(blocks[at], row - starts[at])

        def label(row: int) -> str:
            found = fact(row)
            return f"{fact_texts(found)[0]} ({found.lemma})"

        return Pool(
            rows=self._rows(blocks),
            quantity=self.columns.quantity,
            column=self.columns.known.get,
            entry=lambda row: Entry(partial(fact, row), partial(label, row)),
            charges=tuple(charges),
        )

    def _blocks(self) -> Iterator[_Block]:
        """Facts that always hold, then the events of the ledger with what goes with them."""
        numbers, frame = self.numbers, self.frame
        trained = ~np.isnan(numbers["m"])
        measured = trained & ~np.isnan(numbers["rademacher_empirical"])
        centred = trained & ~np.isnan(numbers["centred_loss"])
        tested = ~np.isnan(numbers["n"]) & ~np.isnan(numbers["test_loss"])
        for schemas, where in (
            (ALWAYS, np.ones(self.count, dtype=bool)),
            (TRAINED, trained),
            (MEASURED, measured),
            (CENTRED, centred),
            (ERM if frame.erm else (), trained),
            (TESTED, tested),
        ):
            for schema in schemas:
                yield from self._single(schema, np.flatnonzero(where & self._has(schema)))
        if frame.nested:
            below, above = nested_edges(self.study)
            yield from self._edges(NESTED, below, above)
            yield from self._edges(NESTED_TRAINED, *_both(trained, below, above))
            yield from self._edges(NESTED_MEASURED, *_both(measured, below, above))
        yield from self._events()

    def _has(self, schema: Schema) -> NDArray[np.bool_]:
        """For which subsets the numbers that a lemma needs are known."""
        known = np.ones(self.count, dtype=bool)
        for name in schema.needs:
            known &= ~np.isnan(self.numbers[name])
        return known

    def _single(self, schema: Schema, where: Indices) -> Iterator[_Block]:
        if where.size:
            yield _Block(schema, (where,))

    def _edges(self, schemas: Iterable[Schema], below: Indices, above: Indices) -> Iterator[_Block]:
        if below.size:
            yield from (_Block(schema, (below, above)) for schema in schemas)

    def _events(self) -> Iterator[_Block]:
        """The events of the ledger, those of one theorem and side together."""
        groups: dict[tuple[bool, str, str], list[Event]] = {}
        for event in self.ledger:
            if event.kind == "complexity":
                continue  # its limit is among the numbers of the subset
            groups.setdefault((event.kind == "paired", event.method, event.variant), []).append(event)
        for (is_paired, method, variant), events in groups.items():
            schemas = PAIR_EVENTS[method, variant] if is_paired else (EVENTS[method, variant],)
            block = _Block(
                schemas[0],
                self._members(events),
                tuple(f"{e.quantity}, {e.side} side, by {e.method} ({e.variant})" for e in events),
                costs=tuple(e.cost / len(schemas) / e.candidates for e in events),
                charged=tuple(e.cost / len(schemas) for e in events),
                pairs=self._pair_indices(events) if is_paired else None,
            )
            yield from (replace(block, schema=schema) for schema in schemas)
        if self.pairs:
            where = np.arange(len(self.pairs))
            firsts, seconds = np.array(self.columns.pairs).T
            schemas = DISCORDANT if self.frame.zero_one else PAIRED
            yield from (_Block(schema, (firsts, seconds), pairs=where) for schema in schemas)

    def _members(self, events: Sequence[Event]) -> tuple[Indices, ...]:
        width = max((len(event.subsets) for event in events), default=1) or 1
        rows = [[self.index[id(s)] for s in event.subsets] or [0] for event in events]
        return tuple(np.array([row[k] for row in rows]) for k in range(width))

    def _pair_indices(self, events: Sequence[Event]) -> Indices:
        place = {pair: k for k, pair in enumerate(self.pairs)}
        return np.array([place[event.subsets] for event in events])

    def _rows(self, blocks: Sequence[_Block]) -> Constraints:
        """The templates of all blocks with their numbers put in."""
        data, rows, columns, bounds, equal = [], [], [], [], []
        start = 0
        for block in blocks:
            template = template_of(block.schema, self.frame, len(block.members))
            *values, bound = template.function(*(self._values(name, block) for name in template.names))
            span = np.arange(start, start + len(block))
            for slot, value in zip(template.slots, values, strict=True):
                data.append(np.broadcast_to(np.asarray(value, dtype=float), span.shape))
                rows.append(span)
                columns.append(self.columns.of(slot, block.members, block.pairs))
            bounds.append(np.broadcast_to(np.asarray(bound, dtype=float), span.shape))
            equal.append(np.full(len(block), template.equal))
            start += len(block)
        entries = (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns)))
        matrix = csr_array(coo_array(entries, shape=(start, self.columns.width)))
        return Constraints(matrix, np.concatenate(bounds), np.concatenate(equal))

    def _values(self, name: str, block: _Block) -> NDArray[np.float64]:
        """The values of one parameter for the instances of a block."""
        if name == "delta":
            return np.array([spend(cost) for cost in block.costs])
        if block.pairs is not None and name in OF_PAIRS:
            return np.array([OF_PAIRS[name](self._pair(k)) for k in block.pairs.tolist()])
        # where two subsets meet, what they share is looked up in the larger
        return self.numbers[name][block.members[-1]]

    def _pair(self, k: int) -> HeldOut:
        found = paired(self.study, *self.pairs[k])
        assert found is not None
        return found

    def quantity(self, role: str, i: int) -> Quantity:
        """A quantity of one subset, by the name of its role."""
        return self.columns.quantity(self.columns.place(role, i))

    def _fact(self, block: _Block, k: int) -> Fact:
        """One instance on exact numbers."""
        more = {"delta": block.costs[k]} if block.costs else {}
        if block.pairs is not None:
            more |= exact_difference(self.study, *self.pairs[int(block.pairs[k])])
        return block.schema.build(*(self.member(int(indices[k]), **more) for indices in block.members))


def _both(where: NDArray[np.bool_], below: Indices, above: Indices) -> tuple[Indices, Indices]:
    kept = where[below] & where[above]
    return below[kept], above[kept]
