"""Which values of an unknown meet a target, and what is said of them in words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np

from boundcalc.errors import ConvergenceError, DomainError, ImpossibleTargetError
from boundcalc.numeric.arithmetic import floats
from boundcalc.numeric.bound import Bound
from boundcalc.numeric.evaluate import Evaluation, evaluation
from boundcalc.numeric.search import Domain, Stretch, boundary, boundary_between, boundary_near
from boundcalc.symbolic.parameter import Parameter
from boundcalc.text import minus, number, significant

_STEPS = 16
_EQUAL = 1e-15
_PIECES_SHOWN = 6


def _short(text: str) -> str:
    """Without the zeros at the end of a decimal."""
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


@dataclass(frozen=True)
class Problem:
    """Which values of the free parameter of a bound meet a target.

    Attributes
    ----------
    bound : Bound
    target : float
    exact_target : Fraction
        The target as it was written.
    at_least : bool
        Whether the value has to be at least the target instead of at most.
    domain : Domain
        The values that the unknown may take.
    """

    bound: Bound
    target: float
    exact_target: Fraction
    at_least: bool
    domain: Domain

    @property
    def unknown(self) -> Parameter:
        """The parameter that is asked for."""
        return self.domain.parameter

    @property
    def name(self) -> str:
        """What it is called."""
        return self.domain.parameter.name

    def named(self, value: Any) -> dict[str, Any]:
        """The unknown by name; an exact whole number as one."""
        whole = self.unknown.integer and isinstance(value, Fraction)
        return {self.name: int(value) if whole else value}

    def evaluation(self, value: Any) -> Evaluation:
        """The bound with this value put in for the unknown."""
        with np.errstate(all="ignore"):
            return evaluation(self.bound, **self.named(value))

    def at(self, position: int) -> float:
        """The value of the bound with the unknown at this position; ∞, on its side, where it
        overflows.
        """
        try:
            return float(self.bound.value(**self.named(self.domain.value(position))))
        except (DomainError, OverflowError):
            return math.inf if self.bound.upper else -math.inf

    def values(self, positions: Sequence[int]) -> list[float]:
        """The values at many positions, in one pass where that goes."""
        numbers = np.array([float(self.domain.value(p)) for p in positions])
        try:
            with np.errstate(all="ignore"):
                return list(map(float, self.bound.value(**self.named(numbers))))
        except (DomainError, OverflowError):  # somewhere on the way it overflows
            return [self.at(p) for p in positions]

    def meets(self, value: Any) -> Any:
        """Whether a value of the bound meets the target; for arrays, elementwise."""
        return value >= self.target if self.at_least else value <= self.target

    def holds(self, position: int) -> bool:
        """Whether the unknown at this position meets the target; for whole numbers exactly."""
        if not self.unknown.integer or self.bound.whole:
            return bool(self.meets(self.at(position)))
        try:
            beyond = self.bound.compare(self.exact_target, **self.named(position))
        except (DomainError, OverflowError):
            return bool(self.meets(self.at(position)))
        return self.met(beyond)

    def met(self, sign: int) -> bool:
        """Whether the target is met, from the sign of the bound minus the target."""
        return sign >= 0 if self.at_least else sign <= 0

    def _beyond(self, position: int) -> float:
        """How far the target is from being met, by floats alone: fast, and wrong by a little."""
        value = float(self.bound.rough(**self.named(self.domain.value(position))))
        gap = self.target - value if self.at_least else value - self.target
        return math.inf if math.isnan(gap) else gap

    def between(self, inside: int, outside: int) -> int:
        """The last position that holds: near the one that floats show."""
        if not self.unknown.integer and not self.bound.whole:
            return boundary(self.holds, inside, outside)
        guess = boundary_between(self._beyond, inside, outside)
        return boundary_near(self.holds, guess, inside, outside)

    def within_reach(self) -> Problem:
        """The same question with open and infinite ends moved in to where the bound has a value."""
        domain, found = self.domain, [self.domain.first, self.domain.last]
        for i in (0, 1):
            if not domain.reached[i] and not self.unknown.integer:
                towards = (found[1 - i] - found[i]) // _STEPS
                tried = (found[i] + k * towards for k in range(_STEPS))
                found[i] = next(filter(self._has_value, tried), found[i])
        return replace(self, domain=replace(domain, first=found[0], last=found[1]))

    def _has_value(self, position: int) -> bool:
        try:
            self.at(position)
        except ConvergenceError:
            return False
        return True

    def answered(self, value: Any) -> Evaluation:
        """The bound at a value that meets the target; no further out than the target, which it
        meets.
        """
        result = self.evaluation(value)
        if np.isfinite(result.value) and not self.meets(result.value):
            return replace(result, value=self.target)
        return result

    def limits(self, end: float) -> dict[str, float]:
        """What every term tends to as the unknown goes to a finite end or ±∞; NaN if not known."""
        found = self._values_at(end) if math.isfinite(end) else self._far_limits(end)
        if found is None:
            from boundcalc.numeric.exact import far_limits  # by SymPy

            found = far_limits(self.bound, self.name, end)
        return {t.name: x for t, x in zip(self.bound.variant.terms, found, strict=True)}

    def _values_at(self, end: float) -> list[float] | None:
        if self.bound.whole:
            return None
        found, values = [], {**self.bound.numbers, self.name: end}
        for i in range(len(self.bound.variant.terms)):
            try:
                found.append(float(floats(self.bound.variant.formula.part(i), values)[0]))
            except (ArithmeticError, ConvergenceError, TypeError):
                found.append(math.nan)
        return found

    def _far_limits(self, end: float) -> list[float] | None:
        """Limits that were worked out when the theorem was compiled."""
        known = self.bound.variant.limits.get(self.name if end > 0 else f"-{self.name}")
        if known is None:
            return None
        sizes = [float(x) for x in floats(known.sizes, self.bound.numbers)]
        provisos = [float(x) for x in floats(known.provisos, self.bound.numbers)]
        pairs = list(zip(sizes, known.grows, strict=True))
        if (
            not all(map(math.isfinite, sizes))
            or not all(x and math.isfinite(x) for x in provisos)
            or any(grows and x == 0 for x, grows in pairs)
        ):
            return None
        return [math.copysign(math.inf, x) if grows else x for x, grows in pairs]

    @property
    def sign(self) -> str:
        """``≤`` or ``≥``."""
        return "≥" if self.at_least else "≤"

    @property
    def subject(self) -> str:
        """What the value is called."""
        return {"=": "value", "≤": "bound", "≥": "limit"}[self.bound.variant.relation]

    @property
    def goal(self) -> str:
        """For example ``≤ 0.1``."""
        return f"{self.sign} {minus(_short(repr(float(self.target))))}"

    @property
    def wanted(self) -> str:
        """For example ``the bound is ≤ 0.1``."""
        return f"the {self.subject} is {self.goal}"

    def shown(self, value: float, *, up: bool | None = None) -> str:
        """A value of the unknown; real ones with 6 digits, rounded up or down as the safe side
        asks.
        """
        if self.unknown.integer:
            return f"{int(value):,}"
        return number(value) if up is None else _short(significant(value, up=up))

    def beside(self, value: float) -> str:
        """A value of the bound, rounded outwards, that stands on its side of the target."""
        if not math.isfinite(value):
            return "too large for a float"
        up, meets = self.bound.upper, self.meets(value)
        for digits in range(6, 17):
            text = _short(significant(value, up=up, digits=digits))
            if self.meets(float(text.replace("−", "-"))) == meets:
                return text
        return self.goal[2:] if meets else minus(f"{value!r}")

    def extreme_value(self, value: float, beyond: float, *, smallest: bool) -> str:
        """The smallest or largest value that meets the target, and what the next one does."""
        kind = "smallest" if smallest else "largest"
        here = self.beside(self.answered(value).value)
        shown = self.shown(value, up=smallest)
        first = f"{shown} is the {kind} {self.name} for which {self.wanted}: it is {here}"
        if self.unknown.integer:
            there = self.beside(self.evaluation(beyond).value)
            return f"{first}; at {self.shown(beyond)} it is {there}."
        return f"{first}; the next {'smaller' if smallest else 'larger'} float does not."

    def neighbours(self, meets: str, misses: str, digits: int) -> str:
        """Of two neighbours among the decimals of so many digits, one meets the target."""
        kind = "smallest" if Decimal(meets) > Decimal(misses) else "largest"
        of = f"{digits} digit{'s' * (digits > 1)}"
        return (
            f"{minus(meets)} is the {kind} {self.name} of {of} for which {self.wanted}; at the "
            f"next one, {minus(misses)}, it is not."
        )

    def every_value(self, worst: float | None) -> str:
        """The target is met whatever the unknown is."""
        domain = self.domain
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
        value = self.beside(self.answered(worst).value)
        return (
            f"The target holds for every {self.name}{span}: even at the {kind}, "
            f"{self.shown(worst)}, the {self.subject} is {value}."
        )

    def only_value(self, value: float) -> str:
        """The other numbers leave one value."""
        here = self.beside(self.answered(value).value)
        return (
            f"{self.shown(value)} is the only {self.name} that the other numbers allow; "
            f"there the {self.subject} is {here}."
        )

    def scanned(
        self, pieces: Sequence[Stretch[bool]], value: float | None, *, smallest: bool, tried: int
    ) -> str:
        """Where the target is met; no pieces: wherever it was tried."""
        domain, spans = self.domain, []
        for piece in pieces[:_PIECES_SHOWN]:
            assert piece.last is not None
            ends = domain.value(piece.first), domain.value(piece.last)
            left, right = self.shown(ends[0], up=True), self.shown(ends[1], up=False)
            spans.append(left if ends[0] == ends[1] else f"from {left} to {right}")
        more = len(pieces) - _PIECES_SHOWN
        further = f" and {more} further stretch{'es' * (more > 1)}" if more > 0 else ""
        where = f"for {self.name} {', '.join(spans)}{further}"
        if not pieces:
            where = f"for every {self.name} that was tried"
        sentence = (
            f"T{self.wanted[1:]} {where} (it may rise and fall with {self.name}: {tried:,} values "
            f"from {self._scan_end(0)} to {self._scan_end(1)} were scanned)"
        )
        if value is None:
            return f"{sentence}."
        kind = "smallest" if smallest else "largest"
        here = self.beside(self.answered(value).value)
        shown = self.shown(value, up=smallest)
        return f"{sentence}; {shown} is the {kind} boundary: there it is {here}."

    def _scan_end(self, i: int) -> str:
        """Where a scan begins (0) or ends (1): the end of the domain, or the last value tried."""
        domain = self.domain
        if math.isfinite(domain.ends[i]):
            return self.shown(domain.ends[i])
        return minus(f"{domain.value(domain.scan()[-i]):.3g}".replace("e+", "e"))

    def no_value(self, why: str, between: str = "") -> ImpossibleTargetError:
        """The refusal of the target."""
        return ImpossibleTargetError(f"no {self.name}{between} meets the target {self.goal}: {why}")

    def reason(self, limits: Mapping[str, float], where: str) -> str:
        """One term that is too large by itself, or the sum of what is left."""
        sign = -1 if self.at_least else 1
        worst = max(limits, key=lambda name: sign * limits[name])
        others_help = any(sign * v < 0 for name, v in limits.items() if name != worst)
        single = len([v for v in limits.values() if v]) <= 1
        beyond = sign * limits[worst] > sign * self.target
        if not beyond or others_help or (sign < 0 and not single):
            return f"{where} what is left is {self.sum(limits)}"
        i = list(limits).index(worst)
        moves = self.name in self.bound.variant.formula.part(i).inputs
        verb = "exceeds" if sign > 0 else "falls short of"
        end = f" {where}" if moves else f", whatever {self.name} is"
        arrow = "→" if moves else "="
        text = self.bound.variant.terms[i].text
        return f"{text} {arrow} {number(limits[worst])} alone {verb} it{end}"

    def sum(self, limits: Mapping[str, float]) -> str:
        """The limits that are not 0, by name."""
        terms = self.bound.variant.terms
        parts = [f"{t.text} = {number(limits[t.name])}" for t in terms if limits[t.name]]
        total = number(math.fsum(limits.values()))
        if not parts:
            return total
        return parts[0] if len(parts) == 1 else f"{', '.join(parts)}; together {total}"

    def refuse_limit(self, limits: Mapping[str, float], *, up: bool) -> None:
        """Refuse a target that the limit at the better end does not meet."""
        known = all(map(math.isfinite, limits.values()))
        total = math.fsum(limits.values()) if known else math.nan
        if math.isnan(total):
            return  # a term that grows, or of which no limit is known: the search decides
        size = max(map(abs, (total, self.target, *limits.values())))
        close = abs(total - self.target) <= _EQUAL * size
        if self.meets(total) and not close:
            return
        end = self.domain.ends[up]
        shown = self.shown(end) if math.isfinite(end) else "∞" if end > 0 else "−∞"
        towards = f"as {self.name} → {shown}"
        if not close:
            raise self.no_value(self.reason(limits, towards))
        left = f" ({self.sum(limits)})" if any(limits.values()) else ""
        raise self.no_value(f"the {self.subject} tends to it {towards} and never gets there{left}")

    def refuse_far(self, position: int) -> NoReturn:
        """Refuse a target that the best value that exists, or that can be tried, does not meet."""
        domain = self.domain
        at = f"at {self.name} = {self.shown(domain.value(position))}"
        if domain.reached[position == domain.last]:
            terms = self.evaluation(domain.value(position)).terms
            raise self.no_value(self.reason(terms, at))
        value = self.beside(self.at(position))
        raise self.no_value(f"even {at} the {self.subject} is {value}", " that can be tried")

    def refuse_scanned(self, values: Mapping[int, float]) -> NoReturn:
        """Refuse a target that no value that was scanned meets."""
        best = (max if self.at_least else min)(values, key=lambda p: values[p])
        kind = "largest" if self.at_least else "smallest"
        raise self.no_value(
            f"the {kind} {self.subject} found there is {values[best]:.6g}, at {self.name} = "
            f"{self.shown(self.domain.value(best))}",
            f" from {self._scan_end(0)} to {self._scan_end(1)}",
        )
