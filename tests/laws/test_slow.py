"""The list of slow tests names tests that there are."""

from __future__ import annotations

import ast

from files import ROOT


def test_every_slow_test_is_a_test() -> None:
    for line in (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").split():
        path, _, name = line.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, line
