"""Functions with values in [0, 1] and known covering numbers.

Setting
-------
Functions with values in [0, 1]. N(ε) functions of the m examples suffice to come within ε of every
member in ℓ2 on the sample: √(Σ_i (f(x_i) − g(x_i))²) ≤ ε, not divided by √m.

Claim
-----
R̂_S(F) ≤ min{½, inf_α 4α/√m + (12/m) ∫_α^√m √(ln N(ε)) dε}, with a named family of covering numbers
(`log_covering`):

- ``quadratic``: ln N(ε) ≤ A/ε²;
- ``power``: ln N(ε) ≤ A/ε^s;
- ``parametric``: ln N(ε) ≤ d ln(A/ε) for ε < A, 0 above;
- ``quadratic-centred``, ``power-centred``, ``parametric-centred``: the same, the integral up to
  √m/4.

Assumptions
-----------
The family holds for every ε in (0, √m]. The covers need not lie in the class, so 0 need not belong
to it.

Source
------
Bartlett, Foster & Telgarsky 2017, Lemma A.5 (stated for classes that contain 0).

How the constants arise
-----------------------
Chaining with radii √m 2^−i: two successive covers differ by vectors of length at most 3 radii and
in at most N² ways, Massart's lemma gives 6 radii √(ln N), and a sum of halving steps is at most
twice the integral: 12. What is left below the finest radius is at most 4α/√m. The derivative in α
vanishes where ln N(α) = m/9. ``…-centred``: F − ½ has the same complexity and the same covers,
shifted; its vectors are no longer than r = √m/2, so the radii are r 2^−i, and r itself, with the
cover {0}, costs nothing: the integral ends at r/2. ½: an example with σ_i = 1 adds at most 1, one
with σ_i = −1 nothing.

Worked number
-------------
``parametric`` with d = 10, A = 100, m = 10 000: 0.3362995.
"""

from functools import partial

from sympy import Integer, Rational

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import EMPIRICAL, Form, Place, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.covering import UNIT_INTERVAL, chaining, covering_family


def integral(at: Place, *, centred: bool = False) -> tuple[Apply, ...]:
    """The entropy integral for the covering numbers that the class names."""
    whole = at.complexity
    return tuple(Apply(lemma(whole, centred=centred)) for lemma in (chaining, covering_family))


form = partial(Form, averages=EMPIRICAL, assumes=UNIT_INTERVAL, trivial=Rational(1, 2))

CLASS = complexity_class(
    id="entropy-integral",
    title="Values in [0, 1] and covering numbers",
    members="functions with values in [0, 1] and N(ε) covering numbers on the sample",
    source="bartlett2017",
    credit="Lemma A.5 of Bartlett, Foster & Telgarsky; that 0 need not belong to the class, and "
    "the forms that are centred, are derived here.",
    status=Status.PUBLISHED,
    selector="log_covering",
    width=Integer(1),
    forms=tuple(
        form(f"{name}{tail}", inputs, proof)
        for tail, proof in (("", integral), ("-centred", partial(integral, centred=True)))
        for name, inputs in (
            ("quadratic", ("scale",)),
            ("power", ("scale", "exponent")),
            ("parametric", ("scale", "dimension")),
        )
    ),
    example_form="parametric",
    example={"scale": 100, "dimension": 10, "m": 10_000},
    page=__doc__,
)
