"""Packages of other people: the example works from everywhere, and a broken one breaks nothing else."""

from __future__ import annotations

import importlib
import math
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from files import EXAMPLES
from sympy import S, sqrt

import boundcalc as bc
from boundcalc.errors import InputError, PluginWarning, SideConditionError, UnknownNameError
from boundcalc.symbolic import catalogue, literature, parameters
from boundcalc.symbolic.facts import LIBRARY
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Sample
from boundcalc.worlds.micro import gallery
from boundcalc.worlds.micro.checking import fact_verdict, statement_verdict
from boundcalc.worlds.micro.reading import read_in

EXAMPLE = EXAMPLES / "plugin"
ID = "counting_bounds.description_length"
GIVEN = ("m=10000", "delta=0.05", "C=1", "train_loss=0.1", "bits=100")
Run = Callable[..., tuple[int, str, str]]
CACHED = (
    catalogue.theorem_modules,
    catalogue.complexity_modules,
    catalogue.theorem.__wrapped__,
    catalogue.lemmas,
    parameters.parameters,
    gallery._foreign_worlds,
    gallery.world.__wrapped__,
    literature.works,
)


@contextmanager
def installed(folder: Path, name: str, groups: Mapping[str, Mapping[str, str]]) -> Iterator[None]:
    """A folder on the path, with the metadata that an installed package has."""
    metadata = folder / f"{name}-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8"
    )
    lines = [
        line
        for group, entries in groups.items()
        for line in (f"[{group}]", *(f"{key} = {value}" for key, value in entries.items()))
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    sys.path.insert(0, str(folder))
    forget(name)
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        forget(name)


def forget(package: str) -> None:
    """Look for packages again, and import this one anew."""
    importlib.invalidate_caches()
    for cached in CACHED:
        cached.cache_clear()
    for module in [m for m in sys.modules if m.partition(".")[0] == package]:
        del sys.modules[module]


@pytest.fixture
def example(tmp_path: Path) -> Iterator[None]:
    """The package of examples/plugin, as its pyproject.toml says."""
    shutil.copytree(EXAMPLE / "counting_bounds", tmp_path / "counting_bounds")
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with installed(tmp_path, "counting_bounds", project["entry-points"]):
        yield


@pytest.mark.usefixtures("example")
def test_the_example_is_part_of_every_command(run: Run) -> None:
    limit = 0.1 + math.sqrt((100 * math.log(2) + math.log(20)) / 20_000)
    commands = {
        ("list",): ID,
        ("show", ID): "description_length",
        ("show", "described_deviation"): "package counting_bounds",
        ("derive", ID, "--check"): "asserted by package",
        ("eval", ID, *GIVEN): "0.160130",
        ("solve", ID, "--for", "bits", "--target", "0.15", *GIVEN[:-1]): "67.8128",
        ("rates", ID): "m^(−1/2)",
        ("cite", ID): "@article{blumer1987",
        ("verify", ID, "--strict"): "described_deviation 2",
    }
    for words, expected in commands.items():
        code, out, err = run(*words)
        assert (code, err) == (0, ""), words
        assert expected in out, words
    values = {"m": 10_000, "delta": 0.05, "loss_bound": 1, "train_loss": 0.1}
    assert bc.evaluate(ID, **values, description_length=100).value == pytest.approx(
        limit, rel=1e-12
    )
    steps = bc.theorem(ID).variant("described").derivation.steps
    assert [step.fact.origin for step in steps] == ["package counting_bounds", LIBRARY]
    assert bc.symbol("description_length").parameter.low == 0


@pytest.mark.usefixtures("example")
def test_the_lemma_of_the_example_refuses_what_is_false() -> None:
    lemma = bc.lemma("described_deviation")
    S = Sample("S", "S", bc.symbol("m"))
    loss = Loss(bc.symbol("lipschitz"), bc.symbol("loss_bound"))
    learned = Predictor("f", "f", FunctionClass("F", "F", loss, fixed=False))
    free = Predictor("f", "f", FunctionClass("F", "F", loss))
    bits, delta = bc.symbol("description_length"), bc.symbol("delta")
    with pytest.raises(SideConditionError, match="fixed before"):
        lemma(learned, sample=S, bits=bits, cost=delta)
    with pytest.raises(SideConditionError, match="number of bits"):
        lemma(free, sample=S, bits=bc.symbol("train_loss"), cost=delta)


def test_without_the_package_its_names_are_unknown() -> None:
    for ask in (bc.theorem, bc.lemma, bc.symbol):
        with pytest.raises(UnknownNameError):
            ask("counting_bounds")


BROKEN = {
    "stops": "raise SystemExit(3)",
    "raises": "raise RuntimeError('first line\\nsecond line')",
    "is no Python": "def",
    "holds none": "THEOREM = 7",
    "has another id": "from boundcalc.theorems.holdout.kl import THEOREM",
}


@pytest.mark.parametrize("code", BROKEN.values(), ids=BROKEN)
def test_a_broken_theorem_is_named_in_one_line(code: str, tmp_path: Path, run: Run) -> None:
    (tmp_path / "bad_bounds.py").write_text(code, encoding="utf-8")
    with installed(tmp_path, "bad_bounds", {"boundcalc.theorems": {"bad.bound": "bad_bounds"}}):
        status, out, err = run("list")
        assert status == 0
        assert "holdout.kl" in out
        assert "bad.bound" not in out
        assert len(err.strip().splitlines()) == 1
        assert "bad_bounds" in err
        status, out, err = run("eval", "holdout.kl", "n=500", "delta=0.05", "test_loss=0.024")
        assert (status, err) == (0, "")
        for words in (("show", "bad.bound"), ("derive", "bad.bound"), ("eval", "bad.bound", "m=1")):
            status, out, err = run(*words)
            assert (status, out) == (2, "")
            assert len(err.strip().splitlines()) == 1
        with pytest.warns(PluginWarning, match=r"bad\.bound"):
            assert "bad.bound" not in bc.catalogue()
        with pytest.raises(InputError, match="cannot be loaded"):
            bc.theorem("bad.bound")


OTHERS = {
    "boundcalc.parameters": {"gone": "bad_bounds:NOTHING", "seven": "bad_bounds:SEVEN"},
    "boundcalc.lemmas": {"silent": "bad_bounds:silent", "contraction": "bad_bounds:loud"},
    "boundcalc.sources": {"gone": "bad_bounds:gone.bib"},
    "boundcalc.complexities": {"odd": "bad_bounds:SEVEN"},
}


@pytest.mark.parametrize("group", OTHERS)
def test_other_broken_entries_are_left_out(group: str, tmp_path: Path, run: Run) -> None:
    code = 'SEVEN = (7,)\n\ndef silent(): ...\n\ndef loud():\n    """x ≤ y."""\n'
    (tmp_path / "bad_bounds.py").write_text(code, encoding="utf-8")
    with installed(tmp_path, "bad_bounds", {group: OTHERS[group]}):
        for words in (
            ("show", "contraction"),
            ("cite", "holdout.kl"),
            ("list",),
            ("show", "holdout.kl"),
        ):
            status, out, err = run(*words)
            assert status == 0, err
            assert out
            assert all(line.startswith("Note: left out: ") for line in err.splitlines())
            assert "√2" in out or words != ("show", "contraction")


WORLDS = {
    "gone": "bad_bounds:NOTHING",
    "seven": "bad_bounds:SEVEN",
    "raises": "bad_bounds:raises",
    "stops": "bad_bounds:stops",
    "nearly_a_coin": "bad_bounds:mine",
    "good_one": "bad_bounds:mine",
}


def test_a_broken_world_is_named_and_breaks_nothing_else(tmp_path: Path, run: Run) -> None:
    code = (
        "from boundcalc.worlds import held_out\n"
        "SEVEN = 7\n\ndef raises(name): raise RuntimeError('a\\nb')\n\ndef stops(name): raise SystemExit(3)\n\n"
        "def mine(name): return held_out(name, [0.5, 0.5], [0, 1], 3)\n"
    )
    (tmp_path / "bad_bounds.py").write_text(code, encoding="utf-8")
    before = set(bc.worlds.all_worlds())
    with installed(tmp_path, "bad_bounds", {"boundcalc.worlds": WORLDS}):
        status, out, err = run("verify", "holdout.hoeffding", "--strict")
        assert status == 0
        assert "checks hold" in out
        assert len(err.splitlines()) == len(WORLDS) - 1
        assert all(line.startswith("Note: left out: ") for line in err.splitlines())
        assert set(bc.worlds.all_worlds()) - before == {"good one"}


def test_half_of_a_constant_of_the_example_is_caught(example: None) -> None:
    """In the theorem and in the lemma of the package alike: no reference values are needed."""
    (proof,) = (v.derivation for v in bc.theorem(ID).variants.values())
    known = [r for w in bc.worlds.all_worlds().values() for r in read_in(proof, w)]
    assert {r.world.name for r in known} == {"sixteen descriptions", "nothing to describe"}
    fact = proof.lines[0].fact
    assert all(fact_verdict(r, fact).holds for r in known)
    wrong = {
        "the whole": fact.rhs / 2,
        "the bits": fact.rhs.subs(
            bc.symbol("description_length"), S.Half * bc.symbol("description_length")
        ),
        "the range": fact.rhs.subs(bc.symbol("loss_bound"), bc.symbol("loss_bound") / 2),
        "the logarithm": fact.rhs.subs(bc.symbol("delta"), sqrt(bc.symbol("delta"))),
        "twice the sample": fact.rhs.subs(bc.symbol("m"), 2 * bc.symbol("m")),
    }
    for what, rhs in wrong.items():
        assert not all(fact_verdict(r, replace(fact, rhs=rhs)).holds for r in known), what
    assert not all(statement_verdict(r, proof, proof.expression / 2).holds for r in known)


def test_a_parameter_keeps_its_meaning(tmp_path: Path, run: Run) -> None:
    """Another package's m, and an alias that is taken, are left out; a new name is found."""
    code = (
        "from boundcalc.symbolic.parameter import Parameter\n"
        'PARAMETERS = (Parameter("m", "m", "m", "mine"), Parameter("mine", "x", "x", "mine", aliases=("C",)),\n'
        '    Parameter("mine_too", "x", "x", "mine"))\n'
    )
    (tmp_path / "bad_bounds.py").write_text(code, encoding="utf-8")
    with installed(
        tmp_path, "bad_bounds", {"boundcalc.parameters": {"all": "bad_bounds:PARAMETERS"}}
    ):
        with pytest.warns(PluginWarning) as noted:
            known = parameters.parameters()
        assert sorted(str(w.message).split()[4] for w in noted) == ["m", "mine"]
        assert known["m"].integer
        assert "mine" not in known
        assert known["mine_too"].meaning == "mine"


def test_a_parameter_may_be_declared_where_it_is_used(tmp_path: Path, run: Run) -> None:
    """In a theorem file alone: the command line knows it by its name and by its alias."""
    source = (EXAMPLE / "counting_bounds" / "description_length.py").read_text(encoding="utf-8")
    lemma = (EXAMPLE / "counting_bounds" / "lemmas.py").read_text(encoding="utf-8")
    shutil.copy(EXAMPLE / "counting_bounds" / "references.bib", tmp_path)
    package = tmp_path / "own_bounds"
    package.mkdir()
    declared = (EXAMPLE / "counting_bounds" / "parameters.py").read_text(encoding="utf-8")
    own = source.replace(
        'described(symbol("description_length"))', "described(PARAMETERS[0].symbol)"
    )
    own = own.replace("counting_bounds", "own_bounds").replace(
        "m, delta, C,", f"{declared}\n\nm, delta, C,", 1
    )
    for name, text in {"__init__.py": "", "lemmas.py": lemma, "description_length.py": own}.items():
        (package / name).write_text(text, encoding="utf-8")
    shutil.copy(EXAMPLE / "counting_bounds" / "references.bib", package)
    groups = {
        "boundcalc.theorems": {"own_bounds.description_length": "own_bounds.description_length"},
        "boundcalc.sources": {"own": "own_bounds:references.bib"},
    }
    with installed(tmp_path, "own_bounds", groups):
        status, out, err = run("eval", "own_bounds.description_length", *GIVEN)
        assert (status, err) == (0, "")
        assert "0.160130" in out


OWN = {
    "boundcalc.theorems": {"own_pac_bayes.inverted": "own_pac_bayes.inverted"},
    "boundcalc.parameters": {"own": "own_pac_bayes.parameters:PARAMETERS"},
    "boundcalc.lemmas": {
        name: f"own_pac_bayes.lemmas:{name}" for name in ("own_change_of_measure", "own_inversion")
    },
    "boundcalc.sources": {"own": "own_pac_bayes:references.bib"},
}


def test_pac_bayes_of_a_stranger_is_part_of_every_command(tmp_path: Path, run: Run) -> None:
    """A parameter, lemmas with an inversion of kl, and a source; our worlds speak of them."""
    shutil.copytree(Path(__file__).with_name("own_pac_bayes"), tmp_path / "own_pac_bayes")
    id, given = "own_pac_bayes.inverted", ("m=1000", "delta=0.05", "train_loss=0.1")
    commands = {
        ("list",): id,
        ("show", id): "own_divergence",
        ("show", "own_change_of_measure"): "package own_pac_bayes",
        ("derive", id, "--explain"): "Donsker and Varadhan",
        ("eval", id, *given, "own_divergence=2"): "0.145372",
        (
            "solve",
            id,
            "--for",
            "own_divergence",
            "--target",
            "0.2",
            *given,
        ): "29.5472 is the largest",
        ("sweep", id, "--vary", "m=100:10000:3", *given[1:], "own_divergence=2"): "10000",
        ("rates", id): "m^(−1/2)",
        ("cite", id): "@misc{stranger2026",
        ("verify", id, "--strict"): "own_change_of_measure 4, own_inversion 4",
    }
    with installed(tmp_path, "own_pac_bayes", OWN):
        for words, expected in commands.items():
            code, out, err = run(*words)
            assert (code, err) == (0, ""), words
            assert expected in " ".join(out.split()), words
