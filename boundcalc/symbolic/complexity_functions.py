"""Functions that the closed forms of complexities need, each with its definition and an enclosure.

As the limit functions they are symbols here; the numeric layer computes them.
"""

from __future__ import annotations

from math import inf
from typing import Any, ClassVar

from sympy import Expr

from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.precision import (
    ends,
    exp,
    gamma,
    hull,
    interval,
    log,
    pi,
    sqrt,
    whole_within,
)

_MOST_TERMS = 10_000


class _Extremum(LimitFunction):
    """The largest or the smallest of its arguments; `enough` of them ≥ 0 make it ≥ 0."""

    nargs = None
    choice: ClassVar[Any]
    enough: ClassVar[Any]

    def _eval_is_nonnegative(self) -> bool | None:
        return self.enough(part.is_nonnegative for part in self.args) or None

    @classmethod
    def enclose(cls, *parts: Any) -> Any:
        """Enclose by the extreme lower and the extreme upper end."""
        return hull(map(cls.choice, zip(*map(ends, parts), strict=True)), parts[0])


class Largest(_Extremum):
    """The largest of its arguments."""

    glyph = "max"
    latex_name = r"\max"
    definition = "the largest of its arguments"
    choice, enough = max, any


class Least(_Extremum):
    """The smallest of its arguments."""

    glyph = "min"
    latex_name = r"\min"
    definition = "the smallest of its arguments"
    choice, enough = min, all


class NormalMoment(LimitFunction):
    """(E|g|^q)^(1/q) for a standard normal g."""

    nargs = (1,)
    glyph = "μ"
    latex_name = r"\mu"
    values = (0.0, inf)
    definition = (
        "μ(q) = (E|g|^q)^(1/q) = √2 (Γ((q+1)/2)/√π)^(1/q), the q-th moment of a standard normal"
    )

    @classmethod
    def enclose(cls, *parts: Any) -> Any:
        """Enclose by interval arithmetic."""
        (q,) = parts
        ratio = gamma((q + 1) / 2) / sqrt(pi(q))
        return sqrt(interval(2, q)) * exp(log(ratio) / q)


class LogGrowth(LimitFunction):
    """ln Σ_{i≤d} (m choose i), for arguments m and d."""

    nargs = (2,)
    glyph = "lnΦ"
    latex_name = r"\ln\Phi"
    values = (0.0, inf)
    definition = "lnΦ(m, d) = ln Σ_{i≤d} (m choose i), of the Sauer–Shelah lemma"

    @classmethod
    def enclose(cls, *parts: Any) -> Any:
        """Enclose by exact whole-number arithmetic, for up to 10 000 terms."""
        m, d = map(whole_within, parts)
        if d > _MOST_TERMS:
            raise TypeError(f"no enclosure for a growth function of {d} terms")
        term = total = 1
        for i in range(d):
            term = term * (m - i) // (i + 1)
            total += term
        return log(interval(total, parts[0]))


class EntropyIntegral(LimitFunction):
    """Dudley's integral for ln N(ε) = A/ε^k, at most ½: arguments m, A, k and, perhaps, c.

    With c the integral ends at c√m.
    """

    nargs = (3, 4)
    glyph = "D"
    latex_name = r"\mathrm{D}"
    definition = "D(m, A, k) = min{1/2, inf_α 4α/√m + (12/m) ∫_α^√m √(A/ε^k) dε}"

    @property
    def meaning(self) -> str:
        """The definition, for as many arguments as it has here."""
        named = f"; {self.definition.partition(')')[0]}, c) has the integral up to c√m"
        return self.definition + named * (len(self.args) > 3)


class ParametricEntropyIntegral(EntropyIntegral):
    """Dudley's integral, likewise, for ln N(ε) = d ln(A/ε) below A and 0 above."""

    nargs = (3, 4)
    glyph = "P"
    latex_name = r"\mathrm{P}"
    definition = "P(m, A, d) = min{1/2, inf_α 4α/√m + (12/m) ∫_α^√m √(d max{0, ln(A/ε)}) dε}"


def definitions_in(*expressions: Expr) -> dict[str, str]:
    """What the functions of formulas stand for, by glyph; largest and least need no definition."""
    used = sorted((f for expr in expressions for f in expr.atoms(LimitFunction)), key=str)
    return {f.glyph: f.meaning for f in used if not isinstance(f, (Largest, Least))}
