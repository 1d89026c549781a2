"""The lemma library: functions that return facts.

Together with the kernel these constructors are the trusted base. Each checks its side conditions
(membership, fixed before the data, same sample, convention) and refuses otherwise; the kernel
only adds up what they return.
"""

from boundcalc.symbolic.lemmas.concentration import (
    bounded_differences,
    contraction,
    expected_complexity,
    for_every_member,
    gaussian_comparison,
    gaussian_from_rademacher,
    sensitivity,
    symmetrisation,
)
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
from boundcalc.symbolic.lemmas.extrema import smallest_of_bounds
from boundcalc.symbolic.lemmas.held_out import (
    binomial_limit,
    empirical_bernstein,
    relative_entropy_limit,
    sub_gaussian_deviation,
)
from boundcalc.symbolic.lemmas.inputs import given, instance, intrinsic_complexity, least_size
from boundcalc.symbolic.lemmas.learners import information, ramp, stable_deviation, stable_mean
from boundcalc.symbolic.lemmas.linear import (
    explained_gain,
    least_squares,
    linear_quality,
    overtaking,
)
from boundcalc.symbolic.lemmas.pac_bayes import (
    chain_rule,
    change_of_measure,
    convexity,
    entropy_inversion,
    entropy_moment,
    majority_vote,
    moment_tail,
    pinsker,
)
from boundcalc.symbolic.lemmas.solving import (
    refined_pinsker,
    relative_chernoff,
    solved_for_root,
)
from boundcalc.symbolic.lemmas.views import (
    fano,
    given_information,
    information_is_gain,
    projection,
    pythagoras,
    redundancy,
    square,
    triangle,
    uniform_labels,
)

__all__ = [
    "binomial_limit",
    "bounded_differences",
    "chain_rule",
    "change_of_measure",
    "complexity_is_nonnegative",
    "contraction",
    "convexity",
    "definition",
    "empirical_bernstein",
    "entropy_inversion",
    "entropy_moment",
    "erm",
    "expected_complexity",
    "explained_gain",
    "fano",
    "fixed_deviation",
    "for_every_member",
    "gaussian_comparison",
    "gaussian_from_rademacher",
    "given",
    "given_information",
    "hard_labelling",
    "in_expectation",
    "infimum",
    "information",
    "information_is_gain",
    "instance",
    "intrinsic_complexity",
    "least_size",
    "least_squares",
    "linear_quality",
    "majority_vote",
    "mean_of",
    "minimiser",
    "moment_tail",
    "overtaking",
    "pinsker",
    "projection",
    "pythagoras",
    "ramp",
    "redundancy",
    "refined_pinsker",
    "relative_chernoff",
    "relative_entropy_limit",
    "root_is_nonnegative",
    "sensitivity",
    "smallest_of_bounds",
    "solved_for_root",
    "square",
    "stable_deviation",
    "stable_mean",
    "sub_gaussian_deviation",
    "substitution",
    "symmetrisation",
    "triangle",
    "uniform_deviation",
    "uniform_labels",
]
