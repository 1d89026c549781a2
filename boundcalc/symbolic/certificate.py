"""Certificates: proofs as plain data, which anybody can check without this package.

``docs/howto/certificate.md`` has the grammar; ``examples/check_certificate.py`` is a checker that
knows nothing of this package.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from hashlib import sha256
from typing import Any

from sympy import Expr, Function, S, Symbol
from sympy.printing.str import StrPrinter

from boundcalc.conventions import Relation
from boundcalc.errors import InputError
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.literature import works
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import Loss, Predictor, Quantity, Sample

FORMAT = "boundcalc certificate 1"
_FUNCTIONS = ("sqrt", "log", "exp", "ceiling")
_RESERVED = frozenset({*_FUNCTIONS, "pi", "E"})


class Names(StrPrinter):  # type: ignore[misc]
    """Names for what a proof speaks of: a printer that writes down what each stands for.

    Attributes
    ----------
    symbols : dict
        Parameters under their own names, quantities as q1, q2, …; what each of them is.
    functions : dict
        The definitions of the functions that are none of the usual ones.
    objects : dict
        Classes, samples, predictors and losses as o1, o2, …
    """

    def __init__(self) -> None:
        super().__init__()
        self.symbols: dict[str, dict[str, Any]] = {}
        self.functions: dict[str, str] = {}
        self.objects: dict[str, dict[str, Any]] = {}
        self._known: dict[Any, str] = {}

    def text(self, expr: object) -> str:
        """An expression in the grammar of certificates."""
        return str(self.doprint(S(expr)))

    def _print_Symbol(self, expr: Symbol) -> str:
        if expr in self._known:
            return self._known[expr]
        if isinstance(expr, Quantity):
            name = self._name(expr, f"q{sum(q.startswith('q') for q in self.symbols) + 1}")
            self.symbols[name] = {"kind": "quantity"}
            about = [self.described(subject) for subject in expr.subjects]
            self.symbols[name] |= {"text": expr.name, "measure": expr.label, "about": about}
            self.symbols[name] |= self._numbers(expr)
            return name
        name = self._name(expr, expr.name if expr.name.isidentifier() else "x")
        known = expr.parameter if isinstance(expr, ParameterSymbol) else None
        self.symbols[name] = {"kind": "parameter", **_domain(expr, known)}
        return name

    # SymPy has quantities of its own, with units: its printer would take ours for them
    _print_Quantity = _print_Name = _print_Symbol

    def _numbers(self, of: Quantity) -> dict[str, Any]:
        """What the arithmetic of lemmas needs: loss, sample, and whether f depends on it."""
        found: dict[str, Any] = {"learned": False}
        samples = [subject for subject in of.subjects if isinstance(subject, Sample)]
        for subject in of.subjects:
            if isinstance(subject, Quantity):
                found |= self._numbers(subject)
            if isinstance(subject, Predictor):
                known = subject.fixed or bool(subject.independent_of)
                fixed = all(map(subject.is_fixed_for, samples)) if samples else known
                found["learned"] |= not fixed
            loss = getattr(getattr(subject, "member_of", subject), "loss", None)
            if isinstance(loss, Loss):
                found |= {"lipschitz": self.text(loss.lipschitz), "width": self.text(loss.width)}
            if isinstance(subject, Sample):
                found |= {"sample": self.described(subject), "size": self.text(subject.size)}
        return found

    def _name(self, of: Any, wanted: str) -> str:
        """A free name that reads like the one wanted."""
        taken = {*self._known.values(), *_RESERVED}
        wanted = "".join(c if c.isascii() else "_" for c in wanted)
        name = next(n for i in range(len(taken) + 1) if (n := wanted + "_" * i) not in taken)
        self._known[of] = name
        return name

    def _print_Function(self, expr: Function) -> str:
        name = type(expr).__name__
        if isinstance(expr, LimitFunction):
            self.functions[name] = expr.meaning
        elif name not in _FUNCTIONS:
            raise InputError(f"a certificate has no function {name}")
        return f"{name}({self.stringify(expr.args, ', ')})"

    def described(self, thing: Any) -> Any:
        """What a quantity or an event is about, as plain data."""
        if is_dataclass(thing) and not isinstance(thing, type):
            if thing not in self._known:
                name = self._name(thing, f"o{len(self.objects) + 1}")
                self.objects[name] = {"kind": type(thing).__name__}
                self.objects[name] |= {
                    f.name: self.described(getattr(thing, f.name))
                    for f in fields(thing)
                    if f.name not in ("latex", "foot")
                }
            return self._known[thing]
        if isinstance(thing, Expr):
            return self.text(thing)
        if isinstance(thing, (tuple, list, frozenset, set)):
            entries = [self.described(entry) for entry in thing]
            return sorted(entries, key=str) if isinstance(thing, (frozenset, set)) else entries
        return thing.value if isinstance(thing, Enum) else thing


def _domain(symbol: Symbol, known: Parameter | None) -> dict[str, Any]:
    """What is known of the values of a parameter, exactly."""
    if known is None:
        return {"text": symbol.name, "low": "0" if symbol.is_nonnegative else None, "high": None}
    ends = {
        end: str(Fraction(value)) if math.isfinite(value) else None
        for end, value in (("low", known.low), ("high", known.high))
    }
    return {
        "text": known.glyph,
        "meaning": known.meaning,
        **ends,
        "open_low": known.open_low,
        "open_high": known.open_high,
        "integer": known.integer,
    }


def certificate(proofs: Sequence[Derivation], **about: Any) -> dict[str, Any]:
    """The certificate of a bound, as plain data for JSON.

    Parameters
    ----------
    proofs : sequence of Derivation
        The proof, and further proofs of the same closed form; the kernel checks each first.
    **about
        What else is said of the bound: its id, variant, status, credit.

    Raises
    ------
    CertificateError
        If a proof does not hold.

    Examples
    --------
    >>> from boundcalc.symbolic.catalogue import theorem
    >>> proof = theorem("holdout.hoeffding").variant("upper").derivation
    >>> certificate([proof])["proofs"][0]["result"]
    'sqrt(2)*loss_bound*sqrt(log(1/delta))/(2*sqrt(n)) + test_loss'
    """
    names = Names()
    written = [_proof(proof.check(), names) for proof in proofs]
    known = works()
    sources = dict.fromkeys(f.source for p in proofs for s in p.steps for f in s.fact.tree())
    found = {
        "format": FORMAT,
        **about,
        "proofs": written,
        "symbols": names.symbols,
        "functions": names.functions,
        "objects": names.objects,
        "works": {key: dict(known[key].fields) for key in sources if key in known},
    }
    return found | {"digest": digest(found)}


def digest(found: dict[str, Any]) -> str:
    """A check sum against damage on the way: it proves nothing."""
    bare = {key: value for key, value in found.items() if key != "digest"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _proof(proof: Derivation, names: Names) -> dict[str, Any]:
    spent = sum((event.cost for event in proof.events), S.Zero)
    relation = Relation.EQUAL if proof.exact else Relation.AT_MOST
    return {
        "claim": names.text(proof.claim),
        "relation": relation.value,
        "result": names.text(proof.limit),
        "failure": names.text(proof.failure),
        "spent": names.text(spent),
        "text": f"{plain(proof.claim)} {relation.sign} {plain(proof.limit)}",
        "facts": [_line(step, proof, names) for step in proof.steps],
    }


def _line(step: Step, proof: Derivation, names: Names) -> dict[str, Any]:
    found = _fact(step.fact, names) | {"multiplier": names.text(step.multiplier)}
    event = step.fact.event
    if event is None:
        return found
    number = proof.events.index(event) + 1
    about = names.described(event.about)
    return found | {"event": number, "cost": names.text(event.cost), "about": about}


def _fact(fact: Fact, names: Names) -> dict[str, Any]:
    found: dict[str, Any] = {
        "lemma": fact.lemma,
        "lhs": names.text(fact.lhs),
        "relation": fact.relation.value,
        "rhs": names.text(fact.rhs),
        "text": f"{plain(fact.lhs)} {fact.relation.sign} {plain(fact.rhs)}",
        "source": fact.source,
        "origin": fact.origin,
        "assumptions": list(fact.assumptions),
        "conditions": [
            f"{names.text(needed.lhs)} {needed.rel_op} {names.text(needed.rhs)}"
            for needed in fact.conditions
        ],
        "sets": {names.text(symbol): names.text(value) for symbol, value in fact.sets},
        "inside": [_fact(part, names) for part in fact.inside],
    }
    return {key: value for key, value in found.items() if value not in ([], {})}
