"""All lemma instances between the quantities of a study, as rows of a linear program.

Each lemma is called once, on symbols; the row of every subset is that template with its numbers put
in, for all subsets at once. A fact itself is only built, by the same call on exact numbers, when it
carries a proof.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from sympy import Rational

from boundcalc.conventions import Output
from boundcalc.numeric.decide.decision import rounded_down
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.prove.pool import Charge, Entry, Pool
from boundcalc.numeric.prove.program import Constraints
from boundcalc.numeric.prove.user_facts import fact_texts
from boundcalc.study.evidence import Evidence
from boundcalc.study.records import PaidEvent
from boundcalc.study.study import LossKind, Study
from boundcalc.study.study_lemmas import (
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
)
from boundcalc.study.study_quantities import (
    NUMBERS,
    OF_PAIRS,
    PAIR,
    PAIR_ROLES,
    ROLES,
    SHARED,
    SHARED_ROLES,
    Frame,
    Member,
    StudyLemma,
    observed,
    observed_of_pair,
    template_of,
)
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import Quantity

Indices = NDArray[np.int64]


def nested_edges(study: Study) -> tuple[Indices, Indices]:
    """The pairs of subsets of which the first is contained in the second, with none in between."""
    place = {subset.names: i for i, subset in enumerate(study.subsets)}
    # sorted: a set of names has another order in every session
    covered = ((lower, i) for names, i in place.items() for lower in _covered(names, place))
    edges = sorted((place[lower], i) for lower, i in covered)
    below, above = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    return below, above


def _covered(names: frozenset[str], known: Mapping[frozenset[str], int]) -> list[frozenset[str]]:
    """The largest known subsets of a set of modalities."""
    nearest = [smaller for name in names if (smaller := names - {name}) in known]
    if len(nearest) == len(names):
        return nearest
    found: list[frozenset[str]] = []
    for other in sorted((other for other in known if other < names), key=len, reverse=True):
        if not any(other < larger for larger in found):
            found.append(other)
    return found


@dataclass(frozen=True, eq=False)
class _Block:
    """Instances of one lemma: for the subsets (or pairs of subsets) with these indices.

    Each rests on an event of its own, if on any, whose cost so many facts share.
    """

    lemma: StudyLemma
    members: tuple[Indices, ...]
    pairs: Indices | None = None
    events: tuple[PaidEvent, ...] = ()
    sharing: int = 1

    def __len__(self) -> int:
        return len(self.members[0])

    def paid(self, k: int) -> Fraction:
        """What is paid for a fact."""
        return self.events[k].cost / self.sharing

    def cost(self, k: int) -> Fraction:
        """What its event costs: less than is paid where a class was chosen from several."""
        return self.paid(k) / self.events[k].candidates


class Instances:
    """The lemma instances of a study, given the events that are paid for.

    The columns of the linear program are every role of every subset, then what all subsets share,
    then every role of every pair that is compared example by example.

    Parameters
    ----------
    study : Study
    ledger : sequence of Event
        With their costs.
    evidence : Evidence, optional
        What is known of the study.
    """

    def __init__(
        self, study: Study, ledger: Sequence[PaidEvent], evidence: Evidence | None = None
    ) -> None:
        self.study, self.ledger = study, ledger
        self.evidence = Evidence(study) if evidence is None else evidence
        output = Output.VECTOR if study.vector_outputs else Output.SCALAR
        self.frame = Frame(study.erm, study.nested, output, study.loss is LossKind.ZERO_ONE)
        self.count = len(study.subsets)
        self.index = {id(subset): i for i, subset in enumerate(study.subsets)}
        self.pairs = list(dict.fromkeys(e.subsets for e in ledger if e.kind == "paired"))
        places = [[self.index[id(subset)] for subset in pair] for pair in self.pairs]
        self.of_pairs = np.array(places, dtype=np.int64).reshape(-1, 2)
        self._known_columns: dict[Quantity, int] = {}
        self._exact: dict[int, dict[str, Any]] = {}
        self._shared = len(ROLES) * self.count
        self._paired = self._shared + len(SHARED_ROLES)
        self.width = self._paired + len(PAIR_ROLES) * len(self.pairs)

    @cached_property
    def numbers(self) -> Mapping[str, NDArray[np.float64]]:
        """What is known of every subset, by parameter name; NaN where it is not."""
        known = [observed(self.evidence.of(subset)) for subset in self.study.subsets]
        return {
            name: np.array([float(each[name]) if name in each else np.nan for each in known])
            for name in NUMBERS
        }

    def member(self, i: int, **more: Fraction) -> Member:
        """One subset with its exact numbers."""
        subset = self.study.subsets[i]
        if i not in self._exact:
            self._exact[i] = observed(self.evidence.of(subset), exact=True)
        exact = {name: exactly(value) for name, value in (self._exact[i] | more).items()}
        numbers = {name: Rational(x.numerator, x.denominator) for name, x in exact.items()}
        return Member(subset.label, subset.names, self.frame, numbers)

    @cached_property
    def _all(self) -> tuple[list[_Block], list[int]]:
        """The blocks, and the row at which each starts."""
        blocks = list(self._blocks())
        return blocks, np.cumsum([0, *(len(block) for block in blocks)]).tolist()

    @property
    def numeric_rows(self) -> Iterator[int]:
        """The facts that hold a number which was observed, or an event that was paid for."""
        for block, start in zip(*self._all, strict=False):
            if template_of(block.lemma, self.frame, len(block.members)).numeric:
                yield from range(start, start + len(block))

    def pool(self) -> Pool:
        """The instances as a pool of facts."""
        blocks, starts = self._all
        drawn = (e for e in self.ledger if e.kind == "complexity")
        charges = [Charge(f"{e.quantity}, by {e.variant}", e.cost, frozenset()) for e in drawn]
        for block, start in zip(blocks, starts, strict=False):
            for k, e in enumerate(block.events):
                event = f"{e.quantity}, {e.side} side, by {e.method} ({e.variant})"
                charges.append(Charge(event, block.paid(k), frozenset({start + k})))

        def fact(row: int) -> Fact:
            at = bisect_right(starts, row) - 1
            return self._fact(blocks[at], row - starts[at])

        def label(row: int) -> str:
            found = fact(row)
            return f"{fact_texts(found)[0]} ({found.lemma})"

        return Pool(
            rows=self._rows(blocks),
            quantity=self._quantity,
            column=self._known_columns.get,
            entry=lambda row: Entry(partial(fact, row), partial(label, row)),
            charges=tuple(charges),
        )

    def _blocks(self) -> Iterator[_Block]:
        """Facts that always hold, then the events of the ledger with what goes with them."""
        trained, measured = ("m",), ("m", "rademacher_empirical")
        for lemmas, needs in (
            (ALWAYS, ()),
            (TRAINED, trained),
            (MEASURED, measured),
            (CENTRED, ("m", "centred_loss")),
            (ERM if self.frame.erm else (), trained),
            (TESTED, ("n", "test_loss")),
        ):
            for lemma in lemmas:
                where = np.flatnonzero(self._known(*needs, *lemma.needs))
                if where.size:
                    yield _Block(lemma, (where,))
        edges = nested_edges(self.study) if self.frame.nested else (np.empty(0, int),) * 2
        nested = ((NESTED, ()), (NESTED_TRAINED, trained), (NESTED_MEASURED, measured))
        for lemmas, needs in nested:
            known = self._known(*needs)
            kept = known[edges[0]] & known[edges[1]]
            if kept.any():
                below, above = (ends[kept] for ends in edges)
                yield from (_Block(lemma, (below, above)) for lemma in lemmas)
        yield from self._events()

    def _known(self, *names: str) -> NDArray[np.bool_]:
        """Of which subsets all these numbers are known."""
        lost = [np.isnan(self.numbers[name]) for name in names]
        return ~np.logical_or.reduce(lost) if lost else np.ones(self.count, dtype=bool)

    def _events(self) -> Iterator[_Block]:
        """The events of the ledger, those of one theorem and side together."""
        groups: dict[tuple[bool, str, str], list[PaidEvent]] = {}
        for event in self.ledger:
            if event.kind != "complexity":  # whose limit is among the numbers of the subset
                key = (event.kind == "paired", event.method, event.variant)
                groups.setdefault(key, []).append(event)
        place = {pair: k for k, pair in enumerate(self.pairs)}
        for (is_paired, method, variant), events in groups.items():
            lemmas = PAIR_EVENTS[method, variant] if is_paired else (EVENTS[method, variant],)
            # an event about the true pair is about no subset: any will do
            indices = [[self.index[id(s)] for s in event.subsets] or [0] for event in events]
            members = tuple(np.array(column) for column in zip(*indices, strict=True))
            pairs = np.array([place[e.subsets] for e in events]) if is_paired else None
            yield from (_Block(s, members, pairs, tuple(events), len(lemmas)) for s in lemmas)
        if self.pairs:
            where = np.arange(len(self.pairs))
            firsts, seconds = self.of_pairs.T
            lemmas = DISCORDANT if self.frame.zero_one else PAIRED
            yield from (_Block(lemma, (firsts, seconds), where) for lemma in lemmas)

    def _rows(self, blocks: Sequence[_Block]) -> Constraints:
        """The templates of all blocks with their numbers put in."""
        data, rows, columns, bounds, equal = [], [], [], [], []
        start = 0
        for block in blocks:
            template = template_of(block.lemma, self.frame, len(block.members))
            *values, bound = template.function(
                *(self._values(name, block) for name in template.names)
            )
            span = np.arange(start, start + len(block))
            for slot, value in zip(template.slots, values, strict=True):
                data.append(np.broadcast_to(np.asarray(value, dtype=float), span.shape))
                rows.append(span)
                columns.append(self._columns(slot, block))
            bounds.append(np.broadcast_to(np.asarray(bound, dtype=float), span.shape))
            equal.append(np.full(len(block), template.equal))
            start += len(block)
        entries = (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns)))
        matrix = csr_array(coo_array(entries, shape=(start, self.width)))
        return Constraints(matrix, np.concatenate(bounds), np.concatenate(equal))

    def _values(self, name: str, block: _Block) -> NDArray[np.float64]:
        """The values of one parameter for the instances of a block."""
        if name == "delta":
            return np.array([rounded_down(block.cost(k)) for k in range(len(block))])
        if block.pairs is not None and name in OF_PAIRS:
            return np.array([self._pairs[k].get(name, np.nan) for k in block.pairs.tolist()])
        # where two subsets meet, what they share is looked up in the larger
        return self.numbers[name][block.members[-1]]

    @cached_property
    def _pairs(self) -> list[dict[str, Any]]:
        """What is known of every pair that is compared example by example."""
        return [observed_of_pair(self.evidence.pair(*pair)) for pair in self.pairs]

    def column(self, role: str, i: int) -> int:
        """The column of a quantity of one subset, by the name of its role."""
        return _place(ROLES, role) * self.count + i

    def quantity(self, role: str, i: int) -> Quantity:
        """A quantity of one subset."""
        return self._quantity(self.column(role, i))

    def _columns(self, slot: tuple[int, str], block: _Block) -> Indices:
        """The columns of one quantity of a template, for all its instances."""
        member, role = slot
        if member == SHARED:
            return np.full(len(block), self._shared + _place(SHARED_ROLES, role))
        if member == PAIR:
            assert block.pairs is not None
            return self._paired + _place(PAIR_ROLES, role) * len(self.pairs) + block.pairs
        return self.column(role, 0) + block.members[member]

    def _quantity(self, j: int) -> Quantity:
        """The quantity of a column; from now on the column is found by it."""
        found = self._made(j)
        self._known_columns[found] = j
        return found

    def _made(self, j: int) -> Quantity:
        shared = j - self._shared
        if shared < 0:
            role, i = divmod(j, self.count)
            return list(ROLES.values())[role](self.member(i))
        if shared < len(SHARED_ROLES):
            return list(SHARED_ROLES.values())[shared](self.member(0))
        role, k = divmod(j - self._paired, len(self.pairs))
        first, second = map(self.member, self.of_pairs[k].tolist())
        return list(PAIR_ROLES.values())[role](first, second)

    def _fact(self, block: _Block, k: int) -> Fact:
        """One instance on exact numbers."""
        more = {"delta": block.cost(k)} if block.events else {}
        if block.pairs is not None:
            pair = self.pairs[int(block.pairs[k])]
            more |= observed_of_pair(self.evidence.pair(*pair), exact=True)
        return block.lemma.build(
            *(self.member(int(indices[k]), **more) for indices in block.members)
        )


def _place(roles: Mapping[str, Any], role: str) -> int:
    return list(roles).index(role)
