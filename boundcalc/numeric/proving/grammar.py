"""The text form of facts: a tokenizer and a recursive-descent parser for linear (in)equalities.

    facts     = { fact newline }
    fact      = sum relation sum { relation sum } [ "with" "cost" number [ "on" name ] ] [ "#" source ]
    relation  = "<=" | ">=" | "=="            (also ≤ ≥ =)
    sum       = [ "+" | "-" ] product { ( "+" | "-" ) product }
    product   = factor { "*" factor | "/" number }
    factor    = number | quantity | "(" sum ")"
    quantity  = name [ "(" label ")" ]        for example risk(text+audio)

At most one factor of a product is not a number. Numbers are kept as the decimals that were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple, NoReturn

from boundcalc.errors import InputError, shorten
from boundcalc.numeric.proving.statements import Linear, Name, Statement

_LABEL, _BRACKET = re.compile(r"\s*\(([^()#]*)\)"), re.compile(r"\s*\(")
_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<relation><=|>=|==|≤|≥|=)|(?P<sign>[-+*/()−])|(?P<comment>\#.*)"
)
_RELATIONS = {"≤": "<=", "≥": ">=", "=": "=="}
_MOST_DIGITS = 400
_DEEPEST = 100
_KEYWORDS = ("with", "cost", "on")


class _Token(NamedTuple):
    kind: str
    text: str
    column: int

    @property
    def shown(self) -> str:
        return "the end of the line" if self.kind == "end" else f"'{shorten(self.text)}'"


def parse_fact(line: str, place: str, *, shift: int = 0, number: int = 0) -> tuple[Statement, ...]:
    """Parse one line: one fact, or several that share their ends, as in ``0 <= x <= 1``.

    Parameters
    ----------
    line : str
    place : str
        Where it stands, for messages.
    shift : int
        By how many columns it is indented there.
    number : int
        Which of the lines it is.

    Raises
    ------
    InputError
        With the place, the column and what was expected.
    """
    return tuple(_Parser(line, place, shift, number).fact())


def parse_expression(line: str, place: str) -> Linear:
    """Parse a linear expression that stands alone, such as an objective."""
    return _Parser(line, place).whole_sum()


class _Parser:
    """Recursive descent over the tokens of one line."""

    def __init__(self, line: str, place: str, shift: int = 0, number: int = 0) -> None:
        self.line, self.place, self.shift, self.number = line, place, shift, number
        self.source = ""
        self.depth = 0
        self.tokens = list(self._tokens())
        self.at = 0

    def _tokens(self) -> Iterator[_Token]:
        position = 0
        while position < len(self.line):
            found = _TOKEN.match(self.line, position)
            if found is None:
                self._refuse_sign(position)
            kind, text = str(found.lastgroup), found[0]
            if kind == "comment":
                self.source = text[1:].strip()
            elif kind != "space":
                yield _Token(kind, text.replace("−", "-"), position + 1)
            position = found.end()
            if kind == "name":
                label = _LABEL.match(self.line, position)
                if label is None and _BRACKET.match(self.line, position):
                    self._refuse(position + 1, f"expected a name and ')' after '{text}('")
                if label is not None:
                    yield _Token("label", label[1], label.start(1) + 1)
                    position = label.end()
        yield _Token("end", "", len(self.line) + 1)

    def _refuse_sign(self, position: int) -> NoReturn:
        sign = self.line[position]
        if sign in "<>":
            self._refuse(
                position + 1, f"expected <=, >= or ==, found '{sign}': strict inequalities are not used"
            )
        self._refuse(position + 1, f"unexpected character {sign!r}")

    def _refuse(self, column: int, problem: str) -> NoReturn:
        raise InputError(f"{self.place}, column {column + self.shift}: {problem}")

    @property
    def _next(self) -> _Token:
        return self.tokens[self.at]

    def _take(self) -> _Token:
        token = self._next
        self.at += token.kind != "end"
        return token

    def _is(self, *texts: str) -> bool:
        return self._next.text in texts and self._next.kind != "label"

    def _expect(self, text: str) -> _Token:
        if not self._is(text):
            self._refuse(self._next.column, f"expected '{text}', found {self._next.shown}")
        return self._take()

    def whole_sum(self) -> Linear:
        result = self._sum()
        if self._next.kind == "relation":
            self._refuse(self._next.column, f"expected an expression without {self._next.shown}")
        self._end("an operator + - * /")
        return result

    def _end(self, what: str) -> None:
        if self._next.kind != "end":
            self._refuse(self._next.column, f"expected {what} or the end, found {self._next.shown}")

    def fact(self) -> Iterator[Statement]:
        """The statements of the line; all of a chain are one event."""
        sides, relations = [self._sum()], []
        while self._next.kind == "relation":
            sign = self._take().text
            relations.append(_RELATIONS.get(sign, sign))
            sides.append(self._sum())
        if not relations:
            self._refuse(self._next.column, f"expected <=, >= or == or an operator, found {self._next.shown}")
        cost, event = self._price()
        text = self.line.partition("#")[0].strip()
        for left, sign, right in zip(sides, relations, sides[1:], strict=False):
            if not left.plus(right, Fraction(-1)).coefficients:
                self._refuse(1, f"'{shorten(text)}' says nothing of any quantity")
            yield Statement(left, sign, right, cost, event, self.source, text, self.place, self.number)

    def _price(self) -> tuple[Fraction, str]:
        if self._next.kind == "end":
            return Fraction(0), ""
        if not self._is("with"):
            self._end("an operator, a relation, 'with cost'")
        self._take()
        self._expect("cost")
        token = self._next
        cost = self._number("a number")
        if not 0 < cost < 1:
            self._refuse(token.column, f"a cost is a probability between 0 and 1, not {shorten(token.text)}")
        event = ""
        if self._is("on"):
            self._take()
            if self._next.kind != "name":
                self._refuse(self._next.column, f"expected the name of an event, found {self._next.shown}")
            event = self._take().text
        self._end("'on', a comment")
        return cost, event

    def _number(self, what: str) -> Fraction:
        token = self._next
        if token.kind != "number":
            self._refuse(token.column, f"expected {what}, found {token.shown}")
        self._take()
        digits, _, exponent = token.text.lower().partition("e")
        if len(digits) > _MOST_DIGITS or (
            exponent and (len(exponent) > 5 or abs(int(exponent)) > _MOST_DIGITS)
        ):
            self._refuse(
                token.column, f"the number {shorten(token.text)} is too long, too large or too close to 0"
            )
        return Fraction(token.text)

    def _sum(self) -> Linear:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._refuse(self._next.column, f"more than {_DEEPEST} brackets inside one another")
        sign = Fraction(-1 if self._is("-") else 1)
        if self._is("+", "-"):
            self._take()
        result = Linear().plus(self._product(), sign)
        while self._is("+", "-"):
            sign = Fraction(-1 if self._take().text == "-" else 1)
            result = result.plus(self._product(), sign)
        self.depth -= 1
        return result

    def _product(self) -> Linear:
        result = self._factor()
        while self._is("*", "/"):
            operator = self._take()
            if operator.text == "/":
                column = self._next.column
                divisor = self._number("a number to divide by")
                if not divisor:
                    self._refuse(column, "division by 0")
                result = Linear().plus(result, 1 / divisor)
                continue
            other = self._factor()
            if result.coefficients and other.coefficients:
                self._refuse(operator.column, "a product of two quantities is not linear")
            scale, rest = (other, result) if result.coefficients else (result, other)
            result = Linear().plus(rest, scale.constant)
        return result

    def _factor(self) -> Linear:
        token = self._next
        if token.kind == "number":
            return Linear({}, self._number("a number"))
        if self._is("("):
            self._take()
            inside = self._sum()
            self._expect(")")
            return inside
        if token.kind == "name" and token.text not in _KEYWORDS:
            self._take()
            return Linear({self._quantity(token.text): Fraction(1)})
        return self._refuse(token.column, f"expected a number, a quantity or '(', found {token.shown}")

    def _quantity(self, head: str) -> Name:
        """Names in the brackets are joined by + in any order; commas separate arguments."""
        if self._next.kind != "label":
            return Name(head)
        token = self._take()
        arguments = [[part.strip() for part in one.split("+")] for one in token.text.split(",")]
        if not all(part for one in arguments for part in one):
            self._refuse(
                token.column, f"expected a name such as text+audio in the brackets, found '{token.text}'"
            )
        written = f"{head}({', '.join('+'.join(one) for one in arguments)})"
        return Name(head, tuple(frozenset(one) for one in arguments), written)
