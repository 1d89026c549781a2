"""Crossovers: every size at which the better of two bounds changes, checked on both sides."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import boundcalc as bc
from boundcalc.errors import ConvergenceError, InputError, UnknownNameError
from boundcalc.numeric import exact
from boundcalc.numeric.compile import tape
from boundcalc.numeric.crossover import Crossover, Winner, _crossings, apart, size_text
from boundcalc.numeric.two_bounds import TwoBounds, proved_sign, side_of
from boundcalc.symbolic.functions import BinomialUpper
from boundcalc.symbolic.parameters import parameter, symbol
from boundcalc.symbolic.precision import Box

THEOREM1 = {"delta": 0.05, "lipschitz": 1, "loss_bound": 1, "gamma": 0}
LU = {
    "m": 10_000,
    "c_composite": 0.4,
    "lipschitz": 1,
    "connection_gap": 0.02,
    "c_predictor": 2,
    "c_connection": 1,
}


def winner(first: float, second: float, *, lower: bool = False) -> str:
    if first == second:
        return "equal"
    return "first" if (first < second) is not lower else "second"


def check_neighbours(result: Crossover, *, lower: bool = False) -> None:
    """Both neighbours of every change are evaluated, and the better one is the one that is named."""
    for crossing in result.crossings:
        before, at = crossing.before, crossing.at
        assert at[0] == crossing.size
        assert winner(at[1], at[2], lower=lower) == crossing.better
        assert {winner(before[1], before[2], lower=lower), crossing.better} == {"first", "second"}
        between = [
            s for s in result.stretches if before[0] < s.first and (s.last or math.inf) < at[0]
        ]
        assert all(s.better == "equal" for s in between)
        assert before[0] == at[0] - 1 or between
    covered = [(s.first, s.last) for s in result.stretches]
    assert covered[0][0] == result.sizes[0]
    assert covered[-1][1] == result.sizes[1]
    assert all(b[0] == a[1] + 1 for a, b in pairwise(covered))


def test_closed_form() -> None:
    result = bc.crossover(
        "huang2021.theorem1:sharp",
        "huang2021.theorem1:sharp-empirical",
        over="m",
        only_first={"rademacher": 0.02},
        only_second={"rademacher_empirical": 0.01},
        **THEOREM1,
    )
    root = ((3 / math.sqrt(2) - math.sqrt(2)) * math.sqrt(math.log(20)) / 0.02) ** 2
    assert result.method == "closed form"
    assert result.sizes == (1, None)
    (crossing,) = result.crossings
    assert crossing.size == math.ceil(root)
    assert crossing.better == "second"
    check_neighbours(result)
    assert "3744.6653" in result.status


@settings(max_examples=15, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 999), st.integers(1, 999))
def test_closed_form_against_every_size(r1: int, r2: int, d1: int, d2: int) -> None:
    """Two constants and two deltas: compared with a look at all sizes up to 10,000."""
    first = {"rademacher": r1 / 1000, "delta": d1 / 1000}
    second = {"rademacher": r2 / 1000, "delta": d2 / 1000}
    shared = {"lipschitz": 1, "loss_bound": 1, "train_loss": 0.1}
    id = "classic.uniform_deviation:expected"
    result = bc.crossover(id, id, over="m", only_first=first, only_second=second, **shared)
    assert result.method == "closed form"
    assert len(result.crossings) <= 1
    check_neighbours(result)
    sizes = np.arange(1, 10_001)
    values = [
        bc.evaluate("classic.uniform_deviation", variant="expected", m=sizes, **shared, **own).value
        for own in (first, second)
    ]
    lead = values[1] - values[0]
    lead[np.abs(lead) < 1e-15] = 0
    signs = np.sign(lead)
    changes = [int(k) for k in np.flatnonzero((signs[1:] * signs[:-1]) < 0) + 2]
    found = [c.size for c in result.crossings if c.size <= 10_000]
    assume(not np.any(signs == 0) or np.all(signs == 0))
    assert found == changes


def test_an_exact_tie_belongs_to_neither() -> None:
    """A₁ + B₁/√m = A₂ + B₂/√m exactly at m = 100."""
    form = "huang2021.selection:threshold"
    own = [{"complexity_m": 16, "complexity_n": 1}, {"complexity_m": 9, "complexity_n": 4}]
    result = bc.crossover(form, form, over="m", only_first=own[0], only_second=own[1], lipschitz=1)
    assert result.crossings == ()
    assert result.stretches[0].better == "second"
    # 1/√n + √(2n/m) for n = 8 and n = 2: exactly equal at m = 32
    form = "lu2023.separation:multimodal"
    result = bc.crossover(form, form, over="m", only_first={"n": 8}, only_second={"n": 2})
    assert [(s.first, s.last, s.better) for s in result.stretches] == [
        (1, 31, "second"),
        (32, 32, "equal"),
        (33, None, "first"),
    ]
    (crossing,) = result.crossings
    assert (crossing.size, crossing.before[0]) == (33, 31)
    check_neighbours(result)
    assert "the two are equal at m = 32" in result.status


def test_more_than_one_crossing_is_found() -> None:
    result = bc.crossover(
        "lu2023.unimodal:expected", "lu2023.multimodal:expected", over="n", growth=0.75, **LU
    )
    assert result.method == "scan"
    assert [(c.size, c.better) for c in result.crossings] == [(3315, "second"), (46196, "first")]
    check_neighbours(result)
    sizes = np.arange(1, 200_001)
    uni = bc.evaluate(
        "lu2023.unimodal", variant="expected", n=sizes, growth=0.75, c_composite=0.4
    ).value
    multi = bc.evaluate(
        "lu2023.multimodal",
        variant="expected",
        n=sizes,
        **{k: v for k, v in LU.items() if k != "c_composite"},
    ).value
    changes = np.flatnonzero(np.diff(np.sign(multi - uni))) + 2
    assert [c.size for c in result.crossings] == [int(k) for k in changes]


def test_two_crossings_between_two_sizes_of_the_scan() -> None:
    """Found because the lead turns close to 0 there."""
    shared = {k: v for k, v in LU.items() if k != "connection_gap"}

    def lead(kappa: float, sizes: Any) -> Any:
        uni = bc.evaluate(
            "lu2023.unimodal", variant="expected", n=sizes, growth=0.75, c_composite=0.4
        ).value
        own = {k: v for k, v in shared.items() if k != "c_composite"}
        return (
            uni
            - bc.evaluate(
                "lu2023.multimodal", variant="expected", n=sizes, connection_gap=kappa, **own
            ).value
        )

    sizes = np.arange(8_000, 12_000)
    top = lead(0, sizes).max()
    kappa = float(top * (1 - 2e-9))
    inside = sizes[lead(kappa, sizes) > 0]
    result = bc.crossover(
        "lu2023.unimodal:expected",
        "lu2023.multimodal:expected",
        over="n",
        growth=0.75,
        connection_gap=kappa,
        **shared,
    )
    assert [c.size for c in result.crossings] == [inside[0], inside[-1] + 1]
    assert inside[-1] - inside[0] < 40
    check_neighbours(result)


def test_hoeffding_bernstein_and_the_other_held_out_limits() -> None:
    values = {"delta": 0.05, "loss_bound": 1, "test_loss": 0.1}
    result = bc.crossover(
        "holdout.hoeffding", "holdout.empirical_bernstein", over="n", variance=0.05, **values
    )
    assert [(c.size, c.better) for c in result.crossings] == [(197, "second")]
    assert result.sizes == (2, 10**15)
    assert "scan of" in result.status
    assert "; at n = 2 the two are " in result.status
    assert ", at n = 10^15 the two are 0.10000004 and 0.10000002" in result.status
    assert "count as equal" not in result.status
    assert (result.first.bound.id, result.second.bound.id) == (
        "holdout.hoeffding",
        "holdout.empirical_bernstein",
    )
    check_neighbours(result)
    never = bc.crossover("holdout.hoeffding", "holdout.kl", over="n", **values)
    assert never.crossings == ()
    assert "holdout.kl (upper) is better at every n that was scanned" in never.status
    lower = bc.crossover(
        "holdout.hoeffding:lower",
        "holdout.empirical_bernstein:lower",
        over="n",
        variance=0.05,
        **values,
    )
    assert [(c.size, c.better) for c in lower.crossings] == [(197, "second")]
    check_neighbours(lower, lower=True)


def test_closed_form_of_lower_limits() -> None:
    """The larger one is better: the complexity hurts at every m, the smaller δ less and less."""
    id = "classic.uniform_deviation:lower"
    own = [{"rademacher": 0.05, "delta": 0.5}, {"rademacher": 0.01, "delta": 0.001}]
    shared = {"lipschitz": 1, "loss_bound": 1, "train_loss": 0.5}
    result = bc.crossover(id, id, over="m", only_first=own[0], only_second=own[1], **shared)
    assert result.method == "closed form"
    check_neighbours(result, lower=True)
    root = ((math.sqrt(math.log(1000) / 2) - math.sqrt(math.log(2) / 2)) / 0.08) ** 2
    assert [(c.size, c.better) for c in result.crossings] == [(math.ceil(root), "second")]
    never = bc.crossover(
        id, id, over="m", only_first=own[0], only_second=own[1] | {"delta": 0.6}, **shared
    )
    assert [s.better for s in never.stretches] == ["second"]


def test_sizes_of_equality_are_no_crossing() -> None:
    class Two:
        size = parameter("m")

        @staticmethod
        def both(size: int) -> tuple[float, float]:
            return float(size), 0.0

    touch = (Winner(1, 4, "first"), Winner(5, 5, "equal"), Winner(6, None, "first"))
    assert _crossings(Two(), touch) == ()  # type: ignore[arg-type]
    change = (*touch[:2], Winner(6, 9, "second"), Winner(10, None, "first"))
    assert [(c.size, c.better) for c in _crossings(Two(), change)] == [(6, "second"), (10, "first")]  # type: ignore[arg-type]


def test_an_enclosure_that_is_too_wide_proves_nothing() -> None:
    """Both limits are near 1e-150, further down than 50 digits of an interval between 0 and 1 reach."""
    q, delta = 0.01, 1e-150

    def entropy_is_larger(n: int) -> bool:
        """Clopper–Pearson with one error is δ/n, and kl(q‖δ/n) > ln(1/δ)/n where the other is above it."""
        return q * math.log(q * n / delta) + (1 - q) * math.log(1 - q) > -math.log(delta) / n

    result = bc.crossover(
        "holdout.kl:lower",
        "holdout.clopper_pearson:lower",
        over="n",
        test_loss=q,
        errors=1,
        delta=delta,
    )
    assert [(c.size, c.better) for c in result.crossings] == [
        (next(n for n in range(1, 1000) if entropy_is_larger(n)), "first")
    ]
    assert proved_sign(Box(1, 2), Box(3, 4)) == 1
    assert proved_sign(Box(3, 4), Box(1, 2)) == -1
    assert proved_sign(Box(1, 1), Box(1, 1)) == 0
    for value, wide in (("1", ("0.999", "1.001")), ("1.5e-200", ("1e-200", "2e-200"))):
        with pytest.raises(TypeError, match="too wide"):
            proved_sign(Box(Fraction(value), Fraction(value)), Box(*map(Fraction, wide)))


def test_limits_that_cannot_be_enclosed() -> None:
    """The logarithm of an interval around 0 is not defined; the floats decide."""
    result = bc.crossover(
        "holdout.clopper_pearson:upper",
        "holdout.kl:upper",
        over="n",
        errors=5,
        test_loss=0.999,
        delta=1e-20,
    )
    assert [s.better for s in result.stretches][-1] == "first"
    assert result.crossings == ()
    with pytest.raises(ConvergenceError, match="delta = 1e-280 is too small"):
        bc.crossover(
            "holdout.kl", "holdout.clopper_pearson", over="n", errors=5, test_loss=0.9, delta=1e-280
        )


def test_the_same_limit_twice_is_equal() -> None:
    """kl and Clopper–Pearson agree where nothing went wrong: 1 − δ^(1/n)."""
    result = bc.crossover(
        "holdout.kl", "holdout.clopper_pearson", over="n", test_loss=0, errors=0, delta=0.05
    )
    assert [s.better for s in result.stretches] == ["equal"]
    same = bc.crossover(
        "huang2021.theorem1:sharp", "huang2021.theorem1:sharp", over="m", rademacher=0.1, **THEOREM1
    )
    assert [s.better for s in same.stretches] == ["equal"]
    assert same.status.startswith("The two are equal at every m.")
    assert "no part speaks" not in same.status
    form = "holdout.hoeffding:upper"
    twice = bc.crossover(
        form,
        form,
        over="n",
        only_first={"delta": 0.1},
        only_second={"delta": 0.2},
        loss_bound=1,
        test_loss=0.1,
    )
    assert twice.status.startswith("The second holdout.hoeffding (upper) is better at every n.")


def test_sizes_as_text() -> None:
    sizes = {13_200: "13,200", 10**8: "100,000,000", 10**9: "10^9", 10**9 + 1: "1,000,000,001"}
    assert {size: size_text(size) for size in sizes} == sizes
    assert [size_text(10**15), size_text(2 * 10**9)] == ["10^15", "2,000,000,000"]


def test_two_numbers_are_told_apart_by_as_many_digits_as_it_takes() -> None:
    assert apart(0.12345678, 0.2) == "0.123457 and 0.2"
    assert apart(0.1234567891, 0.1234567892) == "0.1234567891 and 0.1234567892"
    assert apart(1 / 3, 1 / 3) == "0.33333333333333 and 0.33333333333333"


def test_one_part_alone_decides() -> None:
    """A = 2 R differs, B is the same."""
    own = {"only_first": {"rademacher": 0.1}, "only_second": {"rademacher": 0.2}}
    form = "huang2021.theorem1:sharp"
    found = bc.crossover(form, form, over="m", **own, **THEOREM1)
    assert [s.better for s in found.stretches] == ["first"]


def test_never_says_why() -> None:
    result = bc.crossover(
        "huang2021.theorem1:sharp",
        "huang2021.theorem1:published",
        over="m",
        rademacher=0.01,
        **THEOREM1,
    )
    assert result.crossings == ()
    assert "B = 2.44775 against 9.43241, and no part speaks for the other one." in result.status
    assert "A = 0.02 against 0.08, B = 2.44775 against 9.43241" in result.status
    assert "different probabilities: the first with 0.95, the second with 0.975" in result.notes[0]
    assert "rademacher" in result.notes[1]


def test_a_bound_that_does_not_depend_on_the_size() -> None:
    result = bc.crossover(
        "lu2023.multimodal:expected",
        "lu2023.unimodal:expected",
        over="m",
        n=2500,
        growth=0.5,
        **{k: v for k, v in LU.items() if k != "m"},
    )
    assert result.method == "closed form"
    check_neighbours(result)
    (crossing,) = bc.crossover(
        "lu2023.multimodal:expected",
        "lu2023.unimodal:expected",
        over="m",
        n=2500,
        growth=1,
        **{k: v for k, v in LU.items() if k != "m"},
    ).crossings
    assert crossing.better == "first"


BAD = [
    (
        ("holdout.hoeffding", "holdout.kll"),
        {"over": "n"},
        UnknownNameError,
        "did you mean 'holdout.kl'",
    ),
    (
        ("holdout.hoeffding:uper", "holdout.kl"),
        {"over": "n"},
        UnknownNameError,
        "did you mean 'upper'",
    ),
    (
        ("holdout.hoeffding", "holdout.hoeffding:lower"),
        {"over": "n"},
        InputError,
        "neither is better",
    ),
    (
        ("holdout.hoeffding", "holdout.kl"),
        {"over": "n", "delta": 0.05, "loss_bound": 2, "test_loss": 0.1},
        InputError,
        "is asked for losses in [0, 2]: divide the losses by 2",
    ),
    (("holdout.hoeffding", "holdout.kl"), {"over": "delta"}, InputError, "m or n, not at delta"),
    (("holdout.hoeffding", "holdout.kl"), {"over": "nn"}, UnknownNameError, "did you mean 'n'"),
    (
        ("holdout.hoeffding", "holdout.kl"),
        {"over": "n", "n": 5},
        InputError,
        "n is the size that grows",
    ),
    (("holdout.hoeffding", "holdout.kl"), {"over": "n", "gamma": 5}, UnknownNameError, "'gamma'"),
    (
        ("holdout.hoeffding", "holdout.kl"),
        {"over": "n", "only_second": {"loss_bound": 5}},
        UnknownNameError,
        "of the second bound",
    ),
    (
        ("holdout.hoeffding", "holdout.kl"),
        {"over": "n", "test_loss": [0.1, 0.2]},
        InputError,
        "not an array",
    ),
    (
        ("huang2021.selection:crossover", "huang2021.selection:crossover-published"),
        {"over": "m", "L": 1, "c_M": 9, "c_N": 4, "loss_drop": 1},
        InputError,
        "depends on m",
    ),
]


@pytest.mark.parametrize(("ids", "call", "error", "text"), BAD)
def test_bad_calls(
    ids: tuple[str, str], call: dict[str, Any], error: type[Exception], text: str
) -> None:
    held_out = {"delta": 0.05, "loss_bound": 1, "test_loss": 0.1} if "holdout" in ids[0] else {}
    with pytest.raises(error) as refusal:
        bc.crossover(*ids, **(held_out | call))
    assert text in str(refusal.value)
    assert "\n" not in str(refusal.value)


COMMAND = [
    "crossover",
    "holdout.hoeffding",
    "holdout.empirical_bernstein",
    "--in",
    "n",
    "delta=0.05",
    "C=1",
    "test_loss=0.1",
    "2.variance=0.05",
]


def test_the_command(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = run(*COMMAND)
    assert (code, err) == (0, "")
    assert "197" in out
    record = json.loads(run(*COMMAND, "-f", "json")[1])
    assert record["crossings"][0]["n"] == 197
    assert record["crossings"][0]["before"]["n"] == 196
    assert record["second"]["parameters"]["variance"] == 0.05
    for format in ("markdown", "latex", "csv"):
        code, out, err = run(*COMMAND, "-f", format)
        assert (code, err) == (0, "")
        assert "197" in out
    assert run("crossover", "--help")[0] == 0


BAD_COMMANDS = [
    ([*COMMAND, "3.variance=0.05"], "expected 1.NAME=VALUE or 2.NAME=VALUE, not '3.variance'"),
    ([*COMMAND, "1.variance=0.05"], "of the first bound"),
    ([*COMMAND, "2.variances=0.05"], "did you mean 'variance'"),
    ([*COMMAND, "2.test_loss=1.5"], "test_loss is above the largest loss"),
    ([*COMMAND[:3], *COMMAND[5:]], "--in"),
    ([*COMMAND, "over=3"], "over"),
    (COMMAND[:-1], "needs variance"),
]


@pytest.mark.parametrize(("arguments", "text"), BAD_COMMANDS)
def test_bad_commands_are_one_line(
    arguments: list[str], text: str, refused: Callable[..., str]
) -> None:
    assert text in refused(*arguments)


def test_what_is_not_one_thing_is_said_before_the_answer() -> None:
    form = "lu2023.{}:expected"
    ids = form.format("unimodal"), form.format("multimodal")
    found = bc.crossover(*ids, over="n", growth=0.75, **LU)
    assert "bound different things" in found.caveats[0]
    shown = str(found)
    assert shown.index("bound different things") < shown.index("is the smaller number from")
    counts = {"delta": 0.05, "test_loss": 0.1, "errors": 2}
    found = bc.crossover("holdout.kl", "holdout.clopper_pearson", over="n", **counts)
    assert "different data: the number of errors is held fixed" in found.caveats[0]
    same = bc.crossover("holdout.kl", "holdout.hoeffding", over="n", C=1, delta=0.05, test_loss=0.1)
    assert same.caveats == ()


def two(first: str, second: str, size: str = "n", **values: Any) -> TwoBounds:
    """Two bounds with the same numbers; `first_…` and `second_…` are for one of them."""
    own: dict[str, dict[str, Any]] = {"first": {}, "second": {}}
    for name in list(values):
        which, _, rest = name.partition("_")
        if which in own:
            own[which][rest] = values.pop(name)
    sides = (
        side_of(place, parameter(size), values, own[which], which)
        for place, which in ((first, "first"), (second, "second"))
    )
    return TwoBounds(*sides)


@pytest.mark.parametrize(("variance", "last"), [(0.2625, 21), (0.5, 2)])
def test_sizes_end_where_a_bound_does(variance: float, last: int) -> None:
    """A mean of ½ over n losses in [0, 1] has a variance of n/(4(n − 1)) at most."""
    pair = two(
        "holdout.empirical_bernstein",
        "holdout.kl",
        delta=0.05,
        test_loss=0.5,
        first_variance=variance,
        first_loss_bound=1,
    )
    assert pair.sizes() == (2, last, True)
    reordered = TwoBounds(pair.second, pair.first)
    assert reordered.sizes() == (2, last, True)
    endless = two("holdout.kl", "holdout.kl", delta=0.05, test_loss=0.5)
    assert endless.sizes()[::2] == (1, False)


def test_a_pair_without_the_size_is_refused_by_both_names() -> None:
    with pytest.raises(InputError, match=r"neither holdout\.hoeffding \(upper\) nor holdout\.kl"):
        two(
            "holdout.hoeffding:upper",
            "holdout.kl:upper",
            "m",
            n=9,
            delta=0.05,
            test_loss=0.1,
            loss_bound=1,
        )


KL = ("holdout.kl", "holdout.kl")


def test_a_difference_that_floats_do_not_show_is_seen_where_that_is_asked_for() -> None:
    pair = two(*KL, delta=0.05, first_test_loss=0.1, second_test_loss=0.1 + 2e-15)
    assert pair.states([50], exactly=False) == ["equal"]
    assert pair.states([50], exactly=True) == ["first"]
    assert pair.state(50) == "first"
    assert TwoBounds(pair.second, pair.first).state(50) == "second"
    assert two(*KL, delta=0.05, test_loss=0.1).state(50) == "equal"


@pytest.mark.parametrize("less", ["first", "second"])
def test_sixty_digits_that_agree_are_not_enough(less: str) -> None:
    apart = {"first": Decimal("0.1"), "second": Decimal("0.1")}
    with localcontext(prec=90):
        apart[less] -= Decimal("1e-70")
    pair = two(
        "holdout.hoeffding",
        "holdout.hoeffding",
        delta=0.05,
        loss_bound=1,
        **{f"{which}_test_loss": value for which, value in apart.items()},
    )
    assert pair.state(50) == less


def test_what_hundreds_of_digits_do_not_decide_is_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(*_: object) -> int:
        raise exact.UndecidedError

    monkeypatch.setattr(exact, "sign", undecided)
    assert two(*KL, delta=0.05, test_loss=0.1).state(50) == "equal"


def test_what_is_too_small_for_a_float_is_equal() -> None:
    """kl(0.1‖r) = ln(1/δ) for one example: r is near δ¹⁰."""
    ids = ("holdout.kl:lower", "holdout.kl:lower")
    assert two(*ids, first_delta=1e-50, second_delta=1e-49, test_loss=0.1).state(1) == "equal"
    assert two(*ids, first_delta=1e-9, second_delta=1e-8, test_loss=0.1).state(1) == "second"


def test_counts_of_many_examples_are_compared_as_floats() -> None:
    """No interval is computed around a tail of a binomial of many examples."""
    pair = two(
        "holdout.clopper_pearson",
        "holdout.clopper_pearson",
        delta=0.05,
        first_errors=3,
        second_errors=4,
    )
    with pytest.raises(TypeError, match="no enclosure"):
        pair.first.enclosed(10**6)
    assert pair.state(10**6) == "first"
    # whatever the number of examples is called
    side = two(*(2 * ["huang2021.theorem1"]), "m", rademacher=0.1, **THEOREM1).first
    tail = tape(BinomialUpper(symbol("errors"), symbol("m"), symbol("delta")))
    with pytest.raises(TypeError, match="no enclosure"):
        side._enclosed(tail, m=10**6, errors=3)


def test_what_is_held_fixed_while_the_size_grows_is_said() -> None:
    counted = two(
        "holdout.clopper_pearson", "holdout.kl", delta=0.05, first_errors=3, test_loss=0.1
    )
    assert any("errors, so that the error rate" in note for note in counted.notes())
    fixed = two(*(2 * ["huang2021.theorem1"]), "m", rademacher=0.1, **THEOREM1)
    assert not any("errors" in note for note in fixed.notes())


def test_a_few_sizes_at_which_floats_agree_are_decided_exactly() -> None:
    """A larger mean has a larger limit at every size; at n = 1 to 7 twelve digits agree."""
    means = {"only_first": {"test_loss": 0.1}, "only_second": {"test_loss": 0.1 + 4e-13}}
    found = bc.crossover(*KL, over="n", delta=0.05, **means)
    assert [s.better for s in found.stretches] == ["first"]
