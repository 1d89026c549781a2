"""Orders of growth: what a bound tends to and how fast, as records that can be printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol, exp, oo

from boundcalc.record import Brief
from boundcalc.symbolic.parameter import Parameter
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.printing import latex, plain


def positive(name: str, glyph: str, tex: str) -> ParameterSymbol:
    """A positive number that is not a parameter of any bound, such as the λ of m = λn."""
    return Parameter(name, glyph, tex, "", open_low=True).symbol


EULER = positive("e", "e", "e")  # the printer knows π but not e


@dataclass(frozen=True)
class Order(Brief):
    """coefficient·size^exponent; the coefficient may hold the logarithm of the size."""

    coefficient: Expr
    exponent: Expr
    size: Symbol

    @property
    def expression(self) -> Expr:
        """The product as one expression."""
        return self.coefficient * self.size**self.exponent

    def _written(self, printer: Callable[[Expr], str], power: str, times: str) -> str:
        text = printer(_shown(self.coefficient))
        if self.exponent == 0:
            return text
        if text in ("1", "−1", "-1"):
            return text.removesuffix("1") + power
        whole = self.coefficient.is_Add or _is_quotient(text)
        return f"({text}){times}{power}" if whole else f"{text}{times}{power}"

    @property
    def power(self) -> str:
        """The power alone, for example ``m^(−1/2)``."""
        if self.exponent in (0, 1):
            return str(self.size) if self.exponent == 1 else "1"
        return f"{self.size}^({plain(self.exponent)})".replace("-", "−")

    @property
    def text(self) -> str:
        """As plain text, for example ``C√(2 ln(1/δ))·m^(−1/2)``."""
        return self._written(plain, self.power, "·")

    @property
    def latex(self) -> str:
        """As LaTeX."""
        power = str(self.size) if self.exponent == 1 else f"{self.size}^{{{latex(self.exponent)}}}"
        return self._written(latex, power, r"\cdot ")


def _is_quotient(text: str) -> bool:
    """Whether a slash stands outside all brackets: then a factor behind it could be misread."""
    depth = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "/" and depth == 0:
            return True
    return False


def _shown(expr: Expr) -> Expr:
    """Powers that the printer does not know, as symbols: e^(−1/2) and n^(3/2)."""
    expr = expr.replace(exp, lambda power: EULER**power)

    def odd(e: Expr) -> bool:
        rational = e.is_Pow and e.base.is_Symbol and e.exp.is_Rational
        return bool(rational and e.exp.q != 1 and e.exp > 1)

    def named(e: Expr) -> Expr:
        text = f"{plain(e.base)}^({e.exp})"
        return positive(text, text, f"{latex(e.base)}^{{{e.exp}}}")

    return expr.replace(odd, named)


@dataclass(frozen=True)
class TermRate(Brief):
    """One term: its limit, and the largest power in what is left of it (None if nothing is)."""

    name: str
    limit: Expr
    order: Order | None


@dataclass(frozen=True)
class Rate(Brief):
    """What happens as one size grows.

    Attributes
    ----------
    size : str
        The size that grows.
    setting : str
        How other numbers grow with it, for example ``m = λn``; empty if the rest is fixed.
    case : tuple of str
        For which values of the parameters this holds.
    limit : Expr or None
        What the bound tends to, ``oo`` if it grows; None if the rules give no answer.
    order : Order or None
        The largest power in bound − limit, or in the bound if it grows; None if it does not change.
    deciding : tuple of str
        The terms whose power that is.
    terms : tuple of TermRate
    substitution : dict
        What was put in for the setting and the case.
    note : str
        Why there is no answer.
    """

    size: str
    setting: str
    case: tuple[str, ...]
    limit: Expr | None
    order: Order | None
    deciding: tuple[str, ...]
    terms: tuple[TermRate, ...]
    substitution: dict[Symbol, Expr]
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain text, ready for JSON."""
        return {
            "size": self.size,
            "setting": self.setting,
            "case": list(self.case),
            "limit": None if self.limit is None else limit_text(self.limit),
            "order": self.order.text if self.order else None,
            "exponent": plain(self.order.exponent) if self.order else None,
            "order_latex": self.order.latex if self.order else None,
            "deciding": list(self.deciding),
            "terms": {
                t.name: {"limit": limit_text(t.limit), "order": t.order.text if t.order else None}
                for t in self.terms
            },
            "note": self.note,
        }


def limit_text(value: Expr) -> str:
    """A limit as plain text."""
    return "∞" if value is oo else plain(_shown(value))


def limit_latex(value: Expr) -> str:
    """A limit as LaTeX."""
    return r"\infty" if value is oo else latex(_shown(value))
