"""Results whose constants are unknown: listed and cited, and never a number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import boundcalc as bc
from boundcalc.errors import InputError
from boundcalc.symbolic.catalogue import theorem_modules
from boundcalc.symbolic.literature import mentions

Run = Callable[..., tuple[int, str, str]]


def test_they_are_no_theorems() -> None:
    assert mentions()
    assert not set(mentions()) & set(theorem_modules())
    assert not set(mentions()) & set(bc.catalogue())


@pytest.mark.parametrize("id", mentions())
def test_each_is_listed_and_cited_and_has_no_number(id: str, run: Run) -> None:
    code, out, err = run("show", id)
    assert (code, err) == (0, "")
    assert "constants unknown" in " ".join(out.split())
    code, out, err = run("cite", id)
    assert (code, err) == (0, "")
    assert mentions()[id].source in out
    for command in (("eval", id, "m=10"), ("derive", id), ("solve", id, "--for", "m")):
        code, out, err = run(*command)
        assert (code, out) == (2, "")
        assert len(err.strip().splitlines()) == 1
    with pytest.raises(InputError, match="constants unknown, so no number"):
        bc.theorem(id)


def test_the_list_has_them_apart(run: Run) -> None:
    _, out, _ = run("list")
    assert out.index("holdout.kl") < out.index("kamai2026.phases")
    assert "constants unknown" in out
