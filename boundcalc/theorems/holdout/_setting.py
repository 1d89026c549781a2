"""What held-out limits speak of: one fixed predictor and n examples that it was never
trained on.
"""

from collections.abc import Callable
from typing import Any

from sympy import Expr, S

from boundcalc.conventions import Side
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Sample
from boundcalc.symbolic.theorem import Requirement, Variant, within_range

n, delta, C = symbol("n"), symbol("delta"), symbol("loss_bound")
test_loss, variance = symbol("test_loss"), symbol("variance")
T = Sample("T", "T", n)
FIXED = ("f was fixed before the held-out examples were seen",)
# for 0/1 losses this is an equality, which the rounding of a computed variance may break
ROUNDING = C**2 / 2**40
ENOUGH_FOR_VARIANCE = (
    Requirement(n >= 2, "empirical Bernstein needs at least two examples"),
    within_range(test_loss, C),
    Requirement(
        variance * (n - 1) <= n * (test_loss * (C - test_loss) + ROUNDING),
        "variance is above the most that losses in [0, C] with this mean can have, n·r̂·(C − "
        "r̂)/(n − 1)",
    ),
)


def predictor(width: Expr, *, zero_one: bool = False) -> Predictor:
    """A predictor that does not depend on the held-out sample, its loss in an interval of this
    width.
    """
    alone = FunctionClass("{f}", r"\{f\}", Loss(symbol("lipschitz"), width, zero_one))
    return Predictor("f", "f", alone, independent_of=frozenset({T.text}))


def both_sides(
    limit: Callable[[Side], Derivation], *, most: Expr | None, **more: Any
) -> tuple[Variant, Variant]:
    """The upper limit, which says nothing at `most`, and the lower one, which says nothing at 0."""
    return (
        Variant("upper", limit(Side.UPPER), trivial=most, **more),
        Variant("lower", limit(Side.LOWER), trivial=S.Zero, **more),
    )
