"""Facts in the user's own words: the bound, its proof, its prices, and what is refused."""

from __future__ import annotations

import json
import math
import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from files import EXAMPLES
from mpmath import mp
from typer.testing import CliRunner

import boundcalc as bc
from boundcalc.cli.app import app
from boundcalc.errors import ContradictionError, InputError, UnboundedError
from boundcalc.numeric.prove.fact_text import QuantityName, parse_expression, parse_lines

TESTS = """
risk(full) <= 0.31 with cost 0.01
risk(text) >= 0.30 with cost 0.01
risk(full) - risk(text+audio) <= -0.02 with cost 0.01   # paired test
risk(audio + text) <= risk(text) + 0.005 with cost 0.01
"""


def command(*arguments: str) -> tuple[int, str, str]:
    """Exit code, what was printed, and the error."""
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, str(result.exception or "")


def coefficients(text: str) -> dict[str, Fraction]:
    linear = parse_expression(text, "here")
    return {str(name): value for name, value in linear.coefficients.items()} | {"": linear.constant}


# --- the bound ---------------------------------------------------------------------------------------


def test_facts_are_chained() -> None:
    """0.01 from the two limits, −0.015 through the third model: a human would miss it."""
    proof = bc.prove(TESTS, maximise="risk(full) - risk(text)")
    assert proof.exact == Fraction(-15, 1000)
    assert [c.multiplier for c in proof.facts] == ["1", "1"]
    assert [paid.used for paid in proof.ledger] == [False, False, True, True]


def test_all_events_are_paid_for_used_or_not() -> None:
    assert bc.prove(TESTS, maximise="risk(full) - risk(text)").failure == Fraction(4, 100)


def test_a_lower_limit_is_bounded_from_below() -> None:
    proof = bc.prove(TESTS, minimise="risk(text) - risk(full)")
    assert proof.exact == Fraction(15, 1000)
    assert proof.relation == "≥"


def test_multipliers_and_constants_are_exact() -> None:
    proof = bc.prove("3*x + y <= 1\n-y <= 1/7\n", maximise="2*x - 1/3")
    assert proof.exact == Fraction(2, 3) * (1 + Fraction(1, 7)) - Fraction(1, 3)
    assert {c.multiplier for c in proof.facts} == {"2/3"}
    assert Fraction(proof.value) >= proof.exact
    assert Fraction(math.nextafter(proof.value, -1)) < proof.exact


def test_the_value_of_a_lower_limit_is_rounded_down() -> None:
    proof = bc.prove("3*x >= 1", minimise="x")
    assert Fraction(proof.value) <= Fraction(1, 3) < Fraction(math.nextafter(proof.value, 1))
    assert proof.shown == "0.333333"
    assert bc.prove("3*x <= 1", maximise="x").shown == "0.333334"


def test_equations_may_be_used_backwards() -> None:
    proof = bc.prove("x + y == 1\ny >= 0.25", maximise="x")
    assert proof.exact == Fraction(3, 4)
    backwards = bc.prove("x + y == 1\nx <= 0.25", minimise="y")
    assert backwards.exact == Fraction(3, 4)


def test_prices_say_what_a_better_number_is_worth() -> None:
    text = "risk(a) <= 0.3\n2*risk(b) >= {}\n"
    price = bc.prove(text.format(0.2), maximise="risk(a) - 3*risk(b)").shadow_prices[
        "0.2 ≤ 2·risk(b)"
    ]
    assert price == 1.5
    before, after = (
        bc.prove(text.format(b), maximise="risk(a) - 3*risk(b)").exact for b in (0.2, 0.3)
    )
    assert before is not None
    assert after is not None
    assert float(before - after) == pytest.approx(price * 0.1)


def test_the_closest_fact_is_one_step_from_mattering() -> None:
    """The bound does not move until the number has improved by the slack, and then it does."""
    proof = bc.prove(TESTS, maximise="risk(full) - risk(text)")
    assert [idle.slack for idle in proof.unused] == pytest.approx([0.025, 0.025])
    for number, moves in (("0.286", False), ("0.284", True)):
        changed = bc.prove(TESTS.replace("0.31", number), maximise="risk(full) - risk(text)")
        assert (changed.exact != proof.exact) is moves


def test_a_fact_that_is_tight_at_one_optimum_only_is_not_called_close() -> None:
    """y may lie anywhere below 5: where the solver happens to put it does not matter."""
    proof = bc.prove("x <= 1\ny <= 5\nx + y >= -10\nx - y <= 7", maximise="x")
    slack = {idle.fact: idle.slack for idle in proof.unused}
    assert slack["y ≤ 5"] == pytest.approx(11)
    assert slack["x − y ≤ 7"] == pytest.approx(11)


def test_a_fact_that_would_contradict_the_others_first_is_not_called_close() -> None:
    text = "x <= {}\ny >= x - 0.06\nx >= 0.14"
    assert bc.prove(text.format(0.15), minimise="y - x").unused == ()
    with pytest.raises(InputError, match="contradict"):
        bc.prove(text.format(0.139), minimise="y - x")
    # where y may fall further than on the face, a better number matters
    falls = bc.prove("x <= 1\ny <= 5\nx - y <= 7", maximise="x")
    assert [idle.fact for idle in falls.unused] == ["y ≤ 5", "x − y ≤ 7"]


def test_redundant_facts_change_nothing() -> None:
    crowd = "\n".join(f"risk(full) <= {1 + i / 1000}" for i in range(3000))
    proof = bc.prove(TESTS + crowd, maximise="risk(full) - risk(text)")
    assert proof.exact == Fraction(-15, 1000)


def test_an_event_with_a_name_is_paid_for_once() -> None:
    text = "x <= 1 with cost 0.02 on A\ny <= 2 with cost 0.02 on A\nx + y >= 0 with cost 0.01\n"
    proof = bc.prove(text, maximise="x + y")
    assert proof.failure == Fraction(3, 100)
    assert {paid.event: paid.used for paid in proof.ledger} == {
        "A": True,
        "x + y >= 0 with cost 0.01": False,
    }
    twice = bc.prove(text.replace(" on A", ""), maximise="x + y")
    assert twice.failure == Fraction(5, 100)


def test_a_chain_of_relations_is_one_event() -> None:
    text = "0.1 <= x <= 0.4 with cost 0.05"
    assert bc.prove(text, maximise="x").exact == Fraction(2, 5)
    low = bc.prove(text, minimise="x")
    assert low.exact == Fraction(1, 10)
    assert low.failure == Fraction(1, 20)


def test_the_proof_is_checked_and_printed_like_the_catalogue() -> None:
    proof = bc.prove(EXAMPLES / "facts.toml").check()
    printed = proof.printed()
    assert [step.bound for step in printed.steps] == [
        "risk(text+audio) − risk(text) − 0.02",
        "−0.015",
    ]
    assert printed.probability == "0.96"
    assert "\\leq -0.015" in proof.to_latex()
    assert "*paired test, set B* (your fact, cost 0.01)" in proof.to_markdown()


# --- the grammar -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("risk(full) - risk(text)", {"risk(full)": 1, "risk(text)": -1, "": 0}),
        ("-2*(x - 3*(y + 1)) / 4", {"x": Fraction(-1, 2), "y": Fraction(3, 2), "": Fraction(3, 2)}),
        ("x*2*3 - 5*x", {"x": 1, "": 0}),
        ("x − .5", {"x": 1, "": Fraction(-1, 2)}),
        ("1e-2*x + 2.50", {"x": Fraction(1, 100), "": Fraction(5, 2)}),
        ("x - x + y", {"y": 1, "": 0}),
        ("gap(full, text)", {"gap(full, text)": 1, "": 0}),
        ("with_x", {"with_x": 1, "": 0}),
        ("z + y - x + a", {"z": 1, "y": 1, "x": -1, "a": 1, "": 0}),
        ("x + sqrt(0.01)", {"x": 1, "": Fraction(1, 10)}),
        ("2*sqrt(1/4)*x - log(1)", {"x": 1, "": 0}),
        ("x + sqrt(2)*sqrt(8)/3", {"x": 1, "": Fraction(4, 3)}),
        ("log + sqrt*2", {"log": 1, "sqrt": 2, "": 0}),
        ("fold(1) - fold(1+2)", {"fold(1)": 1, "fold(1+2)": -1, "": 0}),
        ("lambda - if(in)", {"lambda": 1, "if(in)": -1, "": 0}),
    ],
)  # fmt: skip
def test_expressions(text: str, expected: dict) -> None:
    assert coefficients(text) == expected
    assert list(coefficients(text)) == list(expected)


def test_the_order_in_the_brackets_means_nothing_but_that_of_arguments_does() -> None:
    (one,), (other,) = (parse_expression(t, "").coefficients for t in ("r( a+b )", "r(b + a)"))
    assert one == other
    assert str(one) == "r(a+b)"
    assert QuantityName("r", (frozenset("a"), frozenset("b"))) != one
    (first,), (second,) = (parse_expression(t, "").coefficients for t in ("g(a, b+c)", "g(a+b, c)"))
    assert first != second


def test_every_part_of_a_fact_is_read() -> None:
    (fact,) = parse_lines(["r(a) - r(b) ≤ 0.03 with cost 0.01 on B # set B, day 2"], "here")
    assert (fact.relation, fact.cost, fact.event, fact.source) == (
        "<=",
        Fraction(1, 100),
        "B",
        "set B, day 2",
    )
    assert fact.text == "r(a) - r(b) ≤ 0.03 with cost 0.01 on B"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("r(a) <=", "line 1, column 8: expected a number, a quantity or '(', found the end of the line"),
        ("r(a) << 1", "line 1, column 6: expected <=, >= or ==, found '<'"),
        ("r(a) 1", "line 1, column 6: expected <=, >= or == or an operator, found '1'"),
        ("r(a) <= 1 2", "line 1, column 11: expected an operator, a relation, 'with cost' or the end, found '2'"),
        ("r(a) <= 2x", "line 1, column 10: expected an operator"),
        ("r(a) <= 1 with 0.1", "line 1, column 16: expected 'cost', found '0.1'"),
        ("r(a) <= 1 with cost x", "line 1, column 21: expected a number, found 'x'"),
        ("r(a) <= 1 with cost 1", "line 1, column 21: a cost is a probability between 0 and 1, not 1"),
        ("r(a) <= 1 with cost 0.1 on", "line 1, column 27: expected the name of an event"),
        ("r(a) <= 1 with cost 0.1 of A", "line 1, column 25: expected 'on', a comment or the end, found 'of'"),
        ("r(a <= 1", "line 1, column 2: expected a name and ')' after 'r('"),
        ("r() <= 1", "expected a name such as text"),
        ("(r(a) <= 1", "line 1, column 7: expected ')', found '<='"),
        ("r(a)*r(b) <= 1", "line 1, column 5: a product of two quantities is not linear"),
        ("r(a)/r(b) <= 1", "line 1, column 6: expected a number to divide by, found 'r'"),
        ("r(a)/0 <= 1", "line 1, column 6: division by 0"),
        ("r(a) <= 1e9999", "line 1, column 9: the number 1e9999 is too long, too large"),
        ("  x <= $3", "line 1, column 8: unexpected character '$'"),
        ("1 <= 2", "line 1, column 1: '1 <= 2' says nothing of any quantity"),
        ("(" * 200 + "x" + ")" * 200 + " <= 1", "more than 100 brackets"),
        ("(__import__)('os') <= 1", "line 1, column 14: unexpected character"),
        ("x* - 1 <= 2", "line 1, column 4: expected a number, a quantity or '(', found '-'"),
        ("x / / 2 <= 1", "line 1, column 5: expected a number to divide by, found '/'"),
        ("x(a)(b) <= 1", "line 1, column 5: expected <=, >= or == or an operator, found '('"),
        ("x <= (1 <= 2)", "line 1, column 9: expected ')', found '<='"),
        ("x <= sqrt(-1)", "line 1, column 6: sqrt needs a number at least 0"),
        ("x <= log(0)", "line 1, column 6: log needs a number above 0"),
        ("x <= 1 + ln(1 - sqrt(2))", "line 1, column 10: ln needs a number above 0"),
        ("x <= sqrt(y)", "line 1, column 6: sqrt of a quantity is not linear"),
        ("sqrt(2)*x <= 1", "a quantity is multiplied by rational numbers only"),
        ("x <= 1/(log(6) - log(2) - log(3))", "line 1, column 9: division by 0"),
        ("x <= sqrt()", "line 1, column 11: expected a number, a quantity or '(', found ')'"),
        ("x <= exp(1)", "line 1, column 6: 'exp(1)' is not computed"),
        ("x <= max(0.1, 0.2)", "line 1, column 6: 'max(0.1, 0.2)' is not computed"),
        ("x <= half(1/0.05)", "line 1, column 6: 'half(1/0.05)' is not computed"),
        ("x <= 1" + " + 1" * 1001, "line 1, column 1: the line is too long"),
        ("x <= 1" + "*1" * 1001, "line 1, column 1: the line is too long"),
    ],
)  # fmt: skip
def test_syntax_errors_say_where_and_what(line: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        bc.prove(line + "\n", maximise="x")


@pytest.mark.parametrize("steps", [1, 2])
def test_an_irrational_number_stays_what_it_is(steps: int) -> None:
    """Hoeffding's width √(ln(1/δ)/(2n)) as a user writes it: rounded up once, where it is printed."""
    text = "risk(a) <= y + sqrt(log(1/0.05)/(2*1000)) with cost 0.05\n" + "y <= x\n" * (steps - 1)
    proof = bc.prove(text + f"{'yx'[steps - 1]} <= 0.3", maximise="risk(a)").check()
    assert proof.exact is None
    with mp.workdps(40):
        exact = mp.mpf(3) / 10 + mp.sqrt(mp.log(20) / 2000)
        assert exact < proof.value < exact + mp.mpf(2) ** -53
    # 0.03870227…, and 0.03870227… − 0.3, both rounded up
    assert proof.printed().steps[0].numbers == "√(ln(20)/2000) ≤ 0.0387023"
    with pytest.raises(ContradictionError, match=r"0 <= −0\.261297"):
        bc.prove(
            text.replace("with cost 0.05", "") + "y <= 0\nrisk(a) >= 0.3\nx <= 0", maximise="x"
        )


def test_an_irrational_limit_from_below_is_rounded_down() -> None:
    proof = bc.prove("x >= sqrt(2)", minimise="x")
    assert proof.shadow_prices == {"1.41421 ≤ x": 1.0}
    assert proof.shown == "1.41421"


def test_long_sums_and_long_proofs() -> None:
    names = [f"x{i}" for i in range(500)]
    chain = "\n".join(f"{a} <= {b} + 0.001" for a, b in pairwise(names)) + "\nx499 <= 0"
    proof = bc.prove(chain, maximise="x0")
    assert proof.exact == Fraction(499, 1000)
    assert [step.bound for step in proof.printed().steps[:2]] == ["x1 + 0.001", "x2 + 0.002"]
    star = bc.prove("\n".join(f"{name} <= 0.01" for name in names), maximise=" + ".join(names))
    assert star.exact == 5
    bounds = [step.bound for step in star.printed().steps]
    assert bounds[-1] == "5"
    assert [len(bound.split(" + ")) for bound in bounds] == [*range(500, 0, -1)]


# --- facts that give no bound -------------------------------------------------------------------------


def test_the_fewest_contradicting_facts_are_named() -> None:
    text = "a <= b\nb <= c\nc <= a - 0.1\nx <= 1\nx >= 2\ny <= 5\n"
    with pytest.raises(
        ContradictionError, match=r"line 4: x <= 1; line 5: x >= 2 .*0 <= −1\b"
    ) as caught:
        bc.prove(text, maximise="y")
    assert caught.value.facts == (3, 4)


def test_a_small_contradiction_between_few_is_preferred_to_a_large_one_between_many() -> None:
    text = "a <= b - 100\nb <= c\nc <= a\nx <= 1\nx >= 1.5\ny <= 5\n"
    with pytest.raises(
        ContradictionError, match=r"no smaller set was found; together they say 0 <= −0\.5"
    ):
        bc.prove(text, maximise="y")


def test_a_contradiction_may_need_equations_and_multiples() -> None:
    text = "x + y == 1\nx - y == 0\n4*x <= 1.9\nz <= 3\n"
    with pytest.raises(ContradictionError) as caught:
        bc.prove(text, maximise="z")
    assert caught.value.facts == (0, 1, 2)


def test_many_facts_that_contradict_one_another() -> None:
    text = "\n".join(f"x{i} <= x{i + 1}" for i in range(400)) + "\nx400 <= -1\nx0 >= 0\ny <= 1"
    with pytest.raises(ContradictionError, match="402 facts contradict one another"):
        bc.prove(text, maximise="y")


@pytest.mark.parametrize(
    ("text", "asked", "missing"),
    [
        ("risk(a) <= risk(b)\nrisk(b) <= dev + 0.1", "risk(a)", r"nothing bounds dev from above"),
        ("risk(a) <= 0.3\nrisk(b) <= 0.2", "risk(a) - risk(b)", r"nothing bounds risk\(b\) from below"),
        ("x <= 1\ny >= 1", "x + y", r"nothing bounds y from above"),
    ],
)  # fmt: skip
def test_the_missing_link_is_named(text: str, asked: str, missing: str) -> None:
    with pytest.raises(UnboundedError, match=missing):
        bc.prove(text, maximise=asked)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x <= 1 with cost 0.6\nx <= 2 with cost 0.4", "the costs of the events add up to 1;"),
        ("x <= 1 with cost 0.1 on A\nx <= 2 with cost 0.2 on A", "the event A costs 0.2 here and 0.1 before"),
        ("x <= 1e300\nx <= 2", "line 1: x <= 1e300: the number 1e\\+300 is more than"),
        ("1e300*x <= y\ny <= 2\nx <= 2", "these go from 1 to 1e\\+300"),
        ("y <= 1", "unknown quantity 'x'"),
        ("risk(a) <= 1 # no x\n\n", "unknown quantity 'x'; known: risk\\(a\\)"),
        ("# nothing\n\n", "there are no facts"),
    ],
)  # fmt: skip
def test_facts_that_cannot_be_used(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        bc.prove(text + "\n", maximise="x")


def test_huge_coefficients_that_cancel_are_no_problem() -> None:
    assert bc.prove("1e300*x <= 3e300\nx >= 0", maximise="x").exact == 3
    assert bc.prove("1e-300*x <= 3e-300\nx >= 0", maximise="x").exact == 3


# --- files and the command ----------------------------------------------------------------------------


def fact_file(folder: Path, text: str) -> Path:
    path = folder / "facts.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('fact = ["x <= 1"]', "unknown key 'fact'; did you mean 'facts'?"),
        ('maximise = "x"', "facts is missing"),
        ("facts = 3", "facts must be a text or a list of texts"),
        ('facts = ["x <= 1", 2]', "fact 2: each fact must be one line of text"),
        ('facts = ["x <= 1"]', "say what to bound"),
        ('maximise = "x"\nminimise = "x"\nfacts = ["x <= 1"]', "both are given"),
        ('maximise = "2"\nfacts = ["x <= 1"]', "maximise: '2' names no quantity"),
        ('maximise = "x +"\nfacts = ["x <= 1"]', "maximise, column 4: expected a number"),
        ('maximise = "x <= 2"\nfacts = ["x <= 1"]', "column 3: expected an expression without '<='"),
        ('maximise = "x"\nfacts = [\n  "x <= 1",\n  "x >> 2",\n]', "line 4, column 6: expected <="),
        ('maximise = "x"\nfacts = """\nx <= 1 # ok\n  x <= y z\n"""', "line 4, column 10: expected an operator"),
        ('maximise = "x"\ndelta = 0.01\nfacts = ["x <= 1 with cost 0.02"]', "more than delta = 0.01"),
        ('maximise = "x"\nquantities = ["x"]\nfacts = ["x <= 1", "xx >= 0"]', "unknown quantity 'xx'; did you mean 'x'?"),
        ('maximise = "x"\nquantities = ["2*x"]\nfacts = ["x <= 1"]', "expected the name of one quantity, not '2*x'"),
        ('maximise = "x"\nloss_bound = -1\nfacts = ["x <= 1"]', "loss_bound = -1"),
        ('maximise = "x"\nstudy = "none.toml"\nfacts = ["x <= 1"]', "there is no file"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_used(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        bc.prove(fact_file(tmp_path, text))


def test_a_comment_that_repeats_a_fact_is_not_the_fact(tmp_path: Path) -> None:
    text = 'maximise = "x"\nfacts = """\n# x <= 1 was measured first\n  # 0 <= x <= 1\nx <= 1\n"""'
    assert [
        carrier.place.rpartition(", ")[2] for carrier in bc.prove(fact_file(tmp_path, text)).facts
    ] == ["line 5"]


PLACES = {
    "trailing comment": (
        'facts = [\n "y <= 3", # not x <= 1\n "x <= 1",\n "x >> 2"\n]',
        "line 5, column 5",
    ),
    "another key": ('title = "x >> 2"\nfacts = ["x <= 1",\n "x >> 2"]', "line 4, column 5"),
    "a text that speaks of facts": (
        "title = \"the facts = [ of 'x >> 2'\"\n# facts = [\"x >> 2\"]\nfacts = ['x >> 2']",
        "line 4, column 13",
    ),
    "a quoted key": ("'facts' = [\n\t'''x >> 2''',]", "line 3, column 7"),
    "quotes at the end": ('facts = """\nx <= 1 # "a""\nx >> 2 # "a"""""', "line 4, column 3"),
    "brackets in a comment": ('facts = [ # ] "x >> 2"\n"x <= 1", "x >> 2"]', "line 3, column 14"),
    "line ends of Windows": ('facts = """\r\nx <= 1\r\n\r\n x >> 2\r\n"""', "line 5, column 4"),
    "a line separator": ('facts = """x <= 1 # a\u2028x >> 2"""', "line 2, column 25"),
    "an escape": ('facts = ["x \\u2264 1", "x >> \\u0032"]', "fact 2, column 3"),
    "the same fact twice": (
        'facts = ["x <= 1",\n"x <= 1", # x >> 2\n"x >> 2"]',
        "line 4, column 4",
    ),
}


@pytest.mark.parametrize(("text", "place"), PLACES.values(), ids=PLACES)
def test_the_place_of_a_mistake_is_that_of_its_fact(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "facts.toml"
    path.write_bytes(f'maximise = "x"\n{text}'.encode())
    with pytest.raises(InputError, match=rf"facts\.toml, {place}: expected <="):
        bc.prove(path)


def test_the_study_says_the_loss_bound(tmp_path: Path) -> None:
    study = (EXAMPLES / "from_training_losses.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    text = 'study = "study.toml"\nloss_bound = 0.5\nmaximise = "risk(text)"\nfacts = ["risk(text) <= 0.4"]'
    with pytest.raises(
        InputError, match=r"loss_bound = 0\.5 beside study = 'study\.toml': the study says"
    ):
        bc.prove(fact_file(tmp_path, text))


@pytest.mark.parametrize(
    ("head", "meant"),
    [("r", "risk"), ("train_los", "train_loss"), ("best", "best_risk"), ("zz", "risk")],
)
def test_what_looks_like_a_quantity_of_the_study_is_no_new_one(
    tmp_path: Path, head: str, meant: str
) -> None:
    study = (EXAMPLES / "from_training_losses.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    text = f'study = "study.toml"\nmaximise = "risk(text)"\nfacts = ["{head}(text) <= 0.1"]'
    with pytest.raises(InputError, match=re.escape(f"did you mean '{meant}(text)'?")):
        bc.prove(fact_file(tmp_path, text))


def test_loss_bound_bounds_every_risk_and_nothing_else(tmp_path: Path) -> None:
    text = 'loss_bound = 2\nfacts = ["risk(a) - risk(b) <= x", "x <= 1"]\n'
    path = fact_file(tmp_path, text)
    assert bc.prove(path, maximise="risk(a)").exact == 2
    assert bc.prove(path, minimise="risk(b)").exact == 0
    with pytest.raises(UnboundedError, match="nothing bounds"):
        bc.prove(fact_file(tmp_path, text.replace("loss_bound = 2\n", "")), maximise="risk(a)")


def test_a_study_and_facts_of_ones_own_go_together(tmp_path: Path) -> None:
    """A fact may speak of the study's quantities and of others; both pay."""
    study = (EXAMPLES / "from_training_losses.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(study, encoding="utf-8")
    text = 'study = "study.toml"\nmaximise = "risk(text)"\nfacts = ["risk(text) <= 0.4 + drift with cost 0.01", "drift <= 0.01"]'
    proof = bc.prove(fact_file(tmp_path, text))
    assert proof.exact == Fraction(41, 100)
    assert proof.failure == Fraction(6, 100)
    assert bc.prove(tmp_path / "study.toml", maximise="risk(text)").value > 0.42


def test_the_command_prints_a_proof() -> None:
    path = str(EXAMPLES / "facts.toml")
    code, out, _ = command("prove", path, "--format", "json")
    assert code == 0
    record = json.loads(out)
    assert (record["value"], record["exact"], record["probability"]) == (-0.015, "-3/200", 0.96)
    assert [f["place"].rpartition(", ")[2] for f in record["facts"]] == ["line 10", "line 11"]
    for form, part in (
        ("rich", "risk(full) − risk(text) ≤ −0.015"),
        ("markdown", "set B"),
        ("latex", r"\begin{proof}"),
        ("csv", "place,lemma,"),
    ):
        code, out, _ = command("prove", path, "--format", form)
        assert code == 0
        assert part in out


def test_derive_prints_the_same_proof() -> None:
    path = str(EXAMPLES / "facts.toml")
    code, out, _ = command("derive", "--facts", path, "--check", "--format", "json")
    assert code == 0
    record = json.loads(out)
    assert record["checked"] is True
    assert record["steps"] == json.loads(command("prove", path, "-f", "json")[1])["steps"]
    assert "goes without ID" in command("derive", "huang2021.theorem1", "--facts", path)[2]
    assert "needs the ID of a theorem, or --facts" in command("derive")[2]


def test_a_failed_proof_writes_no_file(tmp_path: Path) -> None:
    path = fact_file(tmp_path, 'maximise = "x"\nfacts = ["x <= 1", "x >= 2"]')
    code, out, error = command("prove", str(path), "-o", str(tmp_path / "out.md"), "-f", "markdown")
    assert (code, out) == (1, "")
    assert "contradict" in error
    assert not (tmp_path / "out.md").exists()
