"""Convolutional networks near their initial weights.

Setting
-------
Convolutional networks with W weights whose distance from the initial weights is bounded in operator
norms.

Claim
-----
A bound on the generalization gap in terms of the number of weights and the distance from the
initial weights, independent of the number of pixels and of the widths of the layers.

Assumptions
-----------
Those of the paper.

Source
------
Long & Sedghi 2020.

How the constants arise
-----------------------
They are not given: the theorems say that some constant exists, so no number follows from them.

Worked number
-------------
None.
"""

from boundcalc.conventions import Status
from boundcalc.symbolic.complexity import complexity_class

CLASS = complexity_class(
    id="convolutional",
    title="Convolutional networks near their initial weights",
    members="convolutional networks with bounded distance from the initial weights",
    source="long2020",
    credit="Listed and cited; the constants are not published.",
    status=Status.CONSTANTS_UNKNOWN,
    reason="Long & Sedghi 2020 state their bound up to a constant that is not given",
    page=__doc__,
)
