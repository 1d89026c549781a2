"""Every sign that we print has a spelling in ASCII, for code pages that lack it."""

from __future__ import annotations

import codecs
import re
import unicodedata

SIGNS = "boundcalc.signs"
"""The error handler for text that an encoding cannot hold."""

_SPELT = (
    "≤ <=, ≥ >=, ≠ !=, ≈ ~, − -, – -, — -, ─ -, … ..., ∞ inf, √ sqrt, · *, × x, → ->, ⇒ =>, ∈ in, "
    "∑ sum, Σ sum, ± +-, ✓ ok, ✗ x, • *, ′ ', ‖ ||, “ \", ” \", ‘ ', ’ '"
)
_ASCII = dict(pair.split() for pair in _SPELT.split(", "))
_ASCII |= {"\u0302": "^", "\u0303": "~", "\u0304": "_"}  # marks above a letter


def in_ascii(text: str) -> str:
    """Text in ASCII: signs as they are typed, Greek letters by name, the rest escaped."""
    return "".join(map(_letter, text))


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _ASCII:
        return _ASCII[letter]
    if "\udc80" <= letter <= "\udcff":  # a byte of a file name that is no text
        return f"\\x{ord(letter) - 0xDC00:02x}"
    name = unicodedata.name(letter, "").split()
    if name[:1] == ["GREEK"] and "LETTER" in name:
        greek = name[name.index("LETTER") + 1].lower()
        return greek.capitalize() if "CAPITAL" in name else greek
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or letter.encode("ascii", "backslashreplace").decode()


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return in_ascii(error.object[error.start : error.end]), error.end


codecs.register_error(SIGNS, _replace)


def spelled(text: str, encoding: str) -> str:
    """Text as a stream of this encoding shows it."""
    return text.encode(encoding, SIGNS).decode(encoding)


def json_for(text: str, encoding: str) -> str:
    r"""JSON that this encoding can hold: else with ``\u`` escapes, which mean the same."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return re.sub(r"[^\x00-\x7f]+", _escaped, text)
    return text


def _escaped(found: re.Match[str]) -> str:
    code = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{code[i : i + 4]}" for i in range(0, len(code), 4))
