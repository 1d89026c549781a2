"""Pictures: what is drawn, what is shaded, and what is written."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from files import ROOT
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from matplotlib.mathtext import MathTextParser
from typer.testing import CliRunner

import boundcalc as bc
from boundcalc.cli.app import app
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.sweep import Range, Sweep, along, sweep_variants
from boundcalc.render import plot
from boundcalc.render.charts import vacuous_spans
from boundcalc.symbolic.parameters import parameters
from boundcalc.symbolic.printing import latex, latex_sum

THEOREM1 = {
    "m": 13_200,
    "lipschitz": 1,
    "loss_bound": 1,
    "rademacher": 0.01,
    "gamma": -0.2,
    "delta": 0.05,
}
HOLDOUT = {"C": 1, "delta": 0.05, "test_loss": 0.5}
LOG = Range(10, 1e5, 60, log=True)


def theorem1(variant: str = "sharp", **changes: Any) -> Sweep:
    fixed = {name: x for name, x in THEOREM1.items() if name not in changes}
    vary = {name: x for name, x in changes.items() if isinstance(x, Range)}
    given = {name: x for name, x in changes.items() if name not in vary}
    return bc.sweep("huang2021.theorem1", variant=variant, vary=vary, **fixed, **given)


def hoeffding(first: int, last: int, variant: str = "upper") -> Sweep:
    return bc.sweep(
        "holdout.hoeffding", variant=variant, vary={"n": Range(first, last, 50)}, **HOLDOUT
    )


def artists(figure: Any, gid: str) -> list[Any]:
    return [a for a in figure.findobj() if str(a.get_gid() or "").startswith(gid)]


def pixels(figure: Any) -> np.ndarray:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=60)
    stream.seek(0)
    return imread(stream)[..., :3]


def share(image: np.ndarray, alpha: float = 1.0) -> float:
    """The share of the pixels that have the colour of the shading on white."""
    colour = alpha * np.asarray(to_rgb(plot.VACUOUS["fc"])) + (1 - alpha)
    return float(np.mean(np.all(np.abs(image - colour) < 0.01, axis=-1)))


# one parameter


@pytest.mark.parametrize("variant", ["sharp", "published"])
@pytest.mark.parametrize("gap", [0.0, 0.05])
def test_one_area_a_term_that_is_not_zero(variant: str, gap: float) -> None:
    swept = theorem1(variant, m=LOG, optimisation_gap=gap)
    shown = [name for name, term in swept.terms.items() if np.any(term)]
    drawn = artists(plot.figure(swept), "term ")
    assert [a.get_gid() for a in drawn] == [f"term {name}" for name in shown]
    assert len(shown) == len(swept.terms) - (gap == 0)


def test_areas_stack_up_to_the_bound() -> None:
    """Positive terms end at their sum, negative ones hang below 0, and the line is the sum of both."""
    swept = theorem1(m=LOG)
    figure = plot.figure(swept)
    ends = {a.get_gid(): a.get_paths()[0].vertices[:, 1] for a in artists(figure, "term ")}
    assert ends["term gamma"].min() == -0.2
    assert ends["term gamma"].max() == 0
    assert ends["term complexity"].min() == 0
    assert ends["term concentration"].max() == pytest.approx((swept.value + 0.2).max())
    (line,) = artists(figure, "bound")
    assert np.array_equal(line.get_ydata(), swept.value)


def test_a_term_that_changes_its_sign_is_drawn_on_both_sides() -> None:
    figure = plot.figure(theorem1(gamma=Range(-0.5, 0.5, 11)))
    assert [a.get_gid() for a in artists(figure, "term gamma")] == ["term gamma"] * 2
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sum("gamma" in label for label in labels) == 1


def test_a_logarithmic_range_has_a_logarithmic_axis() -> None:
    assert plot.figure(theorem1(m=LOG)).axes[0].get_xscale() == "log"
    assert plot.figure(hoeffding(1, 100)).axes[0].get_xscale() == "linear"


@pytest.mark.parametrize("variant", ["upper", "lower"])
def test_the_vacuous_part_is_shaded_and_labelled(variant: str) -> None:
    swept = hoeffding(1, 100, variant)
    figure = plot.figure(swept)
    ((low, high),) = vacuous_spans(swept)
    (span,) = artists(figure, "vacuous")
    # a polygon before Matplotlib 3.9, a rectangle since
    shaded = span.get_path().transformed(span.get_patch_transform()).get_extents()
    assert (shaded.x0, shaded.x1) == pytest.approx((low, high))
    assert "vacuous: says nothing" in [text.get_text() for text in figure.legends[0].get_texts()]
    seen = pixels(figure)
    span.set_visible(False)
    assert np.mean(np.any(seen != pixels(figure), axis=-1)) > 0.02


def test_no_shading_where_the_bound_says_something() -> None:
    swept = hoeffding(1000, 2000)
    assert not swept.vacuous.any()
    figure = plot.figure(swept)
    assert artists(figure, "vacuous") == []
    assert not any("vacuous" in text.get_text() for text in figure.legends[0].get_texts())
    assert share(pixels(figure), plot.VACUOUS["alpha"]) < 0.004


def test_what_is_far_outside_is_cut_and_this_is_said() -> None:
    figure = plot.figure(
        bc.sweep(
            "holdout.hoeffding",
            variant="lower",
            vary={"n": Range(1, 1000, 50)},
            C=1,
            delta=0.05,
            test_loss=0.1,
        )
    )
    assert any("cut below" in text.get_text() for text in figure.axes[0].texts)
    assert figure.axes[0].get_ylim()[0] > -0.3
    figure = plot.figure(hoeffding(1000, 2000))
    assert not any("cut" in text.get_text() for text in figure.axes[0].texts)


def test_the_legend_covers_no_data() -> None:
    for swept in (
        theorem1("published", m=LOG),
        bc.sweep(
            "lu2023.multimodal",
            variant="one-event",
            vary={"n": LOG},
            m=10**5,
            L=2,
            C=1,
            D=1,
            kappa=0.05,
            c_predictor=1,
            c_connection=1,
            delta=0.05,
        ),
    ):
        figure = plot.figure(swept)
        figure.draw_without_rendering()
        legend, axes = figure.legends[0].get_window_extent(), figure.axes[0].get_window_extent()
        assert legend.y1 < axes.y0
        assert legend.x1 <= figure.bbox.x1


def test_every_formula_is_mathtext() -> None:
    parser = MathTextParser("path")
    variants = [v for entry in bc.catalogue().values() for v in entry.variants.values()]
    formulas = {latex_sum((term,)) for variant in variants for term in variant.terms}
    formulas |= {latex(v.derivation.claim) for v in variants} | {
        latex(1 - v.derivation.failure) for v in variants
    }
    formulas |= {parameter.latex for parameter in parameters().values()}
    for formula in formulas:
        parser.parse(f"${formula}$")


@pytest.mark.parametrize("id", sorted(bc.catalogue()))
def test_the_example_of_every_theorem_can_be_drawn(id: str) -> None:
    entry = bc.theorem(id)
    values = dict(entry.example)
    name = next(
        n for n in ("m", "n", "loss_drop", "information_bits", "redundancy_x") if n in values
    )
    first = values.pop(name)
    points = Range(first, 4 * first, 5)
    figure = plot.figure(bc.sweep(id, variant=entry.example_variant, vary={name: points}, **values))
    assert pixels(figure).std() > 0.05


def test_what_follows_the_axis_is_said() -> None:
    m = np.array([100.0, 400.0, 900.0])
    values = {**THEOREM1, "m": m, "rademacher": np.sqrt(4 / m)}
    figure = plot.figure(along("m", bc.evaluate("huang2021.theorem1", variant="sharp", **values)))
    assert any("changes along with $m$" in text.get_text() for text in figure.axes[0].texts)
    figure = plot.figure(theorem1(m=LOG))
    assert any("held fixed while m varies" in text.get_text() for text in figure.axes[0].texts)


# several bounds


def test_curves_are_thick_where_they_say_something_and_crossings_are_marked() -> None:
    vary = {"n": Range(2, 5000, 200, log=True)}
    values = {"C": 1, "delta": 0.05, "test_loss": 0.05}
    two = [
        bc.sweep("holdout.hoeffding", variant="upper", vary=vary, **values),
        bc.sweep("holdout.empirical_bernstein", variant="upper", vary=vary, V=0.02, **values),
    ]
    figure = plot.figure(two, labels=["Hoeffding", "Bernstein"], title="two")
    for i, swept in enumerate(two):
        (line,) = artists(figure, f"curve {i}")
        assert np.array_equal(np.isnan(line.get_ydata()), swept.vacuous)
    assert len(artists(figure, "crossing")) == 1
    assert any("$n$ between" in text.get_text() for text in figure.axes[0].texts)
    assert len(artists(figure, "vacuous")) == 1
    assert figure.axes[0].get_yscale() == "log"
    assert plot.figure(two, log=False).axes[0].get_yscale() == "linear"


def test_curves_show_what_was_observed() -> None:
    figure = plot.figure([hoeffding(100, 200)], observed={"measured": ([120, 150], [0.5, 0.52])})
    (points,) = artists(figure, "observed")
    assert points.get_xdata().tolist() == [120, 150]
    assert artists(figure, "vacuous") == []


def test_variants_that_bound_different_things_say_their_probability() -> None:
    vary = {"n": LOG}
    values = {
        "m": 10**5,
        "L": 2,
        "C": 1,
        "D": 1,
        "kappa": 0.05,
        "c_predictor": 1,
        "c_connection": 1,
    }
    two = sweep_variants(
        "lu2023.multimodal", ["one-event", "expected"], vary=vary, delta=0.05, **values
    )
    labels = [text.get_text() for text in plot.figure(two).legends[0].get_texts()]
    assert labels[:2] == ["one-event (probability ≥ 0.95)", "expected"]


# two parameters


def test_a_map_is_grey_where_the_bound_is_vacuous() -> None:
    vary = {"m": Range(10, 1e6, 30, log=True), "rademacher": Range(0.001, 0.6, 30)}
    swept = bc.sweep(
        "huang2021.theorem2", variant="sharp", vary=vary, L=1, C=1, delta=0.05, centred_loss=0
    )
    assert 0 < swept.vacuous.mean() < 1
    figure = plot.figure(swept)
    assert len(artists(figure, "vacuous")) == 1
    assert len(figure.axes) == 2  # the map and its colour bar
    assert share(pixels(figure)) > 0.03


def test_a_map_without_anything_vacuous_has_no_grey() -> None:
    swept = bc.sweep(
        "huang2021.selection",
        variant="threshold",
        vary={"m": Range(10, 100, 5), "L": Range(1, 2, 5)},
        c_M=9,
        c_N=4,
    )
    figure = plot.figure(swept)
    assert artists(figure, "vacuous") == []
    assert figure.legends == []
    assert share(pixels(figure)) < 0.004


def test_a_map_of_nothing_but_vacuous_values() -> None:
    vary = {"n": Range(10, 100, 5), "growth": Range(0.9, 1, 5)}
    figure = plot.figure(bc.sweep("lu2023.unimodal", variant="expected", vary=vary, c_composite=9))
    assert len(figure.axes) == 1
    assert "vacuous everywhere" in figure.legends[0].get_texts()[0].get_text()


def test_a_long_title_leaves_no_blank_beside_a_map() -> None:
    figure = plot.figure(theorem1(m=LOG, gamma=Range(-1, 1, 9)))
    figure.canvas.draw()
    axes, bar = figure.axes
    assert bar.get_position().x0 - axes.get_position().x1 < 0.06
    top = axes.get_window_extent().y1
    head = [t.get_window_extent() for t in axes.texts if t.get_window_extent().y0 > top]
    assert len(head) == 4  # the title, the fixed parameters, how surely it holds, and a note
    assert max(extent.y1 for extent in head) <= figure.bbox.height


def test_a_constant_map() -> None:
    vary = {"delta": Range(0.1, 0.2, 3), "gamma": Range(0, 1, 2)}
    swept = theorem1(**vary)
    flat = Sweep(
        **{**vars(swept), "value": np.full(swept.value.shape, 0.25), "vacuous": swept.value > 99}
    )
    assert pixels(plot.figure(flat)).std() > 0.05


# what cannot be drawn


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InputError, match="nothing to plot"):
        plot.figure([])
    with pytest.raises(InputError, match="two or more increasing points of n"):
        plot.figure(bc.sweep("holdout.kl", vary={"n": [3, 2]}, delta=0.1, test_loss=0.1))
    with pytest.raises(InputError, match="two or more increasing points of n"):
        plot.figure(bc.sweep("holdout.kl", vary={"n": [3]}, delta=0.1, test_loss=0.1))
    with pytest.raises(InputError, match="needs one varied parameter, not 2"):
        plot.figure([theorem1(m=LOG, delta=Range(0.1, 0.2, 2))] * 2)
    with pytest.raises(InputError, match="not on the same points"):
        plot.figure([hoeffding(1, 100), hoeffding(1, 101)])
    with pytest.raises(UnknownNameError, match="known: pdf, png, svg"):
        plot.save(plot.figure(hoeffding(1, 100)), io.BytesIO(), "gif")


# files


def test_files_are_pictures(tmp_path: Path) -> None:
    command = [
        "sweep",
        "holdout.hoeffding",
        "--variant",
        "upper",
        "--vary",
        "n=1:100:50",
        "delta=0.05",
        "C=1",
        "test_loss=0.5",
    ]
    for name in ("a.png", "c.SVG"):
        assert CliRunner().invoke(app, [*command, "-o", str(tmp_path / name)]).exit_code == 0
    image = imread(tmp_path / "a.png")
    assert image.shape[:2] == (1280, 1600)
    assert image[..., :3].std() > 0.1
    root = ElementTree.parse(tmp_path / "c.SVG").getroot()
    assert root.tag.endswith("svg")
    names = {element.get("id") for element in root.iter()}
    assert {"term concentration", "vacuous", "bound"} <= {str(n) for n in names}


def test_the_same_figure_gives_the_same_bytes() -> None:
    written = []
    for _ in range(2):
        stream = io.BytesIO()
        plot.save(plot.figure(hoeffding(1, 100)), stream, "svg")
        written.append(stream.getvalue())
    assert written[0] == written[1]


def test_two_variants_from_the_command_line(tmp_path: Path) -> None:
    target = tmp_path / "two.svg"
    command = [
        "sweep",
        "holdout.kl",
        "--vary",
        "n=5:500:50:log",
        "delta=0.05",
        "test_loss=0.1",
        "-v",
        "upper",
    ]
    assert (
        CliRunner()
        .invoke(app, [*command, "--compare-variant", "lower", "-o", str(target)])
        .exit_code
        == 0
    )
    assert {"curve 0", "curve 1"} <= {
        str(e.get("id")) for e in ElementTree.parse(target).getroot().iter()
    }


def test_no_global_state_is_touched() -> None:
    before = dict(matplotlib.rcParams)
    pixels(plot.figure(hoeffding(1, 100)))
    assert dict(matplotlib.rcParams) == before


def test_the_sine_example_runs(tmp_path: Path) -> None:
    target = tmp_path / "sine.png"
    script = "\n".join(
        (
            "import runpy, sys",
            "sys.argv = sys.argv[1:]",
            "main = runpy.run_path(sys.argv[0])['main']",
            "main.__globals__.update(TRIALS=3, SIZES=(1, 6))",
            "main()",
            "assert 'matplotlib.pyplot' not in sys.modules",
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT / "examples" / "sine.py"), "-o", str(target)],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    assert "unimodal bound: vacuous at every n" in done.stdout
    assert "multimodal bound: says something from n = 12 on" in done.stdout
    assert "multimodal, simulated: 0.000 at n = 1" in done.stdout
    assert imread(target).std() > 0.1
