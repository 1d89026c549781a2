"""What the words and the quantities mean, each in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from boundcalc.conventions import Average, Output, Side
from boundcalc.symbolic.parameters import parameters

if TYPE_CHECKING:
    from boundcalc.symbolic.quantities import Predictor, Quantity

_OF_ONE_SUBJECT = {
    "composed_risk": "the risk of {0} where its second argument is what {1} predicts",
    "best_risk": "the least risk that predictors of {0} come near to",
    "best_empirical_risk": "the least mean loss on the sample of a predictor of {0}",
    "best_linear_risk": "the least risk of a linear predictor of what {0} sees",
    "least_squares_risk": "the expected risk of least squares on what {0} sees",
    "sample_variance": "the variance of the losses of {0} on the sample",
    "gibbs_risk": "the mean risk of a predictor drawn from {0}",
    "empirical_gibbs_risk": "the mean loss on the sample of a predictor drawn from {0}",
    "root": "the root of a multiple of a risk, which a solving lemma removes",
    "vote_risk": "the probability that the vote of all predictors, weighted by {0}, is wrong",
    "relative_entropy": "the relative entropy of two coins, one for the sample and one for the "
    "truth",
    "mean_relative_entropy": "its mean over predictors drawn from {0}",
    "log_moment": "the logarithm of the mean over f drawn from {0} of exp(m kl(r̂(f)‖r(f)))",
    "log_mean_moment": "the logarithm of the mean over samples of the exponential of that",
    "sign_risk": "the probability that the sign of {0} is not the label y = ±1",
    "distance": "the root of the mean squared difference of {0} and {1}",
    "squared": "the mean squared difference",
    "latent_quality": "how far the best predictor from what {0} sees is above the truth",
    "noise_variance": "the risk of the true weights, the variance of the noise",
}
_NAMES = {
    "accuracy": "the probability that the label is predicted rightly",
    "label_entropy": "the entropy of the label, in bits",
    "remaining_entropy": "the entropy of the label that the views leave open, in bits",
    "unimodal_error": "the expected error of a learner that sees one modality, on its worst "
    "labelling",
    "latent_quality": "latent quality: the least risk over heads, given the encoder, minus that of "
    "the true pair",
    "population_gamma": "the difference of the qualities of the best linear predictors",
    "crossover": "the sample size from which the bound of the larger subset is the smaller one",
    "overtaking": "the sample size from which the expected risk of the larger subset is smaller",
    "theorem2_bound": "the upper bound of Theorem 2 on the latent quality",
    "ratio": "a quotient of two limits",
}

TERMS: Mapping[str, str] = MappingProxyType(
    {
        "assumption": "What must be true of the data or the method for a bound to hold. The "
        "program prints it with every number, because no program can check it.",
        "betting": "A test for losses other than 0/1: bet against a hypothesis, example by "
        "example, in a game that is fair if it is true. To multiply the stake by 1/α refutes it at "
        "level α.",
        "certificate": "A list of facts with multipliers that add up to a bound. Whoever doubts "
        "the bound adds them up again.",
        "certified": "Said of a verdict that holds with the stated probability, together with all "
        "others of the same comparison.",
        "complexity": "How well a class of functions can fit random signs: the price of choosing "
        "among its members by the data. See rademacher.",
        "concentration": "The part of a bound that pays for the chance that this sample is an "
        "unlucky one. It falls like 1/√m.",
        "connection": "A map that predicts one modality from another, learned from unlabelled "
        "pairs.",
        "cost": "An upper bound on the probability that an event fails. The costs of the distinct "
        "events of a proof add up to its failure probability.",
        "crossover": "The sample size at which the smaller of two bounds changes.",
        "derived": "Said of constants that are proved by the derivation in this program, and are "
        "not those of a paper.",
        "discordant": "Said of examples on which exactly one of two predictors is wrong: only they "
        "speak for one of the two.",
        "ERM": "Empirical risk minimiser: a predictor of a class with the least mean loss on the "
        "training sample, up to the optimisation gap.",
        "event": "Something random that a fact rests on, such as a mean that lies near its "
        "expectation. It may fail, and the proof pays for that once, whatever uses it.",
        "exact paired test": "A test of two predictors by their 0/1 losses: of n examples, b on "
        "which only A is wrong and c on which only B is. Its p-value is the largest probability "
        "of an outcome that speaks at least as much against the hypothesis, over every difference "
        "of the risks in it and every share of examples of either kind in an exact interval, plus "
        "the chance that this interval is wrong. It takes no normal approximation, and limits the "
        "difference of the risks. The sign test (McNemar) takes b + c as given, so that its "
        "p-value is another one.",
        "fact": "One inequality or equation between quantities, with its lemma, source, side "
        "conditions and cost. A bound is a sum of facts.",
        "fixed before the data": "Chosen without looking at the sample that the statement speaks "
        "of. Whoever chooses among k things by the sample pays for all k.",
        "held-out": "Said of examples on which a predictor was never trained and never chosen.",
        "heterogeneity": "For the label, two modalities together are better than one alone.",
        "i.i.d.": "Independent and identically distributed: every example is drawn from the same "
        "distribution, without regard to the others.",
        "kernel": "The few dozen lines of code that check a certificate: that the facts add up, "
        "that multipliers of inequalities are not negative, and that the events are paid for.",
        "latent quality": "η(g), the least risk over heads of an encoder g, minus the risk of the "
        "true pair; 0 is best. It cannot be observed.",
        "ledger": "The list of the events that share δ: what is said together is paid together.",
        "lemma": "A function that returns a fact after checking its side conditions, and refuses "
        "what it cannot check.",
        "Lipschitz": "A function is L-Lipschitz if its value moves by at most L times as much as "
        "its argument. The 0/1 loss is not Lipschitz; the ramp loss is.",
        "McDiarmid": "The inequality of bounded differences: if one example moves a statistic by "
        "at most c_i, it exceeds its mean by √(½ ln(1/δ) Σ c_i²) with probability at most δ.",
        "modality": "One kind of input, such as text, audio or video. A subset of the modalities "
        "is what a predictor sees.",
        "optimisation gap": "How far above the least mean loss on the sample the training stopped.",
        "p-value": "The least level at which a test would decide; a verdict needs one of at most "
        "its share of δ.",
        "posterior": "A distribution on predictors that may depend on the data, compared with a "
        "prior that was fixed before them.",
        "published": "Said of constants that stand in the work that is cited.",
        "risk": "The expected loss on a new example, of the same distribution as the sample.",
        "symmetrisation": "The step from a supremum over a class to its Rademacher complexity, by "
        "comparing the sample with a second one.",
        "training loss": "The mean loss on the examples that the predictor was chosen by.",
        "undecided": "Said of a comparison whose interval contains 0: the data speak for neither "
        "side.",
        "vacuous": "Said of a bound at or above the trivial value, such as a risk of at most 1 for "
        "a loss in [0, 1]. It is true and says nothing.",
        "variant": "One form of a theorem: other assumptions, other constants, or other inputs.",
    }
)


def meaning(quantity: Quantity) -> str:
    """What a quantity is, in words; empty for one that is not known here.

    Examples
    --------
    >>> from boundcalc.symbolic.quantities import FunctionClass, Loss, best_risk
    >>> from boundcalc.symbolic.parameters import symbol
    >>> F = FunctionClass("F", "F", Loss(symbol("lipschitz"), symbol("loss_bound")))
    >>> meaning(best_risk(F))
    'the least risk that predictors of F come near to'
    """
    names = [str(getattr(s, "text", s)) for s in quantity.subjects]
    match quantity.measure:
        case "risk" | "empirical_risk":
            return _risk(quantity)
        case "deviation":
            over, _, side = quantity.subjects
            gap = "r − r̂" if side is Side.UPPER else "r̂ − r"
            return f"the largest {gap} over {over.text}"
        case "mean":
            return f"the mean over samples of {quantity.subjects[0].name}"
        case "rademacher" | "gaussian":
            return _complexity(quantity)
        case measure if measure in _OF_ONE_SUBJECT:
            return _OF_ONE_SUBJECT[measure].format(*names)
    label = quantity.label
    known = parameters().get(label)
    return _NAMES.get(label) or (known.meaning if known else "")


def _risk(quantity: Quantity) -> str:
    f: Predictor = quantity.subjects[0]
    mean = "expected" if quantity.measure == "risk" else "mean"
    what = "distance to the other modality" if f.member_of.loss.letter == "d" else "loss"
    if quantity.measure == "risk" and what == "loss":
        return f"the risk of {f.text}, its expected loss on a new example"
    where = "" if quantity.measure == "risk" else f" on the sample {quantity.subjects[1].text}"
    return f"the {mean} {what} of {f.text}{where}"


def _complexity(quantity: Quantity) -> str:
    over = quantity.subjects[0]
    kind = "Rademacher" if quantity.measure == "rademacher" else "Gaussian"
    mean = "empirical" if Average.EMPIRICAL in quantity.subjects else "expected"
    losses = quantity.subjects[-1]
    of = f"the losses of {over.text}" if losses else over.text
    vector = over.output is Output.VECTOR and not losses
    return f"the {mean} {kind} complexity of {of}" + (", one sign an output" if vector else "")
