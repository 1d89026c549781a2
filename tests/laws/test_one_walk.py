"""A comparison asks each question once: no limit is computed twice, and few files are passed."""

from __future__ import annotations

import sys
from collections import Counter
from types import FrameType
from typing import Any

import pytest
from files import EXAMPLES, ROOT

import boundcalc as bc

STUDIES = ["iemocap.toml", "from_training_losses.toml", "posteriors.toml"]
MOST_FILES = 40


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


@pytest.mark.parametrize("study", [*STUDIES, "digits/study.toml"])
def test_a_comparison_passes_through_few_files(study: str) -> None:
    """What is compiled, or called on symbols once, is there after a few comparisons."""
    package, entered = str(ROOT / "boundcalc"), set[str]()
    for _ in range(3):
        bc.compare(EXAMPLES / study)

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(package):
            entered.add(frame.f_code.co_filename.removeprefix(package))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        bc.compare(EXAMPLES / study)
    finally:
        sys.setprofile(before)
    assert 15 < len(entered) <= MOST_FILES, sorted(entered)
