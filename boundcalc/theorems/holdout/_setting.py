"""What held-out limits speak of: one fixed predictor and n examples that it was never
trained on.
"""

from sympy import Expr

from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Sample

n, delta, C = symbol("n"), symbol("delta"), symbol("loss_bound")
test_loss = symbol("test_loss")
T = Sample("T", "T", n)


def predictor(width: Expr, *, zero_one: bool = False) -> Predictor:
    """A predictor that does not depend on the held-out sample, its loss in an interval of this
    width.
    """
    alone = FunctionClass("{f}", r"\{f\}", Loss(symbol("lipschitz"), width, zero_one))
    return Predictor("f", "f", alone, independent_of=frozenset({T.text}))
