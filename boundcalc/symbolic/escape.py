"""Plain text with mathematical characters, for LaTeX."""

from __future__ import annotations

_LATEX_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "−": "$-$",
        "≤": r"$\leq$",
        "≠": r"$\neq$",
        "≥": r"$\geq$",
        "·": r"$\cdot$",
        "∞": r"$\infty$",
        "√": r"$\surd$",
        "…": r"\ldots{}",
        "–": "--",
        "<": "$<$",
        ">": "$>$",
        "→": r"$\to$",
        "ⁿ": r"$^n$",
        "ᵐ": r"$^m$",
        "↦": r"$\mapsto$",
        "γ": r"$\gamma$",
        "δ": r"$\delta$",
        "η": r"$\eta$",
        "ε": r"$\varepsilon$",
        "τ": r"$\tau$",
        "κ": r"$\kappa$",
        "α": r"$\alpha$",
        "β": r"$\beta$",
        "θ": r"$\theta$",
        "λ": r"$\lambda$",
        "μ": r"$\mu$",
        "π": r"$\pi$",
        "ξ": r"$\xi$",
        "ρ": r"$\rho$",
        "φ": r"$\varphi$",
        "Π": r"$\Pi$",
        "Σ": r"$\Sigma$",
        "û": r"$\hat u$",
        "⟨": r"$\langle$",
        "⟩": r"$\rangle$",
        "ᵀ": r"$^{T}$",
        "ℓ": r"$\ell$",
        "∘": r"$\circ$",
        "Δ": r"$\Delta$",
        "σ": r"$\sigma$",
        "⊆": r"$\subseteq$",
        "×": r"$\times$",
        "±": r"$\pm$",
        "∈": r"$\in$",
        "°": r"$^\circ$",
        "⁺": r"$^{+}$",
        "⁻": r"$^{-}$",
        "²": r"$^2$",
        "\N{COMBINING CIRCUMFLEX ACCENT}": "",
        "ĝ": r"$\hat g$",
        "ĥ": r"$\hat h$",
        "✓": r"$\checkmark$",
        "₁": "$_1$",
        "₂": "$_2$",
        "₃": "$_3$",
        "₄": "$_4$",
        "₅": "$_5$",
        "₆": "$_6$",
        "₇": "$_7$",
        "₈": "$_8$",
        "₉": "$_9$",
        "Γ": r"$\Gamma$",
        "Φ": r"$\Phi$",
        "∫": r"$\int$",
        "′": r"$'$",
        "₀": r"$_0$",
        "ᵛ": "$^{v}$",
        "ᵉ": "$^{e}$",
        "ᶜ": "$^{c}$",
        "‖": r"$\Vert$",
        "⌈": r"$\lceil$",
        "⌉": r"$\rceil$",
        "½": r"$\frac12$",
        "*": r"$^*$",
    }
)
_LATEX_HATS = {"f̂": r"$\hat f$", "r̂": r"$\hat r$", "L̂": r"$\hat L$", "R̂": r"$\hat R$"}


def escape_latex(text: str) -> str:
    """Text for LaTeX: special characters escaped, Greek and signs as mathematics."""
    out, i = "", 0
    while i < len(text):
        pair = text[i : i + 2]
        if pair in _LATEX_HATS:
            out, i = out + _LATEX_HATS[pair], i + 2
        else:
            out, i = out + text[i].translate(_LATEX_ESCAPES), i + 1
    return out
