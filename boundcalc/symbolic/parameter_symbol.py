"""The SymPy symbol that stands for a parameter."""

from __future__ import annotations

from typing import Any

from sympy import Symbol

from boundcalc.symbolic.parameter import Parameter


class ParameterSymbol(Symbol):  # type: ignore[misc]
    """The symbol of a parameter; it prints as the parameter's glyph.

    Two parameters of one name and different domains are two symbols.
    """

    parameter: Parameter
    identity: str

    def __new__(cls, parameter: Parameter) -> ParameterSymbol:
        assumptions: dict[str, bool] = {"real": True}
        if parameter.low >= 0:
            positive = parameter.open_low or parameter.low > 0
            assumptions["positive" if positive else "nonnegative"] = True
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
