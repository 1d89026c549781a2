"""The bounds on which a page rests, sliders for their numbers, and the JavaScript that evaluates
them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib.resources import files
from typing import Any

import numpy as np
from sympy import Expr, sqrt

from boundcalc.errors import visible
from boundcalc.numeric.compile import tape
from boundcalc.numeric.decide.decision import rounded_down
from boundcalc.numeric.evaluate import Evaluation
from boundcalc.numeric.javascript import javascript, moved_outward, runtime
from boundcalc.numeric.tapes import Tape
from boundcalc.study.evidence import Evidence
from boundcalc.study.records import Comparison
from boundcalc.study.training_bounds import LEARNED
from boundcalc.symbolic.parameter import Parameter, Role
from boundcalc.symbolic.parameters import parameter, symbol

_DELTA, _GAMMA, _INTRINSIC, _EXPECTED = "delta", "gamma", "complexity_m", "rademacher"
_SMALLEST_DELTA, _LARGEST_DELTA = 1e-6, 0.5
_FAR = 100.0
_Form = tuple[str, str, bool]
_RELATIONS = {"<=": "<=", ">=": ">=", "<": "<", ">": ">", "==": "==="}


@dataclass(frozen=True)
class UsedBound:
    """One bound on one quantity, for example ``r(text)``, with the numbers of a subject.

    Its δ is a share of the study's; it is joint if it is an event of the ledger, else it holds by
    itself. Intrinsic is the c of R = √(c/m), where the complexity was given so.
    """

    quantity: str
    subject: str
    evaluation: Evaluation
    share: Fraction
    joint: bool
    intrinsic: float | None = None


def bounds_used(record: Comparison) -> tuple[UsedBound, ...]:
    """What the ledger pays for first, then what holds by itself.

    Paired tests are decided by their own p-values and are no bounds of the catalogue.
    """
    statements = [r for r in (record, record.training) if r is not None]
    found = [used for statement in statements for used in _joint(statement)]
    return (*found, *_alone(statements[-1]))


def _joint(record: Comparison) -> Iterator[UsedBound]:
    evidence = Evidence(record.study)
    for event in record.ledger:
        if event.kind not in ("held-out", "deviation"):
            continue
        (subset,) = event.subsets
        known, cost = evidence.of(subset), rounded_down(event.cost)
        if event.kind == "deviation":
            found = known.deviation(event.side, cost)
        else:
            assert known.held_out is not None
            method = event.method.removeprefix("holdout.")
            found = known.held_out.evaluated(method, event.side, cost)
        share = event.cost / event.candidates / record.study.exact_delta
        yield UsedBound(event.quantity, subset.label, found, share, True, subset.complexity)


def _alone(record: Comparison) -> Iterator[UsedBound]:
    """Theorems 1 and 2, which say something of what no data show, and what a posterior or β says:
    upper limits, on the losses as the bounds take them.
    """
    evidence, delta = Evidence(record.study), rounded_down(record.study.exact_delta)
    for result in record.subsets:
        subset, known = result.subset, evidence.of(result.subset)
        share, label = Fraction(1, subset.candidates), subset.label
        if (found := known.latent_quality) is not None:
            yield UsedBound(f"η({label})", label, found, share, False, subset.complexity)
        for bound in known.by_itself:
            found = known.bounded_by(bound, delta, upper=True)
            unit = f"/{float(bound.unit):g}" if bound.unit != 1 else ""
            of = label if bound.quantity == LEARNED else f"Q of {label}"
            yield UsedBound(f"{bound.quantity}{unit} of {of}", of, found, share, joint=False)
    for row in record.comparisons:
        found = evidence.of(row.more).threshold if row.method == "theorem1" else None
        if found is not None:
            more, name = row.more, f"r({row.more.label}) − r({row.less.label})"
            share = Fraction(1, more.candidates)
            yield UsedBound(name, more.label, found, share, False, more.complexity)


def of_evaluation(found: Evaluation) -> UsedBound:
    """One bound by itself."""
    return UsedBound(found.statement, "", found, Fraction(1), joint=True)


@dataclass(frozen=True)
class Slider:
    """One number that can be moved, and whose it is: of no one where all bounds share it."""

    parameter: Parameter
    subject: str
    value: float
    low: float
    high: float
    scale: str
    meaning: str

    @property
    def label(self) -> str:
        """What it is called, with its symbol."""
        words = f"{self.parameter.glyph}: {self.meaning}"
        words = "c, in R = √(c/m)" if self.parameter.name == _INTRINSIC else words
        return f"{words} ({self.subject})" if self.subject else words

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script needs."""
        ends = {"low": self.low, "high": self.high, "value": self.value}
        return {**ends, "scale": self.scale, "whole": self.parameter.integer}


class Live:
    """Bounds with sliders for their numbers.

    Parameters
    ----------
    bounds : sequence of UsedBound
    delta : float
        What the slider of δ shows: each bound gets its share of it.

    Attributes
    ----------
    moving : tuple of int
        Which bounds JavaScript can evaluate.
    """

    def __init__(self, bounds: Sequence[UsedBound], delta: float) -> None:
        self.bounds, self.delta = bounds, delta
        self._forms: dict[_Form, tuple[UsedBound, Tape, str]] = {}
        self.moving = tuple(i for i, used in enumerate(bounds) if self._can_move(used))

    def _can_move(self, used: UsedBound) -> bool:
        if used.evaluation.bound.whole:  # where to round up is decided exactly, in Python
            return False
        if any(np.ndim(v) for v in used.evaluation.parameters.values()):
            return False
        if _form(used) not in self._forms:
            made = _tape(used)
            try:
                self._forms[_form(used)] = used, made, javascript(made)
            except TypeError:
                return False
        return True

    @cached_property
    def _values(self) -> dict[tuple[str, str], list[float]]:
        """Every number by name and subject, in the bounds that move."""
        found: dict[tuple[str, str], list[float]] = {}
        for i in self.moving:
            for name, value in _numbers(self.bounds[i], self.delta).items():
                found.setdefault((name, self.bounds[i].subject), []).append(value)
        return found

    @cached_property
    def sliders(self) -> tuple[Slider, ...]:
        """The shared numbers first, in the order in which the bounds name them."""
        shared, own = [], []
        for name in dict.fromkeys(name for name, _ in self._values):
            of = {s: values for (n, s), values in self._values.items() if n == name}
            every = {value for values in of.values() for value in values}
            apart = parameter(name).measured and len(of) > 1 and name != _GAMMA
            if len(every) == 1 and not apart:
                shared.append(self._named(name, "", every.pop()))
            else:
                own += [self._named(name, s, min(values)) for s, values in of.items()]
        order = [_DELTA, "m", "n"]
        shared.sort(key=lambda s: order.index(s.parameter.name) if s.parameter.name in order else 9)
        return (*shared, *own)

    def _named(self, name: str, subject: str, value: float) -> Slider:
        ids = dict.fromkeys(self.bounds[i].evaluation.id for i in self.moving)
        target = parameter(name)
        meaning = target.meaning_in(*ids).partition(";")[0]
        subject = "" if name == _DELTA else subject
        return Slider(target, subject, value, *self._range(target, subject, value), meaning)

    def _range(self, target: Parameter, subject: str, value: float) -> tuple[float, float, str]:
        """Both ends, and the scale."""
        most = self._most(target, subject)
        if target.name == _DELTA:
            return min(value, _SMALLEST_DELTA), max(value, _LARGEST_DELTA), "log"
        if target.name == _GAMMA:
            reach = max(self._known("loss_bound", subject) or 1.0, abs(value))
            return -reach, reach, "linear"
        if most is not None:
            return target.low, max(most, value), "linear"
        if target.integer:
            low = max(target.low, 2, math.floor(value / _FAR))
            return min(low, value), max(_FAR * value, 100), "log"
        if value <= 0:
            return max(target.low, -1.0), 1.0, "linear"
        return value / _FAR, value * _FAR, "log"

    def _known(self, name: str, subject: str) -> float | None:
        of = {s: values[0] for (n, s), values in self._values.items() if n == name}
        return of.get(subject, next(iter(of.values()), None))

    def _most(self, target: Parameter, subject: str) -> float | None:
        """The end of a bounded domain: of an average loss, of a count of errors, of the table."""
        if math.isfinite(target.high):
            return target.high
        if target.role is not Role.OBSERVED:
            return None
        if target.integer:
            return self._known("n", subject)
        return self._known("loss_bound", subject) if target.name.endswith("loss") else None

    @cached_property
    def script(self) -> str:
        """The script of the page; empty where nothing moves."""
        if not self.moving:
            return ""
        config = {
            "sliders": [slider.data for slider in self.sliders],
            "bounds": [self._bound(i) for i in self.moving],
        }
        functions = ",\n".join(code for *_, code in self._forms.values())
        parts = (
            runtime(),
            f"const functions = [\n{functions}\n];",
            f"const roundings = [\n{self._roundings()}\n];",
            f"const page = {json.dumps(config)};",
            (files("boundcalc.render") / "report.js").read_text(encoding="utf-8"),
        )
        return "\n".join(parts).replace("</", "<\\/")

    def _bound(self, i: int) -> dict[str, Any]:
        """How the script evaluates one bound: which function of which sliders."""
        used = self.bounds[i]
        found = used.evaluation
        places = {(s.parameter.name, s.subject): k for k, s in enumerate(self.sliders)}
        inputs = []
        for name, value in _numbers(used, self.delta).items():
            k = places.get((name, used.subject), places.get((name, "")))
            assert k is not None
            plus = value - self.sliders[k].value if name != _DELTA else 0
            inputs.append([name, k, float(used.share) if name == _DELTA else 1, plus])
        variant = found.bound.variant.symbolic
        return {
            "id": i,
            "function": list(self._forms).index(_form(used)),
            "inputs": inputs,
            # what was given is shown as it was written
            "given": [self._forms[_form(used)][1].given(k) for k in range(len(variant.terms))],
            "up": None if found.relation == "=" else found.bound.upper,
            "upper": found.bound.upper,
            "trivial": variant.trivial is not None,
            "requires": [
                [_RELATIONS[r.relation.rel_op], visible(r.otherwise)] for r in variant.requires
            ],
        }

    def _roundings(self) -> str:
        """By how much each term of each function is moved outward, as functions of its error."""
        found = []
        for used, made, _ in self._forms.values():
            bound = used.evaluation.bound
            terms = range(len(bound.variant.terms))
            each = (f"(u) => {moved_outward(made, k, up=bound.upper)}" for k in terms)
            found.append(f"[{', '.join(each)}]")
        return ",\n".join(found)


def _form(used: UsedBound) -> _Form:
    """What has one function in the page."""
    return used.evaluation.id, used.evaluation.variant, _rests_on_intrinsic(used)


def _rests_on_intrinsic(used: UsedBound) -> bool:
    return used.intrinsic is not None and _EXPECTED in used.evaluation.parameters


def _numbers(used: UsedBound, delta: float) -> dict[str, float]:
    """What the formula takes, with c in the place of √(c/m) and the page's δ."""
    found = {name: float(value) for name, value in used.evaluation.parameters.items()}
    if _DELTA in found:
        found[_DELTA] = delta
    if _rests_on_intrinsic(used):
        assert used.intrinsic is not None
        found = {_INTRINSIC if n == _EXPECTED else n: v for n, v in found.items()}
        found[_INTRINSIC] = used.intrinsic
    return found


def _tape(used: UsedBound) -> Tape:
    """The terms, the trivial value, and both sides of every condition."""
    variant = used.evaluation.bound.variant.symbolic
    outputs: list[Expr] = [t.expression for t in variant.terms]
    outputs += [variant.trivial] if variant.trivial is not None else []
    outputs += [side for r in variant.requires for side in (r.relation.lhs, r.relation.rhs)]
    if _rests_on_intrinsic(used):
        rate = sqrt(symbol(_INTRINSIC) / symbol("m"))
        outputs = [e.xreplace({symbol(_EXPECTED): rate}) for e in outputs]
    return tape(*outputs)
