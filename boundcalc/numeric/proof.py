"""A proof as text and LaTeX: the record that is printed, whatever was proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Self

from sympy import Expr

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.record import Record
from boundcalc.symbolic.certificate import certificate
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.facts import LIBRARY, Fact
from boundcalc.symbolic.lean import lean
from boundcalc.symbolic.literature import short
from boundcalc.symbolic.printing import latex, latex_sum, plain, plain_sum
from boundcalc.text import minus, tex_number, tex_relation

if TYPE_CHECKING:
    from boundcalc.numeric.derive import StepExplanation

_YOURS = "asserted by you"


@dataclass(frozen=True)
class ProofStep(Record):
    """One line of the printed proof, as plain text and LaTeX.

    Attributes
    ----------
    lemma, source : str
        The lemma and the work that it is from.
    origin : str
        ``library``, or whose word it is: ``asserted by package x``.
    relation : str
        ``≤`` or ``=``: how the running bound compares with the one before.
    fact, fact_latex : str
        The (in)equality.
    multiplier : str
    cost : str
        The failure probability that it pays; empty if none.
    bound, bound_latex : str
        The running upper bound after the step.
    numbers, numbers_latex : str
        What the step adds, with numbers put in and the result; empty without values.
    assumptions : tuple of str
    source_key : str
        Citation key of the source.
    constructor : str
        Name of the lemma in the library.
    inside : tuple of InnerProof
        The proofs that the fact was made from.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("lemma", "source", "origin", "relation", "fact", "fact_latex", "multiplier", "cost"),
        *("bound", "bound_latex", "numbers", "assumptions", "inside"),
    )

    lemma: str
    source: str
    origin: str
    relation: str
    fact: str
    fact_latex: str
    multiplier: str
    cost: str
    bound: str
    bound_latex: str
    numbers: str
    assumptions: tuple[str, ...]
    numbers_latex: str = ""
    source_key: str = ""
    constructor: str = ""
    inside: tuple[InnerProof, ...] = ()

    @property
    def credit(self) -> str:
        """The source, and who vouches for the fact; a user's own fact says that itself."""
        return self.source if self.origin == _YOURS else f"{self.source}; {self.origin}"

    def to_dict(self) -> dict[str, Any]:
        """Plain text; what is empty is left out."""
        return {key: value for key, value in super().to_dict().items() if value}


@dataclass(frozen=True)
class InnerProof(Record):
    """A proof that stands inside a fact: what it says, and its steps.

    Attributes
    ----------
    claim, claim_latex, result, result_latex : str
        What is bounded from above, and by what.
    steps : tuple of ProofStep
    """

    claim: str
    claim_latex: str
    result: str
    result_latex: str
    steps: tuple[ProofStep, ...]


@dataclass(frozen=True)
class Proof(Record):
    """A theorem's derivation, ready to be printed.

    Attributes
    ----------
    id, variant, status, credit : str
    claim, claim_latex : str
        What is bounded.
    steps : tuple of ProofStep
    result, result_latex : str
        The closed form; for a lower limit, of the limit itself.
    relation : str
        ``≤`` or ``≥``.
    probability : str
        With at least this probability.
    numbers, numbers_latex : str
        The closed form with numbers put in, and its value; empty without values.
    values : mapping of str to str
        The numbers put in, as they were written, by the name of the parameter.
    assumes : tuple of str
        Of the data, the loss and the predictors.
    ledger : tuple of (str, str)
        Each event that is paid for, and its cost.
    derivation : Derivation
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id", "variant", "status", "claim", "relation", "result", "result_latex", "probability"),
        *("numbers", "origins", "assumes", "steps", "ledger=events"),
    )

    id: str
    variant: str
    status: str
    credit: str
    claim: str
    claim_latex: str
    steps: tuple[ProofStep, ...]
    result: str
    result_latex: str
    relation: str
    probability: str
    numbers: str
    ledger: tuple[tuple[str, str], ...]
    assumes: tuple[str, ...]
    derivation: Derivation
    also: tuple[Derivation, ...] = ()
    numbers_latex: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> Self:
        """Let the kernel verify the certificate, and those of further proofs of the same form.

        Raises
        ------
        CertificateError
            If one does not hold.
        """
        for proof in (self.derivation, *self.also):
            proof.check()
            if proof.expression != self.derivation.expression:
                raise InputError(
                    f"two proofs of {self.id} ({self.variant}) end in different bounds"
                )
        return self

    @property
    def origins(self) -> dict[str, int]:
        """How many of the facts are of the library, and how many whose word."""
        return dict(Counter(step.origin for step in self.steps))

    @property
    def facts_text(self) -> str:
        """How many facts there are, and where they come from."""
        facts = f"{len(self.steps)} fact{'s' * (len(self.steps) != 1)}"
        words = {origin: n for origin, n in self.origins.items() if origin != LIBRARY}
        asserted = (f"{n} of them {origin}" for origin, n in words.items())
        return ", ".join((facts, *asserted)) if words else f"{facts} of the library"

    @property
    def events(self) -> list[dict[str, str]]:
        """The ledger, with names."""
        return [{"event": event, "cost": cost} for event, cost in self.ledger]

    def explain(self) -> tuple[StepExplanation, ...]:
        """Each step in words: its symbols, why it is true, and what it loses."""
        from boundcalc.numeric.derive import explain

        return explain(self.derivation)

    def to_markdown(self) -> str:
        """The theorem and its proof as Markdown; pandoc makes a PDF of it."""
        return str(_paper().proof_markdown(self))

    def to_latex(self, *, standalone: bool = False) -> str:
        """The theorem and its proof as LaTeX, for amsmath, amssymb, amsthm and booktabs.

        Parameters
        ----------
        standalone : bool
            A document that compiles by itself, bibliography included.
        """
        return str(_paper().proof_latex(self, standalone=standalone))

    def to_certificate(self) -> dict[str, Any]:
        """The proof as plain data that others can check: ``docs/howto/certificate.md``.

        The kernel checks it first. A certificate has no numbers put in: it is of the formula.

        Examples
        --------
        >>> from boundcalc import derive
        >>> derive("holdout.hoeffding").to_certificate()["proofs"][0]["failure"]
        'delta'
        """
        self.check()
        return certificate(
            (self.derivation, *self.also),
            id=self.id,
            variant=self.variant,
            status=self.status,
            credit=self.credit,
            statement=f"{self.claim} {self.relation} {self.result}",
            probability=self.probability,
            assumes=self.assumes,
        )

    def to_lean(self) -> str:
        """The arithmetic of the proof in Lean 4 with Mathlib: facts as hypotheses.

        It is not compiled here.
        """
        self.check()
        words = f"with probability at least {self.probability}"
        held = "always" if self.probability == "1" else words
        statement = (
            f"{self.id} ({self.variant}): {self.claim} {self.relation} {self.result}, {held}."
        )
        return lean(self.derivation, name=f"{self.id}_{self.variant}", statement=statement)


def _paper() -> Any:
    """The writer of papers; it stands above this module, which is used without it."""
    return import_module("boundcalc.render.paper")


def origin_of(fact: Fact) -> str:
    """Where a fact comes from: the library, or those on whose word it rests."""
    return f"asserted by {' and '.join(fact.asserted_by)}" if fact.asserted_by else LIBRARY


def proof_step(step: Step, *, numbers: tuple[str, str] = ("", "")) -> ProofStep:
    """A step of a derivation as formulas; `numbers` says what it adds, as text and as LaTeX."""
    fact, sign = step.fact, step.fact.relation.sign
    return ProofStep(
        lemma=fact.lemma,
        source=short(fact.source),
        origin=origin_of(fact),
        relation=sign,
        fact=f"{plain(fact.lhs)} {sign} {plain(fact.rhs)}",
        fact_latex=f"{latex(fact.lhs)} {tex_relation(sign)} {latex(fact.rhs)}",
        multiplier=plain(step.multiplier),
        cost=plain(fact.cost) if fact.event else "",
        bound=plain(step.bound),
        bound_latex=latex(step.bound),
        numbers=numbers[0],
        numbers_latex=numbers[1],
        assumptions=fact.all_assumptions,
        source_key=fact.source,
        constructor=lemma_of(fact).constructor,
        inside=tuple(_inner(proof) for proof in fact.proofs),
    )


def lemma_of(fact: Fact) -> Fact:
    """The fact itself, or the one that it is the expectation of."""
    return fact.inside[0] if fact.constructor == "in_expectation" else fact


def _inner(proof: Derivation) -> InnerProof:
    return InnerProof(
        claim=plain(proof.claim),
        claim_latex=latex(proof.claim),
        result=plain(proof.steps[-1].bound),
        result_latex=latex(proof.steps[-1].bound),
        steps=tuple(proof_step(step) for step in proof.steps),
    )


def proof_ledger(proof: Derivation) -> tuple[tuple[str, str], ...]:
    """Each distinct event as the inequality that may fail, and its cost."""
    first = {step.fact.event: step.fact for step in reversed(proof.steps) if step.fact.event}
    return tuple(
        (f"{plain(first[e].lhs)} ≤ {plain(first[e].rhs)}", plain(e.cost)) for e in proof.events
    )


def printed_proof(
    proof: Derivation,
    *,
    shown: Mapping[str, str],
    value: Callable[[Expr], float],
    relation: str = "≤",
    limit: str = "",
    also: tuple[Derivation, ...] = (),
    **about: Any,
) -> Proof:
    """A derivation, ready to be printed.

    Parameters
    ----------
    proof : Derivation
    shown : mapping of str to str
        The numbers as text, by the name of the parameter.
    value : callable
        The number of an expression whose parameters are shown.
    relation : str
    limit : str
        The value of the whole as text; empty where not all numbers are known.
    also : tuple of Derivation
        Further proofs of the same closed form.
    **about : str
        Id, variant, status, credit, and what is assumed.
    """
    claim = proof.claim if proof.side is Side.UPPER else -proof.claim
    result, result_latex = plain_sum(proof.terms), latex_sum(proof.terms)
    numbers = numbers_latex = ""
    if limit:
        numbers = f"{result} = {plain_sum(proof.terms, shown)} {relation} {limit}"
        put_in = latex_sum(proof.terms, _in_latex(shown))
        numbers_latex = f"{result_latex} = {put_in} {tex_relation(relation)} {tex_number(limit)}"
    return Proof(
        **about,
        claim=plain(claim),
        claim_latex=latex(claim),
        steps=tuple(proof_step(step, numbers=_added(step, shown, value)) for step in proof.steps),
        result=result,
        result_latex=result_latex,
        relation=relation,
        probability=plain(1 - proof.failure),
        numbers=numbers,
        numbers_latex=numbers_latex,
        values=dict(shown),
        ledger=proof_ledger(proof),
        derivation=proof,
        also=also,
    )


def _added(step: Step, shown: Mapping[str, str], value: Callable[[Expr], float]) -> tuple[str, str]:
    """What a step adds to the bound, in numbers, as text and as LaTeX."""
    known = {s.name for s in step.added.free_symbols} <= set(shown)
    if step.added == 0 or not shown or not known:
        return "", ""
    result = minus(f"{value(step.added):.6g}")
    texts = plain(step.added), plain(step.added, shown), result
    formulas = latex(step.added), latex(step.added, _in_latex(shown)), tex_number(result)
    if step.added.is_Symbol:
        return f"{texts[0]} = {texts[2]}", f"{formulas[0]} = {formulas[2]}"
    return (
        "{} = {} ≈ {}".format(*texts),
        r"{} = {} \approx {}".format(*formulas),
    )


def _in_latex(shown: Mapping[str, str]) -> dict[str, str]:
    return {name: tex_number(text) for name, text in shown.items()}
