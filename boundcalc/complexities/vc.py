"""Two-valued functions of finite VC dimension.

Setting
-------
F has VC dimension d ≤ m, and its functions take the values −b and b only; m examples.

Claim
-----
- ``sauer``: R(F) ≤ b √(2 ln Φ/m), Φ = Σ_{i≤d} (m choose i), on every sample and in the mean;
- ``loose``: the same with d ln(e m/d) for ln Φ, which is larger.

Assumptions
-----------
F is fixed before the data; 1 ≤ d ≤ m. Nothing is assumed of the distribution.

Source
------
Sauer 1972 and Shelah 1972 for the number of patterns, Massart 2000 for the maximum.

How the constants arise
-----------------------
On m points F shows at most Φ patterns. They are a finite class with values ±b: Massart's lemma.

Worked number
-------------
``sauer`` with d = 10, b = 1, m = 10 000: 0.1240932.
"""

from functools import partial

from boundcalc.symbolic.complexity import Form, Place, complexity_class
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas.classes import massart_patterns, sauer_shelah
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.theorem import Requirement

d, m, b = symbol("dimension"), symbol("m"), symbol("bound")


def patterns(at: Place, *, loose: bool) -> tuple[Apply, ...]:
    """Massart's lemma for the patterns on the sample, counted by Sauer and Shelah."""
    return (
        Apply(massart_patterns(at.complexity)),
        Apply(sauer_shelah(at.complexity, loose=loose)),
    )


ENOUGH = Requirement(d <= m, "m is below the VC dimension, where only R ≤ bound is known")
form = partial(Form, inputs=("dimension", "bound"), requires=(ENOUGH,), trivial=b)

CLASS = complexity_class(
    id="vc",
    title="Two-valued functions of finite VC dimension",
    members="functions with values ±b, of VC dimension d",
    source="sauer1972",
    credit="The Sauer–Shelah lemma and Massart's; the combination is textbook material.",
    width=2 * b,
    forms=(
        form("sauer", proof=partial(patterns, loose=False)),
        form("loose", proof=partial(patterns, loose=True)),
    ),
    example_form="sauer",
    example={"dimension": 10, "bound": 1, "m": 10_000},
    page=__doc__,
)
