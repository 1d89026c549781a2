"""My PAC-Bayes.

Setting
-------
P is fixed before the data, Q any posterior; losses in [0, 1].

Claim
-----
- ``inverted``: r(Q) ≤ kl⁻¹(r̂(Q), (K + ln(2√m/δ))/m).

Assumptions
-----------
P fixed before the data.

Source
------
Me.

How the constants arise
-----------------------
Known.

Worked number
-------------
m = 1000, K = 2, r̂ = 0.1, δ = 0.05: 0.1453712.
"""

from sympy import Integer

from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.posteriors import Posterior, Prior, gibbs_risk, relative_entropy
from boundcalc.symbolic.quantities import FunctionClass, Loss, Sample
from boundcalc.symbolic.theorem import Variant, theorem, within_range
from own_pac_bayes.lemmas import own_change_of_measure, own_inversion

m, delta, K, loss = (symbol(n) for n in ("m", "delta", "own_divergence", "train_loss"))
S = Sample("S", "S", m)
H = FunctionClass("H", "H", Loss(symbol("lipschitz"), Integer(1)))
Q, P = Posterior("Q", "Q", H), Prior("P", "P", H)
inner = Derivation(
    relative_entropy(Q, S), (Apply(own_change_of_measure(Q, P, sample=S, value=K, cost=delta)),)
)
THEOREM = theorem(
    id="own_pac_bayes.inverted",
    title="My PAC-Bayes bound",
    statement="r(Q)",
    source="stranger2026",
    credit="Mine.",
    variants=(
        Variant(
            "inverted",
            Derivation(gibbs_risk(Q), (Apply(own_inversion(inner, loss=loss)),)),
            assumes=("P was fixed before the data",),
            trivial=Integer(1),
            requires=(within_range(loss, Integer(1)),),
        ),
    ),
    example_variant="inverted",
    example={"m": 1000, "delta": 0.05, "own_divergence": 2, "train_loss": 0.1},
    page=__doc__,
)
