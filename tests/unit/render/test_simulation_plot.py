"""The picture of a simulation shows all that was simulated, where it is, or says what is left out."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.render import plot
from boundcalc.render.simulation import simulation_figure
from boundcalc.worlds.simulate.results import Simulation


def drawn(axes: Axes) -> dict[str, Any]:
    return {artist.get_gid(): artist for artist in axes.get_children() if artist.get_gid()}


@cache
def nested() -> Simulation:
    """Three subsets, each within the next; the sizes are such that every crossover can be drawn."""
    names = ["a", "b", "c"]
    unit = [[float(i == j) for j in range(3)] for i in range(3)]
    return bc.simulate(
        {
            **{"kind": "linear", "m": [10, 1000], "repetitions": 2, "noise_variance": 0.5},
            **{
                "covariance": unit,
                "blocks": {n: [i] for i, n in enumerate(names)},
                "theta": [0.5] * 3,
            },
            **{
                "subsets": [names[: i + 1] for i in range(3)],
                "norm": 2,
                "loss_bound": 2,
                "test_n": 50,
            },
        }
    )


def test_all_learners_are_drawn_and_each_crossover_beside_what_crosses_there() -> None:
    record = nested()
    above, below = simulation_figure(record).axes
    assert {f"exact {i}" for i in range(3)} <= set(drawn(above))
    assert {f"{what} {i}" for what in ("curve", "truth") for i in range(3)} <= set(drawn(below))
    assert len(record.crossovers) == 3
    marks = {name for axes in (above, below) for name in drawn(axes) if "crossover" in name}
    assert {name for name in drawn(above) if "crossover" in name} == {
        name for name in marks if not name.startswith("predicted")
    }
    for i, c in enumerate(record.crossovers):
        assert f"simulated crossover {i}" in marks
        assert (f"exact crossover {i}" in marks) == (10 <= c.exact <= 3000)
        assert drawn(below)[f"predicted by bounds crossover {i}"].get_xdata()[0] == c.predicted


def test_what_a_picture_leaves_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> str:
        return " ".join(text.get_text() for text in simulation_figure(nested()).axes[0].texts)

    assert "left out" not in said()
    monkeypatch.setattr("boundcalc.render.simulation._MOST_LEARNERS", 2)
    assert all(
        words in said() for words in ("left out: a+b+c", "crossovers of 2 more pairs are left out")
    )


def test_a_truth_of_zero_is_drawn() -> None:
    record = bc.simulate({"kind": "table", "m": [3, 3000], "repetitions": 5, "points": 8, "n": 4})
    above, below = simulation_figure(record).axes
    assert drawn(below)["truth 0"].get_ydata()[-1] == 0
    for axes in (above, below):
        low, high = axes.get_ylim()
        assert axes.get_yscale() == "linear"
        assert low < 0 < high


def test_no_thin_line_is_below_a_thick_one() -> None:
    axes = plot.new()
    vacuous = np.array([True, False, False, True, True, False, True])
    x = np.arange(1, 8)
    plot.bound_line(axes, x, x, vacuous, 0)
    spans = {}
    for name, line in drawn(axes).items():
        at, there = line.get_xdata(), np.isfinite(line.get_ydata())
        both = there[:-1] & there[1:]
        spans[name] = set(zip(at[:-1][both], at[1:][both], strict=True))
    assert spans == {"thin 0": {(1, 2), (3, 4), (4, 5), (5, 6), (6, 7)}, "curve 0": {(2, 3)}}
    assert drawn(axes)["curve 0"].get_markevery() == [5]  # a point alone has no line


def test_one_pair_of_axes_is_too_few() -> None:
    with pytest.raises(InputError, match="two axes"):
        nested().plot(plot.new())
