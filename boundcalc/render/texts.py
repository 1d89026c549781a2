"""Documents as Markdown, LaTeX and CSV, and mathematical prose in the first two."""

from __future__ import annotations

import csv
import io
import re
import unicodedata

from boundcalc.errors import visible
from boundcalc.render.document import (
    Cell,
    Code,
    Document,
    Heading,
    Table,
    Text,
    Words,
    without_hints,
    words,
)
from boundcalc.symbolic.escape import escape_latex, formulas_in

_SECTION = re.compile(r"^(.+)\n-+\n((?:(?!^.+\n-+\n).*\n?)*)", re.MULTILINE)
_FORMULA = re.compile(r"(?:\\t|\\r)?[=+@-]")
_NUMBER = re.compile(r"[+-](?:(?:\d[\d.,]*(?:e[+-]?\d+)?|∞|inf)?)$")
# what Markdown, as GitHub and pandoc read it, takes for a sign of its own; code stays code
_MARKS = re.compile(r"[*$\\]|~~|\]\(|(?<![^\W_])_+|_+(?![^\W_])")
_TAG, _ENTITY = re.compile(r"<(?=[A-Za-z/!?])"), re.compile(r"&(?=#?\w+;)")
_START = re.compile(r"(?:[#>+]|\d+[.)])(?=\s)")
_EMPHASIS = r"(?<![\w*])\*(\w[^*]*)\*"
_MARKED = re.compile(rf"(`{{1,2}})([^`]+)\1|{_EMPHASIS}")
# what the text font of pandoc's PDFs has beyond Latin letters
_IN_FONT = frozenset("−–—…‘’“”·×±°²³¹½√∞\N{COMBINING CIRCUMFLEX ACCENT}ΓΔΘΛΞΠΣΦΨΩ")


def markdown(document: Document) -> str:
    """Markdown, with formulas between dollar signs."""
    return "\n\n".join(_markdown(block) for block in words(without_hints(document))) + "\n"


def _markdown_cell(cell: Cell) -> str:
    text = in_markdown(cell) if isinstance(cell, str) else f"${cell.latex}$"
    return text.replace("|", r"\|").replace("\n", " ")


def _markdown(block: Words) -> str:
    if isinstance(block, Heading):
        return f"## {in_markdown(block.text)}"
    if isinstance(block, Text):
        return in_markdown(block.text) if isinstance(block.text, str) else f"$${block.text.latex}$$"
    if isinstance(block, Code):
        return f"```{block.language}\n{block.text}\n```"
    head, *rows = ([_markdown_cell(cell) for cell in row] for row in (block.columns, *block.rows))
    rules = ["---:" if block.is_right(i) else "---" for i in range(len(block.columns))]
    lines = [f"**{in_markdown(block.caption)}**", ""] if block.caption else []
    return "\n".join((*lines, *(f"| {' | '.join(row)} |" for row in (head, rules, *rows))))


def latex_part(document: Document) -> str:
    """LaTeX to be put into a document that loads amsmath, amssymb and booktabs."""
    return "\n\n".join(_latex(block) for block in words(without_hints(document))) + "\n"


def _latex_cell(cell: Cell) -> str:
    return escape_latex(visible(cell)) if isinstance(cell, str) else f"${cell.latex}$"


def _latex(block: Words) -> str:
    if isinstance(block, Heading):
        return rf"\subsection*{{{_latex_cell(block.text)}}}"
    if isinstance(block, Text):
        return (
            _latex_cell(block.text) if isinstance(block.text, str) else rf"\[ {block.text.latex} \]"
        )
    if isinstance(block, Code):
        return rf"\begin{{verbatim}}{chr(10)}{block.text}{chr(10)}\end{{verbatim}}"
    spec = "".join("r" if block.is_right(i) else "l" for i in range(len(block.columns)))
    lines = [rf"\textbf{{{_latex_cell(block.caption)}}}\par"] if block.caption else []
    lines += [rf"\begin{{tabular}}{{{spec}}}", r"\toprule"]
    lines += [" & ".join(map(_latex_cell, block.columns)) + r" \\", r"\midrule"]
    for row in block.rows:
        line = " & ".join(map(_latex_cell, row))
        # else an argument of the line break above
        lines.append(("{}" if line.startswith(("[", "*")) else "") + line + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    return "\n".join(lines)


def _csv_cell(cell: Cell) -> str:
    """A cell that a spreadsheet takes for text, not for a formula; numbers are numbers."""
    text = visible(cell if isinstance(cell, str) else cell.text).replace("−", "-")
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def comma_separated(document: Document) -> str:
    """The tables as CSV, an empty line between two of them; everything else is left out."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    tables = [block for block in document if isinstance(block, Table)]
    for i, table in enumerate(tables):
        if i:
            out.write("\n")
        for row in (table.columns, *table.rows):
            writer.writerow(map(_csv_cell, row))
    return out.getvalue()


def in_latex(text: str) -> str:
    """Mathematical prose as LaTeX: code in typewriter, emphasis, formulas."""
    out, place = "", 0
    for found in _MARKED.finditer(text):
        out += escape_latex(visible(text[place : found.start()]), prose=True)
        if found[2]:
            out += rf"\texttt{{{escape_latex(found[2])}}}"
        else:
            out += rf"\emph{{{escape_latex(visible(found[3]), prose=True)}}}"
        place = found.end()
    return out + escape_latex(visible(text[place:]), prose=True)


def in_markdown(text: str) -> str:
    """Text in Markdown that reads as it was written; what a text font lacks is a formula."""
    shown = visible(text)
    said = _as_text(shown)
    if any(ord(c) >= 0x180 and c not in _IN_FONT for c in unicodedata.normalize("NFC", text)):
        said = "".join(f"${part}$" if tex else _as_text(part) for tex, part in formulas_in(shown))
    start = _START.match(said)
    return f"{said[: start.end() - 1]}\\{said[start.end() - 1 :]}" if start else said


def _as_text(text: str) -> str:
    escaped = _MARKS.sub(lambda signs: "".join(f"\\{sign}" for sign in signs[0]), text)
    return _TAG.sub("&lt;", _ENTITY.sub("&amp;", escaped))


def with_probability(tex: str, probability: str) -> str:
    """A formula, and with at least which probability it holds; both are LaTeX."""
    if probability == "1":
        return tex
    return rf"{tex} \quad\text{{with probability at least }}\; {probability}"


def sections(page: str) -> dict[str, list[str]]:
    """The sections of a theorem's page by their heads: paragraphs, and items that begin with -."""
    found = {}
    for head, text in _SECTION.findall(page):
        parts = re.split(r"\n\s*\n|\n(?=- )", text)
        found[head.strip()] = [" ".join(part.split()) for part in parts if part.strip()]
    return found


def unmarked(text: str) -> str:
    """Without the marks of code and of *emphasis*; the star of m* is no mark."""
    return re.sub(_EMPHASIS, r"\1", text.replace("`", ""))
