"""The loss class of neural networks with bounded spectral norms.

Setting
-------
Networks of q layers: the spectral norm of W_i is at most s_i and ‖(W_i − M_i)ᵀ‖_{2,1} at most b_i,
with reference matrices M_i fixed before the data; the activations are ρ_i-Lipschitz and 0 at 0; no
dimension exceeds W. The loss takes values in [0, 1] and is L-Lipschitz in the outputs, in ℓ2. X is
the matrix of the m inputs.

Claim
-----
- ``closed``: R̂_S(ℓ∘F) ≤ 12 (√A/m)(1 + ln(m/(3√A))) for m ≥ 3√A, and never more than ½, where
  √A = L ‖X‖_F √(ln(2W²)) Π_i ρ_i s_i (Σ_i (b_i/s_i)^(2/3))^(3/2);
- ``centred``: the same with m/(12√A) inside the logarithm.

Assumptions
-----------
The bounds s_i, b_i and the matrices M_i are fixed before the data; no biases. ‖V‖_{2,1} is the sum
of the ℓ2 norms of the columns of V. The result is already that of the loss class: it is not to be
contracted again.

Source
------
Bartlett, Foster & Telgarsky 2017: the covering numbers are their Theorem 3.3, the integral their
Lemma A.5.

How the constants arise
-----------------------
A cover of the networks at distance ε/L is a cover of the losses at distance ε: ln N(ε) ≤ L² A₁/ε²
with A₁ of Theorem 3.3. The entropy integral of such a class is `covering-quadratic`; ``centred`` is
its form of that name.

Their Lemma 3.2 rounds a number t of terms up, and Theorem 3.3 does not. It need not: ⌊t⌋ = k terms,
shrunk by √k/(1 + √k), come within 1/(1 + √k) ≤ 1/√t of the radius, and for t ≤ 1 the centre alone
does. Projecting a cover onto the convex set of what a layer can put out moves it away from no point
of that set, so the covers keep to the norms s_i.

Worked number
-------------
s = (2, 2), b = (1, 1), ρ = (1, 1), W = 100, L = 1, ‖X‖_F = 100, m = 1 000 000: 0.1331395.
"""

from functools import partial

from sympy import Integer, Rational

from boundcalc.symbolic.complexity import EMPIRICAL, Derived, Form, Place, Tags, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.covering import chaining, quadratic_covering


def closed(at: Place, *, centred: bool = False) -> tuple[Apply, ...]:
    """The entropy integral for the covering numbers of Theorem 3.3."""
    whole = at.complexity
    return tuple(Apply(lemma(whole, centred=centred)) for lemma in (chaining, quadratic_covering))


form = partial(
    Form,
    inputs=("lipschitz", "frobenius", "spectral_norms", "distances", "activations", "width"),
    averages=EMPIRICAL,
    derived=(
        Derived("spectral_product", "Π_i ρ_i s_i"),
        Derived("distance_sum", "(Σ_i (b_i/s_i)^(2/3))^(3/2)"),
    ),
    assumes=(
        "the loss takes values in [0, 1] and is L-Lipschitz in ℓ2",
        "activations are 0 at 0, no biases",
        "one entry a layer in each list",
    ),
    trivial=Rational(1, 2),
)

CLASS = complexity_class(
    id="network-spectral",
    title="Loss class of neural networks, spectral norms",
    members="ℓ∘F, F the networks with ‖W_i‖ ≤ s_i and ‖(W_i − M_i)ᵀ‖_{2,1} ≤ b_i",
    source="bartlett2017",
    credit="Covering numbers and integral are theirs; the closed form with its constants is "
    "evaluated here.",
    tags=Tags(loss_class=True),
    width=Integer(1),
    forms=(
        form("closed", proof=closed),
        form("centred", proof=partial(closed, centred=True)),
    ),
    example_form="closed",
    example={
        "spectral_norms": (2, 2),
        "distances": (1, 1),
        "activations": (1, 1),
        "width": 100,
        "lipschitz": 1,
        "frobenius": 100,
        "m": 1_000_000,
    },
    page=__doc__,
)
