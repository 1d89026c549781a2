"""The verify command: it passes on what is right, and a wrong constant in a lemma makes it exit 1."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

import boundcalc as bc
from boundcalc.cli.app import main
from boundcalc.errors import InputError, UnknownNameError
from boundcalc.symbolic.catalogue import lemmas
from boundcalc.worlds import verify as module
from boundcalc.worlds.class_checks import rules
from boundcalc.worlds.outcomes import CheckOutcome, CheckStep, Kind

PLANT = """
import os, sys
from dataclasses import replace
import scipy.special, boundcalc.symbolic.lemmas, boundcalc.symbolic.lemmas.classes
import boundcalc.symbolic.lemmas.composition
from boundcalc.cli.app import main
from boundcalc.worlds import all_worlds

all_worlds()  # what the children share; no theorem is built yet
assert not any(name.startswith("boundcalc.theorems.") for name in sys.modules)

def halved(name):
    for module in list(sys.modules.values()):
        right = getattr(module, name, None) if module.__name__.startswith("boundcalc.symbolic") else None
        if right:
            def wrong(*a, right=right, **k):
                fact = right(*a, **k)
                return replace(fact, rhs=fact.rhs / 2)
            setattr(module, name, wrong)

for case in sys.argv[1:]:
    name, id = case.split("@")
    if not (child := os.fork()):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.argv = ["boundcalc", "verify", id]
        try:
            halved(name)
            main()
        except SystemExit as stop:
            os._exit(int(stop.code or 0))
        os._exit(99)
    print(case, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
PLANTED = (
    "bounded_differences@holdout.hoeffding",
    "massart_columns@linear-l1",
    "vector_rule@rules",
    "given@holdout.hoeffding",
    "change_of_measure@pac_bayes.kl",
    "stable_mean@classic.stability",
    "projection@tosh2021.redundancy",
    "relative_chernoff@holdout.relative",
)


@pytest.mark.slow
def test_a_wrong_constant_in_a_lemma_makes_it_exit_1() -> None:
    """In processes of their own, where theorems are built from the wrong lemma; ``nothing`` is the control."""
    cases = (*PLANTED, "nothing@linear-l1")
    done = subprocess.run(
        [sys.executable, "-c", PLANT, *cases],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert done.stdout.split("\n")[:-1] == [f"{case} {int(case in PLANTED)}" for case in cases]


@pytest.mark.parametrize("id", ["holdout.hoeffding", "lu2023.separation", "linear-lp", "rules"])
def test_what_is_right_passes(id: str) -> None:
    found = bc.verify(id)
    assert found.holds
    assert found.complete
    assert {o.id for o in found.outcomes} == {id}
    assert all(t.count and (t.worst is None or t.worst <= 1) for t in found.by_entry)
    kinds = {t.kind for t in found.by_kind}
    assert Kind.CERTIFICATE in kinds
    assert (Kind.COVERAGE in kinds) == ("." in id)


def test_it_says_how_many_micro_worlds_it_has(run: Callable[..., tuple[int, str, str]]) -> None:
    count = len(bc.worlds.all_worlds())
    _, out, _ = run("verify", "holdout.kl")
    assert f"in each of the {count} micro-worlds" in " ".join(out.split())
    assert bc.verify("holdout.kl").to_dict()["worlds"] == count
    assert bc.verify("finite").to_dict()["worlds"] == 0


def test_every_entry_has_its_checks() -> None:
    """From the steps alone: nothing in the catalogue is left out."""
    ids = module.verifiable()
    entries, broken = module._theorems(ids)
    assert not broken
    steps = module._steps(ids, entries)
    by_id = {id: {step.kind for step in steps if step.id == id} for id in ids}
    for id, kinds in by_id.items():
        assert Kind.CERTIFICATE in kinds or id == "rules"
        assert kinds >= ({Kind.VALUES, Kind.STATEMENT} if "." in id else {Kind.SIGNS}), id


def test_it_says_how_many_worlds_speak_of_each_theorem_and_lemma(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., tuple[int, str, str]]
) -> None:
    found = bc.verify("pac_bayes.quadratic", strict=True)
    assert found.holds
    counted = {row.id: row.worlds for row in found.spoken}
    assert counted["pac_bayes.quadratic"] >= 3
    assert counted["change_of_measure"] >= 3
    assert set(counted) <= {"pac_bayes.quadratic", *lemmas()}
    assert {row["kind"] for row in found.to_dict()["spoken"]} == {"theorem", "lemma"}
    monkeypatch.setattr(module, "all_worlds", lambda: {})
    assert bc.verify("holdout.kl").holds
    strict = bc.verify("holdout.kl", strict=True)
    assert [(o.id, o.kind) for o in strict.failures] == [
        ("holdout.kl", Kind.WORLDS),
        ("relative_entropy_limit", Kind.WORLDS),
    ]
    code, out, _ = run("verify", "holdout.kl", "--strict")
    assert code == 1
    assert "no world speaks of this: not verified" in " ".join(out.split())


def test_the_budget_ends_it_and_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    found = bc.verify("holdout.kl", budget=1e-9)
    assert not found.complete
    assert found.steps_done == 0
    monkeypatch.setattr("sys.argv", ["boundcalc", "verify", "holdout.kl", "--budget", "0.000001"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert "Partial" in capsys.readouterr().out


def test_whatever_a_step_stumbles_over_is_a_failure() -> None:
    def stumble() -> list[CheckOutcome]:
        raise ZeroDivisionError("division by zero")

    (outcome,) = module._outcomes(CheckStep("x", Kind.VALUES, "here", stumble))
    assert outcome.problem == "ZeroDivisionError: division by zero"


def test_rules_are_named_once_and_need_their_constants() -> None:
    names = [rule.name for rule in rules()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("format", ["rich", "json", "markdown", "csv", "latex"])
def test_formats(
    format: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr("sys.argv", ["boundcalc", "verify", "finite", "--format", format])
    with pytest.raises(SystemExit) as stop:
        main()
    out, err = capsys.readouterr()
    assert (stop.value.code, err) == (0, "")
    if format == "json":
        assert json.loads(out)["holds"] is True
    assert "certificates" in out


def test_bad_input() -> None:
    with pytest.raises(
        UnknownNameError, match=r"did you mean 'huang2021.theorem1'|huang2021.theorem2"
    ):
        bc.verify("huang2021.theorem")
    for budget in (0, -1, float("nan")):
        with pytest.raises(InputError, match="budget"):
            bc.verify("finite", budget=budget)
