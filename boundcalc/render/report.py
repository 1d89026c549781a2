"""A study, or any result, as one page that opens without a network."""

from __future__ import annotations

import base64
import hashlib
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from boundcalc import __version__
from boundcalc.conventions import Side
from boundcalc.errors import InputError, optional
from boundcalc.numeric.derive import derive
from boundcalc.numeric.evaluate import Evaluation
from boundcalc.record import Shown
from boundcalc.render import html
from boundcalc.render.comparison import page_document
from boundcalc.render.document import Block, Document, Formula, Heading, Text
from boundcalc.render.live import Live, bounds_used, of_evaluation
from boundcalc.render.present import document_of
from boundcalc.study.records import Comparison, PaidEvent
from boundcalc.symbolic.catalogue import theorem, theorem_modules
from boundcalc.symbolic.complexity_functions import definitions_in
from boundcalc.symbolic.literature import Work
from boundcalc.symbolic.printing import LATEX, Printer, latex_sum, plain_sum
from boundcalc.symbolic.theorem import Variant
from boundcalc.text import count, number, significant, tex_number

_LARGEST_SOURCE = 20_000
_PACKAGES = ("numpy", "scipy", "sympy", "mpmath")
_SAID_ABOVE = re.compile(r"assumed (?:throughout|by [\w.]+ \()")
"""Notes of what the assumptions of the page say already."""
_BREAKS = {
    "examples are i.i.d.": "several examples of one speaker, patient or session (use groups); test "
    "data from another place or time than where the predictor will be used; duplicates",
    "groups are i.i.d.": "groups that were chosen by hand, or that share what the examples in them "
    "share",
    "classes and methods were fixed before the data": "choosing the method, the modalities to be "
    "compared or the losses after a look at the results",
    "fixed before the held-out examples were seen": "early stopping, a threshold or a "
    "hyperparameter chosen on the held-out examples",
    "no other value than 0 and 1": "a loss that is a probability, a margin or a score",
    "loss is 0 or 1": "a loss that is a probability, a margin or a score",
    "loss is in [0, 1]": "a loss that can exceed 1 on an example that was not drawn",
    "minimises the empirical risk": "training that stops early, is regularised or stays in a local "
    "minimum by more than the optimisation gap that is given",
    "any member of": "nothing, as long as the class was fixed before the training examples",
    "any members of": "nothing, as long as the classes were fixed before the training examples",
    "vector complexity": "a complexity of scalar outputs in the place of that of vectors; a loss "
    "that is steeper",
    "is enough": "a loss whose size exceeds C somewhere",
    "one fixed pair that minimises the risk": "a target that changes with the sample",
    "margin ρ": "a margin chosen by the training errors it gives",
    "predictors were fixed": "a predictor that was trained or chosen on these examples",
    "linear composite model": "a target that is not linear in what is seen",
    "P was fixed before": "a prior that was chosen by the training examples",
    "moves no loss by more than β": "an algorithm whose stability was estimated, not proved",
}
"""What would break an assumption that holds these words, for whoever has to judge it."""


@dataclass(frozen=True)
class Source:
    """From what a page was made: the file, its content where it is a short text, its SHA-256; and
    the command that repeats the page.
    """

    name: str = ""
    text: str = ""
    digest: str = ""
    command: str = ""


def source_of(path: str | Path, command: str = "") -> Source:
    """What a page says of the file that it is made from."""
    file = Path(path)
    content = file.read_bytes()
    text = ""
    if file.suffix.lower() == ".toml" and len(content) <= _LARGEST_SOURCE:
        text = content.decode("utf-8", errors="replace")
    return Source(file.name, text, hashlib.sha256(content).hexdigest(), command)


def report(result: Any, path: str | Path, **options: Any) -> Path:
    """Write a result as one self-contained HTML page.

    Parameters
    ----------
    result : Record, or what `compare` takes
        A result; or a study, losses or data, which are compared first.
    path : str or Path
        The file that is written, whole or not at all.
    **options
        Of `compare`, where it is called.

    Returns
    -------
    Path

    Raises
    ------
    MissingExtraError
        If Jinja2 is not installed.
    InputError
        For what cannot be compared, or cannot be written.

    Examples
    --------
    >>> import boundcalc as bc, tempfile, pathlib
    >>> found = bc.compare({"text": [1] * 9 + [0] * 51, "text+audio": [0] * 60})
    >>> bc.report(found, pathlib.Path(tempfile.mkdtemp()) / "page.html").name
    'page.html'
    """
    from boundcalc.render.files import whole_file

    source = None
    if not isinstance(result, Shown):
        from boundcalc.study.compare import compare

        if isinstance(result, (str, Path)) and Path(result).is_file():
            source = source_of(result)
        result = compare(result, **options)
    elif options:
        raise InputError(f"{', '.join(options)} belongs to a comparison that is still to be made")
    text = report_page(result, source)
    with whole_file(Path(path)) as stream:
        stream.write(text.encode())
    return Path(path)


def report_page(result: Shown, source: Source | None = None) -> str:
    """The page itself."""
    jinja = optional("jinja2", "reports", "report")
    environment = jinja.Environment(
        loader=jinja.PackageLoader("boundcalc.render", ""),
        autoescape=True,
        undefined=jinja.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    safe = jinja.utils.markupsafe.Markup
    page = _Page(result, Source() if source is None else source)
    template = environment.get_template("report.html.j2")
    script = page.live.script
    return str(
        template.render(
            page=page,
            style=safe(f"\n{html.stylesheet()}\n"),
            style_hash=_hash(f"\n{html.stylesheet()}\n"),
            script=safe(f"\n{script}\n"),
            script_hash=_hash(f"\n{script}\n") if script else "",
            fragment=lambda document: safe(html.fragment(document, level=2)),
            text=lambda words: safe(html.escaped(words)),
            formula=lambda text, latex: safe(html.formula(Formula(text, latex), block=True)),
        )
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


class _Page:
    """What the template shows."""

    def __init__(self, result: Shown, source: Source) -> None:
        self.source, self.result = source, result
        self.comparison = result if isinstance(result, Comparison) else None
        self.title = html.title_in(document_of(result))
        self.version = __version__
        found: Any = getattr(result, "evaluation", result)
        if self.comparison is not None:
            self.live = Live(bounds_used(self.comparison), self.comparison.study.delta)
        elif isinstance(found, Evaluation) and not np.ndim(found.value):
            self.live = Live((of_evaluation(found),), float(found.parameters.get("delta", 0.05)))
        else:
            self.live = Live((), 0.05)

    @property
    def answer(self) -> str:
        """The sentence of the comparison."""
        return self.comparison.answer if self.comparison is not None else ""

    @property
    def decided(self) -> bool:
        """Whether anything is certified."""
        return self.comparison is not None and any(v.certified for v in self.comparison.verdicts)

    @property
    def document(self) -> Document:
        """The result as any other format shows it."""
        if self.comparison is not None:
            return page_document(self.comparison)
        shown = document_of(self.result, details=True)
        return tuple(b for b in shown if not (isinstance(b, Heading) and b.text == self.title))

    @property
    def cards(self) -> tuple[dict[str, Any], ...]:
        """One for each form of a theorem, with its proof and every use of it on the page.

        What the ledger pays for comes first.
        """
        groups: dict[tuple[str, str], list[int]] = {}
        for i, used in enumerate(self.live.bounds):
            groups.setdefault((used.evaluation.id, used.evaluation.variant), []).append(i)
        return tuple(self._card(places) for places in groups.values())

    def _card(self, places: Sequence[int]) -> dict[str, Any]:
        found = self.live.bounds[places[0]].evaluation
        entry, variant = found.bound.entry, found.bound.variant.symbolic
        kind = {"=": "an exact value", "≤": "an upper limit", "≥": "a lower limit"}
        return {
            "name": f"{found.id}, {found.variant}",
            "title": entry.title,
            "side": kind[found.relation],
            "statement": found.statement,
            "formula": plain_sum(variant.terms),
            "latex": latex_sum(variant.terms),
            "relation": found.relation,
            "parameters": [(p.glyph, p.latex, p.meaning_in(found.id)) for p in variant.parameters],
            "proof": derive(found.id, variant=found.variant).check(),
            "terms": [t.name.replace("_", " ") for t in variant.terms],
            "lines": [self._line(i, variant) for i in places],
            "definitions": list(definitions_in(variant.expression).values()),
        }

    def _line(self, i: int, variant: Variant) -> dict[str, Any]:
        """One bound in a card: whose, its numbers put in, its terms and its value."""
        used = self.live.bounds[i]
        found = used.evaluation
        value, exact = float(found.value), found.relation == "="
        shown = {name: number(float(v), 6) for name, v in found.parameters.items()}
        tex = {name: tex_number(text) for name, text in shown.items()}
        return {
            "place": i,
            "quantity": used.quantity,
            "numbers_text": plain_sum(variant.terms, shown),
            "numbers_latex": Printer(LATEX, tex).sum([t.expression for t in variant.terms]),
            "terms": [number(float(t)) for t in found.terms.values()],
            "value": number(value) if exact else significant(value, up=found.bound.upper),
            "exact": repr(value),
            "note": "vacuous: says nothing" if found.vacuous else "",
            "joint": used.joint,
            "moving": i in self.live.moving,
        }

    @property
    def ledger(self) -> tuple[str, ...]:
        """What may be wrong, with which chance, and how that chance is spent."""
        record = self.comparison
        if record is None or not record.ledger:
            return ()
        chance = _percent(Fraction(repr(record.study.delta)))
        said = [
            f"You accept a {chance} chance that any verdict or any interval above is wrong; it is "
            "spent so:",
            *_spent(record.ledger),
        ]
        if record.training is not None and record.training.ledger:
            said += [
                f"What the training examples say by themselves is a second statement, with a "
                f"{chance} chance of its own to be wrong somewhere:",
                *_spent(record.training.ledger),
            ]
        if any(not used.joint for used in self.live.bounds):
            said.append(
                f"Each bound marked alone has a {chance} chance of its own to be wrong, and "
                "decides nothing."
            )
        return tuple(said)

    @property
    def assumptions(self) -> tuple[tuple[str, str], ...]:
        """What everything rests on, and what would break it."""
        said = []
        if self.comparison is not None:
            grouped = self.comparison.study.population.groups is not None
            each = "groups are i.i.d., the examples within one need not be" if grouped else ""
            said = [
                f"the {each or 'examples are i.i.d.'}",
                "classes and methods were fixed before the data",
            ]
        said += [
            text for used in self.live.bounds for text in used.evaluation.bound.variant.assumes
        ]
        return tuple(
            (text, next((breaks for part, breaks in _BREAKS.items() if part in text), ""))
            for text in dict.fromkeys((*said, *getattr(self.result, "assumes", ())))
        )

    @property
    def works(self) -> tuple[Work, ...]:
        """What the bounds and their proofs rest on."""
        names = dict.fromkeys(
            (used.evaluation.id, used.evaluation.variant) for used in self.live.bounds
        )
        own, variant = getattr(self.result, "id", ""), getattr(self.result, "variant", "")
        if not names and isinstance(variant, str) and own in theorem_modules():
            names = {(own, variant): None}
        found = {w.key: w for id, variant in names for w in theorem(id).works(variant)}
        return tuple(found.values())

    @property
    def versions(self) -> str:
        """With what the page was made."""
        packages = (f"{name} {version(name)}" for name in _PACKAGES)
        python = f"Python {platform.python_version()}"
        return ", ".join((f"boundcalc {__version__}", python, *packages))

    @property
    def notes(self) -> tuple[Block, ...]:
        """What a reader has to know."""
        if self.comparison is None:
            return ()
        more = self.comparison.data.notes if self.comparison.data is not None else ()
        kept = dict.fromkeys((*more, *self.comparison.notes))
        return tuple(Text(f"- {note}") for note in kept if not _SAID_ABOVE.match(note))


def _percent(chance: Fraction) -> str:
    return f"{float(100 * chance):.4g} %"


def _spent(ledger: Sequence[PaidEvent]) -> Iterator[str]:
    """The events by kind, one line each."""
    groups: dict[tuple[str, str, Fraction], list[PaidEvent]] = {}
    for event in ledger:
        groups.setdefault((event.kind, event.method, event.cost), []).append(event)
    for (kind, method, cost), events in groups.items():
        sides = [sum(e.side is side for e in events) for side in (Side.UPPER, Side.LOWER)]
        yield (
            f"- {_named(kind, method, sides)}: {cost} ({_percent(cost)}) each, "
            f"{_percent(cost * len(events))} together"
        )


def _named(kind: str, method: str, sides: Sequence[int]) -> str:
    upper, lower = sides
    total = count(upper + lower)
    what: Mapping[str, str] = {
        "held-out": f"{total} limits on risks from the held-out losses ({upper} upper, {lower} "
        f"lower), by {method}",
        "deviation": f"{total} limits on risks from the training losses ({upper} upper, {lower} "
        f"lower), by {method}",
        "paired": f"{total} tests of one predictor against another on the same examples, by "
        f"the method {method.replace('_', ' ')}",
        "complexity": f"{total} limits on complexities that were drawn",
    }
    return what[kind]
