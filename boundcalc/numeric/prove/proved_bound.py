"""The best bound that facts prove, as a record: value, proof, and what each fact is worth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Rational, expand_mul

from boundcalc.conventions import Side
from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.proof import Proof, ProofStep, origin_of
from boundcalc.numeric.prove.best_bound import Certificate, closest
from boundcalc.numeric.prove.pool import Pool
from boundcalc.numeric.prove.user_facts import fact_texts, fraction_of, number_text, sum_texts
from boundcalc.record import Record
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.literature import short
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import coefficients
from boundcalc.text import confidence, decimal

_MOST_IDLE = 3


@dataclass(frozen=True)
class Carrier(Record):
    """A fact that carries the bound.

    Attributes
    ----------
    fact : str
        The (in)equality.
    lemma, source, origin : str
        What it is an instance of, or the comment that came with it; the work that it is from; and
        who vouches for it.
    place : str
        Where it was written; empty for a lemma.
    multiplier : str
        How often it is used, exactly.
    price : float
        By how much the bound improves for each unit by which the right-hand side falls (for a fact
        ``>=``, by which it rises), as long as the same facts carry it. Negative for an equation
        whose number would have to rise instead.
    cost : Fraction
        Its failure probability.
    numeric : bool
        Whether it holds a number that can improve.
    """

    fact: str
    lemma: str
    source: str
    origin: str
    place: str
    multiplier: str
    price: float
    cost: Fraction
    numeric: bool


@dataclass(frozen=True)
class Idle(Record):
    """A fact that carries nothing, and by how much its number must improve before it may matter."""

    fact: str
    lemma: str
    place: str
    slack: float


@dataclass(frozen=True)
class Paid(Record):
    """An event that the failure probability pays for, whether the proof rests on it or not."""

    event: str
    cost: Fraction
    used: bool

    @property
    def cost_text(self) -> str:
        """The cost, exactly."""
        return number_text(Rational(self.cost))


@dataclass(frozen=True, eq=False)
class ProvedBound(Record):
    """The best bound that facts prove.

    Attributes
    ----------
    title : str
    claim : str
        What is bounded.
    side : Side
        Whether the value is an upper or a lower limit.
    value : float
        Rounded outward.
    exact : Fraction or None
        The value itself, if it is rational.
    derivation : Derivation
        The facts with their multipliers, checked by the kernel.
    proof_steps : tuple of ProofStep
        The same as text.
    facts : tuple of Carrier
        In the order of the proof.
    unused : tuple of Idle
        Those that came closest, the nearest first.
    ledger : tuple of Paid
    failure : Fraction
        The cost of all events, used or not: which of them are used is chosen after seeing the
        numbers.
    assumes : tuple of str
    """

    json_keys = (
        *("title", "claim", "relation", "value", "exact=exact_text", "probability"),
        *("facts", "unused", "steps", "ledger", "assumes"),
    )

    title: str
    claim: str
    side: Side
    value: float
    exact: Fraction | None
    derivation: Derivation
    proof_steps: tuple[ProofStep, ...]
    facts: tuple[Carrier, ...]
    unused: tuple[Idle, ...]
    ledger: tuple[Paid, ...]
    failure: Fraction
    assumes: tuple[str, ...] = ()

    @property
    def probability(self) -> float:
        """With at least this probability the bound holds."""
        return -rounded_up(Rational(self.failure - 1), {})[0]

    @property
    def failure_text(self) -> str:
        """The cost of all events, exactly."""
        return number_text(Rational(self.failure))

    @property
    def exact_text(self) -> str | None:
        """The exact value as a fraction."""
        return None if self.exact is None else str(self.exact)

    @property
    def shadow_prices(self) -> dict[str, float]:
        """The price of each fact that carries the bound."""
        return {carrier.fact: carrier.price for carrier in self.facts}

    @property
    def relation(self) -> str:
        """``≤`` or ``≥``."""
        return "≤" if self.side is Side.UPPER else "≥"

    @property
    def shown(self) -> str:
        """The value as text, rounded outward."""
        exact = Fraction(self.value) if self.exact is None else self.exact
        return decimal(exact, up=self.side is Side.UPPER)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of the proof, ready for JSON."""
        steps: list[dict[str, Any]] = self.printed().to_dict()["steps"]
        return steps

    def check(self) -> ProvedBound:
        """Let the kernel verify the certificate again."""
        self.derivation.check()
        return self

    def printed(self) -> Proof:
        """The proof in the form in which the catalogue's derivations are printed."""
        derivation, sign = self.derivation, 1 if self.side is Side.UPPER else -1
        formula = f"{plain(derivation.expression)} {self.relation} {self.shown}"
        return Proof(
            id=self.title,
            variant="best provable bound",
            status="",
            credit="",
            claim=self.claim,
            claim_latex=sum_texts(*coefficients(sign * derivation.claim))[1],
            steps=self.proof_steps,
            result=self.shown,
            result_latex=self.shown.replace("−", "-"),
            relation=self.relation,
            probability=confidence(self.failure),
            numbers=formula if self.exact is None else "",
            ledger=tuple((paid.event, paid.cost_text) for paid in self.ledger),
            assumes=self.assumes,
            derivation=derivation,
        )

    def to_markdown(self) -> str:
        """The proof as a Markdown list."""
        return self.printed().to_markdown()

    def to_latex(self) -> str:
        """The statement and its proof as LaTeX."""
        return self.printed().to_latex()


def _steps(derivation: Derivation) -> Iterator[ProofStep]:
    """The steps with their running bounds, kept taken apart: a sum may be long."""
    row, rest = coefficients(derivation.claim)
    for step in derivation.steps:
        fact = step.fact
        move, _ = coefficients(fact.rhs - fact.lhs)
        for quantity, factor in move.items():
            row[quantity] = expand_mul(row.get(quantity, 0) + step.multiplier * factor)
            if row[quantity] == 0:
                del row[quantity]
        rest = rest + step.added
        bound, bound_latex = sum_texts(row, rest)
        text, latex = fact_texts(fact)
        rational = step.added.is_Rational
        added = "" if rational else f"{plain(step.added)} ≤ {sum_texts({}, step.added)[0]}"
        yield ProofStep(
            lemma=fact.lemma,
            source=short(fact.source),
            origin=origin_of(fact),
            relation=fact.relation.sign,
            fact=text,
            fact_latex=latex,
            multiplier=number_text(step.multiplier),
            cost=number_text(fact.cost) if fact.event else "",
            bound=bound,
            bound_latex=bound_latex,
            numbers=added,
            assumptions=fact.all_assumptions,
            source_key=fact.source,
            constructor=fact.constructor,
        )


def proof_of(
    certificate: Certificate,
    pool: Pool,
    *,
    title: str,
    among: Iterable[int],
    assumes: tuple[str, ...] = (),
) -> ProvedBound:
    """The record of a certificate.

    Parameters
    ----------
    certificate : Certificate
    pool : Pool
        That it is from.
    title : str
    among : iterable of int
        Of which facts it is said how far they are from carrying the bound.
    assumes : tuple of str
    """
    derivation, used = certificate.derivation, set(certificate.carriers)
    sign = 1 if derivation.side is Side.UPPER else -1
    steps, carriers = tuple(_steps(derivation)), []
    prices = zip(derivation.steps, steps, certificate.carriers, certificate.prices, strict=True)
    for step, text, row, price in prices:
        fact, place = step.fact, pool.entry(row).place
        numeric = bool(place) or fact.source == "input" or fact.event is not None
        cost = fraction_of(fact.cost) or Fraction(0)
        said = (text.fact, text.lemma, text.source, text.origin, place, text.multiplier)
        carriers.append(Carrier(*said, price, cost, numeric))
    unused = []
    for row, slack in closest(pool, certificate, among, most=_MOST_IDLE):
        fact = pool.fact(row)
        unused.append(Idle(fact_texts(fact)[0], fact.lemma, pool.entry(row).place, slack))
    return ProvedBound(
        title=title,
        claim=sum_texts(*coefficients(sign * derivation.claim))[0],
        side=derivation.side,
        value=sign * certificate.value,
        exact=None if certificate.exact is None else sign * certificate.exact,
        derivation=derivation,
        proof_steps=steps,
        facts=tuple(carriers),
        unused=tuple(unused),
        ledger=tuple(Paid(c.event, c.cost, not used.isdisjoint(c.rows)) for c in pool.charges),
        failure=pool.failure,
        assumes=assumes,
    )
