"""Every public function says in one line what it does, and shows it by an example that runs."""

from __future__ import annotations

import doctest
import inspect

import pytest
from files import ROOT

import boundcalc as bc

PUBLIC = [name for name in bc.__all__ if callable(getattr(bc, name))]


@pytest.fixture
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.usefixtures("at_the_root")
def test_the_example_runs(name: str) -> None:
    thing = inspect.unwrap(getattr(bc, name))
    names = {public: getattr(bc, public) for public in PUBLIC}
    examples = doctest.DocTestParser().get_doctest(
        inspect.getdoc(thing) or "", names, name, None, 0
    )
    assert examples.examples, f"{name} has no example"
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=said.append)
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("name", PUBLIC)
def test_the_first_line_is_one_sentence(name: str) -> None:
    first, _, rest = (inspect.getdoc(getattr(bc, name)) or "").partition("\n")
    assert first.endswith(".")
    assert not rest or rest.startswith("\n"), f"{name}: the first sentence takes two lines"


def test_who_looks_around_finds_public_names_alone() -> None:
    assert dir(bc) == sorted(bc.__all__)
    assert all(hasattr(bc, name) for name in dir(bc))
