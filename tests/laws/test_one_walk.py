"""A comparison asks each question once: no limit of a study is computed a second time."""

from __future__ import annotations

import sys
from collections import Counter

import pytest
from files import EXAMPLES

import boundcalc as bc

STUDIES = ["iemocap.toml", "from_training_losses.toml"]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a study asks the catalogue for each limit, by its bound and numbers."""
    asked: Counter[str] = Counter()
    bc.compare(EXAMPLES / STUDIES[0])
    evaluate = sys.modules["boundcalc.numeric.evaluate"].evaluate

    def counted(*bound: object, **numbers: object) -> object:
        asked[f"{bound} {sorted(numbers.items(), key=str)}"] += 1
        return evaluate(*bound, **numbers)

    for name, module in list(sys.modules.items()):
        if name.startswith("boundcalc.study.") and getattr(module, "evaluate", None) is evaluate:
            monkeypatch.setattr(module, "evaluate", counted)
    return asked


@pytest.mark.parametrize("study", STUDIES)
def test_each_limit_is_computed_once(study: str, computed: Counter[str]) -> None:
    bc.compare(EXAMPLES / study)
    assert len(computed) >= 10
    assert [limit for limit, times in computed.items() if times > 1] == []
