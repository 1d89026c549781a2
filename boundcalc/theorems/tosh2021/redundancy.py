"""Multi-view redundancy: what is lost where the label is predicted by way of the other view.

Setting
-------
Two views X and Z of one object and a label Y, all with finite second moments. ε_X bounds E(E[Y|X] −
E[Y|X,Z])², ε_Z bounds E(E[Y|Z] − E[Y|X,Z])²: either view alone says of Y nearly what both say. μ(x)
= E[E[Y|Z] | X = x] predicts from X by way of Z: it is what a representation learned from pairs of
views can express.

Claim
-----
- ``sharp``: E(μ(X) − E[Y|X,Z])² ≤ ε_X + ε_Z;
- ``published``: E(μ(X) − E[Y|X,Z])² ≤ ε_X + 2 √(ε_X ε_Z) + ε_Z.

Assumptions
-----------
Population statement: no samples, no learned predictor.

Source
------
Tosh, Krishnamurthy & Hsu, ALT 2021 (arXiv 2008.10150), Lemma 1: ``published``. ``sharp`` is derived
here.

How the constants arise
-----------------------
In L², ‖μ − E[Y|X,Z]‖ ≤ ‖μ − E[Y|X]‖ + ‖E[Y|X] − E[Y|X,Z]‖. E[Y|X] is the mean of E[Y|X,Z] given X,
and μ that of E[Y|Z]; a conditional mean shortens, so the first is at most √ε_Z. The square of √ε_X
+ √ε_Z is ``published``. But μ − E[Y|X] is a function of X, and E[Y|X] − E[Y|X,Z] is orthogonal to
all of them: the squares add up, which is ``sharp``. It is attained by Y = X + Z with independent
views of mean 0.

Worked number
-------------
``published`` with ε_X = 0.04, ε_Z = 0.01: 0.09.
"""

from functools import partial

from boundcalc.conventions import Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import projection, pythagoras, redundancy, square, triangle
from boundcalc.symbolic.lemmas.views import ConditionalMean, distance, squared
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.theorem import Variant, theorem

from_x, from_z = (ConditionalMean("Y", frozenset(view)) for view in "XZ")
from_both = ConditionalMean("Y", frozenset("XZ"))
by_way_of_z = from_z.given_only("X")


def lengths() -> Derivation:
    """‖μ − E[Y|X,Z]‖ ≤ √ε_X + √ε_Z."""
    return Derivation(
        distance(by_way_of_z, from_both),
        (
            Apply(triangle(by_way_of_z, from_both, by=from_x)),
            Apply(projection(from_z, from_both, on="X")),
            Apply(redundancy(from_x, from_both, value=symbol("redundancy_x"))),
            Apply(redundancy(from_z, from_both, value=symbol("redundancy_z"))),
        ),
    )


def squares() -> Derivation:
    """The two parts are orthogonal: their squares add up."""
    return Derivation(
        squared(distance(by_way_of_z, from_both)),
        (
            Apply(pythagoras(by_way_of_z, from_both, by=from_x)),
            Apply(projection(from_z, from_both, on="X", squares=True)),
            Apply(redundancy(from_x, from_both, value=symbol("redundancy_x"), squares=True)),
            Apply(redundancy(from_z, from_both, value=symbol("redundancy_z"), squares=True)),
        ),
    )


form = partial(Variant, assumes=("finite second moments",))

THEOREM = theorem(
    id="tosh2021.redundancy",
    title="Predicting the label by way of the other view",
    statement="E(μ(X) − E[Y|X,Z])²",
    source="tosh2021",
    credit="`published` is Lemma 1 of the paper; `sharp` is derived here.",
    variants=(
        form("sharp", squares()),
        form(
            "published",
            Derivation(squared(lengths().claim), (Apply(square(lengths())),)),
            status=Status.PUBLISHED,
        ),
    ),
    example_variant="published",
    example={"redundancy_x": 0.04, "redundancy_z": 0.01},
    page=__doc__,
)
