"""What the shell offers when Tab is pressed: ids, classes, variants, and names of parameters.

Ids and classes are names of files, found without importing one; variants and parameters are those
of the ids typed before, and only these are imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from boundcalc.numeric.compiled import CompiledTheorem


def known_ids(incomplete: str) -> list[str]:
    """The ids of theorems."""
    from boundcalc.symbolic.catalogue import theorem_modules

    return _beginning(theorem_modules(), incomplete)


def shown_names(incomplete: str) -> list[str]:
    """What `show` explains: theorems, lemmas and words."""
    from boundcalc.symbolic.catalogue import lemmas, theorem_modules
    from boundcalc.symbolic.glossary import TERMS

    return _beginning((*theorem_modules(), *lemmas(), *TERMS, "glossary"), incomplete)


def families(incomplete: str) -> list[str]:
    """The families of theorems."""
    from boundcalc.symbolic.catalogue import theorem_modules

    return _beginning((id.partition(".")[0] for id in theorem_modules()), incomplete)


def known_classes(incomplete: str) -> list[str]:
    """The ids of function classes."""
    from boundcalc.symbolic.catalogue import complexity_modules

    return _beginning(complexity_modules(), incomplete)


def checked_ids(incomplete: str) -> list[str]:
    """What `verify` takes."""
    return [*known_ids(incomplete), *known_classes(incomplete), *_beginning(("rules",), incomplete)]


def variants(ctx: typer.Context, incomplete: str) -> list[str]:
    """The variants of the theorems typed before."""
    return _beginning((name for entry in _theorems(ctx) for name in entry.variants), incomplete)


def names(ctx: typer.Context, incomplete: str) -> list[str]:
    """The parameters of the theorems typed before; of the variant, if one is named, that it
    needs.
    """
    chosen = ctx.params.get("variant")
    found: list[str] = []
    for entry in _theorems(ctx):
        part = entry.variants.get(chosen or "", entry)
        found += (p.name for p in part.parameters)
    return _beginning(found, incomplete)


def parameters_left(ctx: typer.Context, incomplete: str) -> list[str]:
    """NAME= of those parameters that have no value yet."""
    taken = _given(ctx)
    return _beginning((f"{name}=" for name in names(ctx, "") if name not in taken), incomplete)


def class_assignments(ctx: typer.Context, incomplete: str) -> list[str]:
    """NAME= of the parameters of the function class typed before, and of m, that have no
    value yet.
    """
    from boundcalc.symbolic.catalogue import complexity_class, complexity_modules

    entries = [complexity_class(word) for word in _words(ctx) if word in complexity_modules()]
    known = [name for entry in entries[:1] for form in entry.forms.values() for name in form.inputs]
    taken = _given(ctx)
    return _beginning(
        (f"{name}=" for name in ("m", *known) if known and name not in taken), incomplete
    )


def _given(ctx: typer.Context) -> set[str]:
    return {word.partition("=")[0] for word in _words(ctx) if "=" in word}


def _theorems(ctx: typer.Context) -> list[CompiledTheorem]:
    """The theorems that the words before name."""
    from boundcalc.numeric.compiled import compiled
    from boundcalc.symbolic.catalogue import theorem_modules

    ids = dict.fromkeys(word.partition(":")[0] for word in _words(ctx))
    return [compiled(id) for id in ids if id in theorem_modules()]


def _words(ctx: typer.Context) -> Iterator[str]:
    """The arguments before the cursor: while an option waits for its value they have no
    names yet.
    """
    for value in ctx.params.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from map(str, value)
    yield from ctx.args


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    return [word for word in dict.fromkeys(words) if word.startswith(incomplete)]
