"""Which document shows a record, and that document in every format.

A record's own methods end here; nothing below this layer imports it when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from typing import Any

from boundcalc.errors import InputError, optional
from boundcalc.record import Record
from boundcalc.render.document import Document, Heading, Table, exact_text, without_hints

_DOCUMENTS = {
    "BoundsCompared": "evaluation:bounds_document",
    "Certification": "certification:certification_document",
    "Comparison": "comparison:comparison_document",
    "ComplexityValue": "complexity:complexity_document",
    "Crossover": "evaluation:crossover_document",
    "Diagnosis": "diagnosis:diagnosis_document",
    "Estimate": "complexity:estimate_document",
    "Evaluation": "evaluation:evaluation_document",
    "Plan": "plan:plan_document",
    "Power": "certification:power_document",
    "Proof": "proof:proof_document",
    "NetworkBounds": "complexity:network_document",
    "ProvedBound": "proof:proved_document",
    "Rates": "rates:rates_document",
    "Simulation": "simulation:simulation_document",
    "Solution": "evaluation:solution_document",
    "FoundSubset": "evaluation:subsets_document",
    "Subsets": "evaluation:subsets_document",
    "Sweep": "sweep:sweep_document",
    "Theorem": "entries:entry_screen",
    "Verification": "verification:verification_document",
}
"""The function that makes the document of each kind of record; beside it stands one ``…_rows``, for
its one tidy table, where that has more than one row.
"""
_FORMULAS = {
    "Evaluation": "evaluation:evaluation_formula",
    "Proof": "paper:proof_formula",
    "Theorem": "paper:theorem_formula",
}
"""The function that says it in one formula."""
_FIGURES = {
    "Certification": "drawings:comparison_figure",
    "Comparison": "drawings:comparison_figure",
    "Crossover": "evaluation:crossover_figure",
    "Simulation": "simulation:simulation_figure",
    "Sweep": "plot:figure",
}
"""The function that draws it."""


def _found(table: Mapping[str, str], record: object, ending: str = "") -> Callable[..., Any] | None:
    """The function of a table for a kind of record, or the one beside it with another ending."""
    for kind in type(record).__mro__:
        if kind.__name__ in table and kind.__module__.startswith("boundcalc."):
            module, _, name = table[kind.__name__].partition(":")
            name = name.removesuffix("_document") + ending if ending else name
            return getattr(import_module(f"boundcalc.render.{module}"), name, None)
    return None


def document_of(record: object, **options: Any) -> Document:
    """The document of a record, or its single values; options that it has not are left out."""
    make = _found(_DOCUMENTS, record)
    if make is None:
        flat = tuple((name, text) for name, text in _flat(record).items() if text != "")
        return (Heading(type(record).__name__), Table(("field", "value"), flat))
    taken = signature(make).parameters
    made: Document = make(record, **{k: v for k, v in options.items() if k in taken})
    return made


def tidy_table(record: object) -> Table:
    """The one tidy table of a record: a row a case, or one row of everything single in it."""
    make = _found(_DOCUMENTS, record, "_rows")
    if make is None:
        flat = _flat(record)
        return Table(tuple(flat), (tuple(flat.values()),))
    made: Table = make(record)
    return made


def _flat(record: object) -> dict[str, str]:
    """The single values in a record, those of a mapping with both names."""
    values = record.to_dict() if isinstance(record, Record) else {}
    for name in ("status", "sentence"):
        if name not in values and isinstance(getattr(record, name, None), str):
            values[name] = getattr(record, name)
    found: dict[str, str] = {}
    for key, value in values.items():
        inner = value.items() if isinstance(value, dict) else ()
        for name, entry in ((key, value), *((f"{key}.{k}", v) for k, v in inner)):
            if entry is None or isinstance(entry, (bool, int, float, str)):
                found[name] = exact_text(entry)
    return found


def on_screen(record: object, *, width: int = 80) -> str:
    """The one-screen answer, as a terminal without colours shows it."""
    from boundcalc.render.terminal import as_text as on_terminal
    from boundcalc.render.terminal import one_screen

    made = without_hints(document_of(record))
    return on_terminal(one_screen(made, ".to_markdown()"), width=width)


def written(record: object, format: str) -> str:
    """The answer as "markdown" or "latex", as "html", a page of its own, or for a "notebook"."""
    from boundcalc.render import html, texts

    writers = {"markdown": texts.markdown, "latex": texts.latex_part, "notebook": html.notebook}
    return writers.get(format, html.page)(document_of(record))


def as_formula(record: object) -> str | None:
    """The answer as one formula between dollar signs; None for what is no formula.

    In the style of a display, as SymPy writes it: MathJax shows it, and TeX breaks its lines.
    """
    make = _found(_FORMULAS, record)
    found = make(record) if make else ""
    return rf"$\displaystyle {found}$" if found else None


def as_frame(record: object) -> Any:
    """The tidy table as a pandas DataFrame; numbers are numbers.

    Raises
    ------
    MissingExtraError
        If pandas is not installed.
    """
    import csv
    import io

    from boundcalc.render.texts import comma_separated

    pandas = optional("pandas", "data frames", "data")
    head, *rows = csv.reader(io.StringIO(comma_separated((tidy_table(record),))))
    columns = {name: _typed([row[i] for row in rows]) for i, name in enumerate(head)}
    return pandas.DataFrame(columns)


def _typed(cells: list[str]) -> list[Any]:
    """A column of numbers where every cell that is not empty is one."""
    given = [cell for cell in cells if cell]
    try:
        numbers = [float(cell) for cell in given]
    except ValueError:
        words = {"true": True, "false": False}
        return [words[c] for c in cells] if given and set(cells) <= set(words) else cells
    if not given:
        return cells
    whole = len(given) == len(cells) and all(c.lstrip("-").isdigit() for c in given)
    if whole:
        return [int(cell) for cell in cells]
    found = iter(numbers)
    return [next(found) if cell else None for cell in cells]


def figure_of(record: object, ax: Any = None) -> Any:
    """The picture of a record, on given axes or in a figure of its own.

    Raises
    ------
    InputError
        If it has no picture.
    MissingExtraError
        If matplotlib is not installed.
    """
    make = _found(_FIGURES, record)
    if make is None:
        raise InputError(
            "there is no picture of this, only of what certify, compare, crossover, simulate and "
            "sweep answer"
        )
    return make(record, ax=ax)
