"""Ranked subsets as a document: the best one, then the best of each number of modalities."""

from __future__ import annotations

from boundcalc.numeric.subset_search import FoundSubset
from boundcalc.numeric.subsets import Subsets
from boundcalc.render.document import Document, Heading, Table, Text, Tone
from boundcalc.text import count, significant


def subsets_document(found: Subsets | FoundSubset) -> Document:
    """The answer first."""
    front = found.front if isinstance(found, Subsets) else (found.best,)
    rows = [
        (count(len(each.modalities)), "+".join(each.modalities), significant(each.value, up=True))
        for each in front
    ]
    heading = ("modalities", "best subset", "upper limit")
    share = significant(found.delta_each, up=False)
    return (
        Heading(f"{found.id} ({found.variant}): {count(found.size)} subsets"),
        Text(found.status, Tone.GOOD),
        Table(heading, tuple(rows), align="rlr"),
        Text(f"Every limit is stated with failure probability {share}.", Tone.NOTE),
    )
