"""Transformers with bounded norms.

Setting
-------
Self-attention heads and transformers whose weight matrices have bounded norms.

Claim
-----
Covering numbers, and from them a generalization bound, that grow with the logarithm of the context
length only.

Assumptions
-----------
Those of the paper.

Source
------
Edelman, Goel, Kakade & Zhang 2022.

How the constants arise
-----------------------
They are not given: the theorems hold up to absolute constants and logarithmic factors, so no number
follows from them.

Worked number
-------------
None.
"""

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import complexity_class

CLASS = complexity_class(
    id="transformer",
    title="Transformers with bounded norms",
    members="self-attention heads and transformers with bounded weight norms",
    source="edelman2022",
    credit="Listed and cited; the constants are not published.",
    status=Status.CONSTANTS_UNKNOWN,
    reason="Edelman et al. 2022 state their bounds up to constants that are not given",
    page=__doc__,
)
