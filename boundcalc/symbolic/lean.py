"""The arithmetic of a proof as a theorem of Lean 4 with Mathlib: the facts are its hypotheses."""

from __future__ import annotations

from sympy import Expr, Mul

from boundcalc.conventions import Relation, Side
from boundcalc.symbolic.derivation import Derivation, Step
from boundcalc.symbolic.kernel import provably_nonnegative
from boundcalc.symbolic.parameter import ParameterSymbol
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import Quantity

_KEYWORDS = frozenset(
    {"at", "by", "class", "do", "else", "end", "fun", "from", "have", "if", "in", "instance"}
    | {"lambda", "let", "match", "open", "section", "show", "then", "variable", "where", "with"}
)
_HEAD = """/-
{statement}

The arithmetic of the proof: its facts are hypotheses, and what they add up to is the conclusion.
Whether the facts hold is not stated here. Where a number is no polynomial in the parameters, a
variable stands for it: the comment says for which.

Written by boundcalc, and not compiled there: it needs Lean 4 with Mathlib.
-/
import Mathlib

"""


class _Names:
    """Variables of Lean for parameters, quantities, and what is no polynomial in them."""

    def __init__(self) -> None:
        self.variables: dict[Expr, str] = {}

    def text(self, expr: Expr) -> str:
        """An expression in the notation of Lean."""
        if expr.is_Rational and expr.q != 1:
            return f"({expr.p} / {expr.q} : ℝ)"
        if expr.is_Integer:
            return str(expr) if expr >= 0 else f"({expr})"
        if expr.is_Add:
            ordered = sorted(expr.args, key=lambda part: part.could_extract_minus_sign())
            first, *rest = (self.text(part) for part in ordered)
            signed = (f" - {each[1:]}" if each[0] == "-" else f" + {each}" for each in rest)
            return first + "".join(signed)
        if expr.is_Mul:
            sign = "-" if expr.could_extract_minus_sign() else ""
            factors = (-expr if sign else expr).as_ordered_factors()
            return sign + " * ".join(self.factor(part) for part in factors if part != 1)
        if expr.is_Pow and expr.exp.is_Integer and expr.exp > 0:
            return f"{self.factor(expr.base)} ^ {expr.exp}"
        return self.variable(expr)

    def factor(self, expr: Expr) -> str:
        """The same, in brackets where it is a factor."""
        return f"({self.text(expr)})" if expr.is_Add or expr.is_Mul else self.text(expr)

    def variable(self, expr: Expr) -> str:
        """The variable that stands for a symbol, or for what is no polynomial."""
        if expr not in self.variables:
            name = expr.name if isinstance(expr, ParameterSymbol) and expr.name.isascii() else ""
            letter = "q" if isinstance(expr, Quantity) else name or "a"
            taken = _KEYWORDS.union(self.variables.values())
            counted = (f"{letter}{i}" for i in range(1, len(taken) + 2))
            names = (name, *counted) if name.isidentifier() else counted
            self.variables[expr] = next(each for each in names if each not in taken)
        return self.variables[expr]


def lean(proof: Derivation, *, name: str, statement: str = "") -> str:
    """The arithmetic of a proof in Lean 4.

    Parameters
    ----------
    proof : Derivation
        The kernel checks it first.
    name : str
        Of the theorem of Lean; what is no letter, digit or point becomes ``_``.
    statement : str, optional
        What the head of the file says; the claim where left out.

    Raises
    ------
    CertificateError
        If the proof does not hold.

    Examples
    --------
    >>> from boundcalc.symbolic.catalogue import theorem
    >>> proof = theorem("holdout.hoeffding").variant("upper").derivation
    >>> print(lean(proof, name="hoeffding").splitlines()[-1])
      linarith
    """
    proof.check()
    names = _Names()
    result = proof.expression if proof.side is Side.UPPER else -proof.expression
    goal = _compared(names, proof.claim, proof.exact, result)
    hypotheses, scaled = [], []
    for number, step in enumerate(proof.steps, 1):
        hypotheses += _hypotheses(names, step, number)
        scaled += _scaled(names, step, number)
    for expr in names.variables:
        if provably_nonnegative(expr):
            variable = names.variable(expr)
            hypotheses.append(f"({variable}_nonneg : 0 ≤ {variable})")
    meant = names.variables.items()
    lines = [
        f"theorem {_identifier(name)}",
        *(f"  -- {variable} = {plain(expr)}" for expr, variable in meant if str(expr) != variable),
        f"    {{{' '.join(names.variables.values())} : ℝ}}",
        *(f"    {text}" for text in hypotheses),
        f"    : {goal} := by",
        *(f"  {text}" for text in scaled),
        "  linarith",
    ]
    head = _HEAD.format(statement=statement or f"{plain(proof.claim)} ≤ {plain(result)}")
    return head + "\n".join(lines) + "\n"


def _compared(names: _Names, lhs: Expr, equal: bool, rhs: Expr) -> str:
    return f"{names.text(lhs)} {'=' if equal else '≤'} {names.text(rhs)}"


def _hypotheses(names: _Names, step: Step, number: int) -> list[str]:
    """The fact, and that its multiplier is not negative where that is not seen from its factors."""
    fact, times = step.fact, step.multiplier
    equal = fact.relation is Relation.EQUAL
    found = [f"(h{number} : {_compared(names, fact.lhs, equal, fact.rhs)})  -- {fact.lemma}"]
    if not equal and not all(_seen(part) for part in Mul.make_args(times)):
        found.append(f"(c{number} : 0 ≤ {names.text(times)})")
    return found


def _seen(factor: Expr) -> bool:
    """Whether a factor is a number ≥ 0 or stands for something that is."""
    return not factor.is_Add and provably_nonnegative(factor)


def _scaled(names: _Names, step: Step, number: int) -> list[str]:
    """The fact times its multiplier, where that is more than a number."""
    times, equal = step.multiplier, step.fact.relation is Relation.EQUAL
    if times.is_Rational:
        return []
    c, fact = names.factor(times), step.fact
    sides = (f"{c} * ({names.text(side)})" for side in (fact.lhs, fact.rhs))
    if equal:
        claim = " = ".join(sides)
        return [f"have e{number} : {claim} := congrArg (fun x => {c} * x) h{number}"]
    shown = all(_seen(part) for part in Mul.make_args(times))
    why = f"(show 0 ≤ {names.text(times)} by positivity)" if shown else f"c{number}"
    return [f"have e{number} := mul_le_mul_of_nonneg_left h{number} {why}"]


def _identifier(name: str) -> str:
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
