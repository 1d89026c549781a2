"""What separates the learners in truth: a lower bound for every unimodal learner of one task.

Setting
-------
The rich class: x uniform on 2n points, y = g*(x) in {0, 1} an arbitrary table (G holds them all),
z = f(y) with f the identity or the negation (F holds both), 0/1 loss, so L = 1 and κ = 0. A
unimodal learner sees n labelled examples of one task and nothing else; the multimodal one sees m
unlabelled pairs as well.

Claim
-----
- ``unimodal-lower``: for some table, the expected error of any unimodal learner is ≥ ½ (1 −
  1/(2n))ⁿ ≥ 1/4;
- ``multimodal``: the expected error of the two-stage learner is ≤ √(2n/m) + 1/√n;
- ``ratio``: the first divided by the second. It is of order √n when m ≥ const·n², and bounded when
  m = λn.

Assumptions
-----------
As in the setting. This is a statement about *errors*, unlike ``lu2023.improvement``, which divides
upper bounds with c_G held fixed: here the class that hurts the unimodal learner makes c_G = √(n/π)
grow too.

Source
------
The argument for the lower bound is that of Shalev-Shwartz & Ben-David 2014, proof of Theorem 5.1,
which gives 1/4. Its sharper form and the rest are derived here, in the setting of Lu, NeurIPS 2023
(arXiv 2309.12458).

How the constants arise
-----------------------
Off the sample a table may take either value: ½ P(x not seen) = ½ (1 − 1/(2n))ⁿ. (The book counts
that n of the 2n points are not seen: ½ · ½.) For tables on N points
G_m^vec(G) ≤ √(N/(2πm)) (a normal's positive part has mean 1/√(2π), and Σ √(visits) ≤ √(Nm)); for
identity and negation G_n(ℓ∘F) = 1/√(2πn) exactly. Both go into ``lu2023.multimodal``, expected
form, with N = 2n.

Worked number
-------------
``multimodal`` with n = 100, m = 20 000: √(200/20 000) + 1/10 = 0.2.
"""

from sympy import S, pi, sqrt

from boundcalc.conventions import Side
from boundcalc.symbolic.catalogue import theorem as lookup
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import definition, hard_labelling, instance
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.quantities import named, unimodal_error
from boundcalc.symbolic.theorem import Variant, theorem
from boundcalc.theorems.lu2023._setting import L, kappa, n

POINTS = 2 * n
TABLES = {
    L: S.One,
    kappa: S.Zero,
    symbol("c_connection"): sqrt(POINTS / (2 * pi)),
    symbol("c_predictor"): 1 / sqrt(2 * pi),
}


def unimodal_lower() -> Derivation:
    """One instance of the lemma."""
    error = unimodal_error(n)
    return Derivation(
        -error, (Apply(hard_labelling(error)),), side=Side.LOWER, term="unseen points"
    )


def multimodal() -> Derivation:
    """Lu's expected bound with the complexities of the table world."""
    proof = lookup("lu2023.multimodal").variant("expected").derivation
    fact = instance(
        proof, of="lu2023.multimodal (expected)", source="boundcalc", at=TABLES, term="two stages"
    )
    return Derivation(proof.claim, (Apply(fact),))


def ratio() -> Derivation:
    """The quotient of the two closed forms above."""
    quotient = named("ratio", "separation", r"\mathrm{separation}")
    value = unimodal_lower().expression / multimodal().expression
    return Derivation(
        quotient,
        (Apply(definition(quotient, value, of="the separation", source="boundcalc")),),
        term="ratio",
    )


RICH = ("the class shatters 2n points, x is uniform on them, one task, 0/1 loss",)

THEOREM = theorem(
    id="lu2023.separation",
    title="Separation of errors: any unimodal learner against the multimodal bound",
    statement="unimodal lower bound / multimodal upper bound",
    source="shalev2014",
    credit="The argument for the lower bound is Shalev-Shwartz & Ben-David's, who have 1/4; the "
    "constants and the comparison are derived here in Lu's setting.",
    variants=(
        Variant("ratio", ratio(), assumes=RICH),
        Variant(
            "multimodal",
            multimodal(),
            assumes=RICH,
            trivial=S.One,
            statement="expected error of the two-stage multimodal learner",
        ),
        Variant(
            "unimodal-lower",
            unimodal_lower(),
            assumes=RICH,
            trivial=S.Zero,
            statement="expected error of any unimodal learner, worst table",
        ),
    ),
    example_variant="multimodal",
    example={"n": 100, "m": 20_000},
    page=__doc__,
)
