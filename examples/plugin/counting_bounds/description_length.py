"""Occam's razor: the risk of a predictor that has a short description.

Setting
-------
f̂ is any predictor of a countable class with a prefix-free binary code, class and code fixed before
the m i.i.d. training examples; f̂ has ℓ bits (`description_length`). The loss is in [0, C].

Claim
-----
With probability 1 − δ:

- ``described``: r(f̂) ≤ r̂(f̂) + C √((ℓ ln 2 + ln(1/δ))/(2m)).

Assumptions
-----------
The code was fixed before the data.

Source
------
Blumer, Ehrenfeucht, Haussler & Warmuth 1987 for the idea; the constants are derived here.

How the constants arise
-----------------------
Hoeffding's inequality for each predictor at its own share δ 2^−ℓ; by Kraft's inequality the shares
sum to δ at most.

Worked number
-------------
``described`` with r̂ = 0.1, ℓ = 100, C = 1, m = 10 000, δ = 0.05: 0.1601293.
"""

from sympy import Expr

from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import given
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Predictor,
    Sample,
    empirical_risk,
    risk,
)
from boundcalc.symbolic.theorem import Variant, theorem, within_range
from counting_bounds.lemmas import described_deviation

m, delta, C, train_loss = (symbol(name) for name in ("m", "delta", "loss_bound", "train_loss"))
S = Sample("S", "S", m)


def described(bits: Expr) -> Derivation:
    """One instance of the lemma, and the training loss."""
    f = Predictor("f̂", r"\hat f", FunctionClass("F", r"\mathcal F", Loss(symbol("lipschitz"), C)))
    return Derivation(
        risk(f),
        (
            Apply(described_deviation(f, sample=S, bits=bits, cost=delta)),
            Apply(given(empirical_risk(f, S), train_loss, term="train_loss")),
        ),
    )


THEOREM = theorem(
    id="counting_bounds.description_length",
    title="Risk of a predictor with a short description",
    statement="r(f̂)",
    source="blumer1987",
    credit="The idea is Blumer et al.'s; the constants are derived here.",
    variants=(
        Variant(
            "described",
            described(symbol("description_length")),
            assumes=("the code was fixed before the data",),
            trivial=C,
            requires=(within_range(train_loss, C),),
        ),
    ),
    example_variant="described",
    example={
        "m": 10_000,
        "delta": 0.05,
        "loss_bound": 1,
        "train_loss": 0.1,
        "description_length": 100,
    },
    page=__doc__,
)
