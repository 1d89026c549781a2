"""Every result prints itself on one screen, and is text, tables and pictures for other programs."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from files import EXAMPLES

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.render import mathml, present, texts
from boundcalc.render.document import Forest, Heading, Lattice, Table, Text, Tone
from boundcalc.render.terminal import as_text, one_screen
from boundcalc.symbolic.printing import latex, latex_sum

LONGEST, LINES, WIDTH = 4_000, 40, 80
HOEFFDING = {"loss_bound": 1, "delta": 0.015, "test_loss": 0.1}
RESULTS: dict[str, Callable[[], Any]] = {
    "certify": lambda: bc.certify([0, 1, 0, 0] * 30, [0, 0, 1, 0] * 30, delta=0.05),
    "compare": lambda: bc.compare(EXAMPLES / "iemocap.toml"),
    "complexity": lambda: bc.complexity("linear-l2", m=13200, norm=10, radius=1),
    "crossover": lambda: bc.crossover(
        "holdout.hoeffding", "holdout.kl", over="n", delta=0.05, test_loss=0.1, only_first={"C": 1}
    ),
    "derive": lambda: bc.derive("huang2021.theorem1"),
    "evaluate": lambda: bc.evaluate("holdout.hoeffding", n=840, **HOEFFDING),
    "plan": lambda: bc.plan("holdout.hoeffding", target=0.15, prices={"n": 1}, **HOEFFDING),
    "power": lambda: bc.power(p10=0.1, p01=0.05),
    "prove": lambda: bc.prove(EXAMPLES / "facts.toml"),
    "rates": lambda: bc.rates("holdout.kl"),
    "solve": lambda: bc.solve("holdout.hoeffding", unknown="n", target=0.15, **HOEFFDING),
    "sweep": lambda: bc.sweep("holdout.hoeffding", vary={"n": bc.Range(10, 1000, 99)}, **HOEFFDING),
    "theorem": lambda: bc.theorem("huang2021.theorem1"),
    "verify": lambda: bc.verify("linear-l2"),
}
RECORDS = sorted(RESULTS.keys() - {"theorem"})
PICTURES = ("certify", "compare", "crossover", "sweep")


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    return {name: make() for name, make in RESULTS.items()}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_prints_itself_on_one_screen(results: dict[str, Any], name: str) -> None:
    shown = str(results[name])
    assert len(shown) < LONGEST
    assert len(shown.splitlines()) <= LINES
    assert max(map(len, shown.splitlines())) <= WIDTH
    line = repr(results[name])
    assert "\n" not in line
    assert len(line) < 250


def test_what_results_are_made_of_is_short_as_well(results: dict[str, Any]) -> None:
    entry = results["theorem"]
    variant = entry.variant("sharp")
    step = variant.derivation.steps[0]
    parts = (variant, variant.derivation, step, step.fact, results["evaluate"].bound)
    for part in (*parts, bc.catalogue(), results["compare"].study):
        assert len(str(part)) < LONGEST
        assert len(repr(part)) < LONGEST


class _Balanced(HTMLParser):
    """The tags that are open at the end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("br", "wbr", "meta", "link", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_in_other_formats(results: dict[str, Any], name: str) -> None:
    result = results[name]
    for text in (result.to_html(), result._repr_html_()):
        assert _Balanced(text).open == []
        assert "<script" not in text
    assert "#" in result.to_markdown() or "**" in result.to_markdown()
    assert "\\" in result.to_latex()


@pytest.mark.parametrize("name", RECORDS)
def test_csv_is_one_tidy_table_and_a_frame(results: dict[str, Any], name: str) -> None:
    table = present.tidy_table(results[name])
    head, *rows = csv.reader(io.StringIO(texts.comma_separated((table,))))
    assert len(set(head)) == len(head)
    assert rows
    assert {len(row) for row in rows} == {len(head)}
    frame = results[name].to_frame()
    assert list(frame.columns) == head
    assert len(frame) == len(rows)


@pytest.mark.parametrize(("name", "column"), [("certify", "verdict"), ("compare", "verdict")])
def test_the_verdict_is_in_the_table(results: dict[str, Any], name: str, column: str) -> None:
    assert results[name].to_frame()[column].notna().all()
    assert (results["compare"].to_frame()["verdict"] == "certified better").any()


def test_numbers_in_a_frame_are_numbers(results: dict[str, Any]) -> None:
    frame = results["sweep"].to_frame()
    assert frame["n"].dtype.kind == "i"
    assert frame["value"].dtype.kind == "f"
    assert frame["vacuous"].dtype.kind == "b"
    assert frame["value"].tolist() == results["sweep"].value.tolist()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture(results: dict[str, Any], name: str) -> None:
    figure = results[name].plot()
    assert figure.axes
    assert figure.canvas.get_renderer() is not None


def test_a_picture_on_given_axes(results: dict[str, Any]) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.add_subplot()
    assert results["compare"].plot(axes) is figure
    intervals = [x for x in axes.lines if (x.get_gid() or "").startswith("interval")]
    ends = {tuple(float(x) for x in line.get_xdata()) for line in intervals}
    assert ends == {(v.lower, v.upper) for v in results["compare"].verdicts}


def test_no_line_runs_through_the_numbers_of_a_picture(results: dict[str, Any]) -> None:
    first = results["compare"].plot().axes[0]
    numbers = [text for text in first.texts if "…" in text.get_text()]
    assert len(numbers) == len(results["compare"].verdicts)
    for text in numbers:
        assert text.get_bbox_patch().get_alpha() in (None, 1.0)
        assert text.zorder > max(line.zorder for line in first.lines)


def test_subsets_of_one_size_are_no_lattice() -> None:
    losses = {name: [int(i % k == 0) for i in range(40)] for k, name in enumerate("abc", 2)}
    figure = bc.compare(losses, losses=True, all_pairs=True).plot()
    (axes,) = figure.axes
    said = [text.get_text() for text in axes.texts]
    assert (
        "all intervals together hold with probability ≥ 0.95; marks: observed differences" in said
    )


@pytest.mark.parametrize("name", sorted(set(PICTURES) - {"compare"}))
def test_given_axes_are_drawn_on(results: dict[str, Any], name: str) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.add_subplot()
    assert results[name].plot(axes) is figure
    assert axes.lines
    assert axes.get_xlabel()


def test_what_has_no_picture_says_so(results: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="no picture of this, only of what certify, compare"):
        results["power"].plot()


def test_every_formula_of_the_catalogue_is_mathml() -> None:
    for entry in bc.catalogue().values():
        for variant in entry.variants.values():
            steps = variant.derivation.steps
            sides = [s for step in steps for s in (step.fact.lhs, step.fact.rhs, step.bound)]
            formulas = [latex_sum(variant.terms), *map(latex, sides)]
            for formula in (*formulas, *(p.latex for p in variant.parameters)):
                assert _Balanced(mathml.mathml(formula)).open == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("theorem", r"+ \varepsilon \quad\text{with probability at least }\; 1 - \delta$"),
        ("derive", r"r(\hat f_{N}) \leq \gamma + 2\,L\,\mathfrak{R}_m"),
        ("evaluate", r"\leq 0.149999 \quad\text{with probability at least }\; 0.985$"),
    ],
)
def test_a_notebook_gets_a_formula(results: dict[str, Any], name: str, said: str) -> None:
    formula = results[name]._repr_latex_()
    assert formula.startswith(r"$\displaystyle r(")
    assert said in formula
    assert _Balanced(mathml.mathml(formula.strip("$").removeprefix(r"\displaystyle"))).open == []


def test_what_is_no_formula_says_none(results: dict[str, Any]) -> None:
    many = bc.evaluate("holdout.hoeffding", n=[10, 20], **HOEFFDING)
    for result in (results["compare"], results["sweep"], many):
        assert result._repr_latex_() is None


def test_a_formula_as_mathml() -> None:
    shown = mathml.mathml(r"\widehat{r} + C\,\sqrt{\frac{\ln\left(1/\delta\right)}{2\,m}}")
    for part in (
        '<mover accent="true"><mi>r</mi><mo>^</mo></mover>',
        "<msqrt><mfrac>",
        "<mi>δ</mi>",
    ):
        assert part in shown
    assert mathml.mathml("x^{2}_{i}") == (
        "<math><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></math>"
    )
    with pytest.raises(ValueError, match="not known"):
        mathml.mathml(r"\input{x}")


LONG = (
    Heading("Answer"),
    Text("Use text."),
    Table(("a", "b"), tuple((str(i), "x") for i in range(60)), caption="Numbers: all"),
    Heading("More rows"),
    Table(("c",), (("1",),) * 30),
    Text("A short note.", Tone.NOTE),
)


def test_one_screen_keeps_what_fits_and_says_what_it_leaves_out() -> None:
    shown = as_text(one_screen(LONG), width=WIDTH)
    lines = shown.splitlines()
    assert len(lines) <= LINES
    assert lines[0] == "Answer"
    assert "A short note." in shown
    assert "More rows" not in lines
    assert " ".join(lines[-2:]).endswith(
        "Left out: the last 34 rows of “Numbers”, “More rows”. --details shows everything."
    )
    assert one_screen(LONG[:2]) == LONG[:2]


@pytest.mark.parametrize(
    ("name", "count"), [("derive", 11), ("verify", 3), ("rates", 6), ("power", 2)]
)
def test_rows_of_a_table(results: dict[str, Any], name: str, count: int) -> None:
    assert len(results[name].to_frame()) == count


@pytest.mark.parametrize("name", RESULTS)
def test_no_width_loses_a_letter(results: dict[str, Any], name: str) -> None:
    shown = one_screen(present.document_of(results[name]))
    letters = [
        Counter(re.sub(r"[\s─]", "", as_text(shown, width=width))) for width in (40, 80, 120, 200)
    ]
    # a narrow one says the heads beside every value
    assert not any(letters[-1] - found for found in letters)
    assert letters[1] == letters[2] == letters[3]


def test_a_hostile_name_is_text_in_every_part_of_the_markdown() -> None:
    name = "<script>alert(1)</script>"
    found = bc.certify([0, 1, 0, 0] * 30, [0, 0, 1, 0] * 30, delta=0.05, names=(name, "B"))
    assert "**Limits on " in found.to_markdown()
    assert "<script" not in found.to_markdown()


def test_details_say_all_that_the_short_answer_says(results: dict[str, Any]) -> None:
    short, full = (
        present.document_of(results["compare"], details=details) for details in (False, True)
    )
    kinds = (Heading, Table, Forest, Lattice)
    said = [block for block in short if isinstance(block, kinds)]
    assert {type(block) for block in said} == set(kinds)
    assert all(block in full for block in said)


def test_a_row_that_begins_with_a_bracket_is_no_argument_of_the_row_above() -> None:
    table = Table(("a", "b"), (("[x]", "1"), ("*", "2")))
    assert "{}[x] & 1 \\\\\n{}* & 2" in texts.latex_part((table,))
