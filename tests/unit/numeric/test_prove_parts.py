"""The parts of a proof from facts, one by one: text, rows, program, order, refusals and record."""

from __future__ import annotations

import sys
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from mpmath import mp
from scipy.sparse import csr_array
from sympy import Rational, S

import boundcalc as bc
from boundcalc.conventions import Relation
from boundcalc.errors import ContradictionError, ConvergenceError, InputError, UnboundedError
from boundcalc.numeric.prove import program
from boundcalc.numeric.prove.best_bound import Certificate, closest, reading_order
from boundcalc.numeric.prove.fact_text import parse_expression, parse_lines
from boundcalc.numeric.prove.pool import (
    Charge,
    Entry,
    FactRow,
    exact_multipliers,
    number_of,
    pool_of,
)
from boundcalc.numeric.prove.program import Constraints, Ending, maximise
from boundcalc.numeric.prove.refusal import _fewest, _signed, _support
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.quantities import named

X = [named("own", name, name, name) for name in "abcdefgh"]


def at_most(lhs: Any, rhs: Any) -> Fact:
    return Fact("test", S.Zero + lhs, Relation.AT_MOST, S.Zero + rhs, "fact")


def line(coefficients: dict[Any, Any], bound: Any, *, equal: bool = False) -> FactRow:
    lhs = sum((Rational(c) * x for x, c in coefficients.items()), S.Zero)
    relation = Relation.EQUAL if equal else Relation.AT_MOST
    fact = Fact("test", lhs, relation, Rational(bound), "fact")
    return FactRow(coefficients, bound, equal, Entry(lambda: fact, lambda: "test"))


def constraints(matrix: Any, bounds: Any, equal: Any = None) -> Constraints:
    equal = np.zeros(len(bounds), dtype=bool) if equal is None else np.array(equal)
    return Constraints(
        csr_array(np.array(matrix, dtype=float)), np.array(bounds, dtype=float), equal
    )


# --- text ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("1" * 400 + "*x", "1" * 401 + "*x"),
        ("1e400*x", "1e401*x"),
        ("1e-400*x", "1e-401*x"),
        ("1e+0001*x", "1e+00001*x"),
        ("(" * 100 + "x" + ")" * 100, "(" * 101 + "x" + ")" * 101),
        ("x" + " + 1" * 1000, "x" + " + 1" * 1001),
    ],
)
def test_what_is_too_long_or_too_deep(text: str, refused: str) -> None:
    (name,) = parse_expression(text, "here").coefficients
    assert str(name) == "x"
    with pytest.raises(InputError, match=r"too long|more than 100 brackets"):
        parse_expression(refused, "here")


def test_many_brackets_side_by_side_are_not_deep() -> None:
    linear = parse_expression(" + ".join(["(x)"] * 120), "here")
    assert list(linear.coefficients.values()) == [120]


@pytest.mark.parametrize(("text", "value"), [("+x", 1), ("-x", -1), ("-(+x)", -1), ("3*(+x)", 3)])
def test_signs(text: str, value: int) -> None:
    assert list(parse_expression(text, "here").coefficients.values()) == [value]


def test_the_square_root_of_0_is_0() -> None:
    assert parse_expression("x + sqrt(0)", "here").constant == 0


def test_a_comment_may_follow_its_sign_at_once() -> None:
    assert parse_lines(["x <= 1 #measured"], "here")[0].source == "measured"


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("x <= 1 with cost 0", 18, "a cost is a probability between 0 and 1, not 0"),
        ("x <= 1 with cost 0.1 on A(b)", 25, "expected the name of an event, found 'A'"),
        ("(x) y <= 1", 5, "expected <=, >= or == or an operator, found 'y'"),
        ("r() <= 1", 3, "expected a name such as text+audio"),
        ("(r()) <= 1", 4, "expected a name such as text+audio"),
        ("x + r() <= 1", 7, "expected a name such as text+audio"),
    ],
)
def test_where_a_line_is_wrong(text: str, column: int, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_lines([text], "here")
    assert str(caught.value).startswith(f"here, line 1, column {column}: {problem}")


def test_a_number_that_is_added_is_shown_though_it_is_1() -> None:
    assert bc.prove("x <= y + 1\ny <= 2", maximise="x").facts[0].fact == "x ≤ y + 1"


# --- rows ---------------------------------------------------------------------------------------------

LEAST, GREATEST = Fraction(sys.float_info.min), Fraction(sys.float_info.max)


@pytest.mark.parametrize(
    ("coefficients", "bound", "message"),
    [
        ((Fraction(10**9), Fraction(1)), Fraction(1), ""),
        ((Fraction(10**9) + 1, Fraction(1)), Fraction(1), "within a factor of 1e\\+09"),
        ((Fraction(2),), Fraction(2 * 10**15), ""),
        ((Fraction(2),), Fraction(2 * 10**15) + 1, "more than 1e\\+15 times"),
        ((LEAST,), Fraction(0), ""),
        ((LEAST * Fraction(99, 100),), Fraction(0), "must be between"),
        ((GREATEST,), Fraction(0), ""),
        ((GREATEST + 1,), Fraction(0), "must be between"),
        ((Fraction(1),), -GREATEST, "more than 1e\\+15 times"),
        ((), Fraction(10**15), ""),
        ((), Fraction(10**15) + 1, "times the largest coefficient, 1:"),
    ],
)
def test_numbers_at_the_limits(
    coefficients: tuple[Fraction, ...], bound: Fraction, message: str
) -> None:
    row = line(dict(zip(X, coefficients, strict=False)), bound)
    if message:
        with pytest.raises(InputError, match=message):
            pool_of([row])
    else:
        assert pool_of([row]).rows.bounds.tolist() == [float(bound)]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_that_floating_point_has_not_is_infinite(sign: int) -> None:
    assert number_of(Rational(sign * 10**400), {}) == sign * float("inf")


def test_rows_that_come_after_others() -> None:
    """They keep the columns that are known; those of their own come last."""
    a, b, c, d, *_ = X
    charges = [Charge("E", Fraction(1, 10), frozenset({0, 1}))]
    base = pool_of([line({a: Fraction(1)}, 1), line({b: Fraction(1)}, 2)], charges=charges)
    rows = [line({c: Fraction(1), b: Fraction(2)}, 3), line({d: Fraction(5)}, 4, equal=True)]
    own = [Charge("F", Fraction(1, 5), frozenset({1}))]
    pool = pool_of(rows, base=base, charges=own)
    expected = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 2, 1, 0], [0, 0, 0, 5]]
    assert pool.rows.matrix.toarray().tolist() == expected
    assert pool.rows.bounds.tolist() == [1, 2, 3, 4]
    assert pool.rows.equal.tolist() == [False, False, False, True]
    assert [pool.quantity(j) for j in range(4)] == [a, b, c, d]
    assert [pool.column(q) for q in (a, b, c, d, X[4])] == [0, 1, 2, 3, None]
    assert [pool.fact(i).rhs for i in range(4)] == [1, 2, 3, 4]
    assert [(e.event, e.rows) for e in pool.charges] == [("E", {0, 1}), ("F", {3})]
    assert pool.failure == Fraction(3, 10)


def test_multipliers_that_the_equations_leave_open_are_0() -> None:
    a, b, *_ = X
    twice = [at_most(2 * a, 1), at_most(2 * a, 3), at_most(b, a)]
    assert exact_multipliers(twice, a + b) == [1, 0, 1]


# --- the program --------------------------------------------------------------------------------------


def test_parts_share_no_fact() -> None:
    """An entry that is stored and 0 joins nothing."""
    stored = ([1.0, 2.0, 3.0, 0.0, 1.0], [0, 1, 2, 0, 3], [0, 1, 3, 5])
    rows = Constraints(csr_array(stored, shape=(3, 4)), np.zeros(3), np.zeros(3, dtype=bool))
    of_row, of_column = rows.parts()
    assert len(set(of_row.tolist())) == 3
    assert of_column.tolist() == [of_row[0], of_row[1], of_row[1], of_row[2]]


def test_rows_and_quantities_are_scaled() -> None:
    """By hand: 2x + 4y ≤ 8 is x/2 + y ≤ 2, in units of 2·shrink: x′/2 + y′ ≤ 1/shrink."""
    rows = constraints([[2, 4, 0], [0, 0, 5]], [8, -30])
    work, largest, units = rows.scaled(0.25)
    assert largest.tolist() == [4, 5]
    assert units.tolist() == [0.5, 0.5, 1.5]
    assert work.matrix.toarray().tolist() == [[0.5, 1, 0], [0, 0, 1]]
    assert work.bounds.tolist() == [4, -4]


def test_of_nothing_there_is_no_largest() -> None:
    nothing = np.empty(0, dtype=np.int32)
    assert program._largest_of(np.empty(0), nothing, nothing).size == 0
    assert program._largest_of(np.array([3.0, 2.0]), np.array([1, 1]), nothing).tolist() == [1, 3]


@pytest.mark.parametrize(
    ("bounds", "point", "satisfied"),
    [
        ((0, 0), (0.9e-9, 0), True),  # beside nothing but zeros the unit is 1
        ((0, 0), (1.5e-9, 0), False),
        ((0, 1), (0.9e-9, 1), True),  # a fact x ≤ 0 has the unit of the least number of the others
        ((0, 0.5), (0.8e-9, 0.5), False),
        ((0, 0.5), (0.4e-9, 0.5), True),
    ],
)
def test_how_far_rounding_goes(
    bounds: tuple[float, ...], point: tuple[float, ...], satisfied: bool
) -> None:
    assert constraints(np.eye(2), bounds).satisfied(np.array(point)) is satisfied


def test_the_multipliers_of_rows() -> None:
    """3x − 5y, 2x ≤ 4 and 10y = −20: at (2, −2) with 3/2 and −1/2, by hand."""
    rows = constraints([[2, 0], [0, 10], [4, 0]], [4, -20, 100], [False, True, False])
    found = maximise(np.array([3.0, -5.0]), rows)
    assert found.ending is Ending.OPTIMAL
    assert found.point.tolist() == pytest.approx([2, -2])
    assert found.multipliers.tolist() == pytest.approx([1.5, -0.5, 0])


@pytest.mark.parametrize(
    ("bounds", "objective", "ending"),
    [((1, -2), 1.0, Ending.INFEASIBLE), ((1, 2), 0.0, Ending.OPTIMAL)],
)
def test_the_point_is_empty_unless_optimal(
    bounds: tuple[int, int], objective: float, ending: Ending
) -> None:
    found = maximise(np.array([objective]), constraints([[1], [-1]], bounds))
    assert found.ending is ending
    assert (found.point.size, found.multipliers.size) == (
        (1, 2) if ending is Ending.OPTIMAL else (0, 0)
    )


def test_parts_of_an_objective_may_be_of_very_different_sizes() -> None:
    proof = bc.prove("3*x <= 2\n7*y <= 5\ny >= 0", maximise="1e3*x + 1e-7*y")
    assert proof.exact == 10**3 * Fraction(2, 3) + Fraction(5, 7) / 10**7


@pytest.mark.parametrize(("status", "objective"), [(4, 0.5), (4, -0.5), (3, -0.5)])
def test_a_solver_that_gives_up_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, status: int, objective: float
) -> None:
    """Of x ≤ 1 it says nothing: x/2 is bounded, and −x/2 is not."""
    real, calls = program.linprog, list[int]()

    def linprog(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        gave_up = SimpleNamespace(status=status, message="gave up")
        return gave_up if len(calls) == 1 else real(*arguments, **options)

    monkeypatch.setattr(program, "linprog", linprog)
    rows = constraints([[1]], [1])
    if objective > 0:
        with pytest.raises(ConvergenceError, match="not solved: gave up"):
            maximise(np.array([objective]), rows)
    else:
        assert maximise(np.array([objective]), rows).ending is Ending.UNBOUNDED


# --- the order of a proof, and what comes close -------------------------------------------------------


def test_the_fact_that_leaves_the_fewest_quantities_is_read_first() -> None:
    a, b, c, *_ = X
    facts = [at_most(b, c), at_most(a, Rational(1, 2)), at_most(c, 0)]
    assert reading_order(2 * a + b, facts, [S.One, S(2), S.One]) == [1, 0, 2]


def test_a_large_value_may_be_a_little_beside_what_the_solver_attains() -> None:
    proof = bc.prove("3*x <= 1e9\n7*y <= 1e9\n11*z <= 1e8", maximise="x + y + z")
    assert proof.exact == Fraction(10**9, 3) + Fraction(10**9, 7) + Fraction(10**8, 11)


def near(rows: list[FactRow], point: list[float], among: list[int], most: int) -> Any:
    """What comes close to a bound that fact 0 carries and that a point attains."""
    proof: Any = None
    certificate = Certificate(proof, 0.0, None, (0,), (1.0,), np.array(point))
    return closest(pool_of(rows), certificate, among, most=most)


def test_the_nearest_facts_are_found_wherever_the_solver_put_the_point() -> None:
    """With a = 0 and −100 ≤ b ≤ 1: b ≤ i is slack by 100 + i at most, a ≤ 5 by 5."""
    a, b, *_ = X
    one = Fraction(1)
    rows = [line({a: one}, 0)]
    rows += [line({b: one}, i) for i in (1, 2, 3)]
    rows += [line({a: one, b: -one}, 100), line({a: one}, 5), line({a: one}, Fraction(203, 2))]
    found = near(rows, [0, 0], [0, 1, 2, 3, 5, 6], 3)
    assert found == [(5, 5), (1, pytest.approx(101)), (6, 101.5)]


def test_of_many_facts_those_are_tried_that_are_least_slack() -> None:
    """At a = −10: k·a ≤ −10k + s is slack by s, whatever k is."""
    (a, *_) = X
    rows = [line({a: Fraction(1)}, -10)]
    rows += [line({a: Fraction(k)}, -10 * k + (1 if k == 1 else 5 + k)) for k in range(1, 14)]
    found = near(rows, [-10], list(range(14)), 3)
    assert found == [(1, 1), (2, pytest.approx(7)), (3, pytest.approx(8))]


def test_a_fact_said_twice_is_close_unless_it_would_contradict_another() -> None:
    assert [idle.slack for idle in bc.prove("x <= 0\nx <= 0", maximise="x").unused] == [0]
    assert bc.prove("x <= 0\nx <= 0\nx >= 0", maximise="x").unused == ()


def test_three_facts_that_come_close_are_named() -> None:
    text = "x <= 0\n" + "\n".join(f"x <= {i}" for i in range(1, 6))
    assert [idle.slack for idle in bc.prove(text, maximise="x").unused] == [1, 2, 3]


# --- refusals -----------------------------------------------------------------------------------------


def cycle(names: str, gap: str) -> str:
    """As many facts as names that say that the first is less than itself."""
    links = [f"{one} <= {other}" for one, other in zip(names, names[1:] + names[0], strict=True)]
    return "\n".join([f"{links[0]} - {gap}", *links[1:]]) + "\n"


def refused(text: str, asked: str = "z") -> ContradictionError:
    with pytest.raises(ContradictionError) as caught:
        bc.prove(f"{text}z <= 5\n", maximise=asked)
    return caught.value


@pytest.mark.parametrize(
    ("names", "end"), [("abcdef", "line 6: f <= a ("), ("abcdefg", "line 6: f <= g; and 1 more (")]
)
def test_six_facts_of_a_contradiction_are_shown(names: str, end: str) -> None:
    error = refused(cycle(names, "1"))
    assert error.facts == tuple(range(len(names)))
    assert end + "no smaller set was found; together they say 0 <= −1)" in str(error)


@pytest.mark.parametrize("names", ["abc", "abcd", "abcdef"])
def test_a_pair_is_looked_for_beside_a_longer_contradiction(names: str) -> None:
    error = refused(cycle(names, "100") + "x <= 1\nx >= 1.5\n")
    assert error.facts == (len(names), len(names) + 1)


def test_among_very_many_facts_no_smaller_contradiction_is_looked_for() -> None:
    """Up to 300 it is."""
    text = cycle("abc", "100") + "x <= 1\nx >= 1.5\n"
    rest = "\n".join(f"y <= {i + 1}" for i in range(294)) + "\n"
    at_limit = refused(text + rest)
    assert at_limit.facts == (3, 4)
    above = refused(text + rest + "y <= 295\n")
    assert above.facts == (0, 1, 2)
    assert "without any one of them, the others do not; together" in str(above)


@pytest.mark.parametrize(
    ("text", "excess"),
    [
        ("x == 1\nx == 2\n", "−1"),
        ("x == 2\nx == 1\n", "−1"),
        ("x == 1\nx <= 0.5\n", "−0.5"),
        ("x == 1\nx >= 1.5\n", "−0.5"),
        ("2*x == 1\n3*x == 2\n", "−0.5"),  # 3/2 of the first beside the second
    ],
)
def test_equations_that_contradict(text: str, excess: str) -> None:
    error = refused(text)
    assert error.facts == (0, 1)
    assert f"together they say 0 <= {excess})" in str(error)


def test_long_facts_of_a_contradiction_are_cut() -> None:
    long = "x <= 0" + " + 0" * 40
    error = refused(f"{long}\nx >= 1\n")
    shown = f"line 1: {long}"
    assert f"{shown[:89]}… ({len(shown)} characters); line 2: x >= 1 (" in str(error)


@pytest.mark.parametrize(("gap", "found"), [(7, ()), (20, (0, 1))])
def test_a_contradiction_has_to_be_clear_to_be_the_fewest(gap: float, found: Any) -> None:
    """A thousandth of the largest number, with multipliers up to 1."""
    rows = constraints([[1, 0], [-1, 0], [0, 1]], [0, -gap, 1e4])
    assert _fewest(_signed(rows), 3) == found
    small = constraints([[1, 0], [-1, 0], [0, 1]], [0, -gap * 1e-8, 1e-4])
    assert _fewest(_signed(small), 3) == found


@pytest.mark.parametrize(
    ("weights", "used"),
    [((1e8, 1e-3), (3,)), ((1e-12, 2e-12), (1, 3)), ((0.0, 1.0), (1,)), ((1.0, 1e-8), (1, 3))],
)
def test_weights_that_are_negligible_beside_the_largest(weights: Any, used: Any) -> None:
    origin = np.array([3, 1])
    assert _support(np.array(weights), origin) == used


@pytest.mark.parametrize(("count", "end"), [(4, "x3 from above"), (5, "x3 from above, …")])
def test_four_missing_limits_are_named(count: int, end: str) -> None:
    names = [f"x{i}" for i in range(count)]
    with pytest.raises(UnboundedError) as caught:
        bc.prove("\n".join(f"{name} >= 0" for name in names), maximise=" + ".join(names))
    assert str(caught.value).endswith(
        f"nothing bounds x0 from above, x1 from above, x2 from above, {end}"
    )


@pytest.mark.parametrize(
    ("text", "question", "missing"),
    [
        ("x <= 1\ny >= 1\nz <= 2", {"maximise": "x + y"}, "from above by the facts: nothing bounds y from above"),
        ("a <= b\nb <= 1.5*c + 0.1", {"maximise": "a"}, "from above by the facts: nothing bounds c from above"),
        ("a >= b\nb >= 1.5*c + 0.1", {"minimise": "a"}, "from below by the facts: nothing bounds c from below"),
        ("a == b\nb == 1.5*c", {"maximise": "a"}, "from above by the facts: nothing bounds b from above"),
    ],
)  # fmt: skip
def test_the_limit_that_says_most_is_missing(text: str, question: Any, missing: str) -> None:
    """Weights 4 for what is asked, 2 for what some fact limits, 1 for the rest: 1.5 < 2 < 3 < 4."""
    with pytest.raises(UnboundedError) as caught:
        bc.prove(text, **question)
    assert str(caught.value).endswith(missing)


# --- the record ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "claim"),
    [({"maximise": "x - 2*y"}, r"x - 2\,y"), ({"minimise": "y - 2*x"}, r"y - 2\,x")],
)
def test_the_claim_in_latex(question: Any, claim: str) -> None:
    proof = bc.prove("x <= 1\ny >= 0", **question)
    plain = claim.replace(r"\,", "·").replace("-", "−")
    assert proof.claim == plain
    latex = claim.replace("x", r"\text{x}").replace("y", r"\text{y}")
    assert proof.printed().claim_latex == latex


def test_what_a_step_adds_is_text() -> None:
    proof = bc.prove("x <= y - sqrt(2)\ny <= 0", maximise="x")
    with mp.workdps(20):
        assert mp.mpf("-1.41422") < -mp.sqrt(2) < mp.mpf("-1.41421")
    assert proof.printed().steps[0].numbers == "−√2 ≤ −1.41421"


def test_a_fact_that_always_holds_costs_nothing() -> None:
    proof = bc.prove("x <= y with cost 0.25\ny <= 1", maximise="x")
    assert {carrier.fact: carrier.cost for carrier in proof.facts} == {
        "x ≤ y": Fraction(1, 4),
        "y ≤ 1": 0,
    }


def test_which_facts_hold_a_number_that_can_improve() -> None:
    """Measured losses do, a user's facts do; that one subset sees more than another does not."""
    subsets = [
        {"modalities": ["a"], "test_errors": 5},
        {"modalities": ["a", "b"], "test_errors": 9},
    ]
    study = {"delta": 0.1, "test_n": 50, "loss": "zero-one", "subset": subsets}
    found = {f.source: f.numeric for f in bc.prove(study, maximise="best_risk(a)").facts}
    assert found == {"by definition": False, "Clopper & Pearson 1934": True}


def test_every_step_says_what_is_proved_so_far() -> None:
    """By hand: x ≤ (y + 1)/2, and y ≤ 4/3, so x ≤ 2/3 + 1/2 = 7/6; x ≤ 5 is slack by 23/6."""
    proof = bc.prove("2*x <= y + 1 with cost 0.25\n3*y <= 4\nx - w <= 5\nw == 0", maximise="x")
    assert proof.exact == Fraction(7, 6)
    assert proof.probability == 0.75
    assert [step.bound for step in proof.printed().steps] == ["0.5·y + 0.5", "1.16667"]
    assert [step.multiplier for step in proof.printed().steps] == ["0.5", "1/6"]
    (idle,) = proof.unused
    assert idle.fact == "x − w ≤ 5"
    assert idle.slack == pytest.approx(23 / 6)
