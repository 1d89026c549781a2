"""A number that a bound depends on, and the SymPy symbol that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Symbol


@dataclass(frozen=True)
class Parameter:
    """A number that a bound depends on.

    Attributes
    ----------
    name : str
        The long name used in the API, on the command line and in study files.
    glyph, latex : str
        How it is printed in plain text and in LaTeX.
    meaning : str
        One line for users.
    low, high : float
        The ends of its domain; `open_low` and `open_high` exclude them.
    integer : bool
        Whether only whole numbers are allowed.
    vector : bool
        Whether it is a list of numbers; the domain is that of each.
    aliases : tuple of str
        Short names that are accepted for it.
    """

    name: str
    glyph: str
    latex: str
    meaning: str
    low: float = 0.0
    high: float = float("inf")
    open_low: bool = False
    open_high: bool = False
    integer: bool = False
    aliases: tuple[str, ...] = ()
    vector: bool = False

    @property
    def symbol(self) -> ParameterSymbol:
        """The SymPy symbol, with the assumptions that the domain implies."""
        return ParameterSymbol(self)

    @property
    def domain(self) -> str:
        """The domain in words, for example ``0 < delta < 1``."""
        left = f"{self.low:g} {'<' if self.open_low else '≤'} " if self.low != float("-inf") else ""
        right = f" {'<' if self.open_high else '≤'} {self.high:g}" if self.high != float("inf") else ""
        kind = "whole number" if self.integer else "real number"
        each = "each of a list: " if self.vector else ""
        return f"{each}{left}{self.name}{right}, {kind}" if left or right else f"{each}any {kind}"


class ParameterSymbol(Symbol):  # type: ignore[misc]
    """The symbol of a parameter; it prints as the parameter's glyph.

    Two parameters of one name and different domains are two symbols.
    """

    parameter: Parameter
    identity: str

    def __new__(cls, parameter: Parameter) -> ParameterSymbol:
        assumptions: dict[str, bool] = {"real": True}
        if parameter.low >= 0:
            assumptions["positive" if parameter.open_low or parameter.low > 0 else "nonnegative"] = True
        if parameter.integer:
            assumptions["integer"] = True
        symbol = Symbol.__xnew__(cls, parameter.name, **assumptions)
        symbol.parameter, symbol.identity = parameter, repr(parameter)
        return symbol  # type: ignore[no-any-return]

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.identity)

    def __reduce__(self) -> Any:
        return ParameterSymbol, (self.parameter,)

    @property
    def glyph(self) -> str:
        """Plain text form."""
        return self.parameter.glyph

    def _latex(self, printer: Any) -> str:
        return self.parameter.latex
