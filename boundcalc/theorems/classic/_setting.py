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
    empirical = average is Average.EMPIRICAL
    R = symbol("rademacher_empirical" if empirical else "rademacher")
    measured = 2 * rademacher(F, SAMPLE, average=average, loss_class=True) if empirical else S.Zero
    statistic = deviation(F, SAMPLE, side) - measured
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
        *((Apply(expected_complexity(F, sample=SAMPLE)),) if empirical else ()),
        Apply(contraction(F, sample=SAMPLE, average=average)),
        Apply(given(rademacher(F, SAMPLE, average=average), R, term="complexity")),
    )
