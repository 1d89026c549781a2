"""Mutants that no world refutes, with the reason: exactly these, no more and no fewer.

TRUE: the mutant is a true statement, for the reason given. OPEN: no world of the gallery refutes it and
nothing here proves it; the printed constant is what the derivation or the cited work proves.
"""

from __future__ import annotations

IMPLIED = "adds a nonnegative quantity; any smaller one may be added as well, or none"
CONDITIONAL = (
    "implied by `conditional` at δ/2 with range 2C, which has 4 L R + 2 C √(2 ln(2/δ)/m): "
    "the rest of the published constants is slack"
)
CONDITIONAL_LOG = (
    "√(x + ln 2) ≤ √x + √(ln 2), so 2C√(2 ln(2/δ)/m) ≤ 2C√(2 ln(1/δ)/m) + 2√(2 ln 2) C/√m, "
    "and 2√(2 ln 2) < 4: `conditional` still implies it"
)
SHARP = "implied by `sharp` with range 2C, which has 2 L R_M + 2 C √(2 ln(1/δ)/m) and no R of H∘G"
LARGER_CLASS = (
    "G_M ⊆ G, so R_M ≤ R of H∘G, and 2 L R_M ≤ 4 L R of H∘G: `sharp` with range 2C still implies it"
)
NESTED = (
    "f̂_M is a joint ERM and G_N ⊆ G_M: inf r over H∘G_M ≤ inf r over H∘G_N ≤ r(f̂_N), so the bound holds "
    "without γ as well, and for γ/2 between the two"
)
HOELDER = (
    "bounded differences hold for the moment generating functions; Hölder's inequality adds their scales "
    "whatever the dependence, so ln(1/δ) is enough in both terms together"
)

TABLES = (
    "in this world the excess is the unseen share: (1 − 1/(2n))ᵐ ≤ e^(−m/(2n)) ≤ 0.43 √(2n/m), "
    "since √x e^(−x) ≤ 0.43; the labels teach f at once"
)

COMPARISON_SLACK = "needs a failure just below probability ½ beside 4 L R, and 4 L R exceeds the excess wherever that was tried"
TWO_OF_THREE = (
    "3C/√2 is above the 2C that worlds show to be needed (two functions, long tails); whether the 3 "
    "can be lowered that far is not known"
)
SUBGAUSSIAN = (
    "C, half of the range, is what one function needs; the sum of Δ and −2R̂ was never seen to deviate by "
    "more than one function does, but bounded differences do not prove it"
)
BERNSTEIN = (
    "Maurer & Pontil's constants come from two separate events with δ/2 each; binomial worlds do not use "
    "them up, other distributions are not ruled out"
)

NONNEGATIVE = dict.fromkeys(("dropped", "halved"), IMPLIED)


def _labels(prefix: str, reasons: dict[str, str]) -> dict[str, str]:
    return {f"{prefix}: {change}": reason for change, reason in reasons.items()}


_RATE = {**NONNEGATIVE, "√m → m": IMPLIED, "m → 2m": IMPLIED}
_CONCENTRATION = {**NONNEGATIVE, "2 → 1": IMPLIED, "√m → m": IMPLIED, "δ → 2δ": IMPLIED}
_BERNSTEIN_FACT = {
    "0 right: delta·loss_bound·n: halved": BERNSTEIN,
    "0 right: delta·loss_bound·n: n → 2n": BERNSTEIN,
    "0 right: delta·loss_bound·n: δ → 2δ": BERNSTEIN,
    "0 right: delta·n·variance: δ → 2δ": BERNSTEIN,
    "0 cost halved": BERNSTEIN,
}

_TABLES = {
    "m·n: halved": TABLES,
    "m·n: 2 → 1": TABLES,
    "n: √n → n": TABLES,
}

TRUE_FACTS: dict[str, dict[str, str]] = {
    "huang2021.theorem1/published": _labels("11 right: R(H∘G_M)", NONNEGATIVE)
    | _labels("13 right: m", _RATE),
    "huang2021.theorem1/published/2": _labels("11 right: Rᵛᵉᶜ(H∘G_M)", NONNEGATIVE)
    | _labels("13 right: m", _RATE),
    "huang2021.theorem2/published": _labels("9 right: R(H∘G_M)", NONNEGATIVE)
    | {"10 right: R(H∘G): halved": IMPLIED}
    | _labels("12 right: delta·m", _CONCENTRATION),
    "lu2023.separation/multimodal": {
        f"0 right: {label}": reason for label, reason in _TABLES.items()
    },
}
"""By form: the number of the line and the change."""

OPEN_FACTS: dict[str, dict[str, str]] = {
    "holdout.empirical_bernstein/upper": _BERNSTEIN_FACT,
    "holdout.empirical_bernstein/lower": _BERNSTEIN_FACT,
    "huang2021.theorem1/sharp-empirical": {"6 right: delta·loss_bound·m: 2 → 1": TWO_OF_THREE},
}

_PUBLISHED = {
    "loss_bound·m: dropped": CONDITIONAL,
    "loss_bound·m: halved": CONDITIONAL,
    "loss_bound·m: √m → m": CONDITIONAL,
    "loss_bound·m: m → 2m": CONDITIONAL,
    "lipschitz·rademacher: halved": CONDITIONAL,
    "delta·loss_bound·m: δ → 2δ": CONDITIONAL_LOG,
}
_GAMMA = {"gamma: dropped": NESTED, "gamma: halved": NESTED}

TRUE_STATEMENTS: dict[str, dict[str, str]] = {
    "huang2021.theorem1/sharp": _GAMMA,
    "huang2021.theorem1/sharp-vector": _GAMMA,
    "huang2021.theorem1/sharp-empirical": _GAMMA,
    "huang2021.theorem1/published": _PUBLISHED,
    "huang2021.theorem1/published/2": _PUBLISHED,
    "huang2021.theorem2/published": {
        "lipschitz·rademacher: dropped": LARGER_CLASS,
        "lipschitz·rademacher: halved": SHARP,
        "lipschitz·rademacher_full: dropped": SHARP,
        "lipschitz·rademacher_full: halved": SHARP,
        "delta·loss_bound·m: halved": SHARP,
        "delta·loss_bound·m: 2 → 1": SHARP,
        "delta·loss_bound·m: δ → 2δ": SHARP,
    },
    "lu2023.multimodal/two-event": {
        "delta·distance_bound·lipschitz·m: δ → 2δ": HOELDER,
        "delta·loss_bound·n·tasks: δ → 2δ": HOELDER,
    },
    "lu2023.separation/multimodal": _TABLES,
}

_BERNSTEIN = {
    "delta·loss_bound·n: halved": BERNSTEIN,
    "delta·loss_bound·n: n → 2n": BERNSTEIN,
    "delta·loss_bound·n: δ → 2δ": BERNSTEIN,
    "delta·n·variance: δ → 2δ": BERNSTEIN,
}
_MEASURED = {"delta·loss_bound·m: halved": SUBGAUSSIAN, "delta·loss_bound·m: 2 → 1": SUBGAUSSIAN}
_LIKELY = {"delta·loss_bound·m: δ → 2δ": COMPARISON_SLACK}
_THREE = {"delta·loss_bound·m: 2 → 1": TWO_OF_THREE}

OPEN_STATEMENTS: dict[str, dict[str, str]] = {
    "classic.uniform_deviation/empirical": _MEASURED,
    "classic.uniform_deviation/lower-empirical": _MEASURED,
    "holdout.empirical_bernstein/upper": _BERNSTEIN,
    "holdout.empirical_bernstein/lower": _BERNSTEIN,
    "huang2021.certificate/erm-empirical": _THREE,
    "huang2021.certificate/any-empirical": _MEASURED,
    "huang2021.theorem1/sharp-empirical": _THREE,
    "huang2021.theorem1/conditional": _LIKELY,
    "huang2021.theorem1/conditional-vector": _LIKELY,
    "huang2021.theorem2/sharp-empirical": _THREE,
}

SLACK_OF_LEARNERS = (
    "r and the loss on a seen example cannot both move by β in the same direction at each example: no world "
    "uses up 2mβ, and sharper theorems on stability (Feldman & Vondrák 2018) have less"
)
SLACK_OF_POSTERIORS = (
    "the limits on kl hold for every Q at once by Markov's inequality and ξ(m), which one posterior does not "
    "use up together; whether ln ξ(m) can be dropped is an open question"
)
KL_IS_SHARPER = "implied by the limit on kl, of which the closed form is a weakening"
SQUARES_ADD_UP = "implied by `sharp`, which has ε_X + ε_Z alone"

ONE_DEVIATION = (
    "both limits are on one deviation of one sample, so one of the events mostly holds the other; two "
    "samples use up both costs (tests/unit/symbolic/test_extrema.py)"
)
ONE_MEMBER = "in a world a family has one member, so all of δ is its; the union is enumerated in test_solving"

IN_THE_GALLERY = "refuted by `tables of labels` of the gallery, from one triple; the few worlds have more triples"

UNREFUTED: dict[tuple[str, str], str] = {
    ("lu2023.multimodal (expected)", "halved"): IN_THE_GALLERY,
    ("lu2023.multimodal (expected)", "n → 2n"): IN_THE_GALLERY,
    ("lu2023.separation", "n: halved"): IN_THE_GALLERY,
    ("union over a family", "δ → 2δ"): ONE_MEMBER,
    ("union over a family", "cost halved"): ONE_MEMBER,
    ("classic.stability", "delta·m·stability: halved"): SLACK_OF_LEARNERS,
    ("inversion of kl", "δ → 2δ"): SLACK_OF_POSTERIORS,
    ("inversion of kl", "cost halved"): SLACK_OF_POSTERIORS,
    ("inversion of kl", "2 → 1"): SLACK_OF_POSTERIORS,
    ("Pinsker", "δ → 2δ"): SLACK_OF_POSTERIORS,
    ("Pinsker", "cost halved"): SLACK_OF_POSTERIORS,
    ("refined Pinsker", "cost halved"): SLACK_OF_POSTERIORS,
    ("solved for the risk", "2 → 1"): KL_IS_SHARPER,
    ("solved for the risk", "1/2 → 1/4"): KL_IS_SHARPER,
    ("solved for the risk", "m → 2m"): KL_IS_SHARPER,
    ("holdout.relative", "delta·loss_bound·n: halved"): KL_IS_SHARPER,
    ("pac_bayes.quadratic", "m: halved"): KL_IS_SHARPER,
    ("pac_bayes.quadratic", "divergence·m: halved"): KL_IS_SHARPER,
    ("pac_bayes.quadratic", "delta·m: halved"): KL_IS_SHARPER,
    ("pac_bayes.quadratic", "delta·divergence·m·train_loss: halved"): KL_IS_SHARPER,
    ("tosh2021.redundancy", "redundancy_x·redundancy_z: halved"): SQUARES_ADD_UP,
    ("empirical Bernstein", "n → 2n"): BERNSTEIN,
    ("empirical Bernstein", "cost halved"): BERNSTEIN,
    ("empirical Bernstein", "δ → 2δ"): BERNSTEIN,
    ("smallest of the bounds", "cost halved"): ONE_DEVIATION,
}
"""By lemma or theorem and change: what no world of `verify` refutes; 50-digit values do."""
