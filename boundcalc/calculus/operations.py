"""The operations of the calculus: how each names its result, and its lines of a proof."""

from __future__ import annotations

from sympy import Expr

from boundcalc.calculus.tree import CompositionRule
from boundcalc.symbolic.complexity import Place
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas import bounded_differences, contraction, expected_complexity
from boundcalc.symbolic.lemmas.composition import (
    gaussian_rule,
    given_bound,
    hull_rule,
    lipschitz_rule,
    maximum_rule,
    scale_rule,
    shift_rule,
    signed_rule,
    subset_rule,
    sum_rule,
    union_rule,
    vector_rule,
)
from boundcalc.symbolic.lemmas.extrema import largest_of_bounds
from boundcalc.symbolic.quantities import Quantity, convention

Lines = tuple[Apply, ...]


def _inner(at: Place) -> Quantity:
    return at.parts[0].complexity


def _union(at: Place) -> Lines:
    """The largest part, and the price of not knowing which; the parts are proved inside."""
    return (
        Apply(union_rule(at.complexity)),
        Apply(largest_of_bounds(tuple(part.proof for part in at.parts))),
    )


def _loss(at: Place) -> Lines:
    average = convention(at.complexity).average
    return (Apply(contraction(at.over, sample=at.sample, average=average)),)


def _paid(at: Place) -> Lines:
    """The bridge from the measured to the expected complexity, with its event."""
    delta: Expr = at["delta"]
    return (
        Apply(expected_complexity(at.over, sample=at.sample)),
        Apply(bounded_differences(-_inner(at), cost=delta)),
    )


SUM = CompositionRule("sum", lambda at: (Apply(sum_rule(at.complexity)),), join=("+", "+"))
SCALE = CompositionRule(
    "scale",
    lambda at: (Apply(scale_rule(at.complexity)),),
    frame=("c·{}", r"c\,{}"),
    symbols=("factor",),
)
OFFSET = CompositionRule(
    "offset", lambda at: (Apply(shift_rule(at.complexity)),), frame=("{}+f₀", "{}+f_0")
)
SUBSET = CompositionRule(
    "subset", lambda at: (Apply(subset_rule(at.complexity)),), frame=("{}′", "{}'")
)
HULL = CompositionRule(
    "convex-hull",
    lambda at: (Apply(hull_rule(at.complexity)),),
    frame=("conv {}", r"\mathrm{conv}\,{}"),
)
LIPSCHITZ = CompositionRule(
    "lipschitz",
    lambda at: (Apply(lipschitz_rule(at.complexity)),),
    frame=("φ∘{}", r"\varphi\circ {}"),
    symbols=("lipschitz",),
)
VECTOR = CompositionRule(
    "vector-contraction",
    lambda at: (Apply(vector_rule(at.complexity)),),
    frame=("φ∘{}", r"\varphi\circ {}"),
    symbols=("lipschitz",),
)
MAXIMUM = CompositionRule(
    "max",
    lambda at: (Apply(maximum_rule(at.complexity)),),
    join=(", ", ", "),
    frame=("max({})", r"\max({})"),
)
UNION = CompositionRule("union", _union, join=("∪", r"\cup "), symbols=("bound",), closed=True)
SIGNED = CompositionRule(
    "signed", lambda at: (Apply(signed_rule(at.complexity, _inner(at))),), same_class=True
)
FROM_GAUSSIAN = CompositionRule(
    "rademacher-from-gaussian",
    lambda at: (Apply(gaussian_rule(at.complexity, _inner(at))),),
    same_class=True,
)
LOSS = CompositionRule("loss", _loss, symbols=("lipschitz", "loss_bound"), same_class=True)
EXPECTED = CompositionRule("expected", _paid, symbols=("delta",), same_class=True)
GIVEN = CompositionRule(
    "given", lambda at: (Apply(given_bound(at.complexity)),), symbols=("given_complexity",)
)
