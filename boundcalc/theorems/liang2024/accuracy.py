"""Accuracy by information: no predictor from two modalities is more accurate than their information
allows.

Setting
-------
Modalities X₁ and X₂ and a label Y, uniform on |Y| values (`classes`). I(X₁,X₂;Y) in bits
(`information_bits`), or any larger number; f(x) is any function of X₁ and X₂, random or not.

Claim
-----
- ``fano``: P(f(x) = Y) ≤ (I(X₁,X₂;Y) + 1)/log₂ |Y|.

Assumptions
-----------
All labels are equally likely. A population statement: I is not an estimate that may be too small.

Source
------
Liang et al., ICLR 2024 (arXiv 2306.04539), from Fano's inequality. The proof is carried out here.

How the constants arise
-----------------------
Fano: H(Y|X₁,X₂) ≤ h(P(f(x) ≠ Y)) + P(f(x) ≠ Y) log₂(|Y| − 1) ≤ 1 + P(f(x) ≠ Y) log₂ |Y|, and
H(Y|X₁,X₂) = log₂ |Y| − I. The 1 is the entropy of right or wrong, at most one bit: with few labels
the bound says nothing.

Worked number
-------------
``fano`` with I = 2, |Y| = 1 024: 0.3.
"""

from sympy import Integer

from boundcalc.conventions import Status
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas import fano, given_information, information_is_gain, uniform_labels
from boundcalc.symbolic.lemmas.views import accuracy
from boundcalc.symbolic.parameters import symbol
from boundcalc.symbolic.theorem import Variant, theorem

classes = symbol("classes")

THEOREM = theorem(
    id="liang2024.accuracy",
    title="Accuracy of any predictor from the information of its modalities",
    statement="P(f(x) = Y)",
    source="liang2024",
    credit="The statement is Liang et al.'s, from Fano's inequality.",
    variants=(
        Variant(
            "fano",
            Derivation(
                accuracy(),
                (
                    Apply(fano(classes=classes)),
                    Apply(information_is_gain()),
                    Apply(uniform_labels(classes=classes)),
                    Apply(given_information(symbol("information_bits"), classes=classes)),
                ),
            ),
            status=Status.PUBLISHED,
            assumes=("all labels are equally likely",),
            trivial=Integer(1),
        ),
    ),
    example_variant="fano",
    example={"information_bits": 2, "classes": 1024},
    page=__doc__,
)
