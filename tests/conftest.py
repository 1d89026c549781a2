"""The command as a user starts it: what it prints, what it says on stderr, and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from boundcalc.cli.app import main


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run `boundcalc` with these arguments, in this process."""

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
