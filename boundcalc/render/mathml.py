"""Formulas as MathML, from the LaTeX that `boundcalc.symbolic.printing` writes.

One printer decides how a formula looks on paper; here its LaTeX, a small part of the language, is
read and written as presentation MathML, which browsers show by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import escape

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\S", re.DOTALL)
_ACCENTS = {"hat": "^", "widehat": "^", "tilde": "~", "widetilde": "~", "bar": "¯", "vec": "→"}
_SPACES = {
    **{",": "0.17em", ":": "0.22em", ";": "0.28em", " ": "0.3em", "!": "0em"},
    **{"quad": "1em", "qquad": "2em"},
}

_WORDS = ("ln", "log", "exp", "inf", "sup", "min", "max", "sin", "Pr")
_LETTERS = {
    **{"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε"},
    **{"zeta": "ζ", "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν"},
    **{"xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "ϕ", "varphi": "φ"},
    **{"chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ"},
    **{"Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω"},
    **{"ell": "ℓ", "infty": "∞", "emptyset": "∅"},
}
_SIGNS = {
    **{"leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠"},
    **{"approx": "≈", "in": "∈"},
    **{"cdot": "·", "times": "×", "circ": "∘", "mid": "∣", "Vert": "‖", "to": "→", "pm": "±"},
    **{"lceil": "⌈", "rceil": "⌉", "langle": "⟨", "rangle": "⟩", "sum": "∑", "int": "∫"},
    **{"subseteq": "⊆", "mapsto": "↦", "ldots": "…", "cdots": "⋯", "cup": "∪", "cap": "∩"},
    **{"{": "{", "}": "}", "|": "‖", "prime": "′", "lVert": "‖", "rVert": "‖"},
    **{"lvert": "|", "rvert": "|", "lt": "<", "gt": ">", "star": "⋆", "top": "⊤", "dots": "…"},
    **{"propto": "∝", "Rightarrow": "⇒", "setminus": "∖"},
}
_ALPHABETS = {
    "mathcal": (0x1D49C, {"B": "ℬ", "E": "ℰ", "F": "ℱ", "H": "ℋ", "I": "ℐ", "L": "ℒ", "R": "ℛ"}),
    "mathfrak": (0x1D504, {"C": "ℭ", "H": "ℌ", "I": "ℑ", "R": "ℜ", "Z": "ℨ"}),
    "mathbb": (0x1D538, {"N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}),
}
_MADE_OF = {
    **{name: f"<mi>{letter}</mi>" for name, letter in _LETTERS.items()},
    **{name: f"<mi>{name}</mi>" for name in _WORDS},
    **{name: f'<mspace width="{width}"></mspace>' for name, width in _SPACES.items()},
    **{name: f'<mover accent="true">{{}}<mo>{a}</mo></mover>' for name, a in _ACCENTS.items()},
    **dict.fromkeys(("Bigl", "Bigr"), "{}"),
    **dict.fromkeys(("frac", "tfrac"), "<mfrac>{}{}</mfrac>"),
    "binom": '<mrow><mo>(</mo><mfrac linethickness="0">{}{}</mfrac><mo>)</mo></mrow>',
    "sqrt": "<msqrt>{}</msqrt>",
}
"""What a command is, with its arguments put in."""
_SMALL, _TALL = ' stretchy="false"', re.compile("<m(?:frac|sqrt)>")
_FENCES = frozenset("()[]|{}⌈⌉⟨⟩‖")


def mathml(latex: str, *, block: bool = False) -> str:
    r"""A formula as a ``math`` element.

    Parameters
    ----------
    latex : str
        Without dollar signs.
    block : bool
        Whether it stands on a line of its own.

    Raises
    ------
    ValueError
        For a command that the printer does not write.

    Examples
    --------
    >>> mathml(r"\frac{1}{2}")
    '<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>'
    """
    display = ' display="block"' if block else ""
    return f"<math{display}>{_converted(latex)}</math>"


@lru_cache(maxsize=4096)
def _converted(latex: str) -> str:
    reader = _Reader(latex)
    parts = list(reader.row(frozenset()))
    if reader.rest:
        raise ValueError(f"a formula ends early: {latex}")
    return "".join(parts)


class _Reader:
    """Reads tokens from the front, writes one element after the other."""

    def __init__(self, latex: str) -> None:
        self.rest = _TOKEN.findall(latex)[::-1]

    def _next(self) -> str:
        if not self.rest:
            raise ValueError("a formula ends early")
        token: str = self.rest.pop()
        return token

    def row(self, ends: frozenset[str]) -> Iterator[str]:
        """Elements up to one of these tokens, which stays."""
        while self.rest and self.rest[-1] not in ends:
            yield self._scripted(self._element(self._next()))

    def _scripted(self, base: str) -> str:
        """An element with what stands below and above it."""
        found: dict[str, str] = {}
        while self.rest and self.rest[-1] in ("_", "^") and self.rest[-1] not in found:
            place = self._next()
            found[place] = self._argument()
        if not found:
            return base
        below, above = found.get("_", ""), found.get("^", "")
        name = "msubsup" if below and above else "msub" if below else "msup"
        return f"<{name}>{base}{below}{above}</{name}>"

    def _argument(self) -> str:
        """The group or the single element that follows; of a number, the first digit."""
        token = self._next()
        if token[0].isdigit() and len(token) > 1:
            self.rest.append(token[1:])
            token = token[0]
        return self._element(token)

    def _group(self, end: str) -> str:
        parts = list(self.row(frozenset({end})))
        self._next()
        return parts[0] if len(parts) == 1 else f"<mrow>{''.join(parts)}</mrow>"

    def _word(self) -> str:
        """The letters of a group, as they are written."""
        token = self._next()
        if token != "{":
            return token
        letters = []
        while (token := self._next()) != "}":
            letters.append(token)
        return "".join(letters)

    def _element(self, token: str) -> str:
        if token == "{":
            return self._group("}")
        if token.startswith("\\"):
            return self._command(token[1:])
        if token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        if token in "}&" or token == "$":
            raise ValueError(f"{token} in a formula")
        return _sign({"-": "−", "*": "*", "'": "′"}.get(token, token))

    def _command(self, name: str) -> str:
        if name in _MADE_OF:
            made = _MADE_OF[name]
            return made.format(*(self._argument() for _ in range(made.count("{}"))))
        if name == "left":
            return self._fenced()
        if name in _ALPHABETS:
            return f"<mi>{''.join(_styled(name, letter) for letter in self._word())}</mi>"
        if name in ("mathrm", "operatorname"):
            return f'<mi mathvariant="normal">{escape(self._word())}</mi>'
        if name == "text":
            return f"<mtext>{escape(self._word())}</mtext>"
        if name in _SIGNS:
            return _sign(_SIGNS[name])
        raise ValueError(f"\\{name} is not known in a formula")

    def _fenced(self) -> str:
        start = self._element(self._next())
        inside = "".join(self.row(frozenset({"\\right"})))
        self._next()
        fenced = f"{start}{inside}{self._element(self._next())}"
        if _TALL.search(inside):
            fenced = fenced.replace(_SMALL, "")
        return f"<mrow>{fenced}</mrow>"


def _sign(sign: str) -> str:
    tight = ' lspace="0" rspace="0"' if sign in _FENCES or sign == "/" else ""
    return f"<mo{tight}{_SMALL if sign in _FENCES else ''}>{escape(sign)}</mo>"


def _styled(alphabet: str, letter: str) -> str:
    """A letter of a mathematical alphabet."""
    start, others = _ALPHABETS[alphabet]
    if letter in others or not letter.isascii() or not letter.isalpha():
        return others.get(letter, escape(letter))
    return chr(start + ord(letter) - (ord("A") if letter.isupper() else ord("a") - 26))
