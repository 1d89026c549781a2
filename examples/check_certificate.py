"""Check certificates (`boundcalc derive ID --format certificate -o ID.json`) with SymPy alone.

Checked is that the facts add up to the claim, what their events cost, and what a fact says for the
lemmas that stand below; others are named. Nothing is executed: python check_certificate.py ID.json
"""

import ast
import json
import operator
import sys
from hashlib import sha256
from pathlib import Path

import sympy as sp

OPERATIONS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.Pow: "pow"}
KNOWN = {name: getattr(sp, name) for name in ("sqrt", "log", "exp", "ceiling", "pi", "E")}
SAYS = {  # lemmas that say: quantity < or = factor * quantity, and of which; E: mean, L: Lipschitz
    "infimum": ("1", "best_risk<risk", "risk<risk", "risk<best_risk"),
    "fixed deviation": ("1", "E empirical_risk=risk"),
    "definition of R_m": ("1", "E rademacher=rademacher"),
    "symmetrisation": ("2", "E deviation<rademacher"),
    "contraction": ("L", "rademacher<rademacher"),
    "vector contraction": ("sqrt(2)*L", "rademacher<rademacher"),
    "Gaussian from Rademacher": ("sqrt(pi/2)", "rademacher<gaussian"),
    "Gaussian comparison": ("L", "gaussian<gaussian"),
}
GAPS = [{"risk": 1, "empirical_risk": -1}, {"risk": -1, "empirical_risk": 1}]
MOVES = {"risk": 0, "empirical_risk": 1, "deviation": 1, "rademacher": sp.S.Half}  # times C/m


def need(condition, message):
    if not condition:
        raise ValueError(message)


class Certificate:
    def __init__(self, data):
        rest = {key: data[key] for key in data if key != "digest"}
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
        need(sha256(text.encode()).hexdigest() == data["digest"], "the digest is another one")
        self.about, self.trusted = data["symbols"], set()
        known = KNOWN | {name: sp.Function(name) for name in data["functions"]}
        need(not self.about.keys() & known.keys(), "a name has two meanings")
        self.names = known | {name: self.symbol(name, **own) for name, own in self.about.items()}
        real = (name for name, own in self.about.items() if own["kind"] != "parameter")
        self.quantities = {name: self.names[name] for name in real}
        for proof in data["proofs"]:
            self.check(proof)

    def symbol(self, name, low=None, open_low=False, integer=None, **rest):
        low = sp.Rational(-1 if low is None else low)
        sign = {} if low < 0 else {"positive" if low > 0 or open_low else "nonnegative": True}
        return sp.Symbol(name, real=True, integer=integer or None, **sign)

    def read(self, text, **names):
        try:
            return sp.S(self.value(ast.parse(text, mode="eval").body, self.names | names))
        except (SyntaxError, TypeError, RecursionError):
            raise ValueError(f"not an expression: {text!r:.60}") from None

    def value(self, node, names):
        match node:
            case ast.Constant(value=number) if type(number) is int:
                return sp.Integer(number)
            case ast.Name(id=name) if isinstance(names.get(name), sp.Expr):
                return names[name]
            case ast.UnaryOp(op=ast.USub(), operand=inside):
                return -self.value(inside, names)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in names:
                return names[name](*(self.value(each, names) for each in args))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
                a, b = self.value(left, names), self.value(right, names)
                large = b.is_number and (abs(b) > 9 or (a.is_number and abs(a) > 10**9))
                need(not large or not isinstance(op, ast.Pow), "too large a power")
                return getattr(operator, OPERATIONS[type(op)])(a, b)
        raise ValueError(f"not in the grammar: {ast.unparse(node):.60}")

    def nonnegative(self, expr):  # by the domains; what lies in (0, 1) is exp(-u), u > 0
        small = [s for s in expr.free_symbols if self.about[s.name].get("high") == "1"]
        expr = expr.subs({s: sp.exp(-sp.Dummy(positive=True)) for s in small if s.is_positive})
        return sp.expand_log(expr).is_nonnegative is True

    def kind(self, name):
        own = self.about[name]
        return "E " + self.kind(own["about"][0]) if own["measure"] == "mean" else own["measure"]

    def closed(self, *exprs):
        found = {str(s) for e in exprs for s in e.free_symbols} & self.quantities.keys()
        need(not found, f"{found} where only parameters may stand")

    def linear(self, expr):
        parts = {n: c for n, q in self.quantities.items() if (c := sp.expand(expr).coeff(q)) != 0}
        rest = sp.expand(expr - sum(c * self.names[n] for n, c in parts.items()))
        self.closed(rest, *parts.values())
        return parts, rest

    def check_lemma(self, lemma, lhs, rhs, cost, equal):
        (left, start), (right, rest) = self.linear(lhs), self.linear(rhs)
        said, bare = [*left.values(), *right.values()], (start, rest) == (0, 0)
        kinds = [{self.kind(n).removeprefix("E "): c for n, c in x.items()} for x in (left, right)]
        if lemma in SAYS:
            text, *known = SAYS[lemma]
            factor = self.read(text, L=self.read(self.about[min(left)]["lipschitz"]))
            fits = ("=" if equal else "<").join(map(self.kind, [*left, *right])) in known
            fits &= said == [1, factor] and bare and self.nonnegative(factor)
        elif lemma == "uniform deviation":
            fits = kinds[0] in GAPS and kinds[1] == {"deviation": 1} and bare and not equal
        elif lemma == "bounded differences" and not any(self.about[n]["learned"] for n in left):
            used, squares = [(self.about[name], c) for name, c in left.items()], 0
            for at, size in {(q.get("sample"), q.get("size", "1")) for q, _ in used}:
                same = [(q, c) for q, c in used if q.get("sample") == at]
                move = sum(abs(c) * MOVES[q["measure"]] * self.read(q["width"]) for q, c in same)
                squares += move**2 / self.read(size)
            means = {n if n in left else self.about[n]["about"][0]: c for n, c in right.items()}
            fits = [start, sp.expand(rest**2 - squares * sp.log(1 / cost) / 2)] == [0, 0]
            fits &= all(n in left or self.kind(n)[:2] == "E " for n in right)
            fits &= means == left and not equal and self.nonnegative(rest)
        else:
            fits = not self.trusted.add(lemma)
        need(fits, f"'{lemma}' does not say {lhs} <= {rhs}")

    def check(self, proof):
        claim, result, failure = (self.read(proof[key]) for key in ("claim", "result", "failure"))
        self.closed(result, failure)
        left_over, events = result - claim, {}
        for fact in proof["facts"]:
            lhs, rhs, times = (self.read(fact[key]) for key in ("lhs", "rhs", "multiplier"))
            cost, equal = self.read(fact.get("cost", "0")), fact["relation"] == "="
            self.closed(times, cost)
            need(equal or fact["relation"] == proof["relation"] == "<=", "no relation here")
            need(equal or self.nonnegative(times), f"{times} is not known to be >= 0")
            self.check_lemma(fact["lemma"], lhs, rhs, cost, equal)
            said = events.setdefault(fact.get("event"), (lhs, rhs, cost))
            fits = said == (lhs, rhs, cost) and self.nonnegative(cost)
            need(cost == 0 or fits, f"one event stands for two, or costs {cost}")
            left_over -= times * (rhs - lhs)
        need(sp.expand(left_over) == 0, f"left over: {sp.expand(left_over)}")
        spent, stated = sum(cost for _, _, cost in events.values()), self.read(proof["spent"])
        need(spent == stated and self.nonnegative(failure - spent), f"the events cost {spent}")


if __name__ == "__main__":
    for path in sys.argv[1:]:
        try:
            trusted = Certificate(json.loads(Path(path).read_text(encoding="utf-8"))).trusted
        except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
            sys.exit(f"{path} is refused: {error}")
        print(f"{path} is accepted. Lemmas taken on trust: {', '.join(sorted(trusted)) or 'none'}")
