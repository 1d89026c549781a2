"""Verify catalogue entries: proofs, values, micro-worlds, enumerated signs and coverage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial

from boundcalc.arguments import typed
from boundcalc.errors import BoundcalcError, InputError, argument, refuse_unknown, shorten
from boundcalc.numeric.evaluate import evaluate
from boundcalc.numeric.reference import Reference, encloses, theorem_error, theorem_references
from boundcalc.symbolic.catalogue import ON_CLASSES, complexities, lemmas, theorem, theorem_modules
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.lemmas.inputs import may_be_given, stands_for
from boundcalc.symbolic.quantities import Quantity
from boundcalc.symbolic.theorem import Theorem
from boundcalc.worlds.class_checks import RULES, class_steps, rule_steps
from boundcalc.worlds.micro.checking import Verdict, mean_verdict, verdicts
from boundcalc.worlds.micro.gallery import all_worlds
from boundcalc.worlds.micro.micro_world import MicroWorld
from boundcalc.worlds.micro.reading import proofs_of, read_in
from boundcalc.worlds.outcomes import (
    CheckOutcome,
    CheckStep,
    Kind,
    Spoken,
    Verification,
    proof_outcome,
    value_outcome,
)
from boundcalc.worlds.simulate.experiment import Experiment
from boundcalc.worlds.simulate.least_squares import LinearExperiment
from boundcalc.worlds.simulate.repeat import repeat
from boundcalc.worlds.simulate.results import SimulatedBound
from boundcalc.worlds.simulate.table_learners import TableExperiment

_ORDER = (Kind.CERTIFICATE, Kind.SIGNS, Kind.VALUES)
"""The quick checks first, for whoever has little time."""

Progress = Callable[[int, int], None]
"""Called with the number of steps done and of all steps."""


def verifiable() -> tuple[str, ...]:
    """The ids that can be verified: theorems, classes with constants, and the rules for classes."""
    classes = (id for id, entry in complexities().items() if entry.forms)
    return (*theorem_modules(), *classes, RULES)


@typed
def verify(
    id: str | None = None,
    *,
    budget: float | None = None,
    progress: Progress | None = None,
    strict: bool = False,
) -> Verification:
    """Check one entry of the catalogue, or all.

    Parameters
    ----------
    id : str, optional
        A theorem, a function class, or ``"rules"``, the calculus of classes; default: everything.
    budget : float, optional
        Seconds after which no further step is begun. The proofs come first, then the values, then
        the worlds, small ones first, and simulations at last.
    progress : callable, optional
        Called with the number of steps done and of all steps.
    strict : bool
        Whether a theorem or lemma that no micro-world speaks of is a failure.

    Raises
    ------
    UnknownNameError
        For an unknown id.
    InputError
        For a budget that is not positive.

    Examples
    --------
    >>> verify("finite").holds
    True
    """
    if budget is not None and not (isinstance(budget, int | float) and budget > 0):
        raise InputError(
            f"{argument('budget')} = {shorten(budget)} seconds: it has to be a positive number"
        )
    known = verifiable()
    if id is not None:
        refuse_unknown("entry", id, known)
    ids = known if id is None else (id,)
    began = time.monotonic()
    entries, broken = _theorems(ids)
    steps = _steps(ids, entries)
    outcomes, done = broken, 0
    for done, step in enumerate(steps):
        if budget is not None and time.monotonic() - began > budget:
            break
        outcomes += _outcomes(step)
        if progress:
            progress(done + 1, len(steps))
    else:
        done = len(steps)
    spoken = _spoken(entries, outcomes, every=id is None) if done == len(steps) else ()
    if strict:
        outcomes += [
            CheckOutcome(
                row.id, Kind.WORLDS, row.kind, problem="no world speaks of this: not verified"
            )
            for row in spoken
            if not row.worlds
        ]
    seconds, worlds = round(time.monotonic() - began, 3), len(all_worlds()) if entries else 0
    return Verification(ids, tuple(outcomes), seconds, len(steps), done, worlds, spoken)


def _theorems(ids: Sequence[str]) -> tuple[list[Theorem], list[CheckOutcome]]:
    """The theorems; those that cannot even be loaded are failures."""
    entries, broken = list[Theorem](), list[CheckOutcome]()
    for id in (id for id in ids if id in theorem_modules()):
        try:
            entries.append(theorem(id))
        except Exception as error:
            broken.append(CheckOutcome(id, Kind.CERTIFICATE, "loading", problem=_said(error)))
    return entries, broken


def _spoken(
    entries: Sequence[Theorem], outcomes: Sequence[CheckOutcome], *, every: bool
) -> tuple[Spoken, ...]:
    """How many worlds speak of each theorem and of its lemmas, or of all lemmas.

    A world speaks of a proof, and so of all lemmas in it, if it says anything of its statement.
    """
    stated = {(o.id, *o.where.partition(", ")[::2]) for o in outcomes if o.kind is Kind.STATEMENT}
    makes = {name for name, made in lemmas().items() if _makes_a_fact(made)}
    # lemmas on classes are verified where the classes are, over all signs
    others = {name for name in makes if lemmas()[name].__module__ not in ON_CLASSES}
    by_lemma: dict[str, set[str]] = {name: set() for name in others if every}
    least: dict[str, int] = {}
    for entry in entries:
        for name, proof in proofs_of(entry).items():
            speak = {world for id, form, world in stated if (id, form) == (entry.id, name)}
            least[entry.id] = min(least.get(entry.id, len(speak)), len(speak))
            used = {part.constructor for line in proof.lines for part in line.fact.tree()}
            for lemma in used & makes:
                by_lemma.setdefault(lemma, set()).update(speak)
    theorems = (Spoken("theorem", id, count) for id, count in least.items())
    return (*theorems, *(Spoken("lemma", name, len(by_lemma[name])) for name in sorted(by_lemma)))


def _makes_a_fact(made: Callable[..., object]) -> bool:
    returned = getattr(made, "__annotations__", {}).get("return", "Fact")
    return bool(getattr(returned, "__name__", returned) == "Fact")


def _steps(ids: Sequence[str], entries: Sequence[Theorem]) -> list[CheckStep]:
    """All steps, in the order in which they are done."""
    early = [step for entry in entries for step in _theorem_steps(entry)]
    early += [s for id, entry in complexities().items() if id in ids for s in class_steps(entry)]
    early += rule_steps() if RULES in ids else ()
    early.sort(key=lambda step: _ORDER.index(step.kind))
    return [*early, *_world_steps(entries), *_coverage_steps([entry.id for entry in entries])]


def _outcomes(step: CheckStep) -> list[CheckOutcome]:
    """What a step finds; whatever it stumbles over is a check that does not hold."""
    try:
        return list(step.run())
    except Exception as error:
        return [CheckOutcome(step.id, step.kind, step.where, problem=_said(error))]


def _said(error: Exception) -> str:
    kind = "" if isinstance(error, BoundcalcError) else f"{type(error).__name__}: "
    return f"{kind}{error}"


# --- theorems by themselves ---------------------------------------------------------------------


def _theorem_steps(entry: Theorem) -> Iterator[CheckStep]:
    """The certificates and values of a theorem."""
    for name, proof in proofs_of(entry).items():
        yield CheckStep(entry.id, Kind.CERTIFICATE, name, partial(_proof, entry.id, name, proof))
    for reference in theorem_references(entry.id):
        where = f"{entry.id}/{reference.form}"
        yield CheckStep(entry.id, Kind.VALUES, where, partial(_reference, reference, where))
    where = f"{entry.id}/{entry.example_variant}, worked number"
    yield CheckStep(entry.id, Kind.VALUES, where, partial(_example, entry, where))


def _proof(id: str, name: str, proof: Derivation) -> Iterator[CheckOutcome]:
    yield proof_outcome(id, name, proof)
    yield CheckOutcome(id, Kind.CERTIFICATE, f"{name}, numbers", problem=_misread(proof))


def _misread(proof: Derivation) -> str:
    """A number that is read as what the table of parameters says it is not; empty if none is."""
    for fact in (part for line in proof.lines for part in line.fact.tree()):
        read = fact.source == "input" and isinstance(fact.lhs, Quantity) and may_be_given(fact.lhs)
        if read and not (fact.rhs.is_number or stands_for(fact.rhs, fact.lhs)):
            return f"{fact.rhs} is not {fact.lhs}"
    return ""


def _reference(reference: Reference, where: str) -> Iterator[CheckOutcome]:
    yield value_outcome(reference.id, where, theorem_error(reference))
    missed = "" if encloses(reference) else "the certified interval does not hold the value"
    yield CheckOutcome(reference.id, Kind.VALUES, where, problem=missed)


def _example(entry: Theorem, where: str) -> Iterator[CheckOutcome]:
    """The worked number, in floating point and by interval arithmetic."""
    variant = entry.example_variant
    found = evaluate(entry.id, variant=variant, digits=30, **entry.example)
    assert found.certified is not None
    value, middle = Decimal(found.value), Decimal(found.certified[0])
    yield value_outcome(entry.id, where, abs(value / middle - 1) if middle else abs(value))


# --- theorems in micro-worlds -------------------------------------------------------------------


def _world_steps(entries: Sequence[Theorem]) -> Iterator[CheckStep]:
    """Every proof in every world: the small worlds of all entries first."""
    for w in sorted(all_worlds().values() if entries else (), key=lambda w: len(w.chances.weights)):
        for entry in entries:
            for name, proof in proofs_of(entry).items():
                check = partial(_in_world, entry.id, name, proof, w)
                yield CheckStep(entry.id, Kind.STATEMENT, f"{name}, {w.name}", check)


def _in_world(id: str, name: str, proof: Derivation, w: MicroWorld) -> Iterator[CheckOutcome]:
    """Each fact, the statement and the expectation form; nothing if the world is not spoken of.

    Of several ways to read a proof in a world the worst counts.
    """
    found = read_in(proof, w)
    if not found:
        return
    *facts, stated = verdicts(found, proof)
    for verdict in facts:
        yield _outcome(id, Kind.FACTS, name, verdict)
    yield _outcome(id, Kind.STATEMENT, name, stated)
    mean = mean_verdict(found, proof)
    if mean is not None:
        yield _outcome(id, Kind.EXPECTATION, name, mean)


def _outcome(id: str, kind: Kind, name: str, verdict: Verdict) -> CheckOutcome:
    where = f"{name}, {verdict.world}" + (f": {verdict.what}" if kind is Kind.FACTS else "")
    if verdict.holds:  # rounding may carry an equality beyond 1
        ratio = None if verdict.ratio is None else min(verdict.ratio, 1.0)
        return CheckOutcome(id, kind, where, ratio)
    if kind is Kind.EXPECTATION:
        problem = f"beyond by {verdict.excess:.4g} in the mean"
        return CheckOutcome(id, kind, where, verdict.ratio, problem)
    often = f"false with probability {float(verdict.probability):.4g}"
    if verdict.delta is not None:
        often += f" at δ = {verdict.delta:.4g}, where {float(verdict.allowed):.4g} is allowed"
    return CheckOutcome(id, kind, where, verdict.ratio, f"{often}; beyond by {verdict.excess:.4g}")


# --- bounds in simulated worlds -----------------------------------------------------------------

_SIMULATED: tuple[Experiment, ...] = (
    LinearExperiment(
        title="two correlated modalities",
        sizes=(40,),
        repetitions=200,
        delta=0.2,
        seed=1,
        covariance=((1, 0.3, 0.5), (0.3, 1, 0.2), (0.5, 0.2, 1)),
        blocks=(("text", (0, 1)), ("audio", (2,))),
        theta=(1, 0.5, 0.5),
        noise_variance=0.5,
        subsets=(("text",), ("text", "audio")),
        norm=1.5,
        loss_bound=2,
        test_n=50,
    ),
    TableExperiment(
        title="ten points",
        sizes=(5, 80),
        repetitions=300,
        delta=0.2,
        seed=1,
        points=10,
        n=5,
        tasks=2,
    ),
)


def _coverage_steps(ids: Sequence[str]) -> Iterator[CheckStep]:
    """One step a world that speaks of one of the theorems."""
    for experiment in _SIMULATED:
        wanted = [id for id in ids if id in experiment.theorems]
        if wanted:
            run = partial(_covered, experiment, wanted)
            yield CheckStep(wanted[0], Kind.COVERAGE, experiment.title, run)


def _covered(experiment: Experiment, ids: Sequence[str]) -> Iterator[CheckOutcome]:
    record = repeat(experiment)
    if not record.complete:
        raise KeyboardInterrupt
    return (_coverage(row) for row in record.rows if row.statement.id in ids)


def _coverage(row: SimulatedBound) -> CheckOutcome:
    made, violated = row.statement, row.violations is not None
    where = f"{made.id}/{made.variant}, {made.subject}, m = {row.size}"
    often = "in the mean" if not violated else f"in {row.violations} of {row.repetitions} draws"
    return CheckOutcome(
        made.id, Kind.COVERAGE, where, row.alarm, "" if row.holds else f"false {often}"
    )
