"""Distributions on predictors, before and after the data, and the numbers that belong to them."""

from __future__ import annotations

from dataclasses import dataclass

from boundcalc.symbolic.quantities import FunctionClass, Quantity, Sample


@dataclass(frozen=True)
class Prior:
    """A distribution on a class of predictors; `fixed` says that it was chosen before any sample.

    `independent_of` names the samples before which it was chosen, where it rests on others.
    """

    text: str
    latex: str
    over: FunctionClass
    fixed: bool = True
    independent_of: frozenset[str] = frozenset()

    def is_fixed_for(self, sample: Sample) -> bool:
        """Whether the distribution is declared not to depend on the sample."""
        return self.fixed or sample.text in self.independent_of


@dataclass(frozen=True)
class Posterior:
    """A distribution on a class of predictors, chosen in any way, from the sample too.

    `views` says that it first draws a view by its weights and then a predictor of that view.
    """

    text: str
    latex: str
    over: FunctionClass
    views: bool = False


def gibbs_risk(Q: Posterior) -> Quantity:
    """r(Q), the mean population risk of a predictor drawn from Q."""
    return Quantity("gibbs_risk", (Q,), f"r({Q.text})", f"r({Q.latex})")


def empirical_gibbs_risk(Q: Posterior, sample: Sample) -> Quantity:
    """r̂(Q), the mean loss on the sample of a predictor drawn from Q."""
    text = f"r\N{COMBINING CIRCUMFLEX ACCENT}({Q.text})"
    return Quantity("empirical_gibbs_risk", (Q, sample), text, rf"\widehat{{r}}({Q.latex})")


def vote_risk(Q: Posterior) -> Quantity:
    """The probability that the vote of all predictors, weighted by Q, is wrong."""
    return Quantity("vote_risk", (Q,), f"r(vote of {Q.text})", rf"r(\mathrm{{vote}}_{{{Q.latex}}})")


def divergence(Q: Posterior, P: Prior) -> Quantity:
    """KL(Q‖P)."""
    return Quantity(
        "divergence", (Q, P), f"KL({Q.text}‖{P.text})", rf"\mathrm{{KL}}({Q.latex}\Vert {P.latex})"
    )


def view_divergence(Q: Posterior, P: Prior) -> Quantity:
    """E KL(Q_v‖P_v), v drawn by the weights that Q gives the views."""
    text, latex = (
        f"E KL({Q.text}_v‖{P.text}_v)",
        rf"\mathbb{{E}}\,\mathrm{{KL}}({Q.latex}_v\Vert {P.latex}_v)",
    )
    return Quantity("view_divergence", (Q, P), text, latex)


def weight_divergence(Q: Posterior, P: Prior) -> Quantity:
    """KL(ρ‖π) of the weights of the views, under Q and under P."""
    return Quantity("weight_divergence", (Q, P), "KL(ρ‖π)", r"\mathrm{KL}(\rho\Vert\pi)")


def relative_entropy(Q: Posterior, sample: Sample) -> Quantity:
    """kl(r̂(Q)‖r(Q)), the relative entropy of two coins."""
    hat = "r\N{COMBINING CIRCUMFLEX ACCENT}"
    return Quantity(
        "relative_entropy",
        (Q, sample),
        f"kl({hat}({Q.text})‖r({Q.text}))",
        rf"\mathrm{{kl}}(\widehat{{r}}({Q.latex})\Vert r({Q.latex}))",
    )


def mean_relative_entropy(Q: Posterior, sample: Sample) -> Quantity:
    """The mean of kl(r̂(f)‖r(f)) over f drawn from Q."""
    hat = "r\N{COMBINING CIRCUMFLEX ACCENT}"
    return Quantity(
        "mean_relative_entropy",
        (Q, sample),
        f"E_{Q.text} kl({hat}(f)‖r(f))",
        rf"\mathbb{{E}}_{{{Q.latex}}}\,\mathrm{{kl}}(\widehat{{r}}(f)\Vert r(f))",
    )


def log_moment(P: Prior, sample: Sample) -> Quantity:
    """Λ = ln of the mean over f drawn from P of exp(m kl(r̂(f)‖r(f))), on the sample at hand."""
    return Quantity("log_moment", (P, sample), f"Λ({P.text})", rf"\Lambda({P.latex})")


def log_mean_moment(P: Prior, sample: Sample) -> Quantity:
    """ln of the mean of exp(Λ) over all samples."""
    text, latex = f"ln E exp Λ({P.text})", rf"\ln\mathbb{{E}}\,e^{{\Lambda({P.latex})}}"
    return Quantity("log_mean_moment", (P, sample), text, latex)
