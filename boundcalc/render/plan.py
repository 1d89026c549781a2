"""A plan as a document: what to buy, what it proves, and what a lower target would cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from boundcalc.conventions import Side
from boundcalc.numeric.plan import Outcome, Plan
from boundcalc.render.document import (
    Block,
    Document,
    Heading,
    Table,
    Text,
    Tone,
    assumed,
    small_print,
)
from boundcalc.text import count, number, significant

_LU = {
    "m": ("unlabelled pair", "unlabelled pairs"),
    "n": ("labelled example a task", "labelled examples a task"),
}
_OTHERS = {
    "m": ("training example", "training examples"),
    "n": ("held-out example", "held-out examples"),
}
_TASKS = ("task", "tasks")


def plan_document(plan: Plan) -> Document:
    """What to buy first, then what it rests on."""
    return (
        Heading(f"{plan.id} ({plan.variant}): the cheapest way to {number(plan.target)}"),
        Text(_bought(plan), Tone.BAD if plan.vacuous else Tone.GOOD),
        Text(plan.status, Tone.BAD if plan.vacuous else Tone.PLAIN),
        _spending(plan),
        _terms(plan),
        *_others(plan),
        *small_print(*_notes(plan)),
    )


def _money(amount: float) -> str:
    """A cost: two decimals, or six digits where that would show nothing."""
    return f"{amount:,.2f}" if amount >= 1 or amount == round(amount, 2) else f"{amount:.6g}"


def _words(plan: Plan, name: str) -> str:
    words = _LU if plan.id.startswith("lu2023.") else _OTHERS
    return words.get(name, _TASKS)[plan.counts[name] != 1]


def _bought(plan: Plan) -> str:
    named = {name: f"{count(plan.counts[name])} {_words(plan, name)}" for name in plan.counts}
    named |= {name: f"{named[name]} ({name})" for name in named if name != "tasks"}
    *most, last = (named[name] for name in plan.prices)
    bought = f"{', '.join(most)} and {last}" if most else last
    fixed = ", ".join(named[name] for name in plan.counts if name not in plan.prices)
    return (
        f"Buy {bought} for {_money(plan.cost)}{f'; fixed and not paid: {fixed}' if fixed else ''}."
    )


def _spending(plan: Plan) -> Table:
    rows = []
    for name, many in plan.counts.items():
        tasks = plan.counts.get("tasks", 1) if name == "n" else 1
        paid: tuple[str, ...] = ("", "", "", "fixed")
        if name in plan.prices:
            cost = plan.spending[name]
            ends = (("≥", plan.at_least), ("≤", plan.at_most))
            limits = (f"{sign} {count(end[name])}" for sign, end in ends if name in end)
            share = f"{cost / plan.cost:.1%}"
            paid = (number(plan.prices[name]), _money(cost), share, ", ".join(limits))
        how_many = count(many) + (f" × {count(tasks)}" if tasks > 1 else "")
        rows.append((name, _words(plan, name), how_many, *paid))
    rows.append(("total", "", "", "", _money(plan.cost), "", ""))
    heads = ("count", "of", "how many", "price", "cost", "share", "limit")
    return Table(heads, tuple(rows), "LlRrRr")


def _terms(plan: Plan) -> Table:
    rows = tuple((name, number(value)) for name, value in plan.terms.items())
    total = significant(plan.achieved, up=plan.side is Side.UPPER)
    return Table(("term of the bound", "at this plan"), (*rows, ("total", total)), "lr")


def _others(plan: Plan) -> Iterator[Block]:
    """What a lower target, and the unimodal bound, would cost, where this was asked."""
    named = (("1 % lower", plan.one_percent, _lower), ("unimodal bound", plan.unimodal, _unimodal))
    others = [(name, other, said(plan, other)) for name, other, said in named if other is not None]
    names = tuple(plan.counts)

    def bought(counts: Mapping[str, int]) -> Iterator[str]:
        return (count(counts[name]) if name in counts else "" for name in names)

    rows = [("this one", number(plan.target), _money(plan.cost), *bought(plan.counts))]
    for name, other, _ in others:
        cost = "out of reach" if other.cost is None else _money(other.cost)
        rows.append((name, number(other.target), cost, *bought(other.counts)))
    if others:
        heads = ("plan", "target", "cost", *names)
        yield Table(heads, tuple(rows), "l" + "r" * (2 + len(names)))
        yield from (Text(sentence) for *_, sentence in others)


def _lower(plan: Plan, outcome: Outcome) -> str:
    start = f"1 % off the target ({number(outcome.target)})"
    if outcome.cost is None:
        return f"{start} is out of reach: {outcome.reason}."
    price = f"a marginal price of {_money(plan.marginal_price or 0.0)} a unit of the target"
    return f"{start} costs {_money(outcome.cost - plan.cost)} more: {price}."


def _unimodal(plan: Plan, rival: Outcome) -> str:
    if rival.cost is None:
        bought = {"n", "tasks"} & set(plan.prices)
        labels = "No number of labels reaches" if bought else "The fixed labels miss"
        return f"{labels} the target with the unimodal bound: {rival.reason}."
    if not rival.cost:
        reached = significant(rival.achieved or 0.0, up=True)
        return f"The fixed labels reach the target with the unimodal bound too: {reached}."
    return (
        f"With the unimodal bound the same target costs {_money(rival.cost)}: "
        f"{number(rival.cost / plan.cost, 3)} times this plan."
    )


def _notes(plan: Plan) -> list[str]:
    said = [assumed(plan.assumes)]
    if plan.unimodal is not None:
        said.append(
            f"{plan.unimodal.id} assumes: {'; '.join(plan.unimodal.assumes)}. The two bounds are "
            "comparable as risks only if their baselines agree (connection_gap = 0 and y a "
            "function of x, say)."
        )
    said += [f"{note}." for note in plan.notes]
    return [*said, "This plans for a bound: what it promises may be true with fewer examples."]
