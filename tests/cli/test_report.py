"""The page of a study: opened by a browser without a network, its sliders held against Python."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from browser import offline_browser
from files import EXAMPLES
from mpmath import mp

import boundcalc as bc
from boundcalc.errors import InputError, visible
from boundcalc.numeric.compile import tape
from boundcalc.numeric.javascript import javascript, moved_outward, runtime
from boundcalc.render.document import (
    Code,
    Document,
    Forest,
    Formula,
    Heading,
    Lattice,
    Mark,
    Span,
    Table,
    Text,
)
from boundcalc.render.html import page
from boundcalc.render.live import Live, bounds_used
from boundcalc.render.report import report_page

LARGEST = 500_000  # bytes
STUDIES = ("iemocap", "from_training_losses")
HOSTILE = (
    "<script>alert(1)</script>",
    "\"quoted\" 'twice' &amp;",
    "right\u202eto left",
    "\x1b[31mred\x1b[0m",
    "[bold]rich[/bold]",
    "=cmd()",
    r"\input{x} $x_1$ 50% {}",
    "x" * 10_000,
)


def set_slider(browser: Any, place: int, position: int) -> None:
    browser.execute_script(
        "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
        "s.dispatchEvent(new Event('input'));",
        f"slider-{place}",
        str(position),
    )


def shown(browser: Any) -> tuple[list[float], dict[int, str]]:
    """The exact numbers of all sliders and of all bounds."""
    sliders, bounds = browser.execute_script(
        "return [[...document.querySelectorAll('output')].map((o) => [o.id, o.dataset.value]),"
        "[...document.querySelectorAll('[id^=bound-]')].map((o) => [o.id, o.dataset.value])];"
    )
    order = sorted((int(name.removeprefix("value-")), float(value)) for name, value in sliders)
    return [value for _, value in order], {int(n.removeprefix("bound-")): v for n, v in bounds}


def by_python(live: Live, i: int, numbers: list[float]) -> float | None:
    """A bound at the numbers of the sliders, by `evaluate`; None where it refuses them."""
    used = live.bounds[i]
    found = used.evaluation
    at = {(s.parameter.name, s.subject): x for s, x in zip(live.sliders, numbers, strict=True)}
    start = {(s.parameter.name, s.subject): s.value for s in live.sliders}

    def moved(name: str, own: float) -> float:
        key = (name, used.subject) if (name, used.subject) in at else (name, "")
        return at[key] + (own - start[key])

    values = {}
    for name, own in found.parameters.items():
        if name == "delta":
            values[name] = float(Fraction(at["delta", ""]) * used.share)
        elif name == "rademacher" and used.intrinsic is not None:
            c = moved("complexity_m", used.intrinsic)
            values[name] = math.sqrt(c / moved("m", found.parameters["m"]))
        else:
            values[name] = moved(name, own)
    try:
        return float(bc.evaluate(found.id, variant=found.variant, **values).value)
    except InputError:
        return None


def agree(browser: Any, live: Live) -> int:
    """How many bounds agree with Python to 1e-12, and none is on its wrong side by more."""
    numbers, bounds = shown(browser)
    compared = 0
    for i in live.moving:
        expected = by_python(live, i, numbers)
        if expected is None:
            continue
        assert float(bounds[i]) == pytest.approx(expected, rel=1e-12, abs=1e-12), (
            live.bounds[i].evaluation.id,
            numbers,
        )
        compared += 1
    return compared


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with offline_browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module", params=STUDIES)
def opened(request: Any, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    comparison = bc.compare(EXAMPLES / f"{request.param}.toml")
    path = tmp_path_factory.mktemp("page") / "report.html"
    bc.report(comparison, path)
    browser.get(path.as_uri())
    return browser, Live(bounds_used(comparison), comparison.study.delta)


def test_the_page_opens_without_an_error_or_a_request(opened: Any) -> None:
    browser, live = opened
    assert browser.get_log("browser") == []
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert len(live.moving) == len(live.bounds) > 0
    assert agree(browser, live) == len(live.moving)


def test_each_slider_agrees_with_python(opened: Any) -> None:
    browser, live = opened
    for place in range(len(live.sliders)):
        for position in (37, 962):
            set_slider(browser, place, position)
            agree(browser, live)
        browser.execute_script("document.getElementById('reset').click()")
    assert agree(browser, live) == len(live.moving)
    assert browser.get_log("browser") == []


@pytest.mark.slow
def test_each_slider_agrees_with_python_at_ten_positions(opened: Any) -> None:
    browser, live = opened
    compared = 0
    for place in range(len(live.sliders)):
        for position in (0, 111, 222, 333, 444, 555, 666, 777, 888, 1000):
            set_slider(browser, place, position)
            compared += agree(browser, live)
        browser.execute_script("document.getElementById('reset').click()")
    assert compared > 8 * len(live.sliders) * len(live.moving)


def test_a_moved_bound_is_never_shown_on_its_wrong_side(opened: Any) -> None:
    browser, live = opened
    set_slider(browser, 0, 613)
    _, bounds = shown(browser)
    for i in live.moving:
        text = browser.execute_script(f"return document.getElementById('bound-{i}').textContent")
        printed, exact = Fraction(text.replace("−", "-")), Fraction(float(bounds[i]))
        upper = live.bounds[i].evaluation.bound.upper
        assert printed >= exact if upper else printed <= exact
    browser.execute_script("document.getElementById('reset').click()")


def test_every_formula_of_the_catalogue_in_javascript(browser: Any) -> None:
    """At the numbers of its example and half as many again, each form has Python's value."""
    code, expected = [runtime(), "const found = [];"], []
    for id, entry in bc.catalogue().items():
        for variant in entry.variants.values():
            numbers = {p.name: entry.example.get(p.name, 0.5) for p in variant.parameters}
            whole = {p.name for p in variant.parameters if p.integer}
            for factor in (1, 1.5):
                values = {n: x * factor for n, x in numbers.items() if n != "delta"}
                values = {n: math.ceil(x) if n in whole else x for n, x in values.items()}
                if "delta" in numbers:
                    values["delta"] = numbers["delta"] / factor
                try:
                    found = bc.evaluate(id, variant=variant.name, **values)
                except InputError:
                    continue
                if found.bound.whole:  # rounded up exactly: no slider moves such a bound
                    continue
                made = tape(*(term.expression for term in variant.terms))
                given = json.dumps({n: float(x) for n, x in found.parameters.items()})
                up = "null" if found.relation == "=" else str(found.bound.upper).lower()
                moves = (
                    f"(u) => {moved_outward(made, i, up=up != 'false')}"
                    for i in range(len(found.terms))
                )
                code.append(
                    f"{{const [a, u] = ({javascript(made)})({given}), m = [{', '.join(moves)}];"
                    f"found.push(total({up} === null ? a : a.map((x, i) => "
                    f"away(x, m[i](u[i]), {up})), {up}));}}"
                )
                expected.append((id, variant.name, found.value))
    browser.get("about:blank")
    found = browser.execute_script("\n".join((*code, "return found;")))
    assert len(expected) > 90
    for (*name, value), other in zip(expected, found, strict=True):
        assert other == pytest.approx(value, rel=1e-12, abs=1e-300), name


def test_limits_in_javascript_are_safe_far_from_the_mean(browser: Any) -> None:
    """Where p is far below q, p − q has lost p: 50 digits say on which side of c kl(q‖p) is."""
    cases = [(q, c) for q in (1e-17, 1e-9, 0.1, 0.5, 1.0) for c in (1e-6, 0.01, 1.0, 30.0, 700.0)]
    calls = ",".join(f"[limits.KLLower({q!r},{c!r}),limits.KLUpper({q!r},{c!r})]" for q, c in cases)
    browser.get("about:blank")
    found = browser.execute_script(f"{runtime()}\nreturn [{calls}];")
    with mp.workdps(400):
        for (q, c), (low, high) in zip(cases, found, strict=True):
            for p, end in ((low, 0), (high, 1)):
                hit, miss = mp.mpf(q), 1 - mp.mpf(q)
                kl = hit * mp.log(hit / p) if p else mp.inf
                kl += miss * mp.log(miss / (1 - mp.mpf(p))) if miss and p < 1 else 0
                assert p == end or kl >= c, (q, c, p)


def hostile_study() -> dict[str, Any]:
    """What a study accepts: it refuses control characters by itself."""
    names = [name for name in HOSTILE if name.isprintable()]
    subsets = [{"modalities": [name], "test_loss": 0.3} for name in names]
    everything = {"modalities": names, "test_loss": 0.1}
    return {"title": HOSTILE[0], "test_n": 400, "subset": [*subsets, everything]}


def hostile_document() -> Document:
    """Every name in every place of a document."""
    marks = tuple(Mark)
    rows = tuple(Span(n, -0.1, None, n, None, marks[i % 5]) for i, n in enumerate(HOSTILE))
    nodes = tuple((name, i % 3, name) for i, name in enumerate(HOSTILE))
    return (
        Heading(" ".join(HOSTILE[:7])),
        *(Text(name) for name in HOSTILE),
        *(Text(Formula(name, name)) for name in HOSTILE),
        Table((HOSTILE[0], "b"), tuple((n, n) for n in HOSTILE), caption=HOSTILE[0]),
        Code("\n".join(HOSTILE)),
        Forest(rows, HOSTILE[0], (HOSTILE[1], HOSTILE[0]), HOSTILE[0]),
        Lattice(nodes, ((0, 1, Mark.BETTER), (3, 4, Mark.UNDECIDED)), HOSTILE[0]),
    )


@pytest.mark.parametrize("scripts", [0, 1])
def test_hostile_names_are_text(browser: Any, tmp_path: Path, scripts: int) -> None:
    path = tmp_path / "page.html"
    if scripts:
        bc.report(bc.compare(hostile_study()), path)
    else:
        path.write_text(page(hostile_document()), encoding="utf-8")
    browser.get(path.as_uri())
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.scripts.length") == scripts
    text = browser.execute_script("return document.body.textContent")
    for name in HOSTILE:
        if name.isprintable() or not scripts:
            assert visible(name) in text, name[:40]
    wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert browser.execute_script(wide) <= 0


class Tags(HTMLParser):
    """Every tag that is opened, with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_is_small_and_holds_everything_itself() -> None:
    text = report_page(bc.compare(EXAMPLES / "iemocap.toml"))
    assert len(text.encode()) < LARGEST
    tags = Tags(text).found
    assert not [a for _, a in tags if {"src", "onclick", "onload", "style"} & a.keys()]
    links = [a["href"] for t, a in tags if t in ("a", "link")]
    assert all(link is not None and link.startswith(("#", "data:")) for link in links)
    policy = next(a["content"] for t, a in tags if a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_answer_comes_first_and_the_chance_is_spent_in_words() -> None:
    comparison = bc.compare(EXAMPLES / "iemocap.toml")
    text = re.sub(r"<wbr>", "", report_page(comparison))
    assert text.index("Use text+audio") < text.index("<svg")
    assert "You accept a 10 % chance" in text
    assert "1/80 (1.25 %) each, 10 % together" in text
    assert "@article{clopper1934," in text


def test_a_page_rests_on_what_the_comparison_assumes() -> None:
    losses = {"text": [1, 0, 0, 1] * 10, "audio": [0, 1, 0, 0] * 10}
    patient = [i // 4 for i in range(40)]
    page = report_page(bc.compare(losses, losses=True, all_pairs=True, groups=patient))
    assert "<li>the groups are i.i.d., the examples within one need not be" in page
    assert "the examples are i.i.d." not in page
    plain = report_page(bc.compare(losses, losses=True, all_pairs=True))
    assert "<li>the examples are i.i.d." in plain
    assert "the groups are i.i.d." not in plain
    # what only a note says is not left out
    data = bc.compare(
        EXAMPLES / "breast_cancer.csv", subsets=["mean", "error"], norms=[1], all_pairs=True
    )
    assert "assumed: the 2 classes were known beforehand" in report_page(data)
    assert "assumed throughout" not in report_page(data)


def test_no_line_runs_through_the_words_of_a_picture() -> None:
    row = Span("a against b", -0.2, 0.1, "-0.2 … 0.1", None, Mark.UNDECIDED)
    drawn = page((Forest((row,), "gap", ("better", "worse")),))
    below = [drawn.index(f'class="{kind}"') for kind in ("zero", "paper")]
    assert below == sorted(below)
    assert drawn.count('<rect class="paper"') == 4  # a label and numbers, wide and narrow


@pytest.mark.parametrize("make", [
    lambda: bc.evaluate("holdout.hoeffding", n=840, test_loss=0.1, loss_bound=1, delta=0.015),
    lambda: bc.power(p10=0.1, p01=0.05),
    lambda: bc.theorem("holdout.hoeffding"),
    lambda: bc.derive("holdout.hoeffding"),
    lambda: bc.certify([0, 1, 0, 0] * 30, [0, 0, 1, 0] * 30, delta=0.05),
])  # fmt: skip
def test_every_result_has_a_page(make: Callable[[], Any], tmp_path: Path) -> None:
    text = bc.report(make(), tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<h1>" in text
    assert "To repeat this" in text


def test_the_command_writes_a_page(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    code, out, err = run("report", str(EXAMPLES / "iemocap.toml"), "-o", str(path))
    assert (code, out, err) == (0, "", "")
    assert "boundcalc report" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("iemocap.toml", "-o", "report.pdf"), "unknown file extension 'pdf'"),
        (("nothing.toml", "-o", "report.html"), "nothing.toml"),
    ],
)
def test_what_cannot_be_written_is_refused(
    run: Any, tmp_path: Path, arguments: tuple[str, ...], said: str, monkeypatch: Any
) -> None:
    study = EXAMPLES / arguments[0]
    monkeypatch.chdir(tmp_path)
    code, out, err = run("report", str(study), *arguments[1:])
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_without_jinja_the_extra_is_named(run: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    code, _, err = run("report", str(EXAMPLES / "iemocap.toml"), "-o", str(tmp_path / "x.html"))
    assert code == 2
    assert err == "Error: reports need jinja2: pip install 'boundcalc[report]'\n"
