"""A theorem that was read from the cache once is not read, or compiled, again."""

from __future__ import annotations

import pytest

import boundcalc as bc
from boundcalc.numeric import compiled as module

ID = "holdout.hoeffding"


def test_what_is_known_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = module.from_theorem(bc.theorem(ID))
    place = module.theorem_modules()[ID]
    monkeypatch.setattr(module, "theorem_modules", lambda: {ID: place})
    monkeypatch.setattr(module, "_known", {})
    monkeypatch.setattr(module, "_not_in_memory", lambda id: id == ID)
    monkeypatch.setattr(module, "_from_cache", lambda id: compiled)
    assert module.compiled(ID) is compiled
    monkeypatch.setattr(module, "_from_cache", lambda id: None)
    assert module.compiled(ID) is compiled
    assert module.compiled_catalogue()[ID] is compiled
    monkeypatch.setattr(module, "_not_in_memory", lambda id: False)  # another has loaded it since
    assert module.compiled_catalogue()[ID] is compiled
