"""Lemmas on symbols: called once, then evaluated for all subsets at once on what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sympy import Expr

from boundcalc.conventions import Relation
from boundcalc.numeric.arithmetic import FLOATS
from boundcalc.numeric.compile import tape
from boundcalc.numeric.domains import exactly
from boundcalc.study.evidence import PairEvidence, SubsetEvidence
from boundcalc.study.study_lemmas import StudyLemma
from boundcalc.study.study_quantities import PAIR_ROLES, ROLES, SHARED_ROLES, Frame, Member
from boundcalc.symbolic.parameter import Parameter, Role
from boundcalc.symbolic.parameters import parameters
from boundcalc.symbolic.quantities import Quantity, coefficients

NUMBERS = (
    *("m", "n", "lipschitz", "loss_bound", "delta", "train_loss", "test_loss", "variance"),
    *("rademacher", "rademacher_empirical", "complexity_m", "optimisation_gap", "centred_loss"),
    *("errors_fewest", "errors_most"),
)
# what a loss for each example says of two subsets
OF_PAIRS = ("test_loss_difference", "variance", "errors_first", "errors_second")
# in place of the place of a subset among the arguments: a quantity of the true pair, one of two
# subsets
SHARED, PAIR = -1, -2
_OF_STUDIES = {
    name: Parameter(name, glyph, latex, meaning, integer=whole, role=Role.OBSERVED).symbol
    for name, glyph, latex, meaning, whole in (
        ("errors_fewest", "k₋", "k_-", "fewest errors there may be", True),
        ("errors_most", "k₊", "k_+", "most errors there may be", True),
        (
            "test_loss_difference",
            "d̂",
            r"\widehat d",
            "mean shifted difference of two losses",
            False,
        ),
        ("errors_first", "k₁₀", "k_{10}", "examples on which only the first errs", True),
        ("errors_second", "k₀₁", "k_{01}", "examples on which only the second errs", True),
    )
}


@dataclass(frozen=True)
class Template:
    """A lemma on symbols.

    Attributes
    ----------
    slots : tuple of (int, str)
        Its quantities: of which argument, and in which role.
    names : tuple of str
        The parameters that its numbers depend on.
    function : callable
        From their values to the coefficients, then the bound.
    equal : bool
    numeric : bool
        Whether it holds an observed number or an event.
    """

    slots: tuple[tuple[int, str], ...]
    names: tuple[str, ...]
    function: Any
    equal: bool
    numeric: bool


@lru_cache(maxsize=256)
def template_of(lemma: StudyLemma, frame: Frame, arity: int) -> Template:
    """The template of a lemma about so many subsets."""
    symbols: dict[str, Expr] = _OF_STUDIES | {
        name: parameters()[name].symbol for name in NUMBERS if name not in _OF_STUDIES
    }
    members = [
        Member(label, frozenset(sees), frame, symbols) for label, sees in (("N", "1"), ("M", "12"))
    ]
    places: dict[Quantity, tuple[int, str]] = {}
    for slot, member in enumerate(members[:arity]):
        places |= {role(member): (slot, name) for name, role in ROLES.items()}
    places |= {role(members[0]): (SHARED, name) for name, role in SHARED_ROLES.items()}
    places |= {role(*members): (PAIR, name) for name, role in PAIR_ROLES.items()}
    fact = lemma.build(*members[:arity])
    row, rest = coefficients(fact.lhs - fact.rhs)
    outputs = [*row.values(), -rest]
    used = sorted({s for e in outputs for s in e.free_symbols}, key=str)
    return Template(
        slots=tuple(places[q] for q in row),
        names=tuple(s.name for s in used),
        function=_function(used, outputs),
        equal=fact.relation is Relation.EQUAL,
        numeric=fact.source == "input" or fact.event is not None,
    )


def _function(used: Sequence[Expr], outputs: Sequence[Expr]) -> Any:
    """The outputs as a function of arrays of numbers."""
    names, recorded = [s.name for s in used], tape(*outputs)
    return lambda *numbers: recorded.run(dict(zip(names, numbers, strict=True)), FLOATS)


def observed(known: SubsetEvidence, *, exact: bool = False) -> dict[str, Any]:
    """What a lemma may use of a subset, by parameter name.

    Exact means and variances of lists of losses take time; else they are in floating point.
    """
    study, subset, test = known.study, known.subset, known.held_out
    found: dict[str, Any] = {
        "m": study.m,
        "lipschitz": study.lipschitz,
        "loss_bound": study.loss_bound,
        "optimisation_gap": subset.optimisation_gap or 0,
        "rademacher_empirical": subset.measured,
        "train_loss": subset.train_loss,
        "centred_loss": subset.centred_loss,
        "rademacher": subset.rademacher,
        "complexity_m": subset.intrinsic,
        "n": study.test_n,
    }
    if test is not None:
        found |= {"test_loss": subset.test_loss, "variance": subset.variance}
        if test.errors is not None:
            fewest, most = test.errors
            counted = Fraction(fewest, test.sample.n) if fewest == most else None
            found |= {"errors_fewest": fewest, "errors_most": most, "test_loss": counted}
        if subset.test_losses is not None:
            found |= {"test_loss": test.mean, "variance": None}
            if exact:
                losses = [Fraction(x) for x in subset.test_losses.tolist()]
                found["test_loss"], found["variance"] = _moments(losses)
            elif test.sample.n > 1:
                found["variance"] = test.sample.variance
    return {name: value for name, value in found.items() if value is not None}


def observed_of_pair(known: PairEvidence, *, exact: bool = False) -> dict[str, Any]:
    """What a lemma may use of the shifted differences of two lists of losses."""
    differences = known.differences
    assert differences is not None
    first, second = differences.only or (None, None)
    mean: Any = differences.sample.mean
    variance: Any = differences.sample.variance if differences.sample.n > 1 else None
    if exact:
        losses = [one.subset.test_losses for one in (known.more, known.less)]
        shift = exactly(known.study.loss_bound)
        pairs = zip(*(one.tolist() for one in losses if one is not None), strict=True)
        mean, variance = _moments([Fraction(a) - Fraction(b) + shift for a, b in pairs])
    found = dict(zip(OF_PAIRS, (mean, variance, first, second), strict=True))
    return {name: value for name, value in found.items() if value is not None}


def _moments(values: Sequence[Fraction]) -> tuple[Fraction, Fraction | None]:
    """The mean and the unbiased variance; no variance of a single value."""
    n, total = len(values), sum(values, Fraction(0))
    squares = sum((x * x for x in values), Fraction(0))
    return total / n, (squares - total * total / n) / (n - 1) if n > 1 else None
