"""Values of bounds, solutions, crossovers and ranked subsets as documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from boundcalc.conventions import Side
from boundcalc.render.document import (
    Block,
    Document,
    Heading,
    Table,
    Text,
    Tone,
    assumed,
    small_print,
    tidy_rows,
)
from boundcalc.text import confidence, count, minus, number, significant, tex_number, tex_relation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from boundcalc.numeric.compare_bounds import BoundsCompared
    from boundcalc.numeric.crossover import Crossover
    from boundcalc.numeric.evaluate import Evaluation
    from boundcalc.numeric.solve import Solution
    from boundcalc.numeric.subset_search import FoundSubset
    from boundcalc.numeric.subsets import Subsets

_MOST_ROWS, _MOST_MARKS = 200, 6
_AROUND = 20.0  # how far a crossover's picture goes beyond the changes, as a ratio
_POINTS = 400


def with_limit(value: float, side: Side) -> str:
    """A limit, rounded outwards."""
    return significant(value, up=side is Side.UPPER)


def evaluation_document(result: Evaluation) -> Document:
    """A value, its terms and what it means; a table for arrays."""
    import numpy as np

    heading = Heading(f"{result.id} ({result.variant})")
    if np.ndim(result.value):
        return (heading, _array_table(result), Text(result.status))
    proved = result.enclosed_terms  # to the digits that were asked for
    rows = [
        (name, proved[name].shown(result.relation) if name in proved else number(term), "")
        for name, term in result.terms.items()
    ]
    kind = {"=": "exact", "≤": "upper limit", "≥": "lower limit"}[result.relation]
    rows.append((result.statement, result.shown, f"{kind}, vacuous" if result.vacuous else kind))
    ends = ", ".join(minus(end) for end in result.certified or ())
    exact = Text(f"The exact value lies in [{ends}] (interval arithmetic).")
    return (
        heading,
        Table(("term", "value", "note"), tuple(rows), "lr"),
        Text(result.status, Tone.BAD if result.vacuous else Tone.GOOD),
        *((exact,) if ends else ()),
        *small_print(also_fitting(result.also_fits), assumed(result.assumes, result.id)),
    )


def also_fitting(variants: Sequence[str]) -> str:
    """Which other forms take the same numbers; empty for none."""
    others = ", ".join(variants)
    return f"The same inputs also fit {others}: choose with --variant." if others else ""


def evaluation_formula(result: Evaluation) -> str:
    """The closed form and its value as one formula; nothing for arrays."""
    import numpy as np

    from boundcalc.render.texts import with_probability

    if np.ndim(result.value):
        return ""
    form, sign = result.bound.variant.notation, tex_relation(result.relation)
    last = r"\in" if result.shown.startswith("[") else sign
    said = f"{form.claim_latex} {sign} {form.latex} {last} {tex_number(result.shown)}"
    sure = confidence(result.bound.failure(**result.parameters))
    return with_probability(said, tex_number(sure))


def _array_table(result: Evaluation) -> Table:
    import numpy as np

    varied = [name for name, value in result.parameters.items() if np.ndim(value)]
    columns = [
        np.broadcast_to(result.parameters[name], np.shape(result.value)).ravel() for name in varied
    ]
    value, vacuous = np.ravel(result.value), np.ravel(result.vacuous)
    rows = tuple(
        (
            *(number(float(c[i])) for c in columns),
            with_limit(value[i], result.side),
            "vacuous" if vacuous[i] else "",
        )
        for i in range(min(len(value), _MOST_ROWS))
    )
    heads = (*varied, result.statement, "note")
    return Table(heads, rows, "r" * (len(varied) + 1))


def solution_document(solution: Solution) -> Document:
    """The answer first, then the bound at the answer, term by term."""
    return tuple(_solution(solution, solution.evaluation))


def _solution(solution: Solution, found: Evaluation | None) -> Iterator[Block]:
    vacuous = found is not None and bool(found.vacuous)
    yield Heading(f"{solution.id} ({solution.variant}), solved for {solution.unknown}")
    yield Text(solution.status, Tone.BAD if vacuous else Tone.GOOD)
    yield _answers(solution)
    if found is not None:
        rows = [(name, number(value)) for name, value in found.terms.items()]
        rows.append((f"{found.statement} {found.relation}", found.shown))
        yield Table(("term", "value there"), tuple(rows), "lr")
        yield from (Text(found.status, Tone.BAD),) if vacuous else ()
    if solution.bracket is not None:
        yield Text(solution.bracket.sentence)
    yield from small_print(
        f"Closed form: {solution.closed_form}." if solution.closed_form else "",
        assumed(found.assumes if found is not None else ()),
    )


def _answers(solution: Solution) -> Table:
    """The answer to the last digit, and all boundary values where there are several."""
    target = f"{solution.relation} {number(solution.target, 12)}"
    value = "every" if solution.value is None else f"{solution.value}"
    if solution.bracket is not None:
        value = minus(solution.bracket.meets)
    reached = "" if solution.achieved is None else number(solution.achieved, 12)
    rows = [(solution.unknown, value, target, reached)]
    rows += [
        (solution.unknown, f"{root}", target, "boundary")
        for root in solution.roots
        if root != solution.value
    ]
    return Table(("unknown", "value", "target", "reached"), tuple(rows), "lrlr")


def crossover_document(result: Crossover) -> Document:
    """The answer, the stretches, and both values on either side of every change."""
    from boundcalc.numeric.crossover import size_text

    names, word = result.labels, result.word.removeprefix("the ")
    stretches = tuple(
        (f"{s.first:,}", "∞" if s.last is None else size_text(s.last), names[s.better])
        for s in result.stretches
    )
    values = tuple(
        (f"{size:,}", number(first, 12), number(second, 12))
        for crossing in result.crossings
        for size, first, second in (crossing.before, crossing.at)
    )
    heads = (result.over, names["first"], names["second"])
    changes = Table(heads, values, "rrr", "Both values on either side of every change")
    return (
        Heading(f"{names['first']} against {names['second']} in {result.over}"),
        *(Text(caveat, Tone.BAD) for caveat in result.caveats),
        Text(result.status, Tone.GOOD),
        Table(("from", "to", word), stretches, "rr"),
        *((changes,) if values else ()),
        *small_print(*(n for n in result.notes if n not in result.caveats)),
    )


def bounds_document(result: BoundsCompared) -> Document:
    """Which of two bounds is smaller, and by how much, in one formula."""
    return (
        Heading(f"{result.first} against {result.second}"),
        *(Text(caveat, Tone.BAD) for caveat in result.caveats),
        Text(result.statement, Tone.PLAIN if result.relation == "open" else Tone.GOOD),
        Text(f"{result.second} less {result.first}: {result.difference_text}"),
        *small_print(_seen(result), *(n for n in result.notes if n not in result.caveats)),
    )


def _seen(result: BoundsCompared) -> str:
    """Where an order that is not proved was seen, and what can be asked instead."""
    numbers = result.first_smaller or result.second_smaller
    if result.relation != "open" or numbers is None:
        return ""
    where = ", ".join(f"{name} = {value}" for name, value in numbers.items())
    return f"Seen for example at {where}; `boundcalc crossover` decides it at numbers of yours."


def subsets_document(found: Subsets | FoundSubset) -> Document:
    """The best subset, then the best of each number of modalities."""
    rows = tuple(
        (count(len(each.modalities)), "+".join(each.modalities), significant(each.value, up=True))
        for each in getattr(found, "front", (found.best,))
    )
    share = significant(found.delta_each, up=False)
    return (
        Heading(f"{found.id} ({found.variant}): {count(found.size)} subsets"),
        Text(found.status, Tone.GOOD),
        Table(("modalities", "best subset", "upper limit"), rows, "rlr"),
        *small_print(f"Every limit is stated with failure probability {share}."),
    )


def crossover_rows(result: Crossover) -> Table:
    """The stretches, for CSV."""
    return tidy_rows(
        result.stretches,
        over=lambda _: result.over,
        **{"from": "first", "to": "last"},
        better=lambda s: result.labels[s.better],
    )


def crossover_figure(record: Crossover, ax: Axes | None = None) -> Figure:
    """Both bounds against the size of the sample, and the sizes at which they change order."""
    import numpy as np

    from boundcalc.numeric.crossover import size_text
    from boundcalc.render import plot

    with plot.style():
        axes = plot.new(ax)
        sizes = _sizes(record)
        handles = []
        for i, which in enumerate(("first", "second")):
            found = np.broadcast_to(getattr(record, which).weighed(sizes)[0], sizes.shape)
            look: dict[str, Any] = {"lw": 2.8, "gid": f"curve {i}", "label": record.labels[which]}
            handles += axes.plot(sizes, found, **look, **plot.look(i))
        for crossing in record.crossings[:_MOST_MARKS]:
            axes.axvline(crossing.size, color=plot.INK, lw=1.1, ls=(0, (4, 3)), gid="crossover")
            said = f"from {size_text(crossing.size)} on"
            plot.changing(axes, crossing.size, crossing.at[1], said)
        axes.set_xscale("log")
        axes.set_xlim(sizes[0], sizes[-1])
        plot.logarithmic(axes, ratio=10)
        ids = record.first.bound.id, record.second.bound.id
        axes.set_xlabel(plot.quantity(record.over, 62, *ids))
        axes.set_ylabel("value of the bound")
        at = ", ".join(size_text(c.size) for c in record.crossings[:3])
        what = "better bound" if record.word == "better" else record.word.removeprefix("the ")
        title = f"The {what} changes at {record.over} = {at}"
        if not at:
            title = f"One bound is {record.word} at every {record.over}"
        return plot.finished(axes, ax, title, [], handles)


def _sizes(record: Crossover) -> Any:
    """Whole numbers around the changes of order."""
    import numpy as np

    first, last = record.sizes
    at = [c.size for c in record.crossings] or [max(first, 100)]
    low = max(first, int(min(at) / _AROUND), 1)
    high = int(max(at) * _AROUND)
    high = high if last is None else min(high, last)
    return np.unique(np.rint(np.geomspace(low, max(high, low + 1), _POINTS)))
