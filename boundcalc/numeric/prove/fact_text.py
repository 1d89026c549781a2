"""Facts as text: the lines that users write, read into linear (in)equalities.

    fact      = sum relation sum { relation sum } [ cost ] [ "#" source ]
    relation  = "<=" | ">=" | "=="            (also ≤ ≥ =)
    sum       = numbers and quantities joined by + - * / ( ); sqrt(…) and log(…) of numbers
    quantity  = name [ "(" label ")" ]        for example risk(text+audio)
    cost      = "with" "cost" number [ "on" name ]

A line is cut into tokens here, because a label may hold any words. What stands before the cost is
handed to `ast.parse`, one letter for every token, and the tree is walked: it is never run. Numbers
are kept as the decimals that were written, roots and logarithms as what they are.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple, NoReturn

from sympy import Rational, log, sqrt

from boundcalc.errors import InputError, shorten
from boundcalc.symbolic.analysis.intervals import enclose

_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<relation><=|>=|==|≤|≥|=)|(?P<sign>[-+*/()−])|(?P<comment>\#.*)"
)
_LABEL, _BRACKET = re.compile(r"\s*\(([^()#]*)\)"), re.compile(r"\s*\(")
_SAME_AS = {"≤": "<=", "≥": ">=", "=": "==", "−": "-"}
_MOST_DIGITS = 400
_DEEPEST = 100
_LONGEST = 1_000  # operators; Python's parser takes from 3,000 to 10,000, as its release goes
_KEYWORDS = ("with", "cost", "on")
_FUNCTIONS = {"sqrt": sqrt, "log": log, "ln": log}
# risk(1) and risk(1+2) are quantities; exp(1) and half(0.5) are functions that nobody computes
_OTHER_FUNCTIONS = ("exp", "abs", "min", "max", "pow", "log2", "log10", "log1p", "floor", "ceil")
_NUMBERS, _INDICES = re.compile(r"[\d.eE+*/,\s−-]*\d[\d.eE+*/,\s−-]*"), re.compile(r"[\d+,\s]*")


@dataclass(frozen=True)
class QuantityName:
    """What identifies a quantity: ``risk(a+b)`` and ``risk(b + a)`` are the same one."""

    head: str
    arguments: tuple[frozenset[str], ...] = ()
    written: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.written or self.head


@dataclass(frozen=True)
class Linear:
    """A linear expression: coefficients of quantities, in the order written, and a constant.

    The constant is a fraction, or a SymPy number where it is irrational.
    """

    coefficients: Mapping[QuantityName, Fraction] = field(default_factory=dict)
    constant: Any = Fraction(0)

    def minus(self, other: Linear) -> Linear:
        """The difference of two."""
        return _total(((self, 1), (other, -1)))


def _total(terms: Iterable[tuple[Linear, Any]]) -> Linear:
    """A sum of multiples."""
    found, constant = dict[QuantityName, Fraction](), Fraction(0)
    for term, times in terms:
        for name, value in term.coefficients.items():
            found[name] = found.get(name, Fraction(0)) + times * value
        constant = constant + times * term.constant
    return Linear({name: value for name, value in found.items() if value}, _exact(constant))


def _exact(number: Any) -> Any:
    """A rational number as a fraction; a SymPy number that is irrational as it is."""
    if isinstance(number, Fraction) or not number.is_Rational:
        return number
    return Fraction(int(number.p), int(number.q))


def symbolic(number: Any) -> Any:
    """A constant of a linear expression for SymPy."""
    return Rational(number) if isinstance(number, Fraction) else number


@dataclass(frozen=True)
class Statement:
    """One fact as it was written.

    Attributes
    ----------
    lhs, rhs : Linear
    relation : {"<=", ">=", "=="}
    cost : Fraction
        Its failure probability; 0 for a fact that always holds.
    event : str
        Facts with the same event are paid for once; empty for the event of the line.
    source : str
        The comment at its end.
    text, place : str
        As written, and where.
    number : int
        Which line it is from: the statements of a chain share it, and with it their event.
    """

    lhs: Linear
    relation: str
    rhs: Linear
    cost: Fraction
    event: str
    source: str
    text: str
    place: str
    number: int


def parse_lines(
    lines: Iterable[str], where: str, places: Sequence[tuple[str, int]] = ()
) -> tuple[Statement, ...]:
    """Parse facts, one a line; blank lines and lines that are comments are skipped.

    Parameters
    ----------
    lines : iterable of str
    where : str
        What messages call the text.
    places : sequence of (str, int), optional
        What messages call each line, and how many characters are before its text there.
    """
    found: list[Statement] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and not text.startswith("#"):
            indent = len(line) - len(line.lstrip())
            place, shift = places[number - 1] if places else (f"{where}, line {number}", indent)
            found += parse_fact(text, place, shift=shift, number=number)
    return tuple(found)


def parse_fact(line: str, place: str, *, shift: int, number: int) -> tuple[Statement, ...]:
    """Parse one line: one fact, or several that share their ends, as in ``0 <= x <= 1``.

    It stands at a place, `shift` columns from the left.

    Raises
    ------
    InputError
        With the place, the column and what was expected.
    """
    return tuple(_Reader(line, place, shift).fact(number))


def parse_expression(line: str, place: str) -> Linear:
    """Parse a linear expression that stands alone, such as an objective."""
    return _Reader(line, place).expression()


class _Token(NamedTuple):
    """A number, name, function, keyword, relation, sign or the end of the line.

    Its letter stands for it in what Python parses.
    """

    letter: str
    text: str
    column: int
    label: str | None = None

    @property
    def shown(self) -> str:
        return f"'{shorten(self.text)}'" if self.text else "the end of the line"


class _Reader:
    """One line of text."""

    def __init__(self, line: str, place: str, shift: int = 0) -> None:
        self.line, self.place, self.shift = line, place, shift
        self.source = ""
        self.tokens = list(self._tokens())

    def _refuse(self, column: int, problem: str) -> NoReturn:
        raise InputError(f"{self.place}, column {column + self.shift}: {problem}")

    def _expected(self, what: str, token: _Token) -> NoReturn:
        self._refuse(token.column, f"expected {what}, found {token.shown}")

    def _tokens(self) -> Iterator[_Token]:
        position = 0
        while position < len(self.line):
            found = _TOKEN.match(self.line, position)
            if found is None:
                sign = self.line[position]
                strict = f"expected <=, >= or ==, found '{sign}': strict inequalities are not used"
                other = f"unexpected character {sign!r}"
                self._refuse(position + 1, strict if sign in "<>" else other)
            text, column, position = found[0], position + 1, found.end()
            match found.lastgroup:
                case "comment":
                    self.source = text[1:].strip()
                case "name":
                    token, position = self._named(text, position)
                    yield token
                case "number":
                    yield _Token("n", text, column)
                case "relation":
                    yield _Token("<", text, column)
                case "sign":
                    sign = _SAME_AS.get(text, text)
                    yield _Token(sign, sign, column)
        yield _Token("$", "", len(self.line) + 1)

    def _named(self, head: str, end: int) -> tuple[_Token, int]:
        """A keyword, a function of numbers, or a quantity with its label; and where it ends."""
        column, opened = end - len(head) + 1, _BRACKET.match(self.line, end)
        if head in _KEYWORDS or not opened:
            return _Token("$" if head in _KEYWORDS else "q", head, column), end
        if head in _FUNCTIONS:
            return _Token("f", head, column), end
        label = _LABEL.match(self.line, end)
        if label is None:
            self._refuse(end + 1, f"expected a name and ')' after '{head}('")
        indices = _INDICES.fullmatch(label[1]) and head not in _OTHER_FUNCTIONS
        if _NUMBERS.fullmatch(label[1]) and not indices:
            self._refuse(
                column,
                f"'{shorten(head + label[0])}' is not computed: the functions of numbers are sqrt "
                "and log; write a decimal, rounded to the safe side",
            )
        return _Token("q", head, column, label[1]), label.end()

    def fact(self, number: int) -> Iterator[Statement]:
        """The statements of the line; all of a chain are one event."""
        end = next(i for i, token in enumerate(self.tokens) if token.text in ("with", ""))
        sides = self._sums(end, fact=True)
        cost, event = self._price(end) if self.tokens[end].text else (Fraction(0), "")
        text = self.line.partition("#")[0].strip()
        relations = (token.text for token in self.tokens[:end] if token.letter == "<")
        for (left, right), relation in zip(pairwise(sides), relations, strict=True):
            if not left.minus(right).coefficients:
                self._refuse(1, f"'{shorten(text)}' says nothing of any quantity")
            sign = _SAME_AS.get(relation, relation)
            yield Statement(left, sign, right, cost, event, self.source, text, self.place, number)

    def expression(self) -> Linear:
        """The line as one expression."""
        for token in self.tokens:
            if token.letter == "<":
                self._refuse(token.column, f"expected an expression without {token.shown}")
        return self._sums(len(self.tokens) - 1, fact=False)[0]

    def _price(self, end: int) -> tuple[Fraction, str]:
        """``cost NUMBER [on NAME]``, after with."""
        tokens = self.tokens[end + 1 :]
        if tokens[0].text != "cost":
            self._expected("'cost'", tokens[0])
        if tokens[1].letter != "n":
            self._expected("a number", tokens[1])
        cost = self._number(tokens[1])
        if not 0 < cost < 1:
            problem = f"a cost is a probability between 0 and 1, not {shorten(tokens[1].text)}"
            self._refuse(tokens[1].column, problem)
        event, rest = "", tokens[2:]
        if rest[0].text == "on":
            if rest[1].letter != "q" or rest[1].label is not None:
                self._expected("the name of an event", rest[1])
            event, rest = rest[1].text, rest[2:]
        if rest[0].text:
            self._expected("'on', a comment or the end", rest[0])
        return cost, event

    def _sums(self, end: int, *, fact: bool) -> list[Linear]:
        """The sums before a token; Python sees a letter and a space for each token."""
        depth = 0
        for token in self.tokens[:end]:
            depth += (token.letter == "(") - (token.letter == ")")
            if depth > _DEEPEST:
                self._refuse(token.column, f"more than {_DEEPEST} brackets inside one another")
        try:
            if sum(token.letter in "+-*/" for token in self.tokens[:end]) > _LONGEST:
                raise RecursionError
            tree = ast.parse(" ".join(t.letter for t in self.tokens[:end]), mode="eval").body
            if not fact:
                return [self._value(tree)]
            if isinstance(tree, ast.Compare):
                return [self._value(node) for node in (tree.left, *tree.comparators)]
        except SyntaxError:
            pass
        except RecursionError:
            self._refuse(1, "the line is too long: name a part of the sum, by a fact of its own")
        self._explain(end, fact=fact)

    def _explain(self, end: int, *, fact: bool) -> NoReturn:
        """Say what is wrong with the tokens before one, or with that one."""
        wanted = "<=, >= or == or an operator" if fact else "an operator + - * / or the end"
        depth, before = 0, ""
        for token in self.tokens[:end]:
            letter = token.letter
            if before not in ("n", "q", ")"):
                signed = letter in "+-" and before in ("", "(", "<")
                if not signed and letter not in ("n", "q", "f", "("):
                    self._missing(before, token)
            elif letter not in "+-*/" and (letter != "<" or depth) and (letter != ")" or not depth):
                self._expected("')'" if depth else wanted, token)
            if letter == "<":
                wanted = "an operator, a relation, 'with cost' or the end"
            depth += (letter == "(") - (letter == ")")
            before = letter
        if before not in ("n", "q", ")"):
            self._missing(before, self.tokens[end])
        self._expected("')'" if depth else wanted, self.tokens[end])

    def _missing(self, before: str, token: _Token) -> NoReturn:
        divided = before == "/"
        self._expected("a number to divide by" if divided else "a number, a quantity or '('", token)

    def _value(self, node: ast.expr) -> Linear:
        """The value of a part of the tree; what is not listed here is refused."""
        terms = list[tuple[Linear, Any]]()
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            terms.append((self._value(node.right), -1 if isinstance(node.op, ast.Sub) else 1))
            node = node.left  # a long sum is a deep tree
        place = node.col_offset // 2
        token, before = self.tokens[place], self.tokens[:place][-1:]
        # a sum starts here: in ``x* - 1`` the star was meant for the name
        starts = not before or before[0].letter in "(<"
        match node:
            case ast.Name(id="n"):
                found = Linear({}, self._number(token))
            case ast.Name(id="q"):
                found = Linear({self._quantity(token): Fraction(1)})
            case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand) if starts:
                found = _total([(self._value(operand), -1 if isinstance(node.op, ast.USub) else 1)])
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                found = self._product(node)
            case ast.Call(func=ast.Name(id="f"), args=[argument], keywords=[]):
                found = self._function(token, self._value(argument))
            case _:
                raise SyntaxError
        return _total([(found, 1), *reversed(terms)]) if terms else found

    def _number(self, token: _Token) -> Fraction:
        digits, _, exponent = token.text.lower().partition("e")
        far = exponent and (len(exponent) > 5 or abs(int(exponent)) > _MOST_DIGITS)
        if len(digits) > _MOST_DIGITS or far:
            problem = f"the number {shorten(token.text)} is too long, too large or too close to 0"
            self._refuse(token.column, problem)
        return Fraction(token.text)

    def _quantity(self, token: _Token) -> QuantityName:
        """Names in the brackets are joined by + in any order; commas separate arguments."""
        if token.label is None:
            return QuantityName(token.text)
        arguments = [[part.strip() for part in one.split("+")] for one in token.label.split(",")]
        if not all(part for one in arguments for part in one):
            self._refuse(
                self.line.index("(", token.column - 1) + 2,
                f"expected a name such as text+audio in the brackets, found '{token.label}'",
            )
        written = f"{token.text}({', '.join('+'.join(one) for one in arguments)})"
        return QuantityName(token.text, tuple(frozenset(one) for one in arguments), written)

    def _product(self, node: ast.BinOp) -> Linear:
        left, right = self._value(node.left), self._value(node.right)
        token = self.tokens[node.right.col_offset // 2]
        if isinstance(node.op, ast.Div):
            if right.coefficients:
                self._expected("a number to divide by", token)
            box = enclose(symbolic(right.constant))
            if box.a <= 0 <= box.b:
                self._refuse(token.column, "division by 0")
            right = Linear({}, _exact(1 / right.constant))
        if left.coefficients and right.coefficients:
            before = self.tokens[: node.right.col_offset // 2]
            star = next(token for token in reversed(before) if token.text == "*")
            self._refuse(star.column, "a product of two quantities is not linear")
        scale, rest = (right, left) if left.coefficients else (left, right)
        if rest.coefficients and not isinstance(scale.constant, Fraction):
            problem = "a quantity is multiplied by rational numbers only: write a decimal"
            self._refuse(token.column, problem)
        return _total([(rest, scale.constant)])

    def _function(self, token: _Token, argument: Linear) -> Linear:
        """A square root or natural logarithm, exactly."""
        if argument.coefficients:
            self._refuse(token.column, f"{token.text} of a quantity is not linear")
        number = symbolic(argument.constant)
        least = enclose(number).a
        if least < 0 or (least == 0 and token.text != "sqrt"):
            domain = "at least 0" if token.text == "sqrt" else "above 0"
            self._refuse(token.column, f"{token.text} needs a number {domain}")
        return Linear({}, _exact(_FUNCTIONS[token.text](number)))
