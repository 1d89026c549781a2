"""What would break an assumption, in words for whoever has to judge it."""

from __future__ import annotations

_BREAKS = (
    (
        "examples are i.i.d.",
        "several examples of one speaker, patient or session (use groups); test data from "
        "another place or time than where the predictor will be used; duplicates",
    ),
    (
        "groups are i.i.d.",
        "groups that were chosen by hand, or that share what the examples in them share",
    ),
    (
        "classes and methods were fixed before the data",
        "choosing the method, the modalities to be compared or the losses after a look at the "
        "results",
    ),
    (
        "fixed before the held-out examples were seen",
        "early stopping, a threshold or a hyperparameter chosen on the held-out examples",
    ),
    (
        "no other value than 0 and 1",
        "a loss that is a probability, a margin or a score",
    ),
    ("loss is 0 or 1", "a loss that is a probability, a margin or a score"),
    ("loss is in [0, 1]", "a loss that can exceed 1 on an example that was not drawn"),
    (
        "minimises the empirical risk",
        "training that stops early, is regularised or stays in a local minimum by more than the "
        "optimisation gap that is given",
    ),
    ("any member of", "nothing, as long as the class was fixed before the training examples"),
    (
        "any members of",
        "nothing, as long as the classes were fixed before the training examples",
    ),
    (
        "vector complexity",
        "a complexity of scalar outputs in the place of that of vectors; a loss that is steeper",
    ),
    ("is enough", "a loss whose size exceeds C somewhere"),
    ("one fixed pair that minimises the risk", "a target that changes with the sample"),
    (
        "margin ρ",
        "a margin chosen by the training errors it gives",
    ),
    ("predictors were fixed", "a predictor that was trained or chosen on these examples"),
    ("linear composite model", "a target that is not linear in what is seen"),
    ("P was fixed before", "a prior that was chosen by the training examples"),
    ("moves no loss by more than β", "an algorithm whose stability was estimated, not proved"),
)


def broken_by(assumption: str) -> str:
    """What would break it; empty where nothing is known beyond its own words.

    Examples
    --------
    >>> broken_by("the loss is 0 or 1")
    'a loss that is a probability, a margin or a score'
    """
    return next((words for part, words in _BREAKS if part in assumption), "")
