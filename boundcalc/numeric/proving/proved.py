"""The best bound that facts prove, as a record: value, proof, what carries it, what would improve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sympy import Expr, Rational

from boundcalc.conventions import Side
from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.proof import Proof as PrintedProof
from boundcalc.numeric.proof import ProofStep, origin_of, tex_relation
from boundcalc.numeric.proving.best_bound import Certificate, closest
from boundcalc.numeric.proving.pool import Pool
from boundcalc.numeric.proving.written import (
    decimal_text,
    fraction_of,
    number_text,
    written,
    written_fact,
    written_latex,
)
from boundcalc.rounding import confidence
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.sources import short

_MOST_IDLE = 3


@dataclass(frozen=True)
class Carrier:
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
        By how much the bound improves for each unit by which the right-hand side falls (for a fact ``>=``,
        by which it rises), as long as the same facts carry it. Negative for an equation whose number would
        have to rise instead.
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
class Idle:
    """A fact that carries nothing, and how much its number would have to improve before it may matter."""

    fact: str
    lemma: str
    place: str
    slack: float


@dataclass(frozen=True)
class Paid:
    """An event that the failure probability pays for, whether the proof rests on it or not."""

    event: str
    cost: Fraction
    used: bool

    @property
    def cost_text(self) -> str:
        """The cost, exactly."""
        return number_text(_rational(self.cost))


@dataclass(frozen=True, eq=False)
class Proof:
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
    facts : tuple of Carrier
        In the order of the proof.
    unused : tuple of Idle
        Those that came closest, the nearest first.
    ledger : tuple of Paid
    failure : Fraction
        The cost of all events, used or not: which of them are used is chosen after seeing the numbers.
    assumes : tuple of str
    values : mapping of symbol to Fraction
        The numbers behind the parameters, where the facts are symbolic.
    """

    title: str
    claim: str
    side: Side
    value: float
    exact: Fraction | None
    derivation: Derivation
    facts: tuple[Carrier, ...]
    unused: tuple[Idle, ...]
    ledger: tuple[Paid, ...]
    failure: Fraction
    assumes: tuple[str, ...] = ()
    values: Mapping[Expr, Fraction] = field(default_factory=dict)

    @property
    def probability(self) -> float:
        """With at least this probability the bound holds."""
        return -rounded(self.failure - 1, up=True)

    @property
    def failure_text(self) -> str:
        """The cost of all events, exactly."""
        return number_text(_rational(self.failure))

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
        return decimal_text(exact, up=self.side is Side.UPPER)

    def check(self) -> Proof:
        """Let the kernel verify the certificate again."""
        self.derivation.check()
        return self

    def printed(self) -> PrintedProof:
        """The proof in the form in which the catalogue's derivations are printed."""
        derivation, upper = self.derivation, self.side is Side.UPPER
        sign = 1 if upper else -1
        latex_claim = written_latex(sign * derivation.claim, self.values)
        return PrintedProof(
            id=self.title,
            variant="best provable bound",
            status="",
            credit="",
            claim=self.claim,
            claim_latex=latex_claim,
            steps=tuple(_step(step, self.values) for step in derivation.steps),
            result=self.shown,
            result_latex=self.shown.replace("−", "-"),
            relation=self.relation,
            probability=confidence(self.failure),
            numbers=""
            if self.exact is not None
            else f"{plain(derivation.expression)} {self.relation} {self.shown}",
            ledger=tuple((paid.event, paid.cost_text) for paid in self.ledger),
            assumes=self.assumes,
            derivation=derivation,
        )

    def to_markdown(self) -> str:
        """The proof as a Markdown list."""
        return self.printed().to_markdown()

    def to_latex(self) -> str:
        """The proof as an ``align*``."""
        return self.printed().to_latex()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "title": self.title,
            "claim": self.claim,
            "relation": self.relation,
            "value": self.value,
            "exact": None if self.exact is None else str(self.exact),
            "probability": self.probability,
            "facts": [vars(c) | {"cost": float(c.cost)} for c in self.facts],
            "unused": [vars(idle) for idle in self.unused],
            "steps": self.printed().to_dict()["steps"],
            "ledger": [vars(paid) | {"cost": float(paid.cost)} for paid in self.ledger],
            "assumes": list(self.assumes),
        }


def rounded(value: Fraction, *, up: bool) -> float:
    """A fraction as the nearest float on one side."""
    sign = 1 if up else -1
    return sign * rounded_up(_rational(sign * value), {})[0]


def _rational(value: Fraction) -> Expr:
    return Rational(value.numerator, value.denominator)


def _step(step: Step, values: Mapping[Expr, Fraction]) -> ProofStep:
    fact = step.fact
    sign = fact.relation.sign
    lhs, rhs = written_latex(fact.lhs, values, up=False), written_latex(fact.rhs, values)
    return ProofStep(
        lemma=fact.lemma,
        source=short(fact.source),
        origin=origin_of(fact),
        relation=sign,
        fact=written_fact(fact, values),
        fact_latex=f"{lhs} {tex_relation(sign)} {rhs}",
        multiplier=number_text(step.multiplier),
        cost=number_text(fact.cost) if fact.event else "",
        bound=written(step.bound, values),
        bound_latex=written_latex(step.bound, values),
        numbers="" if step.added.is_Rational else f"{plain(step.added)} ≤ {written(step.added, values)}",
        assumptions=fact.all_assumptions,
    )


def proof_of(
    certificate: Certificate,
    pool: Pool,
    *,
    title: str,
    place: Callable[[int], str],
    among: Iterable[int],
    assumes: tuple[str, ...] = (),
) -> Proof:
    """The record of a certificate.

    Parameters
    ----------
    certificate : Certificate
    pool : Pool
        That it is from.
    title : str
    place : callable
        Where fact i was written; empty for a lemma.
    among : iterable of int
        Of which facts it is said how far they are from carrying the bound.
    assumes : tuple of str
    """
    derivation, values = certificate.derivation, pool.values
    upper = derivation.side is Side.UPPER
    used = set(certificate.carriers)
    carriers = tuple(
        Carrier(
            fact=written_fact(step.fact, values),
            lemma=step.fact.lemma,
            source=short(step.fact.source),
            origin=origin_of(step.fact),
            place=place(row),
            multiplier=number_text(step.multiplier),
            price=price,
            cost=fraction_of(step.fact.cost) or Fraction(0),
            numeric=bool(place(row)) or step.fact.source == "input" or step.fact.event is not None,
        )
        for step, row, price in zip(derivation.steps, certificate.carriers, certificate.prices, strict=True)
    )
    nearest = closest(pool, certificate, among, most=_MOST_IDLE)
    idle = ((i, pool.fact(i), slack) for i, slack in nearest)
    exact = certificate.exact
    return Proof(
        title=title,
        claim=written(derivation.claim if upper else -derivation.claim, values),
        side=derivation.side,
        value=certificate.value if upper else -certificate.value,
        exact=exact if upper or exact is None else -exact,
        derivation=derivation,
        facts=carriers,
        unused=tuple(
            Idle(written_fact(fact, values), fact.lemma, place(i), slack) for i, fact, slack in idle
        ),
        ledger=tuple(Paid(c.event, c.cost, not used.isdisjoint(c.rows)) for c in pool.charges),
        failure=pool.failure,
        assumes=assumes,
        values=values,
    )
