"""Information bound: how far training loss and risk are apart in the mean, by what is learned of
the sample.

Setting
-------
f̂ is learned from a sample S of m i.i.d. examples by any learner, random or not; I is the mutual
information of S and f̂ in nats, or any larger number (`mutual_information`).

Claim
-----
In expectation over samples and learner, both for r − r̂ and for r̂ − r:

- ``bounded``: E r(f̂) − E r̂(f̂) ≤ C √(I/(2m)), the loss in [0, C];
- ``sub-gaussian``: E r(f̂) − E r̂(f̂) ≤ √(2σ² I/m), the loss of every fixed predictor
  σ-sub-Gaussian.

Assumptions
-----------
It says nothing of one sample: a small mean does not exclude a large gap now and then.

Source
------
Xu & Raginsky 2017, Theorem 1.

How the constants arise
-----------------------
Were f̂ independent of S, the mean training loss would be the risk; the change of measure from
independence to the true joint law costs I, against the moment of the mean of m losses, sub-Gaussian
with variance σ²/m: λ gap − λ²σ²/(2m) ≤ I for all λ, and the best λ gives the root. Losses in [0, C]
have σ = C/2 (Hoeffding).

Worked number
-------------
``bounded`` with I = 2, C = 1, m = 10 000: 0.01.
"""

from sympy import Expr

from boundcalc.conventions import Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import information
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    empirical_risk,
    mean,
    risk,
)
from boundcalc.symbolic.theorem import Variant, theorem

m, C, sigma = symbol("m"), symbol("loss_bound"), symbol("sub_gaussian")
S = Sample("S", "S", m)


def decoupled(deviation: Expr | None = None) -> Derivation:
    """One instance of the lemma."""
    f = Predictor("f̂", r"\hat f", FunctionClass("F", r"\mathcal F", Loss(symbol("lipschitz"), C)))
    fact = information(f, sample=S, value=symbol("mutual_information"), deviation=deviation)
    return Derivation(mean(risk(f)) - mean(empirical_risk(f, S)), (Apply(fact),))


MEAN = ("in expectation over the sample, not with high probability",)

THEOREM = theorem(
    id="classic.mutual_information",
    title="Mean gap of risk and training loss by mutual information",
    statement="E r(f̂) − E r̂(f̂)",
    source="xu2017",
    credit="Theorem 1 of Xu & Raginsky 2017.",
    variants=(
        Variant("bounded", decoupled(), status=Status.PUBLISHED, assumes=MEAN, trivial=C),
        Variant("sub-gaussian", decoupled(sigma), status=Status.PUBLISHED, assumes=MEAN),
    ),
    example_variant="bounded",
    example={"m": 10_000, "loss_bound": 1, "mutual_information": 2},
    page=__doc__,
)
