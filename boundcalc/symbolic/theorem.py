"""Theorems and their variants: records around derivations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from sympy import Expr, Rel

from boundcalc.conventions import Side, Status
from boundcalc.errors import find
from boundcalc.record import Brief, Shown
from boundcalc.symbolic.derivation import Derivation, Term
from boundcalc.symbolic.literature import Work, work, works
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import in_order


@dataclass(frozen=True)
class Requirement(Brief):
    """A condition between parameters, and what to say where it fails."""

    relation: Rel
    otherwise: str


@dataclass(frozen=True, eq=False)
class Variant(Brief):
    """One form of a theorem.

    Attributes
    ----------
    name : str
    derivation : Derivation
        The proof; the closed form is folded from it.
    status : Status
        Whether the constants are derived here or are the paper's.
    assumes : tuple of str
        What must hold beyond the setting, in words.
    trivial : sympy.Expr or None
        The value at which the bound says nothing; None where no value is trivial.
    requires : tuple of Requirement
        Conditions between parameters, checked before anything is evaluated.
    defaults : mapping of str to float
    also : tuple of Derivation
        Further proofs of the same closed form under other assumptions.
    statement : str
        What this variant bounds, where it differs from the theorem's statement.
    """

    name: str
    derivation: Derivation
    status: Status = Status.DERIVED
    assumes: tuple[str, ...] = ()
    trivial: Expr | None = None
    requires: tuple[Requirement, ...] = ()
    defaults: Mapping[str, float] = field(default_factory=dict)
    also: tuple[Derivation, ...] = ()
    statement: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The named terms of the closed form."""
        return self.derivation.terms

    @property
    def expression(self) -> Expr:
        """The closed form."""
        return self.derivation.expression

    @property
    def side(self) -> Side:
        """Whether the value is an upper or a lower limit."""
        return self.derivation.side

    @property
    def relation(self) -> str:
        """How what is bounded compares with the value: ``=``, ``≤`` or ``≥``."""
        if self.derivation.exact:
            return "="
        return "≤" if self.side is Side.UPPER else "≥"

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """All that is assumed, each in a phrase: of the data, the loss, the classes, and `assumes`.

        Examples
        --------
        >>> from boundcalc.symbolic.catalogue import theorem
        >>> theorem("holdout.hoeffding").variant("upper").conditions[:2]
        ('the examples are i.i.d.', 'the loss takes values in [0, C]')
        """
        said = [a for step in self.derivation.steps for a in step.fact.all_assumptions]
        own = " ".join(self.assumes)
        lipschitz = next((a for a in said if "Lipschitz" in a and "Lipschitz" not in own), "")
        named = "fixed before the held-out" in own or "fixed before the training" in own
        fixed = any("fixed before the data" in a for a in said) and not named
        known = {
            "the examples are i.i.d.": any("i.i.d." in a for a in said),
            "the loss takes values in [0, C]": any(p.name == "loss_bound" for p in self.parameters),
            lipschitz: bool(lipschitz),
            "classes and comparison predictors were fixed before the data": fixed,
        }
        return tuple(dict.fromkeys((*(text for text, on in known.items() if on), *self.assumes)))

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that the variant needs, in the order of the table."""
        used = set(self.expression.free_symbols) | set(self.derivation.failure.free_symbols)
        if self.trivial is not None:
            used |= self.trivial.free_symbols
        return in_order(used)


@dataclass(frozen=True)
class Theorem(Shown):
    """A catalogue entry.

    Attributes
    ----------
    id : str
        ``family.name``, the place of its file below ``theorems/``.
    title, statement : str
        One line each.
    source : str
        Key of the work it is from; `credit` says what is the work's and what is derived here.
    variants : mapping of str to Variant
        Tightest first: where no variant is asked for, the first whose inputs are given is used.
    example : mapping of str to float
        The parameters of the worked number in the docstring.
    page : str
        The module's docstring: setting, claim, assumptions, source, constants, worked number.
    rival : str
        The id of the bound that a plan is compared with: what the same data prove in another way.
    """

    id: str
    title: str
    statement: str
    source: str
    credit: str
    variants: Mapping[str, Variant]
    example_variant: str
    example: Mapping[str, float]
    page: str
    rival: str = ""

    def __repr__(self) -> str:
        return f"Theorem({self.id!r})"

    def __post_init__(self) -> None:
        object.__setattr__(self, "variants", MappingProxyType(dict(self.variants)))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of any variant, in the order of the table."""
        return in_order(p.symbol for v in self.variants.values() for p in v.parameters)

    @property
    def expression(self) -> Expr:
        """The closed form of the first variant, in SymPy's symbols of the parameters."""
        return next(iter(self.variants.values())).expression

    @property
    def work(self) -> Work:
        """The work that the theorem is credited to."""
        return work(self.source)

    def works(self, variant: str | None = None) -> tuple[Work, ...]:
        """The theorem's source and what the proofs rest on: of one variant, or of all."""
        chosen = self.variants.values() if variant is None else (self.variant(variant),)
        facts = (f for v in chosen for step in v.derivation.steps for f in step.fact.tree())
        keys = [self.source, *(fact.source for fact in facts)]
        known = works()
        return tuple(known[key] for key in dict.fromkeys(keys) if key in known)

    def variant(self, name: str) -> Variant:
        """A variant by name.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        return find(f"variant of {self.id}", name, self.variants)


def theorem(*, variants: tuple[Variant, ...], **fields: object) -> Theorem:
    """Build a theorem from its variants, tightest first."""
    return Theorem(variants={v.name: v for v in variants}, **fields)  # type: ignore[arg-type]


def within_range(loss: ParameterSymbol, bound: Expr) -> Requirement:
    """An average loss lies in the range of the loss."""
    return Requirement(loss <= bound, f"{loss.name} is above the largest loss, {bound}")
