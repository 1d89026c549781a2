"""The lemma library: functions that return facts.

Together with the kernel these constructors are the trusted base. Each checks its side conditions
(membership, fixed before the data, same sample, convention) and refuses otherwise; the kernel
only adds up what they return.
"""

from boundcalc.symbolic.lemmas.concentration import bounded_differences, sensitivity
from boundcalc.symbolic.lemmas.definitions import (
    complexity_is_nonnegative,
    definition,
    erm,
    fixed_deviation,
    hard_labelling,
    in_expectation,
    infimum,
    mean_of,
    minimiser,
    root_is_nonnegative,
    substitution,
    uniform_deviation,
)
from boundcalc.symbolic.lemmas.expectation import (
    contraction,
    expected_complexity,
    gaussian_comparison,
    gaussian_from_rademacher,
    symmetrisation,
)
from boundcalc.symbolic.lemmas.held_out import binomial_limit, empirical_bernstein, relative_entropy_limit
from boundcalc.symbolic.lemmas.inputs import given, instance, intrinsic_complexity, least_size
from boundcalc.symbolic.lemmas.linear import (
    explained_gain,
    least_squares,
    linear_quality,
    overtaking,
)

__all__ = [
    "binomial_limit",
    "bounded_differences",
    "complexity_is_nonnegative",
    "contraction",
    "definition",
    "empirical_bernstein",
    "erm",
    "expected_complexity",
    "explained_gain",
    "fixed_deviation",
    "gaussian_comparison",
    "gaussian_from_rademacher",
    "given",
    "hard_labelling",
    "in_expectation",
    "infimum",
    "instance",
    "intrinsic_complexity",
    "least_size",
    "least_squares",
    "linear_quality",
    "mean_of",
    "minimiser",
    "overtaking",
    "relative_entropy_limit",
    "root_is_nonnegative",
    "sensitivity",
    "substitution",
    "symmetrisation",
    "uniform_deviation",
]
