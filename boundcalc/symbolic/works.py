"""One work of the literature."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """A published work: citation key, BibTeX entry type, short form and fields."""

    key: str
    kind: str
    short: str
    fields: tuple[tuple[str, str], ...]

    @property
    def bibtex(self) -> str:
        """The BibTeX entry."""
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in self.fields)
        return f"@{self.kind}{{{self.key},\n{body}\n}}"


def record(key: str, kind: str, short: str, **fields: str) -> Work:
    """A work from the fields of its BibTeX entry."""
    return Work(key, kind, short, tuple(fields.items()))
