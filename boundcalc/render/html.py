"""Documents as HTML: for a page, and for a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files

from boundcalc.errors import visible
from boundcalc.render.document import (
    Block,
    Cell,
    Code,
    Document,
    Forest,
    Formula,
    Heading,
    Lattice,
    Mark,
    Table,
    Text,
    Tone,
    without_hints,
)
from boundcalc.render.drawings import legend_mark, svg
from boundcalc.render.mathml import mathml

_SIGNS = {Tone.GOOD: "✓", Tone.BAD: "✗"}
_BREAKS = re.compile(r"(?<=[^\W\d_]{2}[+/_.])(?=[^\W\d_]{2})")


@cache
def stylesheet() -> str:
    """The style sheet of every page: light, dark, narrow, and on paper."""
    return (files("boundcalc.render") / "style.css").read_text(encoding="utf-8").strip()


def fragment(document: Document, *, level: int = 2) -> str:
    """HTML to be put into a page; headings start at `level`."""
    return "\n".join(_parts(document, level))


def page(document: Document) -> str:
    """A page of its own, which loads nothing and runs nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(visible(title_in(document)))}</title>\n<style>\n{stylesheet()}\n</style>\n</head>\n"
        f'<body class="boundcalc">\n<main>\n{fragment(document, level=1)}\n</main>\n</body>\n'
        "</html>\n"
    )


def title_in(document: Document) -> str:
    """The first heading, or what everything is called that has none."""
    return next((block.text for block in document if isinstance(block, Heading)), "boundcalc")


def notebook(document: Document) -> str:
    """HTML for a cell of a notebook, which keeps its style to itself."""
    style = stylesheet().replace(":root", ".boundcalc").replace("body.boundcalc", ".boundcalc")
    return f'<style>{style}</style><div class="boundcalc cell">{fragment(document, level=3)}</div>'


def _parts(document: Document, level: int) -> Iterator[str]:
    items: list[str] = []
    first = True
    for block in without_hints(document):
        if isinstance(block, Text) and isinstance(block.text, str) and block.text.startswith("- "):
            items.append(f'<li class="{block.tone.value}">{escaped(block.text[2:])}</li>')
            continue
        if items:
            yield f"<ul>{''.join(items)}</ul>"
            items = []
        if isinstance(block, Heading):
            name = f"h{level if first else level + 1}"
            first = False
            yield f"<{name}>{escaped(block.text)}</{name}>"
        else:
            yield _block(block)
    if items:
        yield f"<ul>{''.join(items)}</ul>"


def _block(block: Block) -> str:
    if isinstance(block, Text) and isinstance(block.text, Formula):
        return f'<div class="formula" tabindex="0">{formula(block.text, block=True)}</div>'
    if isinstance(block, Text):
        sign = _SIGNS.get(block.tone)
        before = f'<span class="sign" aria-hidden="true">{sign}</span> ' if sign else ""
        return f'<p class="{block.tone.value}">{before}{cell(block.text)}</p>'
    if isinstance(block, Code):
        return f'<pre tabindex="0"><code>{escape(visible(block.text))}</code></pre>'
    if isinstance(block, (Forest, Lattice)):
        words = f"<figcaption>{escaped(block.caption)}</figcaption>" if block.caption else ""
        legend = ""  # the marks of a forest plot, in words; a lattice below it uses the same
        if isinstance(block, Forest):
            used = {row.mark for row in block.rows}
            shown = (
                f"<span>{legend_mark(mark)}{mark.value}</span>" for mark in Mark if mark in used
            )
            legend = f'<p class="legend">{"".join(shown)}</p>'
        return f"<figure>{svg(block)}{legend}{words}</figure>"
    return _table(block) if isinstance(block, Table) else escaped(block.text)


def escaped(words: str) -> str:
    """Text as it was given: nothing in it is a tag, and long names break at their joints."""
    return _BREAKS.sub("<wbr>", escape(visible(words)))


def cell(content: Cell) -> str:
    """A text, or a formula as MathML."""
    return escaped(content).replace("\n", "<br>") if isinstance(content, str) else formula(content)


def formula(content: Formula, *, block: bool = False) -> str:
    """A formula as MathML; one that cannot be read stays text."""
    try:
        return mathml(content.latex, block=block)
    except ValueError:
        return escaped(content.text)


def _table(block: Table) -> str:
    """A table that scrolls by itself where it is too wide."""
    caption = f"<caption>{escaped(block.caption)}</caption>" if block.caption else ""
    sides = [' class="number"' * block.is_right(i) for i in range(len(block.columns))]
    named = zip(sides, block.columns, strict=True)
    heads = "".join(f'<th scope="col"{side}>{escaped(column)}</th>' for side, column in named)
    rows = []
    for i, row in enumerate(block.rows):
        tone = f' class="{block.tones[i].value}"' if block.tones else ""
        cells = "".join(
            f"<td{side}>{_indented(c)}</td>" for side, c in zip(sides, row, strict=True)
        )
        rows.append(f"<tr{tone}>{cells}</tr>")
    return (
        f'<div class="scroll" tabindex="0"><table>{caption}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _indented(content: Cell) -> str:
    if isinstance(content, str) and content.startswith("  "):
        return f'<span class="indent">{escaped(content.strip())}</span>'
    return cell(content)
