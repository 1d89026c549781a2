"""The program finds the proofs of Theorems 1 and 2 by itself, given nothing but lemmas.

A bound is a sum of facts, and the best sum is the dual solution of a linear program. With numbers
put in for the parameters the program is solved and says which lemmas carry the bound; their
multipliers are then solved for as expressions in the parameters, such as 2L. What comes out is the
catalogue's closed form.

Which event is paid for is fixed beforehand, one ledger at a time: one event for the sum of two
deviations is cheaper than two events, and comparing with one fixed predictor is cheaper than a
second uniform deviation.
"""

from collections.abc import Iterator
from fractions import Fraction

from sympy import Expr

from boundcalc.conventions import Side
from boundcalc.numeric.prove.best_bound import best_bound
from boundcalc.numeric.prove.pool import fact_rows, pool_of
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.derivation import Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import (
    bounded_differences,
    complexity_is_nonnegative,
    contraction,
    definition,
    erm,
    fixed_deviation,
    given,
    infimum,
    minimiser,
    symmetrisation,
    uniform_deviation,
)
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.printing import plain
from boundcalc.symbolic.quantities import (
    Predictor,
    best_risk,
    deviation,
    empirical_risk,
    named,
    rademacher,
    risk,
)
from boundcalc.theorems.classic._setting import SAMPLE as S
from boundcalc.theorems.classic._setting import delta
from boundcalc.theorems.huang2021._setting import (
    Seen,
    latent_quality,
    seen,
    true_pair,
)

M, N, TRUE = seen("M"), seen("N"), true_pair()
F_M, F_N = M.learned(erm_over=M.joint), N.learned()
GAMMA = named("gamma", "γ_S(M,N)", r"\gamma_S(M,N)")
CENTRED = named("centred_loss", "L̂(f̂_M,S)", r"\widehat L(\hat f_M,S)", F_M, TRUE)

NUMBERS = {
    symbol(name): Fraction(value)
    for name, value in {
        "m": "10000",
        "delta": "0.05",
        "lipschitz": "3",
        "loss_bound": "2",
        "rademacher": "0.01",
        "gamma": "-0.2",
        "centred_loss": "0.1",
        "optimisation_gap": "0.001",
    }.items()
}


def fixed_gap(f: Predictor) -> Expr:
    """r̂(f) − r(f)."""
    return empirical_risk(f, S) - risk(f)


# what is paid for, at δ each time
LEDGERS = {
    "uniform deviation above and one fixed predictor": deviation(M.joint, S, Side.UPPER)
    + fixed_gap(M.best),
    "uniform deviations above and below": deviation(M.joint, S, Side.UPPER)
    + deviation(M.joint, S, Side.LOWER),
    "uniform deviation above and the true pair": deviation(M.joint, S, Side.UPPER)
    + fixed_gap(TRUE),
}


def of_subset(s: Seen, f: Predictor) -> Iterator[Fact]:
    """Every lemma about one subset and the predictor learned from it."""
    predictors = (f, s.best, s.best_given_encoder)
    yield from (infimum(s.given_encoder, at=g) for g in (f, s.best_given_encoder))
    yield from (minimiser(s.best, below=g) for g in (s.given_encoder, f))
    yield minimiser(s.best_given_encoder, below=s.given_encoder)
    for side in Side:
        yield from (uniform_deviation(g, over=s.joint, sample=S, side=side) for g in predictors)
        yield symmetrisation(s.joint, sample=S, side=side)
    yield fixed_deviation(s.best, sample=S)
    yield contraction(s.joint, sample=S)
    yield complexity_is_nonnegative(s.joint, sample=S)


def lemmas() -> Iterator[Fact]:
    """Everything there is to start from: definitions, lemmas and the numbers that are given."""
    yield from of_subset(M, F_M)
    yield from of_subset(N, F_N)
    yield from (
        erm(F_M, against=g, sample=S, gap=symbol("optimisation_gap"))
        for g in (M.best, M.best_given_encoder)
    )
    yield fixed_deviation(TRUE, sample=S)
    yield definition(
        best_risk(M.given_encoder) - best_risk(N.given_encoder), GAMMA, of="γ", source="huang2021"
    )
    yield definition(
        latent_quality(M, TRUE), best_risk(M.given_encoder) - risk(TRUE), of="η", source="huang2021"
    )
    yield definition(
        empirical_risk(F_M, S) - empirical_risk(TRUE, S), CENTRED, of="L̂", source="huang2021"
    )
    yield given(GAMMA, symbol("gamma"), term="gamma")
    yield given(CENTRED, symbol("centred_loss"), term="centred_loss")
    yield given(rademacher(M.joint, S), symbol("rademacher"), term="complexity")


def discover(claim: Expr, statistic: Expr) -> Derivation:
    """The best proof of an upper bound on the claim from the lemmas and one event."""
    facts = (*lemmas(), bounded_differences(statistic, cost=delta))
    pool = pool_of(fact_rows(facts, NUMBERS), values=NUMBERS, budget=delta)
    return best_bound(claim, pool).derivation


def main() -> None:
    """Both theorems, under every ledger that bounds them."""
    ledgers = list(LEDGERS)
    for id, claim, events in (
        ("huang2021.theorem1", risk(F_M) - risk(F_N), ledgers[:2]),
        ("huang2021.theorem2", latent_quality(M, TRUE), ledgers[2:]),
    ):
        known = {variant.expression: name for name, variant in theorem(id).variants.items()}
        for event in events:
            found = discover(claim, LEDGERS[event])
            print(f"{plain(claim)} ≤ {plain(found.expression)}")
            print(f"  paid for: {event}; {len(found.steps)} facts, checked by the kernel")
            times = ", ".join(f"{plain(s.multiplier)} × {s.fact.lemma}" for s in found.steps)
            print(f"  {times}")
            print(f"  this is {id} ({known.get(found.expression, 'a new form')})\n")


if __name__ == "__main__":
    main()
