"""Documents as Markdown, LaTeX and CSV."""

from __future__ import annotations

import csv
import io
import re

from boundcalc.errors import visible
from boundcalc.render.document import Cell, Code, Document, Heading, Table, Text, Words, words
from boundcalc.render.prose import in_markdown
from boundcalc.symbolic.escape import escape_latex

_FORMULA = re.compile(r"(?:\\t|\\r)?[=+@-]")
_NUMBER = re.compile(r"[+-](?:(?:\d[\d.,]*(?:e[+-]?\d+)?|∞|inf)?)$")


def markdown(document: Document) -> str:
    """Markdown, with formulas between dollar signs."""
    return "\n\n".join(_markdown(block) for block in words(document)) + "\n"


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
    lines = [f"**{in_markdown(block.caption)}**", ""] if block.caption else []
    lines.append("| " + " | ".join(_markdown_cell(column) for column in block.columns) + " |")
    rules = ("---:" if i in block.numeric else "---" for i in range(len(block.columns)))
    lines.append("| " + " | ".join(rules) + " |")
    lines += ["| " + " | ".join(_markdown_cell(cell) for cell in row) + " |" for row in block.rows]
    return "\n".join(lines)


def latex(document: Document) -> str:
    """LaTeX to be put into a document that loads amsmath, amssymb and booktabs."""
    return "\n\n".join(_latex(block) for block in words(document)) + "\n"


def _latex_cell(cell: Cell) -> str:
    return escape_latex(visible(cell)) if isinstance(cell, str) else f"${cell.latex}$"


def _latex(block: Words) -> str:
    if isinstance(block, Heading):
        return rf"\subsection*{{{escape_latex(visible(block.text))}}}"
    if isinstance(block, Text):
        return (
            escape_latex(visible(block.text))
            if isinstance(block.text, str)
            else rf"\[ {block.text.latex} \]"
        )
    if isinstance(block, Code):
        return rf"\begin{{verbatim}}{chr(10)}{block.text}{chr(10)}\end{{verbatim}}"
    spec = "".join("r" if i in block.numeric else "l" for i in range(len(block.columns)))
    lines = [rf"\textbf{{{escape_latex(visible(block.caption))}}}\par"] if block.caption else []
    lines += [rf"\begin{{tabular}}{{{spec}}}", r"\toprule"]
    lines.append(" & ".join(escape_latex(visible(c)) for c in block.columns) + r" \\")
    lines.append(r"\midrule")
    for row in block.rows:
        line = " & ".join(_latex_cell(cell) for cell in row)
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
