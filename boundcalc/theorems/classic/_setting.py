"""One sample, one class, and the way from the risk of its members to its complexity."""

from __future__ import annotations

from sympy import Expr, S

from boundcalc.conventions import Average, Side
from boundcalc.symbolic.derivation import Apply
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    contraction,
    expected_complexity,
    for_every_member,
    given,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Predictor,
    Sample,
    deviation,
    empirical_risk,
    rademacher,
)

m, delta, L, C = symbol("m"), symbol("delta"), symbol("lipschitz"), symbol("loss_bound")
train_loss = symbol("train_loss")
SAMPLE = Sample("S", "S", m)


def from_training_loss(
    f: Predictor, side: Side, *, average: Average = Average.EXPECTED, share: Expr | None = None
) -> tuple[Apply, ...]:
    """±(r − r̂) ≤ Δ± ≤ its mean + concentration, a measured complexity inside the event.

    With a `share` the event is that of every class of a family.
    """
    F = f.member_of
    statistic = deviation(F, SAMPLE, side) - measured(F, average=average)
    if share is None:
        event = bounded_differences(statistic, cost=delta)
    else:
        one = bounded_differences(statistic, cost=share * delta)
        event = for_every_member(one, share=share, cost=delta)
    return (
        Apply(uniform_deviation(f, over=F, sample=SAMPLE, side=side)),
        Apply(given(empirical_risk(f, SAMPLE), train_loss, term="train_loss")),
        Apply(event),
        Apply(symmetrisation(F, sample=SAMPLE, side=side)),
        *complexity(F, average=average),
    )


def measured(*classes: FunctionClass, average: Average) -> Expr:
    """Twice the complexities of the loss classes on the sample, to be put inside the event."""
    if average is Average.EXPECTED:
        return S.Zero
    return sum(
        (2 * rademacher(F, SAMPLE, average=average, loss_class=True) for F in classes), S.Zero
    )


def complexity(over: FunctionClass, *, average: Average, subset: str = "") -> tuple[Apply, ...]:
    """R(ℓ∘F) ≤ L R(F) ≤ L · (the value given), from the expected complexity on."""
    empirical = average is Average.EMPIRICAL
    value = symbol(("rademacher_empirical" if empirical else "rademacher") + subset)
    return (
        *((Apply(expected_complexity(over, sample=SAMPLE)),) if empirical else ()),
        Apply(contraction(over, sample=SAMPLE, average=average)),
        Apply(given(rademacher(over, SAMPLE, average=average), value, term=f"complexity{subset}")),
    )
