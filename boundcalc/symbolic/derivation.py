"""Derivations: lists of facts with multipliers, from which the bound is folded.

The bound, its named terms, its failure probability and its printed steps all come from the same
list, so none of them can disagree with the proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

from sympy import Expr, S, diff, expand_mul

from boundcalc.conventions import Relation, Side
from boundcalc.errors import CertificateError
from boundcalc.record import Brief
from boundcalc.symbolic.consistency import check_consistency
from boundcalc.symbolic.facts import Event, Fact
from boundcalc.symbolic.kernel import verify
from boundcalc.symbolic.quantities import quantities_in

_LAST = (
    "complexity",
    "complexity_m",
    "complexity_n",
    "complexity_full",
    "rate",
    "concentration",
    "optimisation_gap",
)


@dataclass(frozen=True)
class Apply(Brief):
    """One line of a proof: a fact and its multiplier, found by the fold where it is left out."""

    fact: Fact
    times: Expr | int | None = None


@dataclass(frozen=True)
class Step(Brief):
    """A line of the printed proof.

    Attributes
    ----------
    fact : Fact
    multiplier : sympy.Expr
    bound : sympy.Expr
        The running upper bound on the claim after this fact.
    added : sympy.Expr
        What the fact adds to the parameter-only part of the bound.
    """

    fact: Fact
    multiplier: Expr
    bound: Expr
    added: Expr


@dataclass(frozen=True)
class Term(Brief):
    """A named, parameter-only part of a bound."""

    name: str
    expression: Expr


def _closed_part(expr: Expr) -> Expr:
    return expr.xreplace(dict.fromkeys(quantities_in(expr), S.Zero))


def _missing(bound: Expr) -> str:
    """What would remove the quantities that are left in a running bound."""
    left = quantities_in(bound)
    roots = [q.subjects[0] for q in left if q.measure == "root"]
    bent = roots + [q for q in left if quantities_in(diff(bound, q))]
    if bent:
        return f"; it is nonlinear in {bent[0].name}: use a solving lemma, such as solved_for_root"
    if left:
        return f"; no fact bounds {left[0].name}, and no number is given for it"
    return ""


def _multiplier(bound: Expr, fact: Fact) -> Expr:
    """The multiplier with which the fact cancels something in the running bound."""
    move = expand_mul(fact.rhs - fact.lhs)
    shares = {q: bound.coeff(q) for q in quantities_in(move)}
    proposals = {expand_mul(-share / move.coeff(q)) for q, share in shares.items() if share != 0}
    if fact.relation is Relation.AT_MOST:
        proposals = {c for c in proposals if not c.could_extract_minus_sign()}
    if len(proposals) != 1:
        raise CertificateError(
            f"the multiplier of '{fact.lemma}' is not determined; write it with times="
        )
    return proposals.pop()


@dataclass(frozen=True)
class Derivation(Brief):
    """A certificate that ``claim <= result`` holds with probability at least 1 − `budget`.

    Parameters
    ----------
    claim : sympy.Expr
        What is bounded from above; a lower limit on r is an upper bound on −r.
    lines : tuple of Apply
        The proof, in the order in which it is printed.
    stated_failure : sympy.Expr, optional
        The failure probability that the theorem states, if more than the events cost.
    side : Side
        ``LOWER`` if the statement bounds −claim from below.
    term : str, optional
        One name for the whole bound, where its parts mean nothing by themselves.
    """

    claim: Expr
    lines: tuple[Apply, ...]
    stated_failure: Expr | None = None
    side: Side = Side.UPPER
    term: str | None = None

    def __repr__(self) -> str:
        return f"Derivation({str(self.claim)[:100]}, {len(self.lines)} lines, {self.side.value})"

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The printed proof: running upper bounds, folded from the facts."""
        bound = expanded = expand_mul(self.claim)
        steps = []
        for line in self.lines:
            times = _multiplier(bound, line.fact) if line.times is None else S(line.times)
            move = times * (line.fact.rhs - line.fact.lhs)
            total, expanded = bound + move, expanded + expand_mul(move)
            bound = expanded if quantities_in(total) else total
            steps.append(Step(line.fact, times, bound, _closed_part(move)))
        return tuple(steps)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The named terms of the statement: what is measured, complexity, concentration, slack.

        For a lower limit these are the terms of the limit itself, not of its negation.
        """
        start = _closed_part(expand_mul(self.claim))
        found: dict[str, Expr] = {"constant": start} if start != 0 else {}
        for step in self.steps:
            if step.added != 0:
                name = self.term or step.fact.term
                # a term from one fact keeps the shape in which the fact states it
                found[name] = expand_mul(found[name] + step.added) if name in found else step.added
        sign = 1 if self.side is Side.UPPER else -1
        names = sorted(found, key=lambda name: _LAST.index(name) if name in _LAST else -1)
        return tuple(Term(name, sign * found[name]) for name in names)

    @cached_property
    def expression(self) -> Expr:
        """The closed form: the sum of the terms."""
        return sum((term.expression for term in self.terms), S.Zero)

    @property
    def limit(self) -> Expr:
        """The upper limit on the claim: for a lower limit on −claim that is its negation."""
        return self.expression if self.side is Side.UPPER else -self.expression

    @cached_property
    def exact(self) -> bool:
        """Whether the statement is an equation: every fact is."""
        return all(step.fact.relation is Relation.EQUAL for step in self.steps)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The distinct events that are paid for, in order."""
        return tuple(dict.fromkeys(step.fact.event for step in self.steps if step.fact.event))

    @cached_property
    def failure(self) -> Expr:
        """The failure probability: as stated, or else the cost of the distinct events."""
        paid = sum((event.cost for event in self.events), S.Zero)
        return paid if self.stated_failure is None else self.stated_failure

    def check(self) -> Self:
        """Let the kernel verify the certificate; names have one meaning, and no quantity is left.

        Raises
        ------
        CertificateError
            If it does not hold.
        """
        check_consistency(self.claim, (step.fact for step in self.steps))
        try:
            verify(
                self.claim,
                self.limit,
                ((s.fact, s.multiplier) for s in self.steps),
                self.failure,
            )
        except CertificateError as error:
            last = self.steps[-1].bound if self.steps else self.claim
            raise CertificateError(f"{error}{_missing(last)}") from None
        left = quantities_in(self.expression)
        if left:
            raise CertificateError(f"{left[0].name} is left in the bound")
        return self
