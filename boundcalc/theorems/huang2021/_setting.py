"""The objects that the theorems of this paper speak of.

K modalities; M and N are subsets of them. H∘G_M is the class that sees M, f̂_M = ĥ_M∘ĝ_M the
predictor learned in it from the sample S of m i.i.d. points, and H∘ĝ_M the predictors that use
the learned encoder ĝ_M. (h*, g*) minimises the risk over H∘G.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from boundcalc.conventions import Output
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Quantity, named
from boundcalc.theorems.classic._setting import SAMPLE as S
from boundcalc.theorems.classic._setting import C, L


@dataclass(frozen=True)
class Seen:
    """What belongs to one subset of the modalities."""

    subset: str
    joint: FunctionClass
    given_encoder: FunctionClass
    best: Predictor
    best_given_encoder: Predictor

    def learned(self, erm_over: FunctionClass | None = None) -> Predictor:
        """f̂: in H∘ĝ, hence in H∘G; an ERM over the class named, or arbitrary."""
        s = self.subset
        return Predictor(
            f"f̂_{s}", rf"\hat f_{{{s}}}", self.given_encoder, erm_over=erm_over, erm_on=S.text
        )


def seen(subset: str, *, width: Expr = C, output: Output = Output.SCALAR) -> Seen:
    """The classes and comparison predictors of one subset, for a loss in an interval of
    this width.
    """
    loss = Loss(L, width)
    joint = FunctionClass(f"H∘G_{subset}", rf"\mathcal H\circ\mathcal G_{{{subset}}}", loss, output)
    encoder = FunctionClass(
        f"H∘ĝ_{subset}",
        rf"\mathcal H\circ\hat g_{{{subset}}}",
        loss,
        output,
        fixed=False,
        within=(joint,),
    )
    best = Predictor(
        f"f°_{subset}", rf"f^\circ_{{{subset}}}", joint, fixed=True, risk_minimiser_of=joint
    )
    given_encoder = Predictor(
        f"h°∘ĝ_{subset}", rf"h^\circ\circ\hat g_{{{subset}}}", encoder, risk_minimiser_of=encoder
    )
    return Seen(subset, joint, encoder, best, given_encoder)


def true_pair(*, width: Expr = C, output: Output = Output.SCALAR) -> Predictor:
    """f* = h*∘g*, one fixed minimiser of the risk over H∘G."""
    everything = FunctionClass("H∘G", r"\mathcal H\circ\mathcal G", Loss(L, width), output)
    return Predictor("f*", "f^*", everything, fixed=True, risk_minimiser_of=everything)


def latent_quality(M: Seen, best_of_all: Predictor) -> Quantity:
    """η(ĝ) of one subset."""
    text, latex = f"η(ĝ_{M.subset})", rf"\eta(\hat g_{{{M.subset}}})"
    return named("latent_quality", text, latex, M.given_encoder, best_of_all)


def centred_loss(M: Seen, best_of_all: Predictor) -> Quantity:
    """L̂, the empirical loss of what one subset learned over that of the best pair."""
    text, latex = f"L̂(f̂_{M.subset},S)", rf"\widehat L(\hat f_{{{M.subset}}},S)"
    return named("centred_loss", text, latex, M.learned(), best_of_all)
