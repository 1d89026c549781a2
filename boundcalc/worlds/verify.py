"""Verify catalogue entries: proofs, values, micro-worlds, enumerated signs and coverage."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import chain

from boundcalc.errors import BoundcalcError, InputError, UnknownNameError, shorten
from boundcalc.symbolic.catalogue import complexities, theorem, theorem_modules
from boundcalc.symbolic.theorem import Theorem
from boundcalc.worlds.check_classes import class_steps
from boundcalc.worlds.check_coverage import coverage_steps
from boundcalc.worlds.check_rules import RULES, rule_steps
from boundcalc.worlds.check_theorems import theorem_steps, world_steps
from boundcalc.worlds.steps import Step
from boundcalc.worlds.verified import Kind, Outcome, Verification

_ORDER = (Kind.CERTIFICATE, Kind.SIGNS, Kind.VALUES)
"""The quick checks first, for whoever has little time."""

Progress = Callable[[int, int], None]
"""Called with the number of steps done and of all steps."""


def verifiable() -> tuple[str, ...]:
    """The ids that can be verified: theorems, function classes with constants, and the rules for classes."""
    classes = (id for id, entry in complexities().items() if entry.forms)
    return (*theorem_modules(), *classes, RULES)


def verify(
    id: str | None = None, *, budget: float | None = None, progress: Progress | None = None
) -> Verification:
    """Check one entry of the catalogue, or all.

    Parameters
    ----------
    id : str, optional
        A theorem, a function class, or ``"rules"`` for the calculus of classes; default: everything.
    budget : float, optional
        Seconds after which no further step is begun. The proofs come first, then the values, then the
        worlds, small ones first, and simulations at last.
    progress : callable, optional
        Called with the number of steps done and of all steps.

    Returns
    -------
    Verification

    Raises
    ------
    UnknownNameError
        For an unknown id.
    InputError
        For a budget that is not positive.
    """
    if budget is not None and not (isinstance(budget, int | float) and budget > 0):
        raise InputError(f"budget = {shorten(budget)} seconds: it has to be a positive number")
    known = verifiable()
    if id is not None and id not in known:
        raise UnknownNameError("entry", str(id), known)
    ids = known if id is None else (id,)
    began = time.monotonic()
    broken, steps = _steps(ids)
    outcomes, done = broken, 0
    for done, step in enumerate(steps):
        if budget is not None and time.monotonic() - began > budget:
            break
        outcomes += _outcomes(step)
        if progress:
            progress(done + 1, len(steps))
    else:
        done = len(steps)
    return Verification(ids, tuple(outcomes), time.monotonic() - began, len(steps), done)


def _steps(ids: tuple[str, ...]) -> tuple[list[Outcome], list[Step]]:
    """All steps; entries that cannot even be loaded are failures."""
    broken, entries = list[Outcome](), list[Theorem]()
    for id in ids:
        if id in theorem_modules():
            try:
                entries.append(theorem(id))
            except Exception as error:
                broken.append(Outcome(id, Kind.CERTIFICATE, "loading", problem=_said(error)))
    classes = [entry for id, entry in complexities().items() if id in ids]
    early = [
        *chain.from_iterable(map(theorem_steps, entries)),
        *chain.from_iterable(map(class_steps, classes)),
    ]
    if RULES in ids:
        early += rule_steps()
    early.sort(key=lambda step: _ORDER.index(step.kind))
    loaded = [entry.id for entry in entries]
    return broken, [*early, *world_steps(entries), *coverage_steps(loaded)]


def _outcomes(step: Step) -> list[Outcome]:
    """What a step finds; whatever it stumbles over is a check that does not hold."""
    try:
        return list(step.run())
    except Exception as error:
        return [Outcome(step.id, step.kind, step.where, problem=_said(error))]


def _said(error: Exception) -> str:
    kind = "" if isinstance(error, BoundcalcError) else f"{type(error).__name__}: "
    return f"{kind}{error}"
