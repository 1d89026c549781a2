"""Powers that no theorem has yet are printed too, in both notations."""

from __future__ import annotations

import pytest
from sympy import E, Expr, Integer, Rational, exp, log, pi, sqrt

from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.printing import latex, plain

n, m, C, R, a = (symbol(name) for name in ("n", "m", "loss_bound", "rademacher", "growth"))
HALF = Rational(1, 2)

FORMS = [
    (n ** (3 * HALF), "n^(3/2)", r"n^{\frac{3}{2}}"),
    (n ** (-3 * HALF), "1/n^(3/2)", r"\frac{1}{n^{\frac{3}{2}}}"),
    (C * R * n ** (-3 * HALF), "CR/n^(3/2)", r"\frac{C\,\mathfrak{R}_m}{n^{\frac{3}{2}}}"),
    ((C + n) ** (3 * HALF), "(C + n)^(3/2)", r"\left(C + n\right)^{\frac{3}{2}}"),
    (C * Integer(2) ** Rational(1, 3), "2^(1/3)C", r"2^{\frac{1}{3}}\,C"),
    (n ** Rational(1, 3), "n^(1/3)", r"n^{\frac{1}{3}}"),
    (2 * pi ** (3 * HALF), "2π^(3/2)", r"2\,\pi^{\frac{3}{2}}"),
    (C ** (-n), "C^(−n)", "C^{-n}"),
    (C * n ** (a - 1), "Cn^(a − 1)", r"C\,n^{a - 1}"),
    (n**-2, "1/n²", r"\frac{1}{n^{2}}"),
    (1 / sqrt(n), "1/√n", r"\frac{1}{\sqrt{n}}"),
    (E + 0 * n, "e", "e"),
    (exp(-HALF), "e^(−1/2)", r"e^{-\frac{1}{2}}"),
    (exp(2), "e²", "e^{2}"),
    (C * exp(-m / 2), "Ce^(−m/2)", r"C\,e^{-\frac{m}{2}}"),
    (exp(n) / m, "e^(n)/m", r"\frac{e^{n}}{m}"),
    (sqrt(C * exp(-1)), "e^(−1/2)√C", r"e^{-\frac{1}{2}}\,\sqrt{C}"),
    (log(1 + exp(2)), "ln(1 + e²)", r"\ln\left(1 + e^{2}\right)"),
]


@pytest.mark.parametrize(("expr", "text", "tex"), FORMS, ids=[text for _, text, _ in FORMS])
def test_powers_and_exponentials(expr: Expr, text: str, tex: str) -> None:
    assert plain(expr) == text
    assert latex(expr) == tex


def test_values_are_put_into_powers() -> None:
    assert plain(C * n ** (3 * HALF), {"n": "4", "loss_bound": "2"}) == "4^(3/2)·2"
    assert plain(exp(-m / 2), {"m": "4"}) == "e^(−4/2)"
