"""Plain text with mathematical characters, for LaTeX and Markdown.

A run of words that belong to one formula, such as ``r̂ + C √(ln(1/δ)/(2n))``, becomes one formula.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_SIGNS = {"−": "-", "°": r"^{\circ}", "′": r"^{\prime}", "½": r"\tfrac12 "}
_COMMANDS = (
    "≤ leq ≠ neq ≥ geq ≈ approx · cdot ∞ infty √ surd → to ↦ mapsto ∫ int ⟨ langle ⟩ rangle ℓ ell "
    "∘ circ ⊆ subseteq ∪ cup × times ± pm ∈ in ✓ checkmark ‖ Vert ⌈ lceil ⌉ rceil ∝ propto "
    "α alpha β beta γ gamma δ delta ε varepsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu "
    "ν nu ξ xi π pi ρ rho σ sigma τ tau φ varphi χ chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta "
    "Λ Lambda Ξ Xi Π Pi Σ Sigma Φ Phi Ψ Psi Ω Omega"
)
_NAMED = zip(_COMMANDS.split()[::2], _COMMANDS.split()[1::2], strict=True)
_SIGNS |= {sign: f"\\{name} " for sign, name in _NAMED}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵐᵀᵛᵉᶜ", "0123456789+-nmTvec", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))
_ACCENTS = {"\N{COMBINING CIRCUMFLEX ACCENT}": "hat", "\N{COMBINING MACRON}": "bar"}
_FUNCTIONS = frozenset({"ln", "log", "exp", "max", "min", "inf", "sup"})
_BEFORE = _FUNCTIONS | {"E", "KL", "kl"}
_MARKS = frozenset({*_SIGNS, *_RAISED, *_LOWERED, *_ACCENTS})

_TEXT = str.maketrans(
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
        "…": r"\ldots{}",
        "–": "--",
        "’": "'",
        "<": "$<$",
        ">": "$>$",
        "|": "$|$",
        '"': "''",
        "”": "''",
        "“": "``",
        "‘": "`",
    }
)
_IN_FORMULA = {c: f"\\{c}" for c in "&%$#{}"} | {"\\": r"\backslash ", "~": r"\sim ", "–": "-"}

_WORDS = re.compile(r"\s+|\S+")
_RELATION = re.compile(r"[=<>+/−≤≥≠≈·→↦∈⊆∪×±∘-]+")
_OPERAND = re.compile(r"[(\[|{]*(?:\d[\d.,]*(?:e-?\d+)?|[A-Za-z]\*?(?:\(\S*)?)[)\]}|,;.:]*")
_ARGUMENT = re.compile(r"(?:\d+|[A-Za-z])[)\]][,;.:]*")
_LETTER = re.compile(r"[(\[|{]*[b-zB-HJ-Z]\*?(?:\([b-zA-Z]\))?[)\]}|,;.:]*")
_CALL = re.compile(
    r"[(\[]*(?:ln|log|exp|min|max|inf|sup|kl|KL|[b-zB-Z])\(|(?:inf|min|max|sup)_|[)\]]/\(|\S\^\S"
)
_POWER_OF_TEN = re.compile(r"(\d[\d.]*)e(-?\d+)")
_SUBSCRIPT = re.compile(r"(?<![A-Za-z])[A-Za-z]_[A-Za-z0-9]{1,2}(?![A-Za-z0-9_])")
_OPENING = re.compile(r'(?<![^\s(\[{])"(?=\S)')
_MARKED_LETTER = re.compile(f"[A-Za-z][{''.join(_ACCENTS)}]")
# what users call a thing, such as id_text or z_text_audio; of two letters it is a subscript
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*_[A-Za-z0-9]{3,}(?:_[A-Za-z0-9]+)*")
_PARTNER = {")": "(", "]": "[", "}": "{"}


def escape_latex(text: str, *, prose: bool = False) -> str:
    """Text for LaTeX: special characters escaped, formulas as mathematics.

    Parameters
    ----------
    text : str
    prose : bool
        Whether it is mathematical prose, in which a lone letter is a symbol.

    Examples
    --------
    >>> print(escape_latex("r̂ ≤ √(1/δ) for 5 % of train_loss"))
    $\\hat{r} \\leq  \\sqrt{1/\\delta }$ for 5 \\% of train\\_loss
    """
    parts = formulas_in(_OPENING.sub("“", text), prose=prose)
    return "".join(f"${part}$" if formula else _as_text(part) for formula, part in parts)


def _as_text(text: str) -> str:
    """Text that is no formula; a letter with a mark that no font has, such as r̂, still is one."""
    escaped = unicodedata.normalize("NFC", text).translate(_TEXT)
    return _MARKED_LETTER.sub(lambda found: f"${_formula(found[0])}$", escaped)


def formulas_in(text: str, *, prose: bool = False) -> Iterator[tuple[bool, str]]:
    """The text in parts: formulas as LaTeX, marked True, and what stands between them."""
    words = _WORDS.findall(unicodedata.normalize("NFC", text))
    inside = _in_formulas(words, prose)
    place = 0
    while place < len(words):
        end = place + 1
        while end < len(words) and inside[end] == inside[place]:
            end += 1
        run = "".join(words[place:end])
        if not inside[place]:
            yield False, run
        else:
            before, run, after = _trimmed(run)
            if before:
                yield False, before
            yield True, _formula("".join(map(_apart, run)))
            if after:
                yield False, after
        place = end


def _apart(c: str) -> str:
    """A letter and its hat as two characters; whatever else is made of two stays one."""
    decomposed = unicodedata.normalize("NFD", c)
    return decomposed if decomposed[-1] in _ACCENTS else c


def _in_formulas(words: list[str], prose: bool) -> list[bool]:
    """Which words, and which spaces between them, belong to a formula."""
    found = [_is_formula(word, prose) for word in words]
    for i, word in enumerate(words):
        if _RELATION.fullmatch(word):
            beside = [j for j in (i - 2, i + 2) if 0 <= j < len(words)]
            found[i] = found[i] or any(found[j] for j in beside)
            for j in beside if found[i] else ():
                found[j] = found[j] or bool(_OPERAND.fullmatch(words[j]))
    for i in range(len(words) - 3, -1, -1):
        if words[i].lstrip("(") in _BEFORE and found[i + 2]:
            found[i] = True
    for i in range(1, len(words) - 1):
        if words[i].isspace():
            before, after = words[i - 1], words[i + 1]
            closed = before[-1] in ",;.:"
            opened = any(before[j] in "([" for j in _unmatched(before))
            if found[i - 1] and opened and before[-1] == "," and _ARGUMENT.fullmatch(after):
                closed, found[i + 1] = False, True  # the second argument of γ(M, N)
            found[i] = found[i - 1] and found[i + 1] and not closed
    return found


def _is_formula(word: str, prose: bool) -> bool:
    if "://" in word:
        return False
    letters = "".join(map(_apart, word))
    if any(c in _MARKS for c in letters):  # ĝ is a letter with a hat, é is one of a name
        return all(c in _MARKS or c.isascii() or not c.isalpha() for c in letters)
    symbols = _LETTER.fullmatch(word) or _CALL.search(word)
    return bool(_SUBSCRIPT.search(word) or (prose and symbols))


def _trimmed(run: str) -> tuple[str, str, str]:
    """The run without punctuation and brackets that belong to the sentence around it."""
    alone = _unmatched(run)
    start, end = 0, len(run)
    while start < end and start in alone:
        start += 1
    while end > start and (end - 1 in alone or run[end - 1] in ",;.:"):
        end -= 1
    return run[:start], run[start:end], run[end:]


def _unmatched(run: str) -> set[int]:
    """The places of brackets that have no partner in the run."""
    opened: list[int] = []
    alone = set()
    for place, c in enumerate(run):
        if c in "([{":
            opened.append(place)
        elif c in _PARTNER:
            if opened and run[opened[-1]] == _PARTNER[c]:
                opened.pop()
            else:
                alone.add(place)
    return alone | set(opened)


def _formula(run: str) -> str:
    """A formula in plain text as LaTeX; hats stand as characters of their own."""
    out, i = "", 0
    while i < len(run):
        piece, i = _piece(run, i)
        script = piece[:1] if piece[:1] in ("^", "_") else ""
        if script and _ends_in(out, script):
            out += "{}"
        out += piece
    return out.strip()


def _piece(run: str, i: int) -> tuple[str, int]:
    """The next part of a formula, and where the one after it begins."""
    c = run[i]
    if power := _POWER_OF_TEN.match(run, i):
        times = "" if power[1] == "1" else rf"{power[1]}\cdot "
        return rf"{times}10^{{{power[2]}}}", power.end()
    if i + 1 < len(run) and run[i + 1] in _ACCENTS:
        return rf"\{_ACCENTS[run[i + 1]]}{{{_formula(c)}}}", i + 2
    for table, sign in ((_RAISED, "^"), (_LOWERED, "_")):
        if c in table:
            end = i
            while end < len(run) and run[end] in table:
                end += 1
            return f"{sign}{{{_word(''.join(table[s] for s in run[i:end]))}}}", end
    if c in "√^_":
        inner, end = _argument(run, i + 1)
        if inner:
            return {"√": r"\sqrt"}.get(c, c) + f"{{{_formula(inner)}}}", end
        return {"√": r"\surd ", "_": r"\_", "^": r"\wedge "}[c], i + 1
    if (name := _NAME.match(run, i)) and name[0].partition("_")[0] not in _FUNCTIONS:
        return rf"\mathrm{{{name[0]}}}".replace("_", r"\_"), name.end()
    if c.isascii() and c.isalpha():
        end = i
        while end < len(run) and run[end].isascii() and run[end].isalpha():
            end += 1
        if end < len(run) and run[end] in _ACCENTS and end - i > 1:
            end -= 1
        return _word(run[i:end]), end
    if c == "*" and i and (run[i - 1].isalnum() or run[i - 1] in _ACCENTS):
        return "^{*}", i + 1
    if c == "Σ" and run[i + 1 : i + 2] in ("_", " "):
        return r"\sum ", i + 1
    known = _SIGNS.get(c) or _IN_FORMULA.get(c)
    return known or (c if c.isascii() else rf"\text{{{c}}}"), i + 1


def _word(letters: str) -> str:
    """Letters that stand together: a function, a product of two symbols, or a word."""
    if letters in _FUNCTIONS:
        return f"\\{letters} "
    if letters in ("E", "P"):
        return rf"\mathbb{{{letters}}}" + r"\," if letters == "E" else letters
    short = len(letters) < 3 and letters not in ("kl", "KL")
    return letters if short or not letters.isalpha() else rf"\mathrm{{{letters}}}"


def _argument(run: str, i: int) -> tuple[str, int]:
    """What a root or a script takes: a group in brackets, or letters and digits."""
    if run[i : i + 1] == "(":
        depth = 0
        for end in range(i, len(run)):
            depth += {"(": 1, ")": -1}.get(run[end], 0)
            if depth == 0:
                return run[i + 1 : end], end + 1
        return "", i
    end = i
    while end < len(run) and (
        (run[end].isalnum() and (run[end].isascii() or run[end] in _SIGNS)) or run[end] in _ACCENTS
    ):
        end += 1
    return run[i:end], end


def _ends_in(out: str, script: str) -> bool:
    """Whether the formula so far ends in a script of this kind: TeX takes no second one."""
    if not out.endswith("}"):
        return False
    depth = 0
    for place in range(len(out) - 1, -1, -1):
        depth += {"}": 1, "{": -1}.get(out[place], 0)
        if depth == 0:
            return out[place - 1 : place] == script
    return False
