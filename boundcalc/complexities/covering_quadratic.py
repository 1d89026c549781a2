"""Functions with values in [0, 1] and quadratic log-covering numbers.

Setting
-------
Functions with values in [0, 1] whose covering numbers on the sample, in ℓ2 and not divided by √m,
satisfy ln N(ε) ≤ A/ε².

Claim
-----
- ``closed``: R̂_S(F) ≤ 12 (√A/m)(1 + ln(m/(3√A))) for m ≥ 3√A, and never more than ½;
- ``centred``: R̂_S(F) ≤ 12 (√A/m)(1 + ln(m/(12√A))) for m ≥ 12√A, and never more than ½.

Assumptions
-----------
ln N(ε) ≤ A/ε² for every ε in (0, √m].

Source
------
The entropy integral of Bartlett, Foster & Telgarsky 2017 (Lemma A.5), evaluated here.

How the constants arise
-----------------------
The infimum over α is attained where ln N(α) = m/9, at α = 3√(A/m): 4α/√m is 12√A/m there, and the
integral is √A ln(√m/α) = √A ln(m/(3√A)). For m < 3√A that α is larger than √m and only ½ is left;
the logarithm is then replaced by 0, which makes the formula larger than ½. ``centred`` has the
integral of F − ½ up to √m/4, as in `entropy-integral`; it is used where it is asked for.

Worked number
-------------
A = 100, m = 10 000: 0.0817098.
"""

from functools import partial

from sympy import Integer, Rational

from boundcalc.symbolic.complexity import EMPIRICAL, Form, Place, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.covering import UNIT_INTERVAL, chaining, quadratic_covering


def closed(at: Place, *, centred: bool = False) -> tuple[Apply, ...]:
    """The entropy integral at its best α."""
    whole = at.complexity
    return tuple(Apply(lemma(whole, centred=centred)) for lemma in (chaining, quadratic_covering))


form = partial(
    Form,
    inputs=("scale",),
    averages=EMPIRICAL,
    assumes=UNIT_INTERVAL,
    trivial=Rational(1, 2),
)


CLASS = complexity_class(
    id="covering-quadratic",
    title="Values in [0, 1] and ln N(ε) ≤ A/ε²",
    members="functions with values in [0, 1] and ln N(ε) ≤ A/ε² on the sample",
    source="bartlett2017",
    credit="Evaluated here from Lemma A.5 of Bartlett, Foster & Telgarsky.",
    width=Integer(1),
    forms=(
        form("closed", proof=closed),
        form("centred", proof=partial(closed, centred=True)),
    ),
    example_form="closed",
    example={"scale": 100, "m": 10_000},
    page=__doc__,
)
