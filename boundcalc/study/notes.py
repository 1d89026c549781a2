"""What a reader of a comparison has to know: what was rounded, assumed, left out, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from boundcalc.numeric.compiled import compiled
from boundcalc.numeric.decide.certification import WEIGHTED, same_losses
from boundcalc.numeric.decide.pairs import ANYTIME, BETTING, COUNTS, EXACT
from boundcalc.numeric.decide.sample import ANY, counted_looks, mean_loss
from boundcalc.study.evidence import Evidence, Pair
from boundcalc.study.held_out_losses import is_rounded
from boundcalc.study.ledger import Ledger, Part, subsets_in
from boundcalc.study.records import PaidEvent, Verdict
from boundcalc.study.study import LossKind, Study, Subset
from boundcalc.study.training_bounds import SPEAKS_OF
from boundcalc.text import count

_ALIKE = 0.01  # of the examples
_TESTS = {
    EXACT: "decided by the exact test on the examples on which only one of the two errs",
    COUNTS: "decided by the exact test on two counts of errors, whatever the errors have in common",
    BETTING: "decided by betting on the differences {unit} by {unit}",
    ANYTIME: "decided by bets that hold after any number of {unit}s, in their order of arrival",
}


def notes(
    evidence: Evidence,
    pairs: Sequence[Pair],
    ledger: Ledger,
    verdicts: Sequence[Verdict],
    part: Part,
    more: str = "",
) -> tuple[str, ...]:
    """The notes of a statement, each one sentence, the most important first; one is from
    elsewhere.
    """
    study, used = evidence.study, subsets_in(evidence.study, pairs)
    held_out, training = Part.HELD_OUT in part, Part.TRAINING in part
    forecast = any(v.needed and (v.needed.test_n or v.needed.m) for v in verdicts)
    found = (
        *(_warnings(evidence, pairs) if held_out else ()),
        *(_population(evidence, verdicts) if held_out else ()),
        _looks(study, forecast),
        _rounded(evidence) if held_out else "",
        other_risk(study) if training else "",
        _loss_class(study) if training else "",
        _erm(study) if training else "",
        _left_out(study, used),
        more,
        *_assumed(ledger.events, grouped=study.population.groups is not None),
        *(_classes(used) if training else ()),
        *(_by_themselves(evidence, used) if training else ()),
        _no_held_out(evidence, used) if held_out else "",
        _no_deviation(study, ledger.events, used) if training else "",
        _nested(study) if study.nested and training else "",
    )
    return tuple(note for note in found if note)


def _warnings(evidence: Evidence, pairs: Sequence[Pair]) -> Iterator[str]:
    """Predictors that hardly differ, or that are no better than a constant one."""
    for more, less in pairs:
        sample = evidence.pair(more, less).sample
        if sample is None:
            continue
        differ, n = int(np.sum(sample.a != sample.b)), sample.a.size
        if differ == 0:
            yield same_losses(more.label, less.label)
        elif differ <= _ALIKE * n:
            yield (
                f"{more.label} and {less.label} are nearly the same predictor: their losses "
                f"differ {'on' if sample.groups is None else 'in'} {count(differ)} of {count(n)}"
                f"{'' if sample.groups is None else ' groups'}"
            )
    yield from _no_better_than_constant(evidence)


def _no_better_than_constant(evidence: Evidence) -> Iterator[str]:
    """Where the classes of the examples are known, and their weights: the loss of always naming
    the class with which it is least.
    """
    population = evidence.study.population
    if population.classes is None or not evidence.zero_one:
        return
    classes = np.array(population.classes, dtype=str)
    errors = {str(name): (classes != name).astype(float) for name in np.unique(classes)}
    constants = {name: mean_loss(x, population) for name, x in errors.items()}
    named = min(constants, key=lambda name: constants[name])
    for subset in evidence.study.subsets:
        loss = evidence.of(subset).test_loss
        if loss is not None and loss >= constants[named]:
            yield (
                f"the loss of {subset.label}, {loss:.3g} ({population.mean}), is no less than "
                f"that of always naming the class '{named}', {constants[named]:.3g}"
            )


def _population(evidence: Evidence, verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Which examples the statements are about."""
    study = evidence.study
    tested = any(v.method in _TESTS for v in verdicts)
    if tested and evidence.zero_one and study.loss is not LossKind.ZERO_ONE:
        yield "the loss is taken for 0/1, since every loss here is 0 or 1"
    if evidence.missing:
        some = [v for v in verdicts if v.n is not None and v.n != study.test_n]
        shown = ", ".join(
            f"{count(v.n or 0)} for {v.more.label} against {v.less.label}" for v in some[:3]
        )
        more = ", …" if len(some) > 3 else ""
        yield (
            "each pair is compared on the examples on which both have a loss, of "
            f"{count(study.test_n or 0)}, and the statement is about such examples: {shown}{more}; "
            "the test loss of a subset is over all examples on which it has one"
        )
    if study.population.groups is not None:
        over = "groups" if study.population.group_size is None else "examples"
        yield (
            "assumed: the groups are i.i.d., the examples within one need not be; "
            f"the mean is over {over}"
        )
    if study.population.weights is not None:
        yield WEIGHTED


def other_risk(study: Study) -> str:
    """Which risk the training examples speak of, where the held-out losses are about another."""
    population = study.population
    trained = (s.train_loss is not None or s.posterior or s.has_complexity for s in study.subsets)
    if not any(trained):
        return ""
    losses = (s.test_losses for s in study.subsets if s.test_losses is not None)
    ways = {
        "without class weights": population.weights is not None,
        "over examples, taken to be independent, not over groups": population.groups is not None,
        "over all examples, not those on which both of a pair have a loss": any(
            bool(np.isnan(x).any()) for x in losses
        ),
    }
    said = "; ".join(way for way, it_is in ways.items() if it_is)
    return said and f"the training examples speak of another risk than the verdicts: {said}"


def _looks(study: Study, forecast: bool) -> str:
    looks = study.question.looks
    if looks == ANY:
        return ""
    if counted_looks(looks) > 1:
        return f"this is one of {looks} looks at the data, each at δ/{looks}"
    again = "to compare again after adding examples is a second look at the data: before the first,"
    return f"{again} name the number of looks" if forecast else ""


def assumptions(study: Study, ledger: Sequence[PaidEvent]) -> tuple[str, ...]:
    """What a proof from all lemma instances of a study rests on."""
    found = (_looks(study, False), *_assumed(ledger), _nested(study), _loss_class(study))
    return tuple(note for note in found if note)


def _nested(study: Study) -> str:
    if study.m is None:
        return ""
    if study.nested:
        says = "the class of every subset contains those of the subsets it contains"
        return f"assumed by nested = true: {says}"
    says = "nested = true in the study would say that the class of a subset contains those of its"
    return f"{says} subsets"


def _names(subsets: Sequence[Subset]) -> str:
    return ", ".join(s.label for s in subsets)


def _rounded(evidence: Evidence) -> str:
    study, said = evidence.study, []
    for subset in study.subsets:
        test = evidence.of(subset).held_out
        if test is not None and test.errors is not None and is_rounded(study, subset, test.errors):
            fewest, most = test.errors
            taken = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            said.append(f"{subset.label} is taken as {taken} of {study.test_n}")
    rest = "each limit takes the count that weakens it"
    whole = "test_loss · test_n is not a whole number of errors"
    return f"{whole}: {', '.join(said)}; {rest}" if said else ""


def _no_held_out(evidence: Evidence, compared: Sequence[Subset]) -> str:
    study = evidence.study
    without = [s for s in compared if evidence.of(s).held_out is None and s.test_losses is None]
    if not without:
        return ""
    tested = (s for s in without if s.test_loss is not None or s.test_errors is not None)
    if study.test_n is None and any(tested):
        return "held-out limits are off: test_n is missing"
    if len(without) == len(compared):
        return "held-out limits are off: no subset has test_loss, test_errors or test_losses"
    lost = "test_loss, test_errors or test_losses is missing"
    return f"held-out limits are off for {_names(without)}: {lost}"


def _no_deviation(study: Study, ledger: Sequence[PaidEvent], compared: Sequence[Subset]) -> str:
    bounded = {event.subsets[0] for event in ledger if event.kind == "deviation"}
    without = [s for s in compared if s not in bounded]
    if not without:
        return ""
    if all(s.train_loss is None and not s.has_complexity for s in compared):
        return "training-based limits are off: no subset has train_loss and a complexity"
    return f"training-based limits are off for {_names(without)}: {what_is_lost(study, without)}"


def what_is_lost(study: Study, subsets: Sequence[Subset]) -> str:
    """What is not there for training-based limits on some subsets."""
    lost = [name for name in ("m", "lipschitz") if getattr(study, name) is None]
    lost += ["train_loss"] if any(s.train_loss is None for s in subsets) else []
    said = [_are_missing(lost)] if lost else []
    said += ["no complexity is given"] if any(not s.has_complexity for s in subsets) else []
    vectors = "no theorem takes a complexity measured on the sample for vector outputs"
    return ", and ".join(said) or vectors


def _are_missing(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} missing"


def _loss_class(study: Study) -> str:
    uses = any(s.has_complexity for s in study.subsets) and study.lipschitz is not None
    taken = "every complexity is taken as that of the 0/1 loss class itself"
    errors = study.loss is LossKind.ZERO_ONE
    return f"a 0/1 loss is not Lipschitz: {taken}" if errors and uses else ""


def _erm(study: Study) -> str:
    if study.erm:
        return ""
    unused = [s for s in study.subsets if s.optimisation_gap is not None]
    if unused and all(s.optimisation_gap == s.train_loss for s in unused):
        taken = "takes each training loss for the optimisation gap, since no loss is negative"
        return f"Theorem 1 {taken}"
    if unused:
        used = f"optimisation_gap of {_names(unused)} is used by Theorem 1 alone"
        return f"{used}: the rest needs erm = true"
    off = "Theorem 1, the erm certificate and the erm lower limits are off"
    complexity = any(s.has_complexity for s in study.subsets)
    return f"{off}: they need erm = true" if complexity else ""


def _left_out(study: Study, compared: Sequence[Subset]) -> str:
    idle = _names([s for s in study.subsets if s not in compared])
    return f"{idle} is in no compared pair, so the ledger does not pay for it" if idle else ""


def _classes(compared: Sequence[Subset]) -> Iterator[str]:
    """What the complexities rest on, once for each set of assumptions."""
    users: dict[tuple[str, ...], list[Subset]] = {}
    for subset in compared:
        if subset.assumes:
            users.setdefault(subset.assumes, []).append(subset)
    for assumes, subsets in users.items():
        yield f"assumed of the class of {_names(subsets)}: {'; '.join(assumes)}"


def _by_themselves(evidence: Evidence, used: Sequence[Subset]) -> Iterator[str]:
    """Which risk the limits of PAC-Bayes and stability speak of, and what they assume."""
    found: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    for subset in used:
        for bound in evidence.of(subset).by_itself:
            form = compiled(bound.id).variant(bound.variant)
            named = found.setdefault((bound.quantity, form.assumes), {})
            named[f"{bound.id} ({bound.variant}, {form.status})"] = None
    for (quantity, assumes), named in found.items():
        yield f"{', '.join(named)}, alone: {SPEAKS_OF[quantity]}; assumed: {'; '.join(assumes)}"
    for subset in used:
        lost = ["m"] if evidence.study.m is None else []
        if subset.posterior is not None and subset.posterior.m is None:
            yield f"the posterior of {subset.label} is not used: m is missing"
        lost += ["train_loss"] if subset.train_loss is None else []
        if subset.stability is not None and lost:
            yield f"the stability of {subset.label} is not used: {_are_missing(lost)}"


def _assumed(ledger: Sequence[PaidEvent], *, grouped: bool = False) -> Iterator[str]:
    """What the events rest on, once for each theorem and set of assumptions."""
    if ledger:
        each = "" if grouped else "the examples are i.i.d.; "
        yield f"assumed throughout: {each}classes and methods were fixed before the data"
    drawn = [event for event in ledger if event.kind == "complexity"]
    if drawn:
        yield (
            f"R̂_S is at most the mean of its draws plus what {drawn[0].variant} allow, or the "
            "closed form where that is smaller"
        )
    tests = (_TESTS[e.method] for e in ledger if e.kind == "paired" and e.method in _TESTS)
    for said in dict.fromkeys(tests):
        said = said.format(unit="group" if grouped else "example")
        yield f"{said}; both predictors were fixed before the held-out examples were seen"
    users: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    for event in ledger:
        if event.kind == "complexity" or "." not in event.method:
            continue
        assumes = compiled(event.method).variant(event.variant).assumes
        users.setdefault((event.method, assumes), {})[event.variant] = None
    for (method, assumes), variants in users.items():
        if assumes:
            yield f"assumed by {method} ({', '.join(variants)}): {'; '.join(assumes)}"
