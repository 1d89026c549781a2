"""Selection principle: when Theorem 2's bound prefers more modalities, and from which m on.

Setting
-------
As in Theorem 2, for two subsets M and N on one sample; R_m(H∘G_S) = √(c_S/m) with c_S the intrinsic
complexity. `loss_drop` = r̂(f̂_N) − r̂(f̂_M), which equals the difference of the centred losses.

Claim
-----
Theorem 2's bound for M is at most that for N iff loss_drop ≥ threshold:

- ``threshold``: 2 L (√c_M − √c_N)/√m, from the sharp form of Theorem 2;
- ``threshold-published``: 4 L (√c_M − √c_N)/√m, from the published form;
- ``crossover``, ``crossover-published``: m* = ⌈(κ L (√c_M − √c_N)/loss_drop)²⌉ with κ = 2 or 4, the
  least m at which M is preferred while loss_drop stays as observed.

Assumptions
-----------
R_m = √(c/m) exactly, for both subsets. The crossover needs c_M > c_N and loss_drop > 0; with c_M >
c_N and loss_drop ≤ 0, M is never preferred. It compares two upper bounds on η and does *not* imply
r(f̂_M) ≤ r(f̂_N); choosing among k subsets costs δ/k each.

Source
------
Huang, Du, Xue, Chen, Zhao, Huang, NeurIPS 2021 (arXiv 2106.04538), the discussion of Theorem 2,
which states an order of magnitude (κL = 1). The constants κ are derived here.

How the constants arise
-----------------------
The difference of Theorem 2's closed forms: R_m(H∘G) and the concentration terms cancel. The
crossover solves threshold = loss_drop for m.

Worked number
-------------
``crossover`` with L = 1, c_M = 9, c_N = 4, loss_drop = 0.1: (2·1·(3 − 2)/0.1)² = 400.
"""

from sympy import Expr

from boundcalc.symbolic.catalogue import theorem as lookup
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import definition, intrinsic_complexity, least_size
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import Quantity, named, rademacher
from boundcalc.symbolic.theorem import Requirement, Variant, theorem
from boundcalc.theorems.classic._setting import SAMPLE as S
from boundcalc.theorems.classic._setting import m
from boundcalc.theorems.huang2021._setting import centred_loss, seen, true_pair

c = {"M": symbol("complexity_m"), "N": symbol("complexity_n")}
loss_drop = symbol("loss_drop")


GROWS = Requirement(
    c["M"] > c["N"],
    "with complexity_m ≤ complexity_n there is no crossover: the threshold is ≤ 0 at every m",
)
DROPS = Requirement(
    loss_drop > 0, "never: with complexity_m > complexity_n, M needs loss_drop > 0 to be preferred"
)


def theorem2_bound(subset: str, form: str) -> tuple[Quantity, Quantity, Apply, Apply]:
    """Theorem 2's bound B and centred loss L̂ of a subset, with B's definition and R = √(c/m)."""
    shown, best_of_all = seen(subset), true_pair()
    about = (shown.joint, shown.learned(), best_of_all, form)
    bound = named("theorem2_bound", f"B({subset})", f"B({subset})", *about)
    centred, complexity = centred_loss(shown, best_of_all), rademacher(shown.joint, S)
    closed_form = lookup("huang2021.theorem2").variant(form).expression
    closed_form = closed_form.subs(
        {symbol("rademacher"): complexity, symbol("centred_loss"): centred}
    )
    return (
        bound,
        centred,
        Apply(definition(bound, closed_form, of="B, Theorem 2's bound", source="huang2021")),
        Apply(intrinsic_complexity(shown.joint, sample=S, value=c[subset])),
    )


def threshold(form: str) -> Derivation:
    """B(M) − B(N) without the training losses: the loss drop from which on M is preferred."""
    bound_m, centred_m, definition_m, intrinsic_m = theorem2_bound("M", form)
    bound_n, centred_n, definition_n, intrinsic_n = theorem2_bound("N", form)
    return Derivation(
        (bound_m - centred_m) - (bound_n - centred_n),
        (definition_m, definition_n, intrinsic_m, intrinsic_n),
        term="threshold",
    )


def crossover(form: str) -> Derivation:
    """The least m at which the threshold is at most the loss drop."""
    least = named("crossover", "m*", "m^*", form)
    limit: Expr = threshold(form).expression
    fact = least_size(
        least, threshold=limit, target=loss_drop, size=m, where=(GROWS.relation, DROPS.relation)
    )
    return Derivation(least, (Apply(fact),), term="crossover")


INTRINSIC = (
    "R_m(H∘G_S) = √(c_S/m) for both subsets",
    "compares two upper bounds on η, not the risks",
)

THEOREM = theorem(
    id="huang2021.selection",
    title="Selection principle: threshold and crossover between two subsets",
    statement="the loss drop, or the sample size, from which on M is preferred",
    source="huang2021",
    credit="The principle is the paper's, up to constants; κ = 2 and κ = 4 are derived here.",
    variants=(
        Variant("threshold", threshold("sharp"), assumes=INTRINSIC),
        Variant("threshold-published", threshold("published"), assumes=INTRINSIC),
        Variant("crossover", crossover("sharp"), assumes=INTRINSIC, requires=(GROWS, DROPS)),
        Variant(
            "crossover-published",
            crossover("published"),
            assumes=INTRINSIC,
            requires=(GROWS, DROPS),
        ),
    ),
    example_variant="crossover",
    example={"lipschitz": 1, "complexity_m": 9, "complexity_n": 4, "loss_drop": 0.1},
    page=__doc__,
)
