"""A diagnosis in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from boundcalc.numeric.certifying.certification import Certification
from boundcalc.text import count, lower, number, significant

if TYPE_CHECKING:
    from boundcalc.data.diagnosis import Diagnosis, Pair

ARROW = "→"
_MOST_NAMED = 6


def sentences(record: Diagnosis) -> tuple[str, ...]:
    """What is certified, what is not, and what Lu's bound says."""
    said = [_connection(record.pairs)]
    if record.loss is not None:
        said += [_heterogeneity(record), _both(record.pairs), _two_stage(record.pairs), _lu(record.pairs)]
    return tuple(said)


def arrow(pair: Pair) -> str:
    """x → y."""
    return f"{pair.x} {ARROW} {pair.y}"


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    if len(found) > _MOST_NAMED:
        found = [*found[:_MOST_NAMED], f"{len(found) - _MOST_NAMED} more"]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _connection(pairs: Sequence[Pair]) -> str:
    sure = [pair for pair in pairs if pair.connection.certified]
    if not sure:
        return (
            "Connection: for no pair is it certified that x predicts y better than the mean of y does, which "
            "does not prove that none does."
        )
    best = min(sure, key=lambda pair: pair.connection.normalised.upper)
    share = significant(best.connection.normalised.upper, up=True, digits=3)
    which = "all pairs" if len(sure) == len(pairs) else _listed(map(arrow, sure))
    return (
        f"Connection: certified for {which}: the distance ‖ĝ(x) − y‖ is on average less than the spread of "
        f"y, distances above D counted as D. Strongest for {arrow(best)}, at most {share} of the spread."
    )


def _amount(found: Certification) -> str:
    """By how much the second predictor is better at least."""
    least = found.decider.lower
    return (
        f"by at least {lower(least, found.decimals)}"
        if lower(max(least, 0.0), found.decimals).strip("0.")
        else ""
    )


def _with_amount(found: Certification | None, name: str) -> str:
    amount = _amount(found) if found is not None else ""
    return f"{name} ({amount})" if amount else name


def _heterogeneity(record: Diagnosis) -> str:
    said = []
    for name in record.modalities:
        helped = [pair for pair in record.pairs if pair.y == name and pair.heterogeneous]
        if helped:
            said.append(f"{name} adds to {_listed(_with_amount(p.adds, p.x) for p in helped)}")
    worse = [pair for pair in record.pairs if pair.adds is not None and pair.adds.verdict == "a"]
    if worse:
        said.append(f"the learner does worse with y than without for {_listed(map(arrow, worse))}")
    silent = [
        name for name in record.modalities if not any(p.y == name and p.heterogeneous for p in record.pairs)
    ]
    if not said:
        return (
            "Heterogeneity: no modality is certified to lower the risk of another one when it is added, "
            "which does not prove that none does."
        )
    rest = f" Nothing is certified to be gained from {_listed(silent)}." if silent else ""
    return f"Heterogeneity, certified: {'; '.join(said)}.{rest}"


def _both(pairs: Sequence[Pair]) -> str:
    present = [pair for pair in pairs if pair.both_seeds]
    if present:
        return f"Both seeds of an advantage are certified for {_listed(map(arrow, present))}."
    return "For no pair are both seeds of an advantage certified."


def _two_stage(pairs: Sequence[Pair]) -> str:
    def where(verdict: str | None) -> list[Pair]:
        return [pair for pair in pairs if pair.two_stage is not None and pair.two_stage.verdict == verdict]

    def named(found: list[Pair]) -> str:
        return "all pairs" if len(found) == len(pairs) else _listed(map(arrow, found))

    words = (("b", "certified better"), ("a", "certified worse"), (None, "undecided"))
    said = [f"{word} for {named(where(verdict))}" for verdict, word in words if where(verdict)]
    return f"Lu's two-stage learner, which sees only x at test time, against x alone: {'; '.join(said)}."


def _lu(pairs: Sequence[Pair]) -> str:
    bounds = [(pair, pair.bound) for pair in pairs if pair.bound is not None]
    valued = [(pair, bound, bound.value) for pair, bound in bounds if bound.value is not None]
    if not valued:
        return f"Lu's bound has no value: {bounds[0][1].missing}."
    pair, bound, value = min(valued, key=lambda found: found[2])
    amount = f"{significant(value, up=True, digits=4)} for {arrow(pair)}"
    if not bound.vacuous:
        return (
            f"Lu's bound, for the minimisers and not for the ridge fits shown: the excess of f(x, g(x)) over "
            f"the best f(x, y) in its class is at most {amount}, where a loss is at most "
            f"{bound.loss_bound:g}."
        )
    said = (
        f"Lu's bound is vacuous at this size: the least is {amount}, where a loss is at most "
        f"{bound.loss_bound:g}"
    )
    term = significant(bound.connection_term, up=True, digits=4)
    if bound.times is not None:
        return (
            f"{said}. Its term L κ is {term}; for the others about {count(bound.times)} times as many "
            "examples would be needed."
        )
    at_best = number(bound.observed_term, 4)
    observed = f"{said}. Its term L κ alone is {term} ({at_best} with κ̂ in place of its limit)"
    if bound.observed_term < bound.loss_bound:
        return f"{observed}: more held-out examples would lower it."
    hopeless = all(found.observed_term >= found.loss_bound for _, found, _ in valued)
    everywhere = ", for every pair no less than a loss can be" if hopeless and len(valued) > 1 else ""
    return f"{observed}{everywhere}: more examples would not help."
