"""Prose with mathematical characters, for LaTeX and for Markdown."""

from __future__ import annotations

import re
import unicodedata

from boundcalc.errors import visible
from boundcalc.symbolic.escape import escape_latex, formulas_in

_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_CODE = re.compile(r"(`{1,2})([^`]+)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(\w[^*]*)\*")
# what the text font of pandoc's PDFs has beyond Latin letters
_IN_FONT = frozenset("−–—…‘’“”·×±°²³¹½√∞\N{COMBINING CIRCUMFLEX ACCENT}ΓΔΘΛΞΠΣΦΨΩ")


def in_latex(text: str) -> str:
    """Mathematical prose as LaTeX: code in typewriter, emphasis, formulas."""
    out, place = "", 0
    for found in _CODE.finditer(text):
        out += _emphasised(text[place : found.start()])
        out += rf"\texttt{{{escape_latex(found[2])}}}"
        place = found.end()
    return out + _emphasised(text[place:])


def _emphasised(text: str) -> str:
    out, place = "", 0
    for found in _EMPHASIS.finditer(text):
        out += escape_latex(visible(text[place : found.start()]), prose=True)
        out += rf"\emph{{{escape_latex(visible(found[1]), prose=True)}}}"
        place = found.end()
    return out + escape_latex(visible(text[place:]), prose=True)


def in_markdown(text: str) -> str:
    """Text in Markdown that begins no tag and no link; what a text font lacks is a formula."""
    parts = []
    for formula, part in formulas_in(visible(text)):
        parts.append(f"${part}$" if formula else _as_text(part))
    return "".join(parts) if not _in_font(text) else _as_text(visible(text))


def _as_text(text: str) -> str:
    return _TAG.sub("&lt;", text).replace("](", r"]\(")


def _in_font(text: str) -> bool:
    decomposed = unicodedata.normalize("NFC", text)
    return all(ord(c) < 0x180 or c in _IN_FONT for c in decomposed)


def with_probability(tex: str, probability: str) -> str:
    """A formula, and with at least which probability it holds; both are LaTeX."""
    if probability == "1":
        return tex
    return rf"{tex} \quad\text{{with probability at least }}\; {probability}"
