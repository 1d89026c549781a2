"""What belongs to one subset of the modalities: its class, its predictors, its samples, and their
quantities.

A `Member` stands for one subset. Its numbers are parameters for the template of a lemma, and exact
rational numbers for the instance that carries a proof: both are made by the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import Expr, S

from boundcalc.conventions import Average, Output, Side
from boundcalc.errors import InputError
from boundcalc.symbolic.escape import escape_latex
from boundcalc.symbolic.lemmas.nesting import ModalityClass, only_name, pair_name
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Quantity,
    Sample,
    best_empirical_risk,
    best_risk,
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
    """What all subsets of a study share.

    Attributes
    ----------
    erm : bool
        Whether every predictor minimises the training loss over its class.
    nested : bool
        Whether the classes are nested as the subsets are.
    output : Output
    zero_one : bool
        Whether the loss takes no other value than 0 and 1.
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


def _eta(s: Member) -> Quantity:
    return named("latent_quality", f"η(ĝ_{s.label})", rf"\eta(\hat g_{{{s.latex}}})", s.label)


def _centred(s: Member) -> Quantity:
    return named("centred_loss", f"L̂({s.label},S)", rf"\widehat L({s.latex},S)", s.label)


def _measured(s: Member, average: Average, *, loss_class: bool) -> Quantity:
    return rademacher(s.joint, s.sample, average=average, loss_class=loss_class)


# the quantities of one subset, by the name that fact files and objectives use
ROLES: Mapping[str, Callable[[Member], Quantity]] = {
    "risk": lambda s: risk(s.learned),
    "train_loss": lambda s: empirical_risk(s.learned, s.sample),
    "best_risk": lambda s: risk(s.best),
    "best_train_loss": lambda s: best_empirical_risk(s.joint, s.sample),
    "latent_quality": _eta,
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
    "centred_loss": _centred,
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
