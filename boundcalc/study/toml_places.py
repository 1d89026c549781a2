"""Where the strings of one key stand in a TOML file: what `tomllib` reads but does not remember."""

from __future__ import annotations

import re
from dataclasses import dataclass

_STRING = (
    r'"""[^"\\]*(?:(?:\\.|"{1,2}(?!"))[^"\\]*)*"{3,5}'
    r"|'''[^']*(?:'{1,2}(?!')[^']*)*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_KEY = r"""^[ \t]*(?:{0}|"{0}"|'{0}')[ \t]*="""


@dataclass(frozen=True)
class Written:
    """The content of a string as it is written in a file, and where it starts."""

    text: str
    start: int


def strings_of(key: str, raw: str) -> list[Written]:
    """The strings of a top-level key, whose value is a string or a list of strings, in their order.

    Parameters
    ----------
    key : str
        A bare key.
    raw : str
        A valid TOML file.
    """
    token = re.compile(
        rf"(?P<key>{_KEY.format(key)})|(?P<comment>#[^\n]*)|(?P<string>{_STRING})|(?P<list>[\[\]])",
        re.DOTALL | re.MULTILINE,
    )
    found: list[Written] = []
    inside = listed = False
    for match in token.finditer(raw):
        kind = match.lastgroup
        if kind == "key":
            inside = True
        elif inside and kind == "string":
            found.append(_content(match[0], match.start()))
        elif inside and kind == "list":
            listed = match[0] == "["
        if inside and kind in ("string", "list") and not listed:
            break
    return found


def _content(literal: str, start: int) -> Written:
    """Without its quotes, and without the line end that follows three of them."""
    quotes = 3 if literal[:3] in ('"""', "'''") else 1
    skipped = quotes + (quotes == 3 and literal[quotes : quotes + 1] == "\n")
    return Written(literal[skipped:-quotes], start + skipped)
