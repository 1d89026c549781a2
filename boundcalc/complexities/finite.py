"""Finitely many functions.

Setting
-------
F has N functions with values in [−b, b], or in any one interval of length 2b; m examples.

Claim
-----
- ``massart``: R(F) ≤ b √(2 ln N/m), on every sample and in the mean over samples.

Assumptions
-----------
F is fixed before the data. Nothing is assumed of the distribution.

Source
------
Massart 2000, Lemma 5.2.

How the constants arise
-----------------------
m R̂_S(F) = E max_f ⟨σ, (f(x_1), …, f(x_m))⟩ is the mean of the largest of N variables that are
sub-Gaussian with variance ‖f(S)‖₂² ≤ b² m: at most √(2 ln N) b √m. An interval that is not centred
at 0 is centred by a fixed shift, which costs nothing.

Worked number
-------------
N = 1000 functions with values in [−1, 1], m = 10 000: 0.0371693.
"""

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import Form, Place, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.classes import bounded_values, finite_maximum
from boundcalc.symbolic.parameters import symbol


def massart(at: Place) -> tuple[Apply, ...]:
    """The largest of N sub-Gaussian sums, each of length at most b√m."""
    return (
        Apply(finite_maximum(at.complexity)),
        Apply(bounded_values(at.complexity)),
    )


CLASS = complexity_class(
    id="finite",
    title="Finitely many functions",
    members="N functions with values in [−b, b]",
    source="massart2000",
    credit="Massart's finite-class lemma.",
    status=Status.PUBLISHED,
    width=2 * symbol("bound"),
    forms=(Form("massart", ("size", "bound"), massart, trivial=symbol("bound")),),
    example_form="massart",
    example={"size": 1000, "bound": 1, "m": 10_000},
    page=__doc__,
)
