"""The objects of Lu's two-stage multimodal learner.

Modalities x and y, label z; T fixed tasks with n labelled triples each (sample Z, nT triples in
all) and m unlabelled pairs (x, y) (sample P), independent of them. ĝ minimises the mean distance
‖g(x) − y‖ over the pairs; d(g) = E‖g(x) − y‖. f̂ = (f̂_1, …, f̂_T) minimises the empirical loss of
each task over F; r is the risk averaged over the tasks, so f̂ minimises over F^T on the nT triples,
and the complexity of F^T there is the average over the tasks of the complexity of F at n.
"""

from sympy import Integer

from boundcalc.conventions import Output
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import FunctionClass, Loss, Predictor, Sample

m, n, T, delta = symbol("m"), symbol("n"), symbol("tasks"), symbol("delta")
L, C, D, kappa = (
    symbol("lipschitz"),
    symbol("loss_bound"),
    symbol("distance_bound"),
    symbol("connection_gap"),
)


def samples(*, independent: bool) -> tuple[Sample, Sample]:
    """The pairs and the triples."""
    apart = frozenset({"P", "Z"}) if independent else frozenset[str]()
    return Sample("P", "P", m, "m", apart - {"P"}), Sample("Z", "Z", n * T, "n", apart - {"Z"})


DISTANCE = Loss(Integer(1), D, letter="d", symbol="dist", symbol_latex=r"\mathrm{dist}")
CONNECTIONS = FunctionClass("G", r"\mathcal G", DISTANCE, Output.VECTOR)
PREDICTORS = FunctionClass("Fᵀ", r"\mathcal F^{T}", Loss(L, C))
COMPOSITES = FunctionClass("(F∘G)ᵀ", r"(\mathcal F\circ\mathcal G)^{T}", Loss(L, C))

g_hat = Predictor("ĝ", r"\hat g", CONNECTIONS, erm_over=CONNECTIONS, erm_on="P")
g_best = Predictor("g°", r"g^\circ", CONNECTIONS, fixed=True, risk_minimiser_of=CONNECTIONS)
f_hat = Predictor("f̂", r"\hat f", PREDICTORS, erm_over=PREDICTORS, erm_on="Z")
f_best = Predictor("f°", r"f^\circ", PREDICTORS, fixed=True, risk_minimiser_of=PREDICTORS)
u_hat = Predictor("û", r"\hat u", COMPOSITES, erm_over=COMPOSITES, erm_on="Z")
u_best = Predictor("u°", r"u^\circ", COMPOSITES, fixed=True, risk_minimiser_of=COMPOSITES)
