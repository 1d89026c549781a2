"""The ratio of the unimodal to the multimodal bound: up to √n, as a ratio of *bounds*.

Setting
-------
As in ``lu2023.multimodal`` and ``lu2023.unimodal``, with one failure probability for both.

Claim
-----
unimodal bound / multimodal bound, for

- ``one-event``: the bounds that hold with probability 1 − δ each;
- ``expected``: the bounds on the expected excess.

With κ = 0 and m ≥ λn it grows like n^(a − 1/2), at most √n (a = 1); for κ > 0 it stays bounded (a =
1) or tends to 0.

Assumptions
-----------
Those of both theorems; for ``expected``, κ, c_F and c_G are not all 0. The two bounds are
comparable as risks only if their baselines agree: the best f(x, y) for the multimodal learner, the
best predictor from x alone in F∘G for the unimodal one (κ = 0 and y a function of x, say). A ratio
of upper bounds is not a ratio of risks: for what is true of every unimodal learner see
``lu2023.separation``.

Source
------
Lu, NeurIPS 2023 (arXiv 2309.12458) for the rate. The constants are derived here.

How the constants arise
-----------------------
The quotient of the two closed forms; nothing else enters.

Worked number
-------------
``expected`` with n = m = 10 000, L = 1, κ = 0, c_F = c_G = c_FG, a = 1: 1/(1/100 + 1/100) = 50.
"""

from boundcalc.symbolic.catalogue import theorem as lookup
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import definition
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import named
from boundcalc.symbolic.theorem import Requirement, Variant, theorem
from boundcalc.theorems.lu2023._setting import kappa


def ratio(form: str) -> Derivation:
    """The quotient of the closed forms, looked up, not typed."""
    quotient = named("ratio", "ratio", r"\mathrm{ratio}", form)
    unimodal, multimodal = (
        lookup(f"lu2023.{kind}").variant(form) for kind in ("unimodal", "multimodal")
    )
    value = unimodal.expression / multimodal.expression
    return Derivation(
        quotient,
        (Apply(definition(quotient, value, of="the ratio", source="boundcalc")),),
        term="ratio",
    )


BASELINES = (
    "multimodal baseline: min_F r_t(f(x, y)); unimodal baseline: min r_t over F∘G, from x alone",
    "a ratio of upper bounds, not of risks",
)

POSITIVE = Requirement(
    kappa + symbol("c_predictor") + symbol("c_connection") > 0,
    "with κ = c_F = c_G = 0 the multimodal bound is 0 and the ratio is not defined",
)

THEOREM = theorem(
    id="lu2023.improvement",
    title="Ratio of the unimodal to the multimodal bound",
    statement="unimodal bound / multimodal bound",
    source="lu2023",
    credit="The rate is Lu's; the constants are derived here.",
    variants=(
        Variant("one-event", ratio("one-event"), assumes=BASELINES, defaults={"tasks": 1.0}),
        Variant("expected", ratio("expected"), assumes=BASELINES, requires=(POSITIVE,)),
    ),
    example_variant="expected",
    example={
        "m": 10_000,
        "n": 10_000,
        "lipschitz": 1,
        "connection_gap": 0,
        "c_predictor": 1,
        "c_connection": 1,
        "c_composite": 1,
        "growth": 1,
    },
    page=__doc__,
)
