"""A number that a bound depends on, its domain and role."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from boundcalc.arguments import is_number
from boundcalc.errors import DomainError, InputError, argument, shown

if TYPE_CHECKING:
    from boundcalc.symbolic.parameter_symbol import ParameterSymbol

_LONGEST_LIST = 1_000_000
_INFINITE = float("inf")


class Role(Enum):
    """What a number is to a bound."""

    COUNT = "count"  # how many examples or tasks there are
    OBSERVED = "observed"  # read off the sample
    COMPLEXITY = "complexity"  # of a class of functions, or a constant of it
    CONSTANT = "constant"  # of the problem: a Lipschitz constant, a range
    FREE = "free"  # chosen by whoever asks: a failure probability


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
    aliases : tuple of str
        Short names that are accepted for it.
    vector : bool
        Whether it is a list of numbers; the domain is that of each.
    role : Role
    on_sample : bool
        Whether its value depends on the sample, as that of every observed number does.
    falls_with : str
        The count with which it tends to fall like 1/√count; empty where it stays.
    """

    name: str
    glyph: str
    latex: str
    meaning: str
    low: float = 0.0
    high: float = _INFINITE
    open_low: bool = False
    open_high: bool = False
    integer: bool = False
    aliases: tuple[str, ...] = ()
    vector: bool = False
    role: Role = Role.CONSTANT
    on_sample: bool = False
    falls_with: str = ""

    @property
    def symbol(self) -> ParameterSymbol:
        """The SymPy symbol, with the assumptions that the domain implies."""
        from boundcalc.symbolic.parameter_symbol import ParameterSymbol  # SymPy, loaded for this

        return ParameterSymbol(self)

    def meaning_in(self, *ids: str) -> str:
        """Its meaning in these theorems: in Lu's setting some counts mean something else."""
        words, _, of_lu = self.meaning.partition("; in Lu's setting ")
        if of_lu and ids and all(id.startswith("lu2023.") for id in ids):
            return of_lu
        return words

    @property
    def measured(self) -> bool:
        """Whether its value depends on the sample."""
        return self.on_sample or self.role is Role.OBSERVED

    @property
    def domain(self) -> str:
        """The domain in words, for example ``0 < delta < 1``."""
        left = f"{self.low:g} {'<' if self.open_low else '≤'} " if self.low > -_INFINITE else ""
        right = f" {'<' if self.open_high else '≤'} {self.high:g}" if self.high < _INFINITE else ""
        kind = "whole number" if self.integer else "real number"
        each = "each of a list: " if self.vector else ""
        return f"{each}{left}{self.name}{right}, {kind}" if left or right else f"{each}any {kind}"

    def check(self, value: Any) -> Any:
        """The number that was given: whole ones as int, lists of them as tuples.

        Raises
        ------
        InputError
            For what is not a number, or not a list of them.
        DomainError
            For NaN, infinity, and what is not whole where it must be or outside the domain.
        """
        if not self.vector:
            return self._number(value)
        values = (value,) if is_number(value) else value
        if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
            raise InputError(f"{argument(self.name)} must be a list of numbers, not {shown(value)}")
        numbers = tuple(self._number(each) for each in values)
        if not 0 < len(numbers) <= _LONGEST_LIST:
            sizes = f"{len(numbers)} entries; it takes 1 to {_LONGEST_LIST}"
            raise InputError(f"{argument(self.name)} has {sizes}")
        return numbers

    def _number(self, value: Any) -> Any:
        if type(value) not in (float, int) and not is_number(value):
            listed = isinstance(value, (list, tuple))
            said = f"a list of {len(value)}" if listed else shown(value)
            raise InputError(f"{argument(self.name)} must be a number, not {said}")
        try:
            number = float(value)
        except OverflowError:
            raise DomainError(f"{argument(self.name)} is too large: {shown(value)}") from None
        problem = self._problem(number)
        if problem:
            said = f"{shown(value)} {problem} ({self.domain})"
            raise DomainError(f"{argument(self.name)} = {said}")
        return int(value) if self.integer else number

    def _problem(self, x: float) -> str:
        """What is wrong with a float; empty where nothing is."""
        if self.low < x < self.high:
            return "is not a whole number" if self.integer and not x.is_integer() else ""
        if math.isnan(x):
            return "is not a number"
        if math.isinf(x):
            return "is not finite"
        if (x == self.low and not self.open_low) or (x == self.high and not self.open_high):
            return ""
        return "is outside the domain"
