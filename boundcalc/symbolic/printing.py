"""Formulas as text and LaTeX, the same way for both.

A product is printed as number, factors, one root that collects all square roots, one denominator:
C√(2 ln(1/δ)/m). With values it prints the same tree with the numbers put in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sympy import Add, E, Expr, Integer, Mul, Pow, Rational, S, Symbol, ceiling, log, pi

from boundcalc.symbolic.derivation import Term
from boundcalc.symbolic.functions import LimitFunction
from boundcalc.symbolic.parameters import parameters
from boundcalc.symbolic.quantities import quantities_in

_HALF = Rational(1, 2)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Writing:
    """How the parts of a formula are written: plain text or LaTeX."""

    symbol: Callable[[Symbol], str]
    root: str
    fraction: str
    log: str
    ceiling: str
    pi: str
    times: str
    minus: str
    group: str
    power: Callable[[str, str], str]
    function: Callable[[LimitFunction, list[str]], str]


PLAIN = Writing(
    symbol=lambda s: getattr(s, "glyph", s.name),
    root="√{}",
    fraction="{}/{}",
    log="ln({})",
    ceiling="⌈{}⌉",
    pi="π",
    times="",
    minus="−",
    group="({})",
    power=lambda base, exponent: (
        base + (exponent.translate(_SUPERSCRIPTS) if exponent.isdigit() else f"^({exponent})")
    ),
    function=lambda f, args: f"{f.glyph}({', '.join(args)})",
)

LATEX = Writing(
    symbol=lambda s: s._latex(None) if hasattr(s, "_latex") else s.name,
    root=r"\sqrt{{{}}}",
    fraction=r"\frac{{{}}}{{{}}}",
    log=r"\ln\left({}\right)",
    ceiling=r"\left\lceil {} \right\rceil",
    pi=r"\pi",
    times=r"\,",
    minus="-",
    group=r"\left({}\right)",
    power=lambda base, exponent: f"{base}^{{{exponent}}}",
    function=lambda f, args: rf"{f.latex_name}\left({','.join(args)}\right)",
)


@dataclass
class _Product:
    """A product taken apart: sign, rational number, factors and those under one root."""

    negative: bool = False
    number: Rational = S.One
    above: list[Expr] = field(default_factory=list)
    below: list[Expr] = field(default_factory=list)
    root_number: Rational = S.One
    root_above: list[Expr] = field(default_factory=list)
    root_below: list[Expr] = field(default_factory=list)


def _take_apart(expr: Expr) -> _Product:
    parts = _Product()
    for factor in Mul.make_args(expr):
        base, exponent = factor.as_base_exp()
        if factor.is_Rational:
            parts.number *= abs(factor)
            parts.negative ^= bool(factor < 0)
        elif abs(exponent) == _HALF and base.is_Rational:
            parts.root_number *= base if exponent > 0 else 1 / base
        elif abs(exponent) == _HALF and base is not E:
            inner = _take_apart(base)
            up, down = (inner.above, inner.below) if exponent > 0 else (inner.below, inner.above)
            rooted = inner.root_above or inner.root_below or inner.root_number != 1
            if not (inner.negative or rooted):
                parts.root_number *= inner.number if exponent > 0 else 1 / inner.number
                parts.root_above += up
                parts.root_below += down
            else:
                (parts.root_above if exponent > 0 else parts.root_below).append(base)
        elif exponent.is_number and exponent.is_negative and base is not E:
            content, primitive = base.primitive()
            parts.number /= content**-exponent if exponent.is_Integer else 1
            parts.below.append(Pow(primitive if exponent.is_Integer else base, -exponent))
        else:
            parts.above.append(factor)
    # 3·√2/2 under a root: 3√(1/2), so that C√(ln(1/δ)/(2m)) looks as it does on paper
    if parts.root_number != 1 and parts.number.q != 1:
        parts.root_number /= parts.number.q**2
        parts.number = Integer(parts.number.p)
    return parts


class Printer:
    """Prints expressions in one notation, with numbers put in for symbols that have a value."""

    def __init__(self, notation: Writing, values: Mapping[str, str] | None = None) -> None:
        self.notation = notation
        self.values = values or {}
        dot = "·" if notation is PLAIN else r"\cdot "
        self.times = dot if values else notation.times

    def text(self, expr: Expr) -> str:
        """Print an expression."""
        if expr.is_Add:
            return self.sum(_ordered(expr))
        if expr.is_Rational and not expr.is_Integer:
            sign = self.notation.minus if expr < 0 else ""
            return sign + self.notation.fraction.format(abs(expr.p), expr.q)
        if expr.is_number and not expr.args:
            known = {pi: self.notation.pi, E: "e"}
            return known.get(expr) or str(expr).replace("-", self.notation.minus)
        if expr.is_Symbol:
            value = self.values.get(expr.name)
            if value is None:
                return self.notation.symbol(expr)
            return self.notation.group.format(value) if value.startswith(("-", "−")) else value
        if isinstance(expr, log):
            return self.notation.log.format(self._inline(expr.args[0]))
        if isinstance(expr, ceiling):
            return self.notation.ceiling.format(self.text(expr.args[0]))
        if isinstance(expr, LimitFunction):
            return self.notation.function(expr, [self.text(a) for a in expr.args])
        return self._product(expr)

    def sum(self, terms: list[Expr]) -> str:
        """Print terms in the order given."""
        out = ""
        for term in (part for whole in terms for part in _ordered(whole)):
            negative = term.could_extract_minus_sign()
            body = self.text(-term if negative else term)
            if not out:
                out = (self.notation.minus if negative else "") + body
            else:
                out += f" {self.notation.minus if negative else '+'} {body}"
        return out or "0"

    def _inline(self, expr: Expr) -> str:
        """A quotient on one line, as inside ln(1/δ)."""
        parts = _take_apart(expr)
        if parts.below and not parts.root_above and not parts.root_below and not parts.negative:
            above = self._join(parts.number.p, parts.above)
            below = self._join(parts.number.q, parts.below)
            one = len(parts.below) == 1 and parts.number.q == 1
            return f"{above}/{below}" if one else f"{above}/({below})"
        return self.text(expr)

    def _product(self, expr: Expr) -> str:
        base, exponent = expr.as_base_exp()
        apart = exponent.is_number and (exponent.is_negative or exponent in (1, _HALF))
        if base is E or not apart:
            inside = self.text(base)
            if base.args and not base.is_Symbol:
                inside = self.notation.group.format(inside)
            return self.notation.power(inside, self.text(exponent))
        parts = _take_apart(expr)
        sign = self.notation.minus if parts.negative else ""
        bare = not parts.root_above and parts.root_number == 1
        if bare and parts.root_below:  # 4C/√m, not 4C√(1/m)
            below = [*parts.below, *(Pow(b, _HALF, evaluate=False) for b in parts.root_below)]
            return sign + self._over(parts.number, parts.above, "", below)
        root = self._root(parts)
        numeric = not any(f.free_symbols for f in (*parts.root_above, *parts.root_below))
        if root and numeric:  # 2√2 LR: a root of a number stands with the numbers
            number = f"{parts.number.p}{self.times}{root}" if parts.number.p != 1 else root
            rest = Rational(1, parts.number.q)
            return sign + self._over(rest, parts.above, "", parts.below, number)
        return sign + self._over(parts.number, parts.above, root, parts.below)

    def _over(
        self, number: Rational, above: list[Expr], root: str, below: list[Expr], first: str = ""
    ) -> str:
        top = self._join(number.p, above, root) if above or not first else ""
        if first:
            gap = " " if self.notation is PLAIN and not self.values else self.times
            top = f"{first}{gap}{top}" if above else first
        if not below and number.q == 1:
            return top
        bottom = self._join(number.q, below)
        if self.notation is PLAIN and (len(below) + (number.q != 1)) > 1:
            bottom = f"({bottom})"
        return self.notation.fraction.format(top, bottom)

    def _root(self, parts: _Product) -> str:
        if parts.root_number == 1 and not parts.root_above and not parts.root_below:
            return ""
        inside = self._over(parts.root_number, parts.root_above, "", parts.root_below)
        symbols = [self.text(f) for f in parts.root_above if f.is_Symbol]
        lone = inside.isdigit() or inside in (self.notation.pi, *symbols)
        bare = lone or self.notation is LATEX
        return self.notation.root.format(inside if bare else f"({inside})")

    def _join(self, number: int, factors: list[Expr], root: str = "") -> str:
        ordered = sorted(factors, key=_rank)
        pieces = [self._factor(f, bool(root) or len(factors) > 1 or number != 1) for f in ordered]
        if number != 1 or not (pieces or root):
            pieces.insert(0, str(number))
        if root:
            pieces.append(root)
        out = before = pieces[0]
        for piece in pieces[1:]:
            apart = piece.startswith(("ln", "E ", "\\ln")) or ("_" in before and piece[0].isalpha())
            gap = " " if apart and not self.values else self.times
            before = piece
            out += gap + piece
        return out

    def _factor(self, factor: Expr, several: bool) -> str:
        if factor.is_Pow and factor.exp == _HALF:
            return self.notation.root.format(self.text(factor.base))
        text, grouped = self.text(factor), several or self.notation is PLAIN
        return self.notation.group.format(text) if factor.is_Add and grouped else text


def _rank(factor: Expr) -> tuple[bool, bool, bool, int]:
    """Numbers, parameters in the order of the table, then quantities, sums and logarithms."""
    names = list(parameters())
    base, exponent = factor.as_base_exp()
    listed = base.is_Symbol and base.name in names and exponent.is_number
    place = names.index(base.name) if listed else -1 if base.is_Rational else len(names)
    return isinstance(factor, log), factor.is_Add, bool(quantities_in(factor)), place


def _ordered(expr: Expr) -> list[Expr]:
    """Quantities before parameters, what is added before what is subtracted, plain before roots."""

    def key(term: Expr) -> tuple[bool | str, ...]:
        closed = not quantities_in(term)
        negative = bool(term.could_extract_minus_sign())
        rooted = any(abs(f.as_base_exp()[1]) == _HALF for f in Mul.make_args(term))
        gap = term.is_Symbol and term.name == "optimisation_gap"
        logs = term.has(log)
        return closed, gap, negative, not term.is_Symbol, logs, logs and not rooted, str(term)

    return sorted(Add.make_args(expr), key=key)


def plain(expr: Expr, values: Mapping[str, str] | None = None) -> str:
    """A formula as plain text; with `values` (printed numbers by parameter name) put in."""
    return Printer(PLAIN, values).text(expr)


def latex(expr: Expr, values: Mapping[str, str] | None = None) -> str:
    """A formula as LaTeX; with `values` put in."""
    return Printer(LATEX, values).text(expr)


def plain_sum(terms: tuple[Term, ...], values: Mapping[str, str] | None = None) -> str:
    """The closed form, term by term in the order of the statement."""
    return Printer(PLAIN, values).sum([t.expression for t in terms])


def latex_sum(terms: tuple[Term, ...], values: Mapping[str, str] | None = None) -> str:
    """The closed form as LaTeX, term by term in the order of the statement."""
    return Printer(LATEX, values).sum([t.expression for t in terms])
