"""What is the same for all tests: one thread in linear algebra, commands that are built once, no clock.

The number of threads is set before NumPy is loaded, and inherited by the processes that tests start: workers
that each start a thread a core only wait for one another. It also makes the last bits of what is computed the
same whatever the number of cores.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer.main
import typer.testing
from hypothesis import HealthCheck, settings

from boundcalc.cli.app import main

for name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
):
    os.environ[name] = "1"

# a machine that is busy with something else is not a reason to fail, nor is chance
settings.register_profile(
    "patient", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


SLOW = Path(__file__).parent / "slow.txt"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `python tests/renew.py slow` measured to be slow."""
    slow = frozenset(SLOW.read_text(encoding="utf-8").split())
    for item in items:
        path, _, name = item.nodeid.partition("::")
        if f"{path}::{name.partition('[')[0]}" in slow:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True, scope="session")
def _commands_are_built_once() -> Iterator[None]:
    """Typer builds every command anew for each call, which takes longer than most calls do."""
    with pytest.MonkeyPatch.context() as patch:
        built = functools.cache(typer.main.get_command)
        patch.setattr(typer.main, "get_command", built)
        patch.setattr(typer.testing, "_get_command", built)
        yield


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run `boundcalc` with these arguments, in this process: its exit code, output and messages."""

    def started(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["boundcalc", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return started


@pytest.fixture
def refused(run: Callable[..., tuple[int, str, str]]) -> Callable[..., str]:
    """Run `boundcalc` on what it cannot use: exit code 2, and one line that says why."""

    def started(*arguments: str) -> str:
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert len(err.strip().splitlines()) == 1
        assert len(err) < 500
        return err

    return started
