"""Which document shows a record, and that document in every format.

A record's own methods end here; nothing below this layer imports it when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
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
    "Estimate": "estimate:estimate_document",
    "Evaluation": "evaluation:evaluation_document",
    "Plan": "plan:plan_document",
    "Power": "certification:power_document",
    "Proof": "proof:proof_document",
    "NetworkBounds": "estimate:network_document",
    "ProvedBound": "proof:proved_document",
    "Rates": "rates:rates_document",
    "Simulation": "simulation:simulation_document",
    "Solution": "evaluation:solution_document",
    "FoundSubset": "subsets:subsets_document",
    "Subsets": "subsets:subsets_document",
    "Sweep": "sweep:sweep_document",
    "Theorem": "entries:entry_screen",
    "Verification": "verification:verification_document",
}
"""The function that makes the document of each kind of record."""
_TABLES = {
    "Certification": "certification:certification_rows",
    "Comparison": "comparison:comparison_rows",
    "Crossover": "evaluation:crossover_rows",
    "Diagnosis": "diagnosis:diagnosis_rows",
    "Proof": "proof:proof_rows",
    "ProvedBound": "proof:proved_rows",
    "Rates": "rates:rates_rows",
    "Simulation": "simulation:simulation_rows",
    "Sweep": "sweep:sweep_rows",
    "Verification": "verification:verification_rows",
}
"""The function that makes its one tidy table, where that has more than one row."""
_FORMULAS = {
    "Evaluation": "evaluation:evaluation_formula",
    "Proof": "paper:proof_formula",
    "Theorem": "paper:theorem_formula",
}
"""The function that says it in one formula."""
_FIGURES = {
    "Certification": "figures:comparison_figure",
    "Comparison": "figures:comparison_figure",
    "Crossover": "evaluation:crossover_figure",
    "Simulation": "simulation:simulation_figure",
    "Sweep": "plot:figure",
}
"""The function that draws it."""


def _found(table: Mapping[str, str], record: object) -> Callable[..., Any] | None:
    for kind in type(record).__mro__:
        if kind.__name__ in table and kind.__module__.startswith("boundcalc."):
            module, _, name = table[kind.__name__].partition(":")
            return getattr(import_module(f"boundcalc.render.{module}"), name)  # type: ignore[no-any-return]
    return None


@cache
def _options(make: Callable[..., Any]) -> frozenset[str]:
    return frozenset(signature(make).parameters)


def _made(table: Mapping[str, str], record: object, options: Mapping[str, Any]) -> Any:
    """What a table's function makes of a record, with the options that it takes; or None."""
    make = _found(table, record)
    if make is None:
        return None
    return make(record, **{k: v for k, v in options.items() if k in _options(make)})


def document_of(record: object, **options: Any) -> Document:
    """The document of a record; options that it has not are left out."""
    found: Document | None = _made(_DOCUMENTS, record, options)
    return _plain_document(record) if found is None else found


def _plain_document(record: object) -> Document:
    """Any other record: its single values in a table."""
    flat = {k: v for k, v in _flat(record).items() if v != ""}
    rows = tuple((name, text) for name, text in flat.items())
    return (Heading(type(record).__name__), Table(("field", "value"), rows))


def tidy_table(record: object, **options: Any) -> Table:
    """The one tidy table of a record: a row a case, or one row of everything single in it."""
    found: Table | None = _made(_TABLES, record, options)
    if found is None:
        flat = _flat(record)
        return Table(tuple(flat), (tuple(flat.values()),))
    return found


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


def as_markdown(record: object) -> str:
    """The answer as Markdown."""
    from boundcalc.render.texts import markdown

    return markdown(document_of(record))


def as_latex(record: object) -> str:
    """The answer as LaTeX."""
    from boundcalc.render.texts import latex

    return latex(document_of(record))


def as_html(record: object) -> str:
    """The answer as a page of its own."""
    from boundcalc.render.html import page, title_in

    made = document_of(record)
    return page(made, title_in(made))


def in_notebook(record: object) -> str:
    """The answer for a cell of a notebook."""
    from boundcalc.render.html import notebook

    return notebook(document_of(record))


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
