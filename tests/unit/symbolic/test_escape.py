"""Plain text with mathematical characters becomes the formula that it is."""

from __future__ import annotations

import pytest

from boundcalc.symbolic.escape import escape_latex

PROSE = [
    ("r̂ ≤ √(1/δ)", r"$\hat{r} \leq \sqrt{1/\delta}$"),
    ("r(f) ≤ r̂ + C √(ln(1/δ)/(2n));", r"$r(f) \leq \hat{r} + C \sqrt{\ln (1/\delta )/(2n)}$;"),
    ("over all of H∘G_M, up to it", r"over all of $H\circ G_{M}$, up to it"),
    ("(h*, g*) is fixed", r"($h^{*}$, $g^{*}$) is fixed"),
    ("R^vec and ℓ2", r"$R^{\mathrm{vec}}$ and $\ell 2$"),
    ("a ≠ b", r"$a \neq b$"),
    ("x₁′", r"$x_{1}^{\prime}$"),
    ("Δ⁺′", r"$\Delta ^{+}{}^{\prime}$"),
]
TEXT = [
    ("Renée & 50 % of #1 – $5", r"Renée \& 50 \% of \#1 -- \$5"),
    (r"\input{x} ~ ^", r"\textbackslash{}input\{x\} \textasciitilde{} \textasciicircum{}"),
    ("train_loss", r"train\_loss"),
    ("a f b", "a f b"),
    ('r̂(é "x") and "y"', r"$\hat{r}$(é ``x'') and ``y''"),
    ("r(id_text) − r(z_text_audio)", r"$r(\mathrm{id\_text}) - r(\mathrm{z\_text\_audio})$"),
    ("r̂(G_M)", r"$\hat{r}(G_{M})$"),
    ("", ""),
    (" δ ", r" $\delta$ "),
    ("γ(M, N) = η_M", r"$\gamma (M, N) = \eta _{M}$"),
    ("(δ, a constant)", r"($\delta$, a constant)"),
]


@pytest.mark.parametrize(("text", "latex"), PROSE, ids=[text for text, _ in PROSE])
def test_a_formula_is_found_in_prose(text: str, latex: str) -> None:
    assert " ".join(escape_latex(text, prose=True).split()) == latex


@pytest.mark.parametrize(("text", "latex"), TEXT, ids=[text for text, _ in TEXT])
def test_text_stays_text(text: str, latex: str) -> None:
    assert escape_latex(text) == latex
