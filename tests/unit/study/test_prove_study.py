"""Proofs from a study: every lemma instance is true and is the row that it claims to be."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from files import EXAMPLES

import boundcalc as bc
from boundcalc.conventions import Relation, Side, Split
from boundcalc.errors import InputError, UnboundedError
from boundcalc.numeric.prove.best_bound import best_bound
from boundcalc.numeric.prove.pool import Pool, number_of
from boundcalc.study.best_provable import pool_of_events
from boundcalc.study.evidence import Evidence
from boundcalc.study.instances import Instances, nested_edges
from boundcalc.study.ledger import full_ledger, joint_limits, planned_ledger
from boundcalc.study.read import read_study
from boundcalc.study.study import Study, compared_pairs
from boundcalc.study.study_quantities import ROLES, SHARED_ROLES
from boundcalc.symbolic.quantities import coefficients

LOSSES = {
    "a": [0.1, 0.4, 0.3, 0.9, 0.2],
    "b": [0.2, 0.3, 0.3, 0.7, 0.0],
    "ab": [0.1, 0.1, 0.3, 0.5, 0.1],
}


def study(**changes: object) -> dict:
    """Three subsets; every kind of number occurs."""
    common = {"m": 400, "test_n": 300, "delta": 0.05, "lipschitz": 2.0, "loss_bound": 1.5}
    subsets = [
        {
            "modalities": ["a"],
            "train_loss": 0.5,
            "test_loss": 0.55,
            "variance": 0.05,
            "complexity": 2.0,
        },
        {
            "modalities": ["b"],
            "train_loss": 0.6,
            "test_loss": 0.7,
            "rademacher": 0.03,
            "centred_loss": 0.1,
        },
        {
            "modalities": ["a", "b"],
            "train_loss": 0.3,
            "test_loss": 0.35,
            "rademacher_empirical": 0.05,
            "optimisation_gap": 0.01,
        },
    ]
    return common | {"erm": True, "nested": True, "subset": subsets} | changes


def paired_study() -> dict:
    subsets = [
        {"modalities": list(name), "test_losses": losses * 16} for name, losses in LOSSES.items()
    ]
    return {"delta": 0.1, "subset": subsets}


def discordant_study() -> dict:
    errors = {"a": [1, 1, 0, 0, 1], "b": [1, 0, 0, 0, 1], "ab": [0, 1, 0, 0, 0]}
    subsets = [
        {"modalities": list(name), "test_losses": losses * 16} for name, losses in errors.items()
    ]
    return {"delta": 0.1, "loss": "zero-one", "subset": subsets}


STUDIES = {
    "all numbers": study(),
    "0/1 losses": discordant_study(),
    "any predictors": study(erm=False),
    "vector": study(vector_outputs=True, nested=False),
    "paired": paired_study(),
    "counts": {
        "test_n": 50,
        "loss": "zero-one",
        "subset": [
            {"modalities": ["a"], "test_errors": 5},
            {"modalities": ["a", "b"], "test_errors": 9},
        ],
    },
}


def pool_of_study(source: dict | Study) -> tuple[Instances, Pool]:
    chosen = read_study(source)
    instances = Instances(chosen, full_ledger(chosen))
    return instances, instances.pool()


@pytest.mark.parametrize("name", STUDIES)
def test_each_row_is_the_fact_behind_it(name: str) -> None:
    """The template with numbers put in, against the fact that the lemma returns for these numbers."""
    _, pool = pool_of_study(STUDIES[name])
    for column in np.unique(pool.rows.matrix.indices).tolist():
        pool.quantity(column)
    for row in range(len(pool.rows.bounds)):
        fact = pool.fact(row)
        terms, rest = coefficients(fact.lhs - fact.rhs)
        expected = {pool.column(q): number_of(c, {}) for q, c in terms.items()}
        found = pool.rows.matrix[[row]].tocoo()
        assert dict(zip(found.col.tolist(), found.data.tolist(), strict=True)) == pytest.approx(
            expected
        )
        assert pool.rows.bounds[row] == pytest.approx(-number_of(rest, {}), rel=1e-9, abs=1e-12)
        assert pool.rows.equal[row] == (fact.relation is Relation.EQUAL)


@pytest.mark.parametrize("name", ["all numbers", "paired", "counts"])
def test_a_class_chosen_from_several_pays_for_all_of_them(name: str) -> None:
    """Its limit holds at a third of what is paid."""
    chosen = read_study(STUDIES[name])
    pool = Instances(chosen, [replace(e, candidates=3) for e in full_ledger(chosen)]).pool()
    assert pool.failure == Fraction(str(STUDIES[name].get("delta", 0.05)))
    for charge in pool.charges:
        (row,) = charge.rows
        fact = pool.fact(row)
        assert Fraction(str(fact.cost)) == charge.cost / 3
        rest = coefficients(fact.lhs - fact.rhs)[1]
        assert pool.rows.bounds[row] == pytest.approx(-number_of(rest, {}), rel=1e-9, abs=1e-12)


def test_every_event_is_instantiated() -> None:
    found = {
        (e.kind, tuple(s.label for s in e.subsets), str(e.side), e.variant)
        for e in full_ledger(read_study(study()))
    }
    tests = {
        ("held-out", (s,), side, side) for s in ("a", "b", "a+b") for side in ("upper", "lower")
    }
    upper = {"a": "expected", "b": "expected", "a+b": "empirical"}
    classes = {("deviation", (s,), "upper", variant) for s, variant in upper.items()}
    fixed = {("deviation", (s,), "lower", "lower-erm") for s in upper}
    assert found == tests | classes | fixed | {("deviation", (), "lower", "sharp")}
    pairs = {
        tuple(s.label for s in e.subsets)
        for e in full_ledger(read_study(paired_study()))
        if e.kind == "paired"
    }
    assert pairs == {("a+b", "a"), ("a+b", "b")}


@pytest.mark.parametrize("name", STUDIES)
def test_every_event_is_paid_for_once(name: str) -> None:
    _, pool = pool_of_study(STUDIES[name])
    delta = Fraction(str(STUDIES[name].get("delta", 0.05)))
    assert pool.failure == delta
    paid = [row for charge in pool.charges for row in charge.rows]
    assert sorted(paid) == [
        i for i in range(len(pool.rows.bounds)) if pool.fact(i).event is not None
    ]
    for charge in pool.charges:
        (row,) = charge.rows
        assert Fraction(str(pool.fact(row).cost)) == charge.cost


@pytest.mark.parametrize("kind", ["held-out", "paired"])
@pytest.mark.parametrize("side", list(Side), ids=str)
@pytest.mark.parametrize("name", STUDIES)
def test_each_side_of_an_event_bounds_its_own_side(name: str, side: Side, kind: str) -> None:
    """With the events of one side alone, nothing is known of the other side but the range of the loss."""
    chosen = read_study(STUDIES[name])
    events = [event for event in full_ledger(chosen) if event.side is side and event.kind == kind]
    instances = Instances(chosen, events)
    pool, width, sign = instances.pool(), chosen.loss_bound, 1 if side is Side.UPPER else -1
    for event in events:
        risks = [instances.quantity("risk", instances.index[id(s)]) for s in event.subsets]
        bounded = risks[0] if kind == "held-out" else risks[0] - risks[1]
        above, below = (width, 0.0) if kind == "held-out" else (width, width)
        trivial = {1: above, -1: below}
        assert best_bound(sign * bounded, pool).value < trivial[sign] - 1e-3
        assert best_bound(-sign * bounded, pool).value == pytest.approx(trivial[-sign])


# --- a world in which everything is known -----------------------------------------------------------

P = np.array([0.5, 0.3, 0.2])
# losses of four predictors on three points; the first two see a alone
F = np.array([[0.9, 0.2, 0.4], [0.3, 0.8, 0.1], [0.0, 0.6, 1.0], [0.5, 0.1, 0.0]])
CLASSES = {"a": [0, 1], "a+b": [0, 1, 2, 3]}
M = 2


def samples() -> Iterator[tuple[tuple[int, ...], float]]:
    for draw in itertools.product(range(3), repeat=M):
        yield draw, float(np.prod(P[list(draw)]))


def complexity(members: list[int], draw: tuple[int, ...]) -> float:
    signs = itertools.product((-1, 1), repeat=M)
    return float(np.mean([np.max(F[members][:, draw] @ np.array(s)) / M for s in signs]))


def truth(draw: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """The value of every quantity of either subset on one sample."""
    risks, found = F @ P, {}
    seen = F[:, draw].mean(axis=1)
    true = int(np.argmin(risks))
    for name, members in CLASSES.items():
        learned = members[int(np.argmin(seen[members]))]
        best = members[int(np.argmin(risks[members]))]

        def sup(side: int, on: tuple[int, ...], members: list[int] = members) -> float:
            return float(np.max(side * (risks - F[:, on].mean(axis=1))[members]))

        means = {side: sum(p * sup(side, s) for s, p in samples()) for side in (1, -1)}
        expected = sum(p * complexity(members, s) for s, p in samples())
        here = complexity(members, draw)
        found[name] = {
            "risk": risks[learned],
            "train_loss": seen[learned],
            "best_risk": risks[best],
            "best_train_loss": seen[members].min(),
            "latent_quality": risks[learned] - risks[true],
            "best_head_risk": risks[learned],
            "rademacher": expected,
            "loss_rademacher": expected,
            "rademacher_empirical": here,
            "loss_rademacher_empirical": here,
            "mean_rademacher_empirical": expected,
            "deviation_above": sup(1, draw),
            "deviation_below": sup(-1, draw),
            "mean_deviation_above": means[1],
            "mean_deviation_below": means[-1],
            "train_loss_of_best": seen[best],
            "mean_train_loss_of_best": risks[best],
            "centred_loss": seen[learned] - seen[true],
            "true_risk": risks[true],
            "true_train_loss": seen[true],
            "mean_true_train_loss": risks[true],
        }
    return found


@pytest.mark.parametrize("draw", [s for s, _ in samples()], ids=str)
def test_every_lemma_without_an_event_is_true_in_a_small_world(draw: tuple[int, ...]) -> None:
    """Nested classes, ERM, symmetrisation with its 2, definitions: on every sample of the world."""
    known = truth(draw)
    entries = [
        {
            "modalities": name.split("+"),
            "train_loss": q["train_loss"],
            "centred_loss": q["centred_loss"],
            "rademacher": q["rademacher"],
        }
        for name, q in known.items()
    ]
    instances, pool = pool_of_study(
        {"m": M, "lipschitz": 1.0, "erm": True, "nested": True, "subset": entries}
    )
    values = np.zeros(pool.rows.matrix.shape[1])
    for i, q in enumerate(known.values()):
        for role in ROLES:
            if role in q:
                instances.quantity(role, i)
                values[list(ROLES).index(role) * 2 + i] = q[role]
    for k, role in enumerate(SHARED_ROLES):
        values[len(ROLES) * 2 + k] = known["a"][role]
    gap = pool.rows.matrix @ values - pool.rows.bounds
    paid = {row for charge in pool.charges for row in charge.rows}
    for row in set(range(len(gap))) - paid:
        assert (abs(gap[row]) if pool.rows.equal[row] else gap[row]) <= 1e-12, pool.label(row)


# --- the best row of a comparison -------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        *STUDIES.values(),
        *(EXAMPLES / f for f in ("best_provable.toml", "from_training_losses.toml")),
    ],
    ids=[*STUDIES, "best_provable", "from_training"],
)
def test_the_best_row_is_never_worse_than_a_joint_row(source: dict | Path) -> None:
    record = bc.compare(source, joint="all")
    for verdict in record.verdicts:
        rows = [
            r
            for r in record.comparisons
            if r.joint and (r.more, r.less) == (verdict.more, verdict.less)
        ]
        if verdict.method is not None:
            # a pair that is tested step by step
            assert [r.method for r in rows] == ["held-out"]
            continue
        best = [r for r in rows if r.method == "best-provable"]
        assert len(best) == 1
        for row in rows:
            assert row.lower is None or (best[0].lower is not None and best[0].lower >= row.lower)
            assert row.upper is None or (best[0].upper is not None and best[0].upper <= row.upper)


@pytest.mark.parametrize("name", STUDIES)
def test_the_linear_program_itself_finds_every_joint_row(name: str) -> None:
    """Not only because the best row is cut at the others: the certificate proves as much."""
    chosen = read_study({**STUDIES[name], "joint": "all"})
    evidence = Evidence(chosen)
    ledger = planned_ledger(evidence, compared_pairs(chosen))
    singles = [event for event in ledger.events if event.kind != "paired"]
    instances, pool = pool_of_events(evidence, singles, joint_limits(evidence, ledger))
    place = {s.label: instances.quantity("risk", i) for i, s in enumerate(chosen.subsets)}
    for row in bc.compare(chosen).comparisons:
        if row.joint and row.upper is not None and singles:
            gap = place[row.more.label] - place[row.less.label]
            upper, lower = best_bound(gap, pool).value, -best_bound(-gap, pool).value
            assert upper <= row.upper + 1e-9
            assert row.lower is None or lower >= row.lower - 1e-9
            if row.method == "best-provable":
                # no event is forgotten; the trivial bound is not shown
                assert row.upper == pytest.approx(upper, abs=1e-9)
                assert lower == pytest.approx(-1.5 if row.lower is None else row.lower, abs=1e-9)


def test_the_example_is_certified_by_the_best_row_alone() -> None:
    record = bc.compare(EXAMPLES / "best_provable.toml")
    rows = [r for r in record.comparisons if (r.more.label, r.less.label) == ("text+audio", "text")]
    assert [r.method for r in rows if r.certified == "more"] == ["best-provable"]
    assert not any(r.upper is not None and r.upper < 0 for r in rows if r.method != "best-provable")
    without = bc.compare({"joint": "all", "m": 40000, "test_n": 4000, "lipschitz": 1.0, "erm": True, "subset": [
        {"modalities": ["text"], "train_loss": 0.31, "test_loss": 0.33, "complexity": 4.0},
        {"modalities": ["text", "audio"], "train_loss": 0.25},
        {"modalities": ["text", "audio", "video"], "train_loss": 0.24, "test_loss": 0.25, "complexity": 16.0},
    ]})  # fmt: skip
    assert next(v.verdict for v in without.verdicts if v.more.label == "text+audio") == "undecided"


def test_training_losses_that_no_erm_of_nested_classes_has_are_contradictory() -> None:
    """An exact minimiser over the larger class cannot have the larger training loss."""
    subsets = [
        {"modalities": ["a"], "train_loss": 0.3, "complexity": 1.0},
        {"modalities": ["a", "b"], "train_loss": 0.4, "complexity": 2.0},
    ]
    source = {"m": 1000, "lipschitz": 1.0, "erm": True, "subset": subsets}
    assert bc.compare(source).verdicts[0].verdict != "contradictory"
    assert bc.compare(source | {"nested": True}).verdicts[0].verdict == "contradictory"


# --- the lattice and the split ----------------------------------------------------------------------


def test_edges_are_those_of_the_lattice() -> None:
    names = "abcde"
    subsets = [c for r in range(1, 6) for c in itertools.combinations(names, r)]
    lattice = read_study(
        {"test_n": 10, "subset": [{"modalities": list(c), "test_loss": 0.1} for c in subsets]}
    )
    below, above = nested_edges(lattice)
    assert list(zip(below, above, strict=True)) == sorted(zip(below, above, strict=True))
    edges = {(subsets[i], subsets[j]) for i, j in zip(below.tolist(), above.tolist(), strict=True)}
    assert edges == {
        (c, d) for c in subsets for d in subsets if len(d) == len(c) + 1 and set(c) < set(d)
    }
    missing = read_study(
        {
            "test_n": 10,
            "subset": [{"modalities": list(c), "test_loss": 0.1} for c in ("a", "abc", "b")],
        }
    )
    assert {(int(i), int(j)) for i, j in zip(*nested_edges(missing), strict=True)} == {
        (0, 1),
        (2, 1),
    }


def test_weights_are_shares_of_delta() -> None:
    events = full_ledger(
        read_study(study()), weights={"held-out": 3, "deviation(b+a)": 0.5, "b": 2}
    )
    weight = {"held-out": 3, "deviation": 1}
    expected = []
    for event in events:
        label = event.subsets[0].label if event.subsets else ""
        special = {("deviation", "a+b"): 0.5}.get((event.kind, label))
        expected.append(special or (2 if label == "b" else weight[event.kind]))
    total = sum(Fraction(w) for w in expected)
    assert [e.cost for e in events] == [Fraction(1, 20) * Fraction(w) / total for w in expected]


def test_the_planned_split_is_the_best_one_nearby() -> None:
    """Moving failure probability from any event to any other makes the sum of the widths larger."""
    events = full_ledger(read_study(study()), split=Split.PLANNED)
    costs = np.array([float(e.cost) for e in events])
    assert 0.05 * (1 - 1e-4) < costs.sum() <= 0.05
    size = np.array(
        [
            1.5
            / np.sqrt(2 * (400 if e.kind == "deviation" else 300))
            * (2 if e.variant == "empirical" else 1)
            for e in events
        ]
    )

    def widths(c: np.ndarray) -> float:
        return float(size @ np.sqrt(np.log(1 / c)))

    equal = np.full(len(costs), 0.05 / len(costs))
    assert widths(costs) < widths(equal)
    for i, j in itertools.permutations(range(len(costs)), 2):
        moved = costs.copy()
        moved[i] -= 1e-5
        moved[j] += 1e-5
        assert widths(moved) > widths(costs)


def test_the_split_does_not_look_at_the_data() -> None:
    seen = study()
    other = study(
        subset=[
            {k: (v if k == "modalities" else v * 0.9) for k, v in s.items()} for s in seen["subset"]
        ]
    )
    for split in Split:
        costs = [[e.cost for e in full_ledger(read_study(s), split=split)] for s in (seen, other)]
        assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"maximise": "risk(c)"}, "unknown quantity 'risk\\(c\\)': the study's subsets are a, b, a\\+b"),
        ({"maximise": "rsk(a)"}, "unknown quantity 'rsk\\(a\\)'; did you mean 'risk\\(a\\)'"),
        ({"maximise": "risk(a)", "weights": {"held-ot": 2}}, "unknown weight 'held-ot'; did you mean 'held-out'"),
        ({"maximise": "risk(a)", "weights": {"a": -2}}, "the weight a = -2 is not a positive number"),
        ({"maximise": "risk(a)", "split": "plan"}, "unknown split 'plan'; did you mean 'planned'"),
        ({}, "say what to bound, with one of maximise and minimise"),
        ({"maximise": "risk(a)", "minimise": "risk(a)"}, "with one of maximise and minimise; both are given"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        bc.prove(study(), **options)


def test_a_missing_number_is_named_as_the_missing_link() -> None:
    bare = {
        "m": 100,
        "subset": [
            {"modalities": ["a"], "train_loss": 0.1},
            {"modalities": ["b"], "train_loss": 0.2},
        ],
    }
    assert bc.prove(bare, maximise="risk(a)").value == 1  # no more than the range of the loss
    with pytest.raises(UnboundedError, match=r"nothing bounds R\(F_a\) from above"):
        bc.prove(bare, maximise="rademacher(a)")


def test_a_quantity_of_a_sample_that_is_not_there_is_refused() -> None:
    with pytest.raises(
        InputError, match="the study does not say m, which speaking of a needs here"
    ):
        bc.prove(paired_study(), maximise="train_loss(a)")


def test_a_proof_pays_for_one_look() -> None:
    """Three looks cost a third of δ each, as in compare; held-out limits hold at no other time."""
    asked = {"maximise": "risk(a+b) - risk(a)"}
    once, third = (bc.prove(study(looks=looks), **asked) for looks in (1, 3))
    assert (once.failure, third.failure) == (Fraction(1, 20), Fraction(1, 60))
    assert once.value < third.value
    assert "this is one of 3 looks at the data, each at δ/3" in third.assumes
    with pytest.raises(InputError, match="hold for one number of examples: give a number of looks"):
        bc.prove(study(looks="any"), **asked)


def test_a_proof_takes_no_draws_that_it_does_not_pay_for() -> None:
    """The limit from draws that a comparison used is an event of the comparison's ledger alone."""
    rng = np.random.default_rng(4)
    A, B = rng.normal(size=(2, 400, 2))
    y = (A[:, 0] + 0.3 * rng.normal(size=400) > 0.4).astype(int)
    compared = bc.compare({"a": A, "b": B, "y": y}, draws=2000, norms=[1], loss="ramp").training
    drawn = next(s for s in compared.study.subsets if s.label == "a")
    assert drawn.sampled < drawn.rademacher_empirical
    proof = bc.prove(compared.study, maximise="rademacher_empirical(a)")
    assert proof.value >= drawn.rademacher_empirical
