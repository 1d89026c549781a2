"""The one number that boundcalc does not know yet."""

from boundcalc.symbolic.parameter import Parameter

PARAMETERS = (
    Parameter(
        "description_length",
        "ℓ",
        r"\ell",
        "bits of the description of the predictor, in a prefix-free code fixed before the data",
        aliases=("bits",),
    ),
)
