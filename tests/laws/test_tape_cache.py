"""Compiled theorems: what is read from the cache is what the derivation gives, and a cache harms nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from files import EXAMPLES, ROOT, save

import boundcalc as bc
from boundcalc.numeric import compiled as module
from boundcalc.numeric.compile import compiled_variant

THEOREM1 = ("huang2021.theorem1", "m=13200", "delta=0.05", "L=1", "C=1", "rademacher=0.01")
IDS = list(bc.catalogue())
FAST = {
    "list": ["list"],
    "show": ["show", "huang2021.theorem1"],
    "eval": ["eval", *THEOREM1, "gamma=-0.2"],
    "eval of a limit": ["eval", "holdout.clopper_pearson", "n=100", "errors=3", "delta=0.05"],
    "solve": ["solve", *THEOREM1[:1], *THEOREM1[2:], "gamma=0", "--for", "m", "--target", "0.1"],
    "sweep": ["sweep", *THEOREM1, "--vary", "gamma=-0.2:0.1:5"],
    "plan": [
        *("plan", "lu2023.multimodal", "--target", "0.5", "--price", "m=1", "--price", "n=10"),
        *("tasks=20", "delta=0.05", "L=2", "C=1", "D=1", "kappa=0", "c_predictor=1"),
        "c_connection=1",
    ],
    "crossover": [
        *("crossover", "holdout.hoeffding", "holdout.empirical_bernstein", "--in", "n"),
        *("delta=0.05", "C=1", "test_loss=0.1", "2.variance=0.05"),
    ],
    "certify": ["certify", "a.csv", "b.csv"],
    "compare": ["compare", "losses.csv", "--losses"],
    "compare with test losses": ["compare", str(EXAMPLES / "digits" / "study.toml")],
}
WATCH = """
import sys
sys.argv = ["boundcalc", *sys.argv[1:]]
from boundcalc.cli.app import main
try:
    main()
except SystemExit as stop:
    print(sorted({"sympy", "pandas", "matplotlib"} & set(sys.modules)), file=sys.stderr)
    sys.exit(stop.code)
"""


def command(
    home: Path, *arguments: str, watch: bool = True, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    start = ["-c", WATCH] if watch else ["-m", "boundcalc"]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, "XDG_CACHE_HOME": str(home), "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the whole catalogue."""
    folder = tmp_path_factory.mktemp("cache")
    assert command(folder, "list").returncode == 0
    return folder


def kept(home: Path) -> dict[str, Path]:
    return {path.stem: path for path in home.rglob("*.json")}


def same(one: Any, other: Any) -> bool:
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    return bool(one == other)


@pytest.mark.parametrize("id", IDS)
def test_what_is_kept_is_what_the_derivation_gives(home: Path, id: str) -> None:
    text = kept(home)[id].read_bytes().partition(b"\n")[2]
    read = module._read(json.loads(text))
    entry = bc.theorem(id)
    assert read.parameters == entry.parameters
    assert dict(read.example) == dict(entry.example)
    assert (read.title, read.page, read.short) == (entry.title, entry.page, entry.work.short)
    assert list(read.variants) == list(entry.variants)
    for name, variant in entry.variants.items():
        found = read.variant(name)
        assert same(found, compiled_variant(id, variant))
        assert found.parameters == variant.parameters


@pytest.mark.parametrize("name", FAST)
def test_numbers_need_no_sympy(home: Path, tmp_path: Path, name: str) -> None:
    losses = np.random.default_rng(2).random((2, 60)) < [[0.2], [0.4]]
    for each, row in zip("ab", losses, strict=True):
        save(tmp_path, f"{each}.csv", "loss\n" + "\n".join(str(int(x)) for x in row))
    both = "\n".join(f"{int(a)},{int(b)}" for a, b in losses.T)
    save(tmp_path, "losses.csv", f"text,text+audio\n{both}")
    warm = command(home, *FAST[name], cwd=tmp_path)
    assert warm.returncode == 0, warm.stderr
    assert warm.stderr.splitlines()[-1] == "[]"


def test_a_damaged_cache_is_built_anew(tmp_path: Path) -> None:
    arguments = ("eval", *THEOREM1, "gamma=-0.2", "--format", "json")
    first = command(tmp_path, *arguments, watch=False)
    path = kept(tmp_path)["huang2021.theorem1"]
    sound = path.read_bytes()
    changed = sound.replace(b'"number", "2"', b'"number", "1"')
    assert changed != sound
    for damaged in (b"", changed, sound[: len(sound) // 2], b"\xff\xfe", b"[]\n{}"):
        path.write_bytes(damaged)
        again = command(tmp_path, *arguments, watch=False)
        assert (again.returncode, again.stdout, again.stderr) == (0, first.stdout, "")
        assert path.read_bytes() == sound


def test_a_home_that_cannot_be_written_to_costs_time_only(tmp_path: Path) -> None:
    blocked = save(tmp_path, "file", "no folder")
    found = command(blocked, "eval", *THEOREM1, "gamma=-0.2")
    assert found.returncode == 0
    assert "−0.158695" in found.stdout
    assert blocked.read_text() == "no folder"


def test_two_processes_at_once(tmp_path: Path) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "boundcalc", "show", "holdout.kl"],
            stdout=subprocess.PIPE,
            env={**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        )
        for _ in range(2)
    ]
    one, other = (process.communicate()[0] for process in both)
    assert one == other
    assert list(kept(tmp_path)) == ["holdout.kl"]
    assert not list(tmp_path.rglob("tmp*"))


def test_every_file_that_a_theorem_is_made_of_is_watched() -> None:
    code = (
        "import sys, boundcalc as bc\nfrom boundcalc.numeric.compiled import compiled_catalogue\n"
        "from boundcalc.numeric.cache import _files\nfrom pathlib import Path\n"
        "compiled_catalogue()\nbc.catalogue()\npackage = Path(bc.__file__).parent\n"
        "used = {Path(m.__file__) for n, m in sys.modules.items() if n.startswith('boundcalc.')}\n"
        "print(sorted(p.relative_to(package).as_posix() for p in used - set(_files(package))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    unwatched = set(json.loads(done.stdout.replace("'", '"')))
    # packages without code, and what only reads and writes
    harmless = {"numeric/__init__.py", "numeric/cache.py", "calculus/__init__.py"}
    assert unwatched <= harmless
