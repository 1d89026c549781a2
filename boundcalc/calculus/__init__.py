"""The calculus of complexities: function classes as values, composed by operators and rules.

    F = function_class("linear-l2", norm=1, radius=1, m=1000)
    G = function_class("linear-l2", norm=2, radius=1, m=1000)
    (F + G).named("H∘G_M").loss_class(lipschitz=1, loss_bound=1).derivation.check()

Every composition keeps its proof, down to the numbers of the classes it is made of. Complexities in
conventions that do not match are refused, and the message names the bridge between them.

A class from the catalogue: `function_class`; from a table of a study file: `class_from_dict`; from
a number computed elsewhere: `given`. Operations on one class are methods of `Complexity`, on
several the functions here. `complete` puts classes into the proof of a theorem.
"""

from boundcalc.calculus.composed import Complexity
from boundcalc.calculus.constructors import (
    class_from_dict,
    complete,
    function_class,
    given,
    late_fusion,
    max_of,
    sum_of,
    union,
)

__all__ = [
    "Complexity",
    "class_from_dict",
    "complete",
    "function_class",
    "given",
    "late_fusion",
    "max_of",
    "sum_of",
    "union",
]
