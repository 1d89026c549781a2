"""A bound of the catalogue at those of some known numbers that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boundcalc.numeric.evaluate import Evaluation, evaluate
from boundcalc.symbolic.catalogue import theorem


def bound_at(id: str, variant: str, known: Mapping[str, Any]) -> Evaluation:
    """Evaluate a variant; what else is known is left out."""
    names = [p.name for p in theorem(id).variant(variant).parameters]
    return evaluate(id, variant=variant, **{name: known[name] for name in names if name in known})
