"""Which of two bounds is smaller for all values of their parameters, on the same data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from sympy import Expr, Rel, S, Symbol, expand_mul

from boundcalc.conventions import Side
from boundcalc.errors import InputError
from boundcalc.numeric.signs import examples_of_signs, facts_on, proved_order
from boundcalc.numeric.two_bounds import check_kind, loss_in, unlike
from boundcalc.record import Record
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.parameter import Role
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import Loss, quantities_in
from boundcalc.symbolic.theorem import Theorem, Variant

Bounded: TypeAlias = str | Theorem | Variant | Derivation | Expr


@dataclass(frozen=True)
class BoundsCompared(Record):
    """Which of two bounds is smaller, for all values of their parameters.

    Attributes
    ----------
    first, second : str
        What they are called.
    relation : str
        ``equal``; ``first`` or ``second``, the one that is nowhere larger; ``where``, if
        `condition` says exactly where the first is at most the second; ``neither``, if each is
        smaller somewhere; ``open``, if nothing was proved.
    condition : str
    difference : sympy.Expr
        The second minus the first.
    first_smaller, second_smaller : mapping of str to str, or None
        Values at which it is so, decided exactly; None where none was found.
    notes : tuple of str
        What was taken for what.
    caveats : tuple of str
        Those of the notes that are said before the answer: where the two are no bounds on one
        thing.
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("first", "second", "relation", "statement", "condition", "difference=difference_text"),
        *("first_smaller", "second_smaller", "notes", "caveats"),
    )

    first: str
    second: str
    relation: str
    condition: str
    difference: Expr
    first_smaller: Mapping[str, str] | None
    second_smaller: Mapping[str, str] | None
    notes: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()

    @property
    def difference_text(self) -> str:
        """The second minus the first, as text."""
        return plain(self.difference)

    @property
    def statement(self) -> str:
        """The answer in one sentence."""
        first, second = self.first, self.second
        if self.relation == "equal":
            return f"{first} and {second} are the same."
        if self.relation in ("first", "second"):
            small, large = (first, second) if self.relation == "first" else (second, first)
            return f"{small} ≤ {large} everywhere."
        if self.relation == "where":
            return f"{first} ≤ {second} exactly where {self.condition}."
        if self.relation == "neither":
            places = ((first, self.first_smaller), (second, self.second_smaller))
            each = (f"{name} is smaller at {_said(values)}" for name, values in places)
            return f"Neither is always smaller: {'; '.join(each)}."
        seen = self.first_smaller or self.second_smaller
        if seen is None:
            return (
                f"Not decided: {first} and {second} were equal, or not comparable, wherever tried."
            )
        less = first if self.first_smaller else second
        return f"Not decided: {less} was smaller wherever they differed, but that is not proved."


def _said(values: Mapping[str, str] | None) -> str:
    return ", ".join(f"{name} = {value}" for name, value in (values or {}).items())


def compare_bounds(first: Bounded, second: Bounded) -> BoundsCompared:
    """Say which of two bounds is smaller for all values of their parameters, or where each is.

    Both are taken at the same failure probability δ: a bound that holds with probability 1 − δ/2
    is taken at 2δ; and on the same data: where one counts errors, the mean loss of the other is
    errors/n, and where one is for losses in [0, 1], so is the other. `caveats` say where the two
    bound different things.

    Parameters
    ----------
    first, second : str, Theorem, Variant, Derivation or sympy.Expr
        A catalogue id, with ``:variant`` for another variant than the first; or a formula.

    Returns
    -------
    BoundsCompared
        `relation` and `statement` have the answer; what is claimed is proved by signs, and a
        counterexample is decided exactly.

    Raises
    ------
    UnknownNameError, InputError
        For what is no bound, and for an upper and a lower limit.

    Examples
    --------
    >>> compare_bounds("huang2021.theorem1:sharp", "huang2021.theorem1:published").relation
    'first'
    >>> compare_bounds("holdout.hoeffding:upper", "holdout.empirical_bernstein:upper").relation
    'neither'
    """
    a, b = _Side.of(first), _Side.of(second)
    if a.relation and b.relation:
        check_kind((a.name, b.name), (a.relation, b.relation))
    same = _same_data(a, b)
    apart = _apart(a, b, same)
    tied = (relation.xreplace(same) for relation in (*a.requires, *b.requires))
    requires = tuple(relation for relation in tied if relation is not S.true)
    difference = (b.expression - a.expression).xreplace(same)
    if quantities_in(difference):
        raise InputError(f"{quantities_in(difference)[0].name} is no parameter: it has no value")
    facts = facts_on(difference, requires)
    answer, condition, why = proved_order(expand_mul(difference), facts)
    smaller: dict[int, Mapping[str, str]] = {}
    if answer in ("open", "where"):
        smaller = dict(examples_of_signs(difference, requires))
        if answer == "open" and len(smaller) == 2:
            answer = "neither"
    return BoundsCompared(
        first=a.name,
        second=b.name,
        relation=answer,
        condition=condition,
        difference=difference,
        first_smaller=smaller.get(1),
        second_smaller=smaller.get(-1),
        notes=tuple(filter(None, (apart, a.note, b.note, _said_of(same), why))),
        caveats=(apart,) if apart else (),
    )


def _same_data(a: _Side, b: _Side) -> dict[Symbol, Expr]:
    """What the numbers of one bound are in those of the other, where both are of the same data."""
    used = a.symbols | b.symbols
    n, errors, C = symbol("n"), symbol("errors"), symbol("loss_bound")
    found: dict[Symbol, Expr] = {}
    if any(side.loss is not None and side.loss.width == 1 for side in (a, b)):
        found[C] = S.One
    if errors in used:
        found[symbol("test_loss")] = errors / n
        found[symbol("variance")] = errors * (n - errors) / (n * (n - 1))
    if symbol("view_divergence") in used:
        found[symbol("divergence")] = symbol("view_divergence") + symbol("weight_divergence")
    return {known: value for known, value in found.items() if known in used}


def _said_of(same: Mapping[Symbol, Expr]) -> str:
    said = ", ".join(f"{known.name} = {plain(value)}" for known, value in same.items())
    return f"of the same data and the same loss: {said}" if said else ""


def _apart(a: _Side, b: _Side, same: Mapping[Symbol, Expr]) -> str:
    """What keeps the two from being bounds on one thing, from the same data."""
    if a.claim and b.claim and a.claim != b.claim:
        told = a.statement != b.statement
        return unlike((a.statement, b.statement) if told else (a.claim, b.claim))
    alone = [
        sorted(s.name for s in one.symbols - other.symbols - set(same) if _observed(s))
        for one, other in ((a, b), (b, a))
    ]
    if not all(alone):
        return ""
    return (
        f"They read different numbers off the data, and what one has says nothing here of the "
        f"other: the first {', '.join(alone[0])}, the second {', '.join(alone[1])}."
    )


def _observed(s: Symbol) -> bool:
    return isinstance(s, ParameterSymbol) and s.parameter.role is Role.OBSERVED


@dataclass(frozen=True)
class _Side:
    """One of the two bounds, at failure probability δ."""

    name: str
    expression: Expr
    relation: str = ""
    requires: tuple[Rel, ...] = ()
    note: str = ""
    claim: str = ""
    statement: str = ""
    loss: Loss | None = None

    @property
    def symbols(self) -> set[Symbol]:
        """The parameters that it speaks of."""
        found: set[Symbol] = self.expression.free_symbols
        return found.union(*(r.free_symbols for r in self.requires))

    @classmethod
    def of(cls, what: Bounded) -> _Side:
        if isinstance(what, str):
            id, _, variant = what.partition(":")
            entry = theorem(id)
            form = entry.variant(variant or next(iter(entry.variants)))
            said = form.statement or entry.statement
            return cls._at_delta(f"{id} ({form.name})", form.derivation, form, said)
        if isinstance(what, Theorem):
            return cls.of(what.id)
        if isinstance(what, Variant):
            return cls._at_delta(what.name, what.derivation, what)
        if isinstance(what, Derivation):
            return cls._at_delta(plain(what.expression), what, None)
        if isinstance(what, Expr):
            return cls(plain(what), what)
        raise InputError(f"no bound to compare: {type(what).__name__}")

    @classmethod
    def _at_delta(
        cls, name: str, proof: Derivation, form: Variant | None, statement: str = ""
    ) -> _Side:
        requires = tuple(r.relation for r in form.requires) if form else ()
        delta = symbol("delta")
        share = expand_mul(proof.failure / delta)
        expression, note = proof.expression, ""
        if proof.failure.has(delta) and share != 1:
            if share.is_number:
                expression = expression.subs(delta, delta / share)
                note = f"{name} fails with probability {plain(proof.failure)}: here at δ as well"
            else:
                note = f"{name} fails with probability {plain(proof.failure)}: compared as it is"
        claim = plain(proof.claim if proof.side is Side.UPPER else -proof.claim)
        return cls(
            name,
            expression,
            "=" if proof.exact else "≤" if proof.side is Side.UPPER else "≥",
            requires,
            note,
            claim,
            statement or claim,
            loss_in(proof.claim),
        )
