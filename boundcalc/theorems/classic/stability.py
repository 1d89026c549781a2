"""Uniform stability: the risk of what a stable learner learns, from its training loss.

Setting
-------
f̂ is learned from m i.i.d. examples by a learner that is β-stable: if any one example is replaced
by any other, the loss of the learned predictor moves by at most β on every example. The loss is in
[0, C].

Claim
-----
With probability 1 − δ:

- ``replacement``: r(f̂) ≤ r̂(f̂) + β + (2mβ + C) √(ln(1/δ)/(2m));
- ``removal``: r(f̂) ≤ r̂(f̂) + 2β + (4mβ + C) √(ln(1/δ)/(2m)), β the move where one example is left
  out.

Assumptions
-----------
β holds for all samples and all examples, and was known before the data: it is a property of the
learner.

Source
------
Bousquet & Elisseeff 2002, Theorem 12 (``removal``); with replacement Mohri, Rostamizadeh &
Talwalkar 2018, Theorem 14.2.

How the constants arise
-----------------------
E [r − r̂] ≤ β: an example of the sample and a fresh one may be exchanged. One example moves r by at
most β and r̂ by at most β + C/m: bounded differences with 2β + C/m. To leave one out and to put
another in moves by twice what leaving out does: ``removal`` is ``replacement`` with 2β for β.

Worked number
-------------
``replacement`` with r̂ = 0.1, β = 0.0001, C = 1, m = 10 000, δ = 0.05: 0.1368162.
"""

from functools import partial

from sympy import Expr

from boundcalc.conventions import Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import given, stable_deviation, stable_mean
from boundcalc.symbolic.lemmas.learners import StablePredictor
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Sample, empirical_risk, risk
from boundcalc.symbolic.theorem import Variant, theorem, within_range

m, delta, C, train_loss = (symbol(name) for name in ("m", "delta", "loss_bound", "train_loss"))
beta = symbol("stability")
S = Sample("S", "S", m)


def stable(stability: Expr) -> Derivation:
    """The gap against its mean, and the mean against β."""
    F = FunctionClass("F", r"\mathcal F", Loss(symbol("lipschitz"), C))
    f = StablePredictor("f̂", r"\hat f", F, stability=stability, stable_on=S.text)
    return Derivation(
        risk(f),
        (
            Apply(stable_deviation(f, sample=S, cost=delta)),
            Apply(given(empirical_risk(f, S), train_loss, term="train_loss")),
            Apply(stable_mean(f, sample=S)),
        ),
    )


form = partial(Variant, status=Status.PUBLISHED, trivial=C, requires=(within_range(train_loss, C),))

THEOREM = theorem(
    id="classic.stability",
    title="Risk of what a stable learner learns",
    statement="r(f̂)",
    source="bousquet2002",
    credit="`removal` is Bousquet & Elisseeff's, `replacement` as in Mohri et al. 2018.",
    variants=(
        form(
            "replacement",
            stable(beta),
            assumes=("replacing one example moves no loss by more than β",),
        ),
        form(
            "removal",
            stable(2 * beta),
            assumes=("leaving one example out moves no loss by more than β",),
        ),
    ),
    example_variant="replacement",
    example={"m": 10_000, "delta": 0.05, "loss_bound": 1, "train_loss": 0.1, "stability": 0.0001},
    page=__doc__,
)
