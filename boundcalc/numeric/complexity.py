"""The complexity of a function class: its value, the conventions it is in, and its proof."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from sympy import Expr, expand_mul, sqrt

from boundcalc.arguments import typed
from boundcalc.calculus import Complexity, function_class
from boundcalc.calculus.constructors import composed, is_composed, usable
from boundcalc.calculus.tree import Leaf, Tree
from boundcalc.conventions import Average, Noise, Output, Signs, Status
from boundcalc.errors import DomainError, InputError
from boundcalc.numeric.arithmetic import FLOATS
from boundcalc.numeric.class_functions import DERIVED
from boundcalc.numeric.compile import tape
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.exact import rounded_up
from boundcalc.numeric.proof import Proof, printed_proof
from boundcalc.record import Record
from boundcalc.symbolic.complexity_functions import LogGrowth, definitions_in
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.printing import latex_sum, plain_sum
from boundcalc.text import confidence, number, probability, significant

_LOOSE, _SUMMED, _NEAR = 5e-14, 500, 50
_PART = "The bound on one of the parts; it is used inside a line of the proof of the whole."


@dataclass(frozen=True)
class ComplexityValue(Record):
    """A bound on the complexity of a class.

    Attributes
    ----------
    id, form : str
        The catalogue id and the form of the bound; the operation and ``composed`` for a composed
        class.
    statement, statement_latex : str
        What is bounded, for example ``R(F)``.
    value : float
        Rounded up, as the terms are.
    lower : float or None
        A lower bound on the same complexity, where one is known; rounded down.
    intrinsic : float or None
        The c of R = √(c/m), where an expected bound falls like that with the class as it is.
    terms : mapping of str to float
        The named terms; they add up to the value.
    formula, formula_latex : str
    definitions : tuple of str
        What the symbols and functions of the formula that are not inputs stand for.
    members : tuple of (str, str)
        Each catalogue class and what its functions are.
    signs, average, output, noise
        The conventions.
    loss_class : bool
        Whether it is that of a loss class.
    failure : float
        It fails with at most this probability; 0 unless a bridge was paid for.
    vacuous : bool
        Whether the bound says nothing.
    parameters : mapping of str to float
        The number of every symbol.
    inputs : tuple of mappings
        What was given for each class and operation, lists included.
    assumes : tuple of str
    constants, credit : str
        Whether the constants are derived here or published, and by whom.
    derivation : Derivation
        The proof; its `check` lets the kernel verify it.
    part_proofs : tuple of Derivation
        The proofs that stand inside one of its lines.
    lower_derivation : Derivation or None
    """

    json_keys: ClassVar[tuple[str, ...]] = (
        *("id", "form", "statement", "value", "lower", "intrinsic", "formula"),
        "latex=formula_latex",
        *("terms", "signs", "average", "output", "noise", "loss_class", "probability", "vacuous"),
        *("parameters", "inputs", "definitions", "classes", "assumes", "constants"),
    )

    id: str
    form: str
    statement: str
    statement_latex: str
    value: float
    lower: float | None
    intrinsic: float | None
    terms: Mapping[str, float]
    formula: str
    formula_latex: str
    definitions: tuple[str, ...]
    members: tuple[tuple[str, str], ...]
    signs: Signs
    average: Average
    output: Output
    noise: Noise
    loss_class: bool
    failure: float
    vacuous: bool
    parameters: Mapping[str, float]
    inputs: tuple[Mapping[str, Any], ...]
    assumes: tuple[str, ...]
    constants: str
    credit: str
    derivation: Derivation
    part_proofs: tuple[Derivation, ...]
    lower_derivation: Derivation | None

    @property
    def probability(self) -> float:
        """With at least this probability it holds."""
        return float(probability(self.failure))

    @property
    def status(self) -> str:
        """One sentence on what the number says."""
        if self.vacuous:
            return f"Vacuous: {self.statement} cannot be larger than that anyway."
        when = "Always, under the assumptions"
        if self.failure:
            when = f"With probability at least {confidence(self.failure)}"
        least = "" if self.lower is None else f", and ≥ {significant(self.lower, up=False)}"
        return f"{when}, {self.statement} ≤ {significant(self.value, up=True)}{least}."

    @property
    def classes(self) -> list[dict[str, str]]:
        """The members, with names."""
        return [{"name": name, "members": members} for name, members in self.members]

    @property
    def proof(self) -> Proof:
        """The proof, ready to be printed, with the numbers put in."""
        return self._printed(self.derivation, self.form, self.credit, self.assumes)

    @property
    def printed_parts(self) -> tuple[Proof, ...]:
        """The proofs that stand inside one line of it, ready to be printed."""
        return tuple(
            self._printed(proof, "part", _PART, _assumed_in(proof)) for proof in self.part_proofs
        )

    def _printed(
        self, proof: Derivation, form: str, credit: str, assumes: tuple[str, ...]
    ) -> Proof:
        return printed_proof(
            proof,
            shown={name: number(float(value), 10) for name, value in self.parameters.items()},
            value=lambda expression: float_value(expression, self.parameters),
            limit=significant(outer_value(proof.expression, self.parameters, up=True), up=True),
            id=self.id,
            variant=form,
            status=self.constants,
            credit=credit,
            assumes=assumes,
        )


def _assumed_in(proof: Derivation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a for step in proof.steps for a in step.fact.all_assumptions))


@typed
def complexity(what: str | Complexity, /, **values: Any) -> ComplexityValue:
    """Evaluate the complexity of a function class.

    Parameters
    ----------
    what : str or Complexity
        A catalogue id, for example ``"linear-l2"``, ``"late-fusion"`` or ``"given"``, or a class
        composed with `boundcalc.calculus`.
    **values
        For an id: m and the parameters of the class, lists where they are lists; `form` names a
        form of the bound, `average` ("expected" or "empirical") what is bounded, where a form
        bounds both.

    Returns
    -------
    ComplexityValue

    Raises
    ------
    UnknownNameError
        For an unknown class, form or parameter.
    DomainError, InputError
        For a number that cannot be used, for a class whose constants are unknown, and for one that
        is given by symbols.
    ConventionError
        For conventions that do not match.

    Examples
    --------
    >>> round(complexity("linear-l2", norm=1, radius=1, m=1000).value, 5)
    0.03162
    """
    if isinstance(what, Complexity):
        if values:
            raise InputError(
                f"a composed class has its numbers: leave out {', '.join(sorted(values))}"
            )
        return _evaluated(what)
    if not isinstance(what, str):
        raise InputError(
            f"complexity takes a class id or a composed class, not {type(what).__name__}"
        )
    if is_composed(what):
        return _evaluated(composed(what, values))
    usable(what)
    if "m" not in values:
        raise InputError(f"{what} needs m, the number of examples")
    return _evaluated(function_class(what, **values))


def _evaluated(F: Complexity) -> ComplexityValue:
    for name, given in F.symbolic.items():
        raise InputError(f"{name} = {given} is no number: .closed_form has the bound as a formula")
    tree, proof = F.tree, F.derivation
    values = values_of(tree, F.m)
    float_value(F.expression, values)  # what cannot be computed is refused in the usual words
    terms = {term.name: outer_value(term.expression, values, up=True) for term in proof.terms}
    value = outer_value(F.expression, values, up=True)
    leaf = F.operation if isinstance(F.operation, Leaf) else None
    below = leaf.entry.lower(leaf.form, tags=F.tags) if leaf else None
    trivial = (
        float_value(leaf.form.trivial, values) if leaf and leaf.form.trivial is not None else None
    )
    return ComplexityValue(
        id=F.kind,
        form=leaf.form.name if leaf else "composed",
        statement=F.complexity.name,
        statement_latex=F.complexity.latex,
        value=value,
        lower=outer_value(below.expression, values, up=False) if below else None,
        intrinsic=_intrinsic(F, values),
        terms=terms,
        formula=plain_sum(proof.terms),
        formula_latex=latex_sum(proof.terms),
        definitions=_definitions(F, values),
        members=tree.members,
        signs=F.tags.signs,
        average=F.tags.average,
        output=F.tags.output,
        noise=F.tags.noise,
        loss_class=F.tags.loss_class,
        failure=float_value(proof.failure, values),
        vacuous=trivial is not None and value >= trivial * (1 - 1e-12),
        parameters=values,
        inputs=tuple(binding.numbers for binding in tree.bindings),
        assumes=F.assumptions,
        constants=(leaf.entry.status if leaf else Status.DERIVED).value,
        credit=leaf.entry.credit if leaf else "Composed by the rules of the calculus.",
        derivation=proof,
        part_proofs=F.part_proofs,
        lower_derivation=below,
    )


def _intrinsic(F: Complexity, values: Mapping[str, Any]) -> float | None:
    m = symbol("m")
    root = expand_mul(F.expression * sqrt(m))
    if m in root.free_symbols or F.tags.average is not Average.EXPECTED:
        return None
    return outer_value(root**2, values, up=True)


def _definitions(F: Complexity, values: Mapping[str, Any]) -> tuple[str, ...]:
    """The numbers that were computed from lists, with their values, then the functions of the
    formula.
    """
    said = []
    for binding in F.tree.bindings:
        for base, definition in binding.derived:
            own: ParameterSymbol = binding.symbols[base]
            said.append(f"{own.glyph} = {definition} = {number(float(values[own.name]))}")
    return (*said, *definitions_in(F.expression).values())


def values_of(tree: Tree, m: int) -> dict[str, Any]:
    """The number of every symbol of an expression of classes, m included."""
    found: dict[str, Any] = {"m": m}
    for binding in tree.bindings:
        known = {**binding.numbers, "m": m}
        for name, _ in binding.derived:
            known[name] = _finite(name, DERIVED[name](known))
        found |= {symbol: known[base] for base, symbol in binding.names.items()}
    return found


def outer_value(expression: Expr, values: Mapping[str, Any], *, up: bool) -> float:
    """The value of a closed form as a float that is not below it, or not above it.

    It is the nearest such float where interval arithmetic encloses the value at the decimals that
    were given; where there is no enclosure, or it takes long, it is moved by 5·10⁻¹⁴ of its size.
    """
    sign = 1 if up else -1
    long = any(values[str(f.args[1])] > _SUMMED for f in expression.atoms(LogGrowth))
    exact = {s: exactly(values[s.name]) for s in expression.free_symbols}
    with suppress(TypeError):
        if not long:
            return _finite("the value", sign * rounded_up(sign * expression, exact)[0])
    near = float_value(expression, values)
    # a tiny value is an exponential, and off by as many units as its logarithm is large
    return near + sign * abs(near) * _LOOSE * max(1.0, abs(math.log(abs(near) or 1.0)) / _NEAR)


def float_value(expression: Expr, values: Mapping[str, Any]) -> float:
    """The value of a closed form."""
    try:
        with np.errstate(all="raise", under="ignore"):
            return _finite("the value", float(tape(expression).run(values, FLOATS)[0]))
    except (OverflowError, FloatingPointError, ZeroDivisionError) as error:
        if isinstance(error, ZeroDivisionError) or "divide" in str(error):
            why = "the formula divides by a size that is 0 here: such a class cannot move"
            raise DomainError(why) from None
        raise DomainError("the value is too large") from None


def _finite(name: str, value: float) -> float:
    if not math.isfinite(value):
        raise DomainError(f"{name} is too large")
    return value
