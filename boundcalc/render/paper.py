"""Theorems and proofs for papers: LaTeX, and Markdown that pandoc turns into a PDF.

A long formula stands in a paragraph of its own, between dollar signs, so that TeX breaks it before
a sign wherever the column of the paper ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sympy import Expr

from boundcalc.conventions import Side
from boundcalc.errors import visible
from boundcalc.numeric.proof import Proof, ProofStep
from boundcalc.render.texts import in_latex, in_markdown, sections, with_probability
from boundcalc.symbolic.catalogue import theorem, theorem_modules
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.escape import escape_latex
from boundcalc.symbolic.glossary import meaning
from boundcalc.symbolic.literature import Work, works
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import in_order
from boundcalc.symbolic.printing import latex as formula
from boundcalc.symbolic.printing import latex_sum
from boundcalc.symbolic.quantities import FunctionClass, Predictor, Quantity, quantities_in
from boundcalc.symbolic.theorem import Theorem, Variant
from boundcalc.text import tex_number, tex_relation

PREAMBLE = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{amsmath,amssymb,amsthm,array,booktabs}
\newtheorem{theorem}{Theorem}
"""
_INLINE = re.compile(r"\$[^$]+\$")
_ROWS = 12  # of a table of symbols: LaTeX breaks no table
_FIELDS = ("author", "title", "journal", "booktitle", "school", "institution", "publisher")
_LIST = r"\setlength{\itemsep}{2pt}\raggedright"
_BREAKABLE = r"\binoppenalty=50\relpenalty=20\lineskip=4pt\lineskiplimit=4pt"


def proof_latex(proof: Proof, *, standalone: bool = False) -> str:
    """A theorem with its setting, symbols, assumptions and probability, and its proof in steps."""
    entry = theorem(proof.id) if proof.id in theorem_modules() else None
    cited = _works(proof, entry)
    hint = f" (boundcalc cite {entry.id} -o refs.bib)" if entry else ""
    cites = f"cites: {', '.join(work.key for work in cited)}{hint}; " if cited else ""
    parts = [
        f"% {cites}needs amsmath, amssymb, amsthm, array, booktabs",
        _statement(proof, entry),
        _numbers(proof),
        _notation(_spoken_of(proof.derivation), proof),
        _proof(proof),
    ]
    body = "\n\n".join(part for part in parts if part) + "\n"
    return standalone_document(body, cited) if standalone else body


def standalone_document(body: str, cited: Iterable[Work]) -> str:
    """A document that compiles by itself; the bibliography stands in it."""
    items = "\n".join(_reference(work) for work in cited)
    list_of_works = f"\\begin{{thebibliography}}{{99}}\n{items}\n\\end{{thebibliography}}\n"
    return "\n".join(
        (PREAMBLE, r"\begin{document}", body, list_of_works if items else "", r"\end{document}", "")
    )


def page_latex(entry: Theorem, *, standalone: bool = False) -> str:
    """All variants of a theorem, each as a theorem of its own, their symbols, and its page."""
    page = sections(entry.page)
    head = rf"\section*{{{in_latex(entry.title)}}}"
    cite = rf"\noindent{{{in_latex(entry.credit)}}} \cite{{{entry.source}}}"
    spoken = [p.symbol for p in entry.parameters]
    stated = [_stated(entry, form) for form in entry.variants.values()]
    rest = (
        rf"\paragraph{{{in_latex(name)}.}} {_paragraphs(parts)}"
        for name, parts in page.items()
        if name not in ("Setting", "Claim")
    )
    setting = rf"\paragraph{{Setting.}} {_paragraphs(page.get('Setting', []))}"
    parts = (head, r"\begingroup\sloppy", cite, setting, *stated, _notation(spoken), *rest)
    body = "\n\n".join((*parts, r"\par\endgroup")) + "\n"
    return standalone_document(body, entry.works()) if standalone else body


def theorem_formula(entry: Theorem) -> str:
    """The tightest form of a theorem as one formula, with its probability."""
    form = next(iter(entry.variants.values()))
    return with_probability(_bound(form), formula(1 - form.derivation.failure))


def proof_formula(proof: Proof) -> str:
    """What a proof has proved as one formula, with its numbers and its probability."""
    claim = f"{proof.claim_latex} {tex_relation(proof.relation)}"
    said = f"{claim} {proof.numbers_latex or proof.result_latex}"
    return with_probability(said, _tex_of(proof.probability))


def _bound(form: Variant) -> str:
    claim = form.derivation.claim if form.side is Side.UPPER else -form.derivation.claim
    return f"{formula(claim)} {tex_relation(form.relation)} {latex_sum(form.terms)}"


def _stated(entry: Theorem, form: Variant) -> str:
    given = _assuming(form.conditions)
    return _theorem(
        f"{in_latex(entry.title)} ({form.name})",
        _label(entry.id, form.name),
        f"{given} {_held(formula(1 - form.derivation.failure))}",
        _bound(form),
    )


def _statement(proof: Proof, entry: Theorem | None) -> str:
    setting = sections(entry.page).get("Setting", []) if entry else []
    title = in_latex(entry.title) if entry else escape_latex(visible(proof.id))
    note = ", ".join(in_latex(part) for part in (proof.variant, proof.status) if part)
    cite = rf" \cite{{{entry.source}}}" if entry else ""
    given = f"{_assuming(proof.assumes)} {_held(_tex_of(proof.probability))}"
    parts = (part for part in (_paragraphs(setting), given) if part)
    body = _lettered("\n".join(parts), proof.derivation)
    return _theorem(
        f"{title} ({note}){{}}{cite}", _label(proof.id, proof.variant), body, _claimed(proof)
    )


def _claimed(proof: Proof) -> str:
    return f"{proof.claim_latex} {tex_relation(proof.relation)} {proof.result_latex}"


def _lettered(tex: str, proof: Derivation) -> str:
    """Prose in LaTeX, with the letters that the formulas have for the same objects."""
    letters: dict[str, str] = {}
    for thing in _objects(proof):
        text, letter = thing.text.split("∘"), thing.latex.split(r"\circ")
        pairs = [(thing.text, thing.latex)]
        pairs += zip(text, letter, strict=True) if len(text) == len(letter) else ()
        letters |= {escape_latex(t, prose=True).strip("$"): tex.strip() for t, tex in pairs}
    if not letters:
        return tex
    longest_first = "|".join(map(re.escape, sorted(letters, key=len, reverse=True)))
    known = re.compile(rf"(?<![A-Za-z\\])(?:{longest_first})(?![A-Za-z_])")
    return _INLINE.sub(lambda found: known.sub(lambda name: letters[name[0]], found[0]), tex)


def _objects(proof: Derivation) -> Iterator[FunctionClass | Predictor]:
    """The classes and predictors that a proof speaks of, and the classes that these are in."""
    parts = (side for step in proof.steps for side in (step.fact.lhs, step.fact.rhs))
    found = [thing for part in parts for q in quantities_in(part) for thing in q.subjects]
    while found:
        thing = found.pop()
        if isinstance(thing, Predictor):
            found.append(thing.member_of)
            yield thing
        elif isinstance(thing, FunctionClass):
            found += thing.within
            yield thing


def _theorem(title: str, label: str, body: str, claim: str) -> str:
    head = rf"\begin{{theorem}}[{{{title}}}]\label{{{label}}}\sloppy"
    return "\n".join((head, body, _display(claim + "."), r"\end{theorem}"))


def _label(id: str, variant: str) -> str:
    words = "-".join(part for part in (id, variant) if part)
    return "thm:" + re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-").lower()


def _assuming(conditions: Sequence[str]) -> str:
    if not conditions:
        return ""
    if len(conditions) == 1:
        return f"Assume that {in_latex(conditions[0])}."
    items = " ".join(f"({i})~{in_latex(text)};" for i, text in enumerate(conditions, 1))
    return f"Assume: {items.rstrip(';')}."


def _held(probability: str) -> str:
    return "Then" if probability == "1" else f"Then, with probability at least ${probability}$,"


def _display(tex: str) -> str:
    """A formula in a paragraph of its own; it breaks before a sign where the line ends."""
    return rf"\begin{{center}}{_BREAKABLE} $\displaystyle {tex}$\end{{center}}"


def _numbers(proof: Proof) -> str:
    if not proof.values:
        return ""
    parts = proof.derivation.expression, proof.derivation.failure
    symbols = {p.name: p for part in parts for p in in_order(part.free_symbols)}
    named = ", ".join(
        f"${symbols[name].latex}={tex_number(text)}$"
        for name, text in proof.values.items()
        if name in symbols
    )
    head = rf"\begin{{sloppypar}}\noindent In numbers, with {named}"
    if not proof.numbers_latex:
        return rf"{head}; the steps below show what they settle.\end{{sloppypar}}"
    return f"{head}:\\end{{sloppypar}}\n{_display(proof.numbers_latex + '.')}"


def _spoken_of(proof: Derivation) -> list[Expr]:
    """The parameters and the quantities of a proof, in the order in which they appear."""
    parts = [proof.claim, proof.failure]
    for step in proof.steps:
        parts += [step.fact.lhs, step.fact.rhs, step.fact.cost]
    found: dict[Expr, None] = {}
    for part in parts:
        found |= dict.fromkeys(quantities_in(part))
    used = {s for part in parts for s in part.free_symbols}
    return [*found, *(p.symbol for p in in_order(used))]


def _notation(symbols: Iterable[Expr], proof: Proof | None = None) -> str:
    """The table of symbols; with the numbers of a proof where it has some."""
    values = proof.values if proof else {}
    rows = []
    for symbol in symbols:
        if isinstance(symbol, Quantity):
            what, number = meaning(symbol), ""
            tex = symbol.latex
        elif isinstance(symbol, ParameterSymbol):
            what, number = symbol.parameter.meaning, values.get(symbol.name, "")
            tex = symbol.parameter.latex
        else:
            continue
        if what:
            said = _lettered(in_latex(what), proof.derivation) if proof else in_latex(what)
            said += f"; here ${tex_number(number)}$" if number else ""
            rows.append(rf"${tex}$ & {said} \\")
    pieces = (rows[i : i + _ROWS] for i in range(0, len(rows), _ROWS))
    return "\n\n".join(map(_table, pieces))


def _table(rows: Sequence[str]) -> str:
    column = r">{\raggedright\arraybackslash}p{%s\linewidth}"
    spec = rf"\begin{{tabular}}{{@{{}}{column % 0.34}{column % 0.58}@{{}}}}"
    head = r"\begin{center}\small", spec, r"\toprule symbol & meaning \\ \midrule"
    return "\n".join((*head, *rows, r"\bottomrule", r"\end{tabular}\end{center}"))


def _proof(proof: Proof) -> str:
    start = formula(proof.derivation.claim)
    lines = [
        r"\begin{proof}\sloppy",
        "Each line bounds the one above it, by the fact that stands below it.",
        *_steps(start, proof.steps),
    ]
    if proof.relation == "≥":
        lines.append(r"The last line bounds the negative of what the theorem bounds from below.")
    if proof.ledger:
        events = proof.derivation.events
        said = ", ".join(f"${formula(event.cost)}$" for event in events)
        total = formula(proof.derivation.failure)
        many = "The events that may fail cost"
        few = "One event may fail; it costs" if len(events) == 1 else many
        lines.append(f"{few} {said}, within the failure probability ${total}$.")
    lines.append(f"The steps were checked by boundcalc: {in_latex(proof.facts_text)}.")
    return "\n".join((*lines, r"\end{proof}"))


def _steps(start: str, steps: Sequence[ProofStep]) -> Iterator[str]:
    yield rf"\begin{{enumerate}}{_LIST}{_BREAKABLE}"
    yield rf"\item[] $\displaystyle {start}$"
    for step in steps:
        yield rf"\item $\displaystyle {tex_relation(step.relation)} {step.bound_latex}$\\"
        yield f"{_reason(step)}: ${step.fact_latex}$."
        if step.numbers_latex:
            yield rf"\\In numbers it adds ${step.numbers_latex}$."
        for inner in step.inside:
            rests = rf"This rests on ${inner.claim_latex} \leq {inner.result_latex}$"
            yield rf"\par {rests}, as follows."
            yield from _steps(inner.claim_latex, inner.steps)
    yield r"\end{enumerate}"


def _reason(step: ProofStep) -> str:
    cited = rf" \cite{{{step.source_key}}}" if step.source_key in works() else ""
    own = "" if step.origin == "library" else f" ({in_latex(step.origin)})"
    cost = f", at a cost of ${_tex_of(step.cost)}$" if step.cost else ""
    times = f", times ${_tex_of(step.multiplier)}$" if step.multiplier != "1" else ""
    return rf"by \emph{{{in_latex(step.lemma)}}}{cited}{own}{cost}{times}"


def _tex_of(text: str) -> str:
    return in_latex(text).strip("$") or text


def _works(proof: Proof, entry: Theorem | None) -> tuple[Work, ...]:
    facts = (fact for step in proof.derivation.steps for fact in step.fact.tree())
    keys = [*((entry.source,) if entry else ()), *(fact.source for fact in facts)]
    known = works()
    return tuple(known[key] for key in dict.fromkeys(keys) if key in known)


def _reference(work: Work) -> str:
    fields = dict(work.fields)
    said = [re.sub(r"(?<!\\)&", r"\&", fields[name]) for name in _FIELDS if name in fields]
    if "eprint" in fields:
        said.append(f"{fields.get('archiveprefix', 'arXiv')} {fields['eprint']}")
    parts = ". ".join((*said, fields.get("year", "")))
    return rf"\bibitem{{{work.key}}} {parts}."


def _paragraphs(parts: Iterable[str]) -> str:
    """The prose of a page: paragraphs, and lists of what begins with a hyphen."""
    out: list[str] = []
    for is_list, group in groupby(parts, key=lambda part: part.startswith("- ")):
        if is_list:
            items = "\n".join(rf"\item {in_latex(item[2:])}" for item in group)
            out.append(f"\\begin{{itemize}}\\raggedright\n{items}\n\\end{{itemize}}")
        else:
            out += map(in_latex, group)
    return "\n\n".join(out)


def proof_markdown(proof: Proof) -> str:
    """The theorem and its proof as Markdown: a numbered list of running bounds."""
    name = ", ".join(part for part in (proof.variant, proof.status) if part)
    probability = f"with probability at least ${_tex_of(proof.probability)}$"
    lines = [
        f"**{in_markdown(proof.id)}** ({in_markdown(name)}): ${_claimed(proof)}$",
        f"{probability}. {in_markdown(proof.credit)}".rstrip(),
        "",
    ]
    if proof.assumes:
        lines += [f"Assumes: {in_markdown('; '.join(proof.assumes))}.", ""]
    lines.append(f"0. ${formula(proof.derivation.claim)}$")
    lines += _markdown_steps(proof.steps, "")
    for event, cost in proof.ledger:
        lines += ["", f"Event that may fail, cost {in_markdown(cost)}: {in_markdown(event)}"]
    if proof.numbers_latex:
        lines += ["", f"In numbers: ${proof.numbers_latex}$"]
    return "\n".join(lines) + "\n"


def _markdown_steps(steps: Sequence[ProofStep], indent: str) -> Iterator[str]:
    for i, step in enumerate(steps, 1):
        cost = f", cost {in_markdown(step.cost)}" if step.cost else ""
        times = "" if step.multiplier == "1" else f", times {in_markdown(step.multiplier)}"
        why = f"*{in_markdown(step.lemma)}* ({in_markdown(step.credit)}{cost}{times})"
        yield f"{indent}{i}. {why}: ${step.fact_latex}$"
        yield f"{indent}   ${tex_relation(step.relation)} {step.bound_latex}$"
        for inner in step.inside:
            said = f"${inner.claim_latex} \\leq {inner.result_latex}$"
            yield f"\n{indent}   This rests on {said}:\n"
            yield from _markdown_steps(inner.steps, indent + "   ")
