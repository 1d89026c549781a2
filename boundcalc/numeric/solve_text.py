"""What a solution says in words, and refusals of targets that no value meets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

from boundcalc.errors import InputError
from boundcalc.numeric.search import Stretch
from boundcalc.text import number, significant

if TYPE_CHECKING:
    from boundcalc.numeric.solve import Problem

_EQUAL = 1e-15
_PIECES_SHOWN = 6


class ImpossibleTargetError(InputError):
    """A target that no value of the unknown meets; the message names the term that is in
    the way.
    """


def _minus(text: str) -> str:
    return text.replace("-", "−", 1) if text.startswith("-") else text


def _short(text: str) -> str:
    """Without the zeros at the end of a decimal."""
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


@dataclass(frozen=True)
class Words:
    """The words for one question."""

    problem: Problem

    @property
    def sign(self) -> str:
        """``≤`` or ``≥``."""
        return "≥" if self.problem.at_least else "≤"

    @property
    def name(self) -> str:
        """The unknown."""
        return self.problem.unknown.name

    @property
    def subject(self) -> str:
        """What the value is called."""
        return {"=": "value", "≤": "bound", "≥": "limit"}[self.problem.bound.variant.relation]

    @property
    def goal(self) -> str:
        """For example ``≤ 0.1``."""
        return f"{self.sign} {_minus(_short(repr(float(self.problem.target))))}"

    @property
    def wanted(self) -> str:
        """For example ``the bound is ≤ 0.1``."""
        return f"the {self.subject} is {self.goal}"

    def shown(self, value: float, *, up: bool | None = None) -> str:
        """A value of the unknown; real ones with 6 digits, rounded up or down as the safe side
        asks.
        """
        if self.problem.unknown.integer:
            return f"{int(value):,}"
        return number(value) if up is None else _short(significant(value, up=up))

    def beside(self, value: float) -> str:
        """A value of the bound, rounded outwards, that stands on its side of the target."""
        if not math.isfinite(value):
            return "too large for a float"
        up, meets = self.problem.bound.upper, self.problem.meets(value)
        for digits in range(6, 17):
            text = _short(significant(value, up=up, digits=digits))
            if self.problem.meets(float(text.replace("−", "-"))) == meets:
                return text
        return self.goal[2:] if meets else _minus(f"{value!r}")

    def extreme_value(self, value: float, beyond: float, *, smallest: bool) -> str:
        """The smallest or largest value that meets the target, and what the next one does."""
        kind = "smallest" if smallest else "largest"
        here = self.beside(self.problem.answered(value).value)
        shown = self.shown(value, up=smallest)
        first = f"{shown} is the {kind} {self.name} for which {self.wanted}: it is {here}"
        if self.problem.unknown.integer:
            there = self.beside(self.problem.evaluation(beyond).value)
            return f"{first}; at {self.shown(beyond)} it is {there}."
        return f"{first}; the next {'smaller' if smallest else 'larger'} float does not."

    def neighbours(self, meets: str, misses: str, digits: int) -> str:
        """Of two neighbours among the decimals of so many digits, one meets the target."""
        kind = "smallest" if Decimal(meets) > Decimal(misses) else "largest"
        of = f"{digits} digit{'s' * (digits > 1)}"
        return (
            f"{_minus(meets)} is the {kind} {self.name} of {of} for which {self.wanted}; at the "
            f"next one, {_minus(misses)}, it is not."
        )

    def every_value(self, worst: float | None) -> str:
        """The target is met whatever the unknown is."""
        domain = self.problem.domain
        low, high = (self.shown(end) if math.isfinite(end) else "" for end in domain.ends)
        left, right = ("" if reached else " (excluded)" for reached in domain.reached)
        span = f" ≤ {high}" if high else ""
        if low and high:
            span = f" between {low} and {high}"
            if any(domain.reached):
                span = f" from {low}{left} to {high}{right}"
        elif low:
            span = f" {'≥' if domain.reached[0] else '>'} {low}"
        if worst is None:
            return f"For every {self.name}{span} {self.wanted}; no {self.name} is the extreme one."
        kind = "smallest" if worst == domain.ends[0] else "largest"
        value = self.beside(self.problem.answered(worst).value)
        return (
            f"The target holds for every {self.name}{span}: even at the {kind}, "
            f"{self.shown(worst)}, "
            f"the {self.subject} is {value}."
        )

    def only_value(self, value: float) -> str:
        """The other numbers leave one value."""
        here = self.beside(self.problem.answered(value).value)
        return (
            f"{self.shown(value)} is the only {self.name} that the other numbers allow; "
            f"there the {self.subject} is {here}."
        )

    def scanned(
        self, pieces: Sequence[Stretch[bool]], value: float | None, *, smallest: bool, tried: int
    ) -> str:
        """Where the target is met; no pieces: wherever it was tried."""
        domain, spans = self.problem.domain, []
        for piece in pieces[:_PIECES_SHOWN]:
            assert piece.last is not None
            ends = domain.value(piece.first), domain.value(piece.last)
            left, right = self.shown(ends[0], up=True), self.shown(ends[1], up=False)
            spans.append(left if ends[0] == ends[1] else f"from {left} to {right}")
        more = len(pieces) - _PIECES_SHOWN
        further = f" and {more} further stretches" if more > 0 else ""
        where = f"for {self.name} {', '.join(spans)}{further}"
        if not pieces:
            where = f"for every {self.name} that was tried"
        sentence = (
            f"T{self.wanted[1:]} {where} (it may rise and fall with {self.name}: {tried:,} values "
            f"from "
            f"{self._scan_end(0)} to {self._scan_end(1)} were scanned)"
        )
        if value is None:
            return f"{sentence}."
        kind = "smallest" if smallest else "largest"
        here = self.beside(self.problem.answered(value).value)
        shown = self.shown(value, up=smallest)
        return f"{sentence}; {shown} is the {kind} boundary: there it is {here}."

    def _scan_end(self, i: int) -> str:
        """Where a scan begins (0) or ends (1): the end of the domain, or the last value tried."""
        domain = self.problem.domain
        if math.isfinite(domain.ends[i]):
            return self.shown(domain.ends[i])
        return _minus(f"{domain.value(domain.scan()[-i]):.3g}".replace("e+", "e"))

    def no_value(self, why: str, between: str = "") -> ImpossibleTargetError:
        """The refusal of the target."""
        return ImpossibleTargetError(f"no {self.name}{between} meets the target {self.goal}: {why}")

    def reason(self, limits: Mapping[str, float], where: str) -> str:
        """One term that is too large by itself, or the sum of what is left."""
        problem = self.problem
        sign = -1 if problem.at_least else 1
        worst = max(limits, key=lambda name: sign * limits[name])
        others_help = any(sign * v < 0 for name, v in limits.items() if name != worst)
        single = len([v for v in limits.values() if v]) <= 1
        beyond = sign * limits[worst] > sign * problem.target
        if not beyond or others_help or (sign < 0 and not single):
            return f"{where} what is left is {self.sum(limits)}"
        i = list(limits).index(worst)
        moves = self.name in problem.bound.variant.formula.part(i).inputs
        verb = "exceeds" if sign > 0 else "falls short of"
        end = f" {where}" if moves else f", whatever {self.name} is"
        arrow = "→" if moves else "="
        text = problem.bound.variant.terms[i].text
        return f"{text} {arrow} {number(limits[worst])} alone {verb} it{end}"

    def sum(self, limits: Mapping[str, float]) -> str:
        """The limits that are not 0, by name."""
        terms = self.problem.bound.variant.terms
        parts = [f"{t.text} = {number(limits[t.name])}" for t in terms if limits[t.name]]
        total = number(math.fsum(limits.values()))
        if not parts:
            return total
        return parts[0] if len(parts) == 1 else f"{', '.join(parts)}; together {total}"


def refuse_limit(problem: Problem, limits: Mapping[str, float], *, up: bool) -> None:
    """Refuse a target that the limit at the better end does not meet."""
    known = all(map(math.isfinite, limits.values()))
    total = math.fsum(limits.values()) if known else math.nan
    if math.isnan(total):
        return  # a term that grows, or of which no limit is known: the search decides
    size = max(map(abs, (total, problem.target, *limits.values())))
    close = abs(total - problem.target) <= _EQUAL * size
    if problem.meets(total) and not close:
        return
    words, end = Words(problem), problem.domain.ends[up]
    shown = words.shown(end) if math.isfinite(end) else "∞" if end > 0 else "−∞"
    towards = f"as {words.name} → {shown}"
    if not close:
        raise words.no_value(words.reason(limits, towards))
    left = f" ({words.sum(limits)})" if any(limits.values()) else ""
    raise words.no_value(f"the {words.subject} tends to it {towards} and never gets there{left}")


def refuse_far(problem: Problem, position: int) -> NoReturn:
    """Refuse a target that the best value that exists, or that can be tried, does not meet."""
    domain, words = problem.domain, Words(problem)
    at = f"at {words.name} = {words.shown(domain.value(position))}"
    if domain.reached[position == domain.last]:
        terms = problem.evaluation(domain.value(position)).terms
        raise words.no_value(words.reason(terms, at))
    value = words.beside(problem.at(position))
    raise words.no_value(f"even {at} the {words.subject} is {value}", " that can be tried")


def refuse_scanned(problem: Problem, values: Mapping[int, float]) -> NoReturn:
    """Refuse a target that no value that was scanned meets."""
    words = Words(problem)
    best = (max if problem.at_least else min)(values, key=lambda p: values[p])
    kind = "largest" if problem.at_least else "smallest"
    raise words.no_value(
        f"the {kind} {words.subject} found there is {values[best]:.6g}, at {words.name} = "
        f"{words.shown(problem.domain.value(best))}",
        f" from {words._scan_end(0)} to {words._scan_end(1)}",
    )
