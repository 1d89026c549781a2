"""What belongs to one subset of the modalities: its class, its predictors, its samples, their
quantities, what is observed of them, and lemmas about them on symbols.

A `Member` stands for one subset. Its numbers are parameters for the template of a lemma, which is
made once and evaluated for all subsets, and exact rational numbers for the instance that carries a
proof: both are made by the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from sympy import Expr, S

from boundcalc.conventions import Average, Output, Relation, Side
from boundcalc.errors import InputError
from boundcalc.numeric.arithmetic import FLOATS
from boundcalc.numeric.compile import tape
from boundcalc.numeric.domains import exactly
from boundcalc.study.evidence import PairEvidence, SubsetEvidence
from boundcalc.symbolic.escape import escape_latex
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.nesting import ModalityClass, only_name, pair_name
from boundcalc.symbolic.parameter import Parameter, Role
from boundcalc.symbolic.parameters import parameters
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Quantity,
    Sample,
    best_empirical_risk,
    best_risk,
    coefficients,
    deviation,
    empirical_risk,
    mean,
    named,
    rademacher,
    risk,
)

EMPIRICAL, EXPECTED = Average.EMPIRICAL, Average.EXPECTED


@dataclass(frozen=True)
class Frame:
    """What all subsets of a study share: whether every predictor minimises the training loss over
    its class, whether the classes are nested as the subsets are, and whether the loss is 0 or 1.
    """

    erm: bool = False
    nested: bool = False
    output: Output = Output.SCALAR
    zero_one: bool = False


@dataclass(frozen=True, eq=False)
class Member:
    """One subset of the modalities.

    Attributes
    ----------
    label : str
    sees : frozenset of str
    frame : Frame
    numbers : mapping of str to Expr
        By parameter name: a symbol in a template, a number in an instance.
    """

    label: str
    sees: frozenset[str]
    frame: Frame
    numbers: Mapping[str, Expr]

    def __getitem__(self, name: str) -> Expr:
        if name not in self.numbers:
            raise InputError(
                f"the study does not say {name}, which speaking of {self.label} needs here"
            )
        return self.numbers[name]

    @cached_property
    def latex(self) -> str:
        """Its label in LaTeX."""
        return rf"\text{{{escape_latex(self.label)}}}"

    @cached_property
    def loss(self) -> Loss:
        """Its loss; a Lipschitz constant that is not given is never used."""
        width = S.One if self.frame.zero_one else self["loss_bound"]
        return Loss(self.numbers.get("lipschitz", width), width, zero_one=self.frame.zero_one)

    @cached_property
    def sample(self) -> Sample:
        """The training sample, where its size is known."""
        return Sample("S", "S", self["m"])

    @cached_property
    def test(self) -> Sample:
        """The held-out sample."""
        return Sample("T", "T", self["n"], foot="n")

    @cached_property
    def everything(self) -> FunctionClass:
        """H∘G, in which every predictor lies."""
        return FunctionClass("H∘G", r"\mathcal H\circ\mathcal G", self.loss, self.frame.output)

    @cached_property
    def joint(self) -> FunctionClass:
        """The class of the subset, fixed before the data."""
        return ModalityClass(
            f"F_{self.label}",
            rf"\mathcal F_{{{self.latex}}}",
            self.loss,
            self.frame.output,
            within=(self.everything,),
            sees=self.sees,
            family="study" if self.frame.nested else "",
        )

    @cached_property
    def head(self) -> FunctionClass:
        """H∘ĝ: what the learned encoder leaves."""
        return FunctionClass(
            f"H∘ĝ_{self.label}",
            rf"\mathcal H\circ\hat g_{{{self.latex}}}",
            self.loss,
            self.frame.output,
            fixed=False,
            within=(self.joint,),
        )

    @cached_property
    def learned(self) -> Predictor:
        """f̂: learned on the training sample, before the held-out examples were seen."""
        return Predictor(
            self.label,
            self.latex,
            self.head,
            erm_over=self.joint if self.frame.erm else None,
            erm_on="S",
            independent_of=frozenset({"T"}),
        )

    @cached_property
    def best(self) -> Predictor:
        """f°: one fixed predictor that nearly minimises the risk over the class."""
        return Predictor(
            f"f°_{self.label}",
            rf"f^\circ_{{{self.latex}}}",
            self.joint,
            fixed=True,
            risk_minimiser_of=self.joint,
        )

    @cached_property
    def true(self) -> Predictor:
        """f*: one fixed minimiser of the risk over H∘G."""
        return Predictor(
            "f*", "f^*", self.everything, fixed=True, risk_minimiser_of=self.everything
        )


def difference(first: Member, second: Member) -> Predictor:
    """The shifted difference ℓ(f̂) − ℓ(f̂') + C of the losses of two subsets, as a loss of
    its own.
    """
    loss = Loss(first.loss.lipschitz, 2 * first.loss.width)
    pairs = FunctionClass("pairs", r"\text{pairs}", loss)
    return Predictor(
        pair_name(first.learned, second.learned),
        f"{first.latex}-{second.latex}",
        pairs,
        independent_of=frozenset({"T"}),
        made_of=(first.learned, second.learned),
    )


def only(s: Member, t: Member) -> Predictor:
    """The 0/1 loss that is 1 where the predictor of `s` errs and that of `t` does not."""
    pairs = FunctionClass("pairs", r"\text{pairs}", s.loss)
    latex = rf"{s.latex}\text{{ errs, }}{t.latex}\text{{ not}}"
    name = only_name(s.learned, t.learned)
    made_of = (s.learned, t.learned)
    return Predictor(name, latex, pairs, independent_of=frozenset({"T"}), made_of=made_of)


def _measured(s: Member, average: Average, *, loss_class: bool) -> Quantity:
    return rademacher(s.joint, s.sample, average=average, loss_class=loss_class)


# the quantities of one subset, by the name that fact files and objectives use
ROLES: Mapping[str, Callable[[Member], Quantity]] = {
    "risk": lambda s: risk(s.learned),
    "train_loss": lambda s: empirical_risk(s.learned, s.sample),
    "best_risk": lambda s: risk(s.best),
    "best_train_loss": lambda s: best_empirical_risk(s.joint, s.sample),
    "latent_quality": lambda s: named(
        "latent_quality", f"η(ĝ_{s.label})", rf"\eta(\hat g_{{{s.latex}}})", s.label
    ),
    "rademacher": lambda s: _measured(s, EXPECTED, loss_class=False),
    "rademacher_empirical": lambda s: _measured(s, EMPIRICAL, loss_class=False),
    "loss_rademacher": lambda s: _measured(s, EXPECTED, loss_class=True),
    "loss_rademacher_empirical": lambda s: _measured(s, EMPIRICAL, loss_class=True),
    "mean_rademacher_empirical": lambda s: mean(_measured(s, EMPIRICAL, loss_class=True)),
    "deviation_above": lambda s: deviation(s.joint, s.sample, Side.UPPER),
    "deviation_below": lambda s: deviation(s.joint, s.sample, Side.LOWER),
    "mean_deviation_above": lambda s: mean(deviation(s.joint, s.sample, Side.UPPER)),
    "mean_deviation_below": lambda s: mean(deviation(s.joint, s.sample, Side.LOWER)),
    "train_loss_of_best": lambda s: empirical_risk(s.best, s.sample),
    "mean_train_loss_of_best": lambda s: mean(empirical_risk(s.best, s.sample)),
    "best_head_risk": lambda s: best_risk(s.head),
    "centred_loss": lambda s: named(
        "centred_loss", f"L̂({s.label},S)", rf"\widehat L({s.latex},S)", s.label
    ),
    "test_loss": lambda s: empirical_risk(s.learned, s.test),
    "mean_test_loss": lambda s: mean(empirical_risk(s.learned, s.test)),
}
# the quantities of two subsets whose held-out losses are known example by example
PAIR_ROLES: Mapping[str, Callable[[Member, Member], Quantity]] = {
    "only_first": lambda s, t: risk(only(s, t)),
    "only_second": lambda s, t: risk(only(t, s)),
    "difference": lambda s, t: risk(difference(s, t)),
    "test_difference": lambda s, t: empirical_risk(difference(s, t), s.test),
    "mean_test_difference": lambda s, t: mean(empirical_risk(difference(s, t), s.test)),
}
# the quantities of the true pair
SHARED_ROLES: Mapping[str, Callable[[Member], Quantity]] = {
    "true_risk": lambda s: risk(s.true),
    "true_train_loss": lambda s: empirical_risk(s.true, s.sample),
    "mean_true_train_loss": lambda s: mean(empirical_risk(s.true, s.sample)),
}

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
class StudyLemma:
    """A lemma to be instantiated.

    Attributes
    ----------
    build : callable
        From one subset, or two, to the fact.
    needs : tuple of str
        The numbers that must be known, by parameter name.
    """

    build: Callable[..., Fact]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Template:
    """A lemma on symbols.

    Its quantities have slots: of which argument, and in which role. The function goes from the
    values of the parameters of these names to the coefficients, then the bound. It is numeric where
    it holds an observed number or an event.
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
    names = tuple(sorted(s.name for s in {s for e in outputs for s in e.free_symbols}))
    recorded = tape(*outputs)
    return Template(
        slots=tuple(places[q] for q in row),
        names=names,
        function=lambda *numbers: recorded.run(dict(zip(names, numbers, strict=True)), FLOATS),
        equal=fact.relation is Relation.EQUAL,
        numeric=fact.source == "input" or fact.event is not None,
    )


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
        "complexity_m": subset.complexity,
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
