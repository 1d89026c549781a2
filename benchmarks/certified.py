"""Certified numbers at random points of the whole catalogue, against 50 digits computed elsewhere.

    python benchmarks/certified.py [POINTS] [SEED] [MINUTES]

At every point the closed form is computed by mpmath with 90 digits, limits that are defined by an
equation by Newton's method on its own formula. That value has to lie inside the enclosure, and no
printed limit may be on the wrong side of it: not the float, not the six digits of a sentence, not
the digits that were asked for; at one point in two hundred in whole documents of every format.
"""

from __future__ import annotations

import json
import math
import re
import sys
import time
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np
from scipy import special
from sympy import lambdify

import boundcalc as bc
from boundcalc.errors import BoundcalcError
from boundcalc.numeric.bound import bind
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.enclosures import enclosed_value
from boundcalc.numeric.evaluate import Evaluation, evaluation
from boundcalc.render import present

_SIZES = (0.4, 0.4, 0.17, 0.03)  # of counts up to 10, 100, 1,000 and 10,000: sums get longer
WORK, EXACT = 90, Decimal("1e-48")  # digits; a few are lost next to 1
_TINIEST = 100_000  # less than 2 to minus this is 0
FORMS = [
    (id, name)
    for id, entry in bc.catalogue().items()
    for name, variant in entry.variants.items()
    if not bind(id, name, {}, partial=True).whole
]
_NUMBER = re.compile(r"[−-]?\d+(?:\.\d+)?(?:[eE][+−-]?\d+)?")


def drawn(parameter: Any, rng: np.random.Generator) -> Any:
    """A number that somebody might write, of any size, or an end of the domain."""
    low, high = parameter.low, parameter.high
    if parameter.integer:
        return int(10 ** rng.uniform(np.log10(max(low, 1)), rng.choice([1, 2, 3, 4], p=_SIZES)))
    if rng.random() < 0.15 and parameter.name != "delta":
        return float(rng.choice([x for x in (0.0, 0.5, 1.0) if low <= x <= high]))
    if high == 1:
        kinds = (rng.random(), 10 ** rng.uniform(-12, 0), 1 - 10 ** rng.uniform(-12, -0.01))
        return min(max(float(f"{rng.choice(kinds):.{rng.integers(1, 17)}g}"), 1e-12), 1 - 1e-12)
    size = 10 ** rng.choice([rng.uniform(-2, 1), rng.uniform(-14, 6)])
    value = float(f"{size:.{rng.integers(1, 17)}g}")
    return -value if low < 0 and rng.random() < 0.5 else value


def point(id: str, variant: str, rng: np.random.Generator) -> Evaluation:
    """A bound at random numbers."""
    parameters = bind(id, variant, {}, partial=True).variant.parameters
    while True:
        values = {p.name: drawn(p, rng) for p in parameters}
        if "errors" in values:
            values["errors"] = int(rng.choice([0, values["n"], rng.integers(0, values["n"] + 1)]))
        try:
            bound = bind(id, variant, values)
            bound.check()
            return evaluation(bound)
        except BoundcalcError:
            continue


# --- 90 digits, without the package -------------------------------------------------------------


def _kl_limit(q: Any, c: Any, way: int) -> Any:
    """The end of {p : kl(q‖p) ≤ c}: the share of the event that it makes rarer, or 1 less that."""
    share = 1 - q if way > 0 else q
    if share == 0:
        return mpmath.mpf(way > 0)
    rare = mpmath.exp(-c) if share == 1 else _rarer(share, c)
    return 1 - rare if way > 0 else rare


def _rarer(q: Any, c: Any) -> Any:
    """The p below q with kl(q‖p) = c, by Newton's method in ln p from where kl exceeds c."""
    base = q * mpmath.log(q) + (1 - q) * mpmath.log(1 - q)
    t = -(c - base) / q
    for _ in range(200):
        p = mpmath.exp(t)
        far = base - q * t - (1 - q) * mpmath.log1p(-p) - c
        move = far / ((1 - q) * p / (1 - p) - q)
        t -= move
        if abs(move) <= abs(t) * mpmath.mpf(10) ** (5 - mpmath.mp.dps):
            break
    return mpmath.exp(t)


def _binomial(k: Any, n: Any, delta: Any, upper: bool) -> Any:
    """The p at which a tail is δ, by Newton's method on mpmath's beta integral."""
    k, n = int(k), int(n)
    if k == (n if upper else 0):
        return mpmath.mpf(upper)
    a, b = (k + 1, n - k) if upper else (k, n - k + 1)
    level = 1 - delta if upper else delta
    guess = (
        special.betainccinv(a, b, float(delta)) if upper else special.betaincinv(a, b, float(level))
    )
    p, ways = mpmath.mpf(float(guess)), mpmath.beta(a, b)
    for _ in range(50):
        move = (_beta(a, b, p) - level) * ways / (p ** (a - 1) * (1 - p) ** (b - 1))
        p -= move
        if abs(move) <= p * mpmath.mpf(10) ** (10 - mpmath.mp.dps):
            return p
    raise ArithmeticError(f"no limit found for {k} of {n} at δ = {delta}")


def _beta(a: int, b: int, x: Any) -> Any:
    """The regularised beta integral, by a series of positive terms on the side of the smaller."""
    if x > mpmath.mpf(a) / (a + b):
        return 1 - _beta(b, a, 1 - x)
    term = total = mpmath.mpf(1)
    for j in range(10**6):
        term *= x * (a + b + j) / (a + 1 + j)
        total += term
        if term < total * mpmath.mpf(10) ** -(mpmath.mp.dps + 5):
            break
    return total * x**a * (1 - x) ** b / (a * mpmath.beta(a, b))


def _log_moment(m: Any) -> Any:
    """ln Σ_k (m choose k)(k/m)^k (1 − k/m)^(m−k), term by term."""
    m = int(m)
    term = total = mpmath.mpf(1)
    for i in range(m):
        term = term * (m - i) / m
        total += term
        if term < total * mpmath.mpf(10) ** -mpmath.mp.dps:
            break
    return mpmath.log(total)


_FUNCTIONS = {
    "KLUpper": lambda q, c: _kl_limit(q, c, 1),
    "KLLower": lambda q, c: _kl_limit(q, c, -1),
    "BinomialUpper": lambda k, n, delta: _binomial(k, n, delta, True),
    "BinomialLower": lambda k, n, delta: _binomial(k, n, delta, False),
    "LogEntropyMoment": _log_moment,
    "Largest": max,
    "Least": min,
}


@cache
def _closed_form(id: str, variant: str) -> tuple[list[str], Any]:
    form = bc.theorem(id).variant(variant)
    symbols = [p.symbol for p in form.parameters]
    names = [p.name for p in form.parameters]
    return names, lambdify(symbols, form.expression, [_FUNCTIONS, "mpmath"])


def true_value(result: Evaluation) -> tuple[Fraction, Fraction]:
    """The closed form, and how far that may be off: what its terms lose where they cancel."""
    names, function = _closed_form(result.id, result.variant)
    with mpmath.workdps(WORK):
        known = {**result.bound.numbers, **result.bound.written}
        numbers = [exactly(known[name]) for name in names]
        found = mpmath.mpf(function(*(mpmath.mpf(x.numerator) / x.denominator for x in numbers)))
        sign, mantissa, power, _ = found._mpf_
    size = sum(abs(Fraction(x)) for x in result.terms.values())
    if power < -_TINIEST:
        return Fraction(0), Fraction(1, 1 << (_TINIEST // 2))
    return (-1) ** sign * int(mantissa) * Fraction(2) ** power, size * Fraction(EXACT)


# --- what is printed ----------------------------------------------------------------------------


def printed(result: Evaluation) -> list[str]:
    """The value as it stands in a document, in a sentence and in JSON."""
    found = [result.shown, json.dumps(result.value)]
    said = re.findall(rf" {result.relation} ({_NUMBER.pattern})", _unnamed(result, result.status))
    return found + ([] if result.vacuous else said)


def _unnamed(result: Evaluation, text: str) -> str:
    """A text without the name of what is bounded, which may have a sign and a number in it."""
    return text.replace(f"{result.statement} ", " ")


def in_documents(result: Evaluation) -> list[str]:
    """The value as it stands behind its sign, or in the row of the limit, in every format."""
    whole = (str(result), result.to_markdown(), result.to_latex(), result.to_html())
    found = []
    for text in whole:
        plain = " ".join(text.replace(r"\leq", "≤").replace(r"\geq", "≥").replace("$", "").split())
        plain = re.sub(r"\\cdot 10\^\{(-?\d+)\}", r"e\1", plain)
        if f"{result.relation} 0" in result.statement:  # of a margin: it is written in many ways
            plain = re.sub(rf"{result.relation}\s+0\W", " ", plain)
        found += re.findall(rf"{result.relation}\s+({_NUMBER.pattern})", plain)
    table = present.tidy_table(result)
    row = dict(zip(table.columns, table.rows[0], strict=True))
    return [*found, row["value"], json.loads(result.to_json(), parse_float=str)["value"]]


def problems(result: Evaluation, digits: int, *, documents: bool) -> list[str]:
    """What is wrong at a point; nothing, as a rule."""
    true, loss = true_value(result)
    enclosure = enclosed_value(result.bound, digits)
    low, high = map(Fraction, enclosure.ends)
    found = []
    if not low - loss <= true <= high + loss:
        found.append(f"{enclosure.ends} does not hold {float(true)!r}")
    certified = replace(result, enclosure=enclosure)
    texts = [*printed(result), *printed(certified)]
    if documents:
        texts += [text for each in (result, certified) for text in in_documents(each)]
    if result.relation == "=":
        return found
    way = 1 if result.relation == "≤" else -1
    for text in texts:
        number = Fraction(Decimal(str(text).replace("−", "-")))
        if way * (number - true) < -loss:
            found.append(f"printed {text} is on the wrong side of {float(true)!r}")
    return found


def checked(
    points: int, seed: int = 0, minutes: float = math.inf
) -> tuple[Counter[str], list[str]]:
    """Points checked by theorem, as many as there is time for, and what was wrong, with its
    numbers.
    """
    end = time.monotonic() + 60 * minutes
    rng, counts, wrong = np.random.default_rng(seed), Counter[str](), []
    for i in range(points):
        if time.monotonic() > end:
            break
        id, variant = FORMS[i % len(FORMS)]
        result = point(id, variant, rng)
        documents = i // len(FORMS) % 200 == 100
        digits = int(rng.choice([6, 15, 30, 50], p=[0.3, 0.3, 0.2, 0.2]))
        try:
            found = problems(result, digits, documents=documents)
        except BoundcalcError as error:
            found = [] if "takes too long" in str(error) else [str(error)]
            counts["refused"] += 1
        wrong += [f"{id} ({variant}) {dict(result.bound.written)}, {digits}: {w}" for w in found]
        counts[id] += 1
    return counts, wrong


def main() -> None:
    points = int(float(sys.argv[1])) if len(sys.argv) > 1 else 20_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    minutes = float(sys.argv[3]) if len(sys.argv) > 3 else math.inf
    start = time.process_time()
    counts, wrong = checked(points, seed, minutes)
    for line in wrong:
        print(line)
    seconds = time.process_time() - start
    refused = counts.pop("refused", 0)
    print(
        f"{counts.total():,} points of {len(FORMS)} forms of {len(counts)} theorems, seed {seed}: "
        f"{len(wrong)} wrong, {refused} refused, {seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
