"""The printed proof of a theorem: formula → numbers put in → result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from boundcalc.conventions import Relation, Side
from boundcalc.errors import InputError
from boundcalc.numeric.compiled import value_of
from boundcalc.numeric.domains import exactly, named_values, select
from boundcalc.numeric.evaluate import choose, evaluate
from boundcalc.rounding import number, significant
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.escape import escape_latex
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.printing import latex, latex_sum, plain, plain_sum
from boundcalc.symbolic.sources import short
from boundcalc.symbolic.theorem import Theorem, Variant


@dataclass(frozen=True)
class ProofStep:
    """One line of the printed proof, as plain text and LaTeX.

    Attributes
    ----------
    lemma, source : str
        The lemma and the work that it is from.
    relation : str
        ``≤`` or ``=``: how the running bound compares with the one before.
    fact, fact_latex : str
        The (in)equality.
    multiplier : str
    cost : str
        The failure probability that it pays; empty if none.
    bound, bound_latex : str
        The running upper bound after the step.
    numbers : str
        What the step adds, with numbers put in and the result; empty without values.
    assumptions : tuple of str
    """

    lemma: str
    source: str
    relation: str
    fact: str
    fact_latex: str
    multiplier: str
    cost: str
    bound: str
    bound_latex: str
    numbers: str
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
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
    numbers : str
        The closed form with numbers put in, and its value; empty without values.
    ledger : tuple of (str, str)
        Each event that is paid for, and its cost.
    derivation : Derivation
    """

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
                raise InputError(f"two proofs of {self.id} ({self.variant}) end in different bounds")
        return self

    def to_dict(self) -> dict[str, Any]:
        """Plain text and lists, ready for JSON."""
        keys = (
            "id",
            "variant",
            "status",
            "claim",
            "relation",
            "result",
            "result_latex",
            "probability",
            "numbers",
        )
        steps = [{k: v for k, v in vars(step).items() if v not in ("", ())} for step in self.steps]
        ledger = [{"event": event, "cost": cost} for event, cost in self.ledger]
        return {k: getattr(self, k) for k in keys} | {"steps": steps, "ledger": ledger}

    def to_markdown(self) -> str:
        """The proof as a Markdown list."""
        lines = [
            f"**{self.id}** ({', '.join(part for part in (self.variant, self.status) if part)}): "
            f"${self.claim_latex} {_tex(self.relation)} {self.result_latex}$"
        ]
        lines += [f"with probability at least {self.probability}. {self.credit}".rstrip(), ""]
        lines.append(f"0. ${_bound_name(self)}$")
        for i, step in enumerate(self.steps, 1):
            cost = f", cost {step.cost}" if step.cost else ""
            times = "" if step.multiplier == "1" else f", times {step.multiplier}"
            lines.append(f"{i}. *{step.lemma}* ({step.source}{cost}{times}): ${step.fact_latex}$")
            lines.append(f"   ${_tex(step.relation)} {step.bound_latex}$")
        lines += [f"\nEvent that may fail, cost {cost}: {event}" for event, cost in self.ledger]
        if self.numbers:
            lines += ["", f"In numbers: {self.numbers}"]
        return "\n".join(lines) + "\n"

    def to_latex(self) -> str:
        """The proof as an ``align*`` of running upper bounds (needs amsmath, amssymb)."""
        rows = [rf"  {_bound_name(self)}"]
        for step in self.steps:
            why = escape_latex(step.lemma + (f", cost {step.cost}" if step.cost else ""))
            rows.append(rf"  &{_tex(step.relation)} {step.bound_latex} && \text{{({why})}}")
        return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}\n"


def _tex(relation: str) -> str:
    return {"≤": r"\leq", "≥": r"\geq", "=": "="}[relation]


def _bound_name(proof: Proof) -> str:
    return latex(proof.derivation.claim)


def derive(id: str, /, *, variant: str | None = None, **values: Any) -> Proof:
    """Derive a bound step by step.

    Parameters
    ----------
    id : str
    variant : str, optional
        Where left out: the first variant whose inputs are the values given, or the first of all.
    **values : float
        Any of the variant's parameters; steps whose numbers are complete show them.

    Returns
    -------
    Proof

    Raises
    ------
    InputError
        As `evaluate`.
    """
    entry = theorem(id)
    given = named_values(values)
    chosen = _chosen(entry, variant, given)
    names = [p.name for p in chosen.parameters]
    select(given, (), names, f"{id} ({chosen.name})")
    if any(np.ndim(v) for v in given.values()):
        raise InputError("a derivation takes single numbers, not arrays")
    shown = {name: _decimal(values, name) for name in given}
    if shown:
        shown |= {k: f"{v:g}" for k, v in chosen.defaults.items() if k not in shown}
    proof = chosen.derivation
    upper = chosen.side is Side.UPPER
    return Proof(
        id=id,
        variant=chosen.name,
        status=chosen.status.value,
        credit=entry.credit,
        claim=plain(proof.claim if upper else -proof.claim),
        claim_latex=latex(proof.claim if upper else -proof.claim),
        steps=tuple(_step(step, shown) for step in proof.steps),
        result=plain_sum(chosen.terms),
        result_latex=latex_sum(chosen.terms),
        relation=chosen.relation,
        probability=plain(1 - proof.failure),
        numbers=_result(id, chosen, given, shown),
        ledger=_ledger(proof),
        assumes=chosen.assumes,
        derivation=proof,
        also=chosen.also,
    )


def _chosen(entry: Theorem, variant: str | None, given: Mapping[str, Any]) -> Variant:
    if variant is None and not given:
        return next(iter(entry.variants.values()))
    return choose(entry, variant, set(given))


def _decimal(values: Mapping[str, Any], name: str) -> str:
    written = next(v for k, v in values.items() if parameter(k).name == name)
    exact = exactly(written)
    return str(exact.numerator) if exact.denominator == 1 else f"{written}"


def _ledger(proof: Derivation) -> tuple[tuple[str, str], ...]:
    """Each distinct event as the inequality that may fail, and its cost."""
    first = {step.fact.event: step.fact for step in reversed(proof.steps) if step.fact.event}
    return tuple((f"{plain(first[e].lhs)} ≤ {plain(first[e].rhs)}", plain(e.cost)) for e in proof.events)


def _step(step: Step, shown: Mapping[str, str]) -> ProofStep:
    fact = step.fact
    sign, sign_tex = ("=", "=") if fact.relation is Relation.EQUAL else ("≤", r"\leq")
    return ProofStep(
        lemma=fact.lemma,
        source=short(fact.source),
        relation=sign,
        fact=f"{plain(fact.lhs)} {sign} {plain(fact.rhs)}",
        fact_latex=f"{latex(fact.lhs)} {sign_tex} {latex(fact.rhs)}",
        multiplier=plain(step.multiplier),
        cost=plain(fact.cost) if fact.event else "",
        bound=plain(step.bound),
        bound_latex=latex(step.bound),
        numbers=_added(step, shown),
        assumptions=fact.assumptions,
    )


def _added(step: Step, shown: Mapping[str, str]) -> str:
    symbols = {s.name for s in step.added.free_symbols}
    if step.added == 0 or not shown or not symbols <= set(shown):
        return ""
    value = float(value_of(step.added, {name: float(shown[name]) for name in symbols}))
    formula, numbers = plain(step.added), plain(step.added, shown)
    if step.added.is_Symbol:
        return f"{formula} = {value:.6g}"
    return f"{formula} = {numbers} ≈ {value:.6g}"


def _result(id: str, chosen: Variant, given: Mapping[str, Any], shown: Mapping[str, str]) -> str:
    if not given or {p.name for p in chosen.parameters} - set(given) - set(chosen.defaults):
        return ""
    value = evaluate(id, variant=chosen.name, **given).value
    exact = chosen.relation == "="
    result = number(value) if exact else significant(value, up=chosen.side is Side.UPPER)
    return f"{plain_sum(chosen.terms)} = {plain_sum(chosen.terms, shown)} {chosen.relation} {result}"
