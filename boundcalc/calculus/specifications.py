"""Classes from the tables of a study file: nested mappings of words, numbers and lists. Nothing is
run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from boundcalc.calculus.composed import Complexity
from boundcalc.calculus.constructors import (
    function_class,
    given,
    late_fusion,
    max_of,
    sum_of,
    union,
)
from boundcalc.errors import InputError, nearest, prefix_errors, shorten, shown
from boundcalc.symbolic.catalogue import complexity_modules

_DEEPEST = 32


@dataclass(frozen=True)
class Operation:
    """An operation in a study file: the keys that it takes, and what it does with their values."""

    make: Callable[..., Complexity]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    several: bool = False
    leaf: bool = False


OPERATIONS: dict[str, Operation] = {
    "sum": Operation(lambda parts, m: sum_of(*parts), several=True),
    "max": Operation(lambda parts, m: max_of(*parts), several=True),
    "union": Operation(lambda parts, m, **k: union(*parts, **k), needs=("bound",), several=True),
    "scale": Operation(lambda F, m, factor: F * factor, needs=("factor",)),
    "offset": Operation(lambda F, m: F.offset()),
    "subset": Operation(lambda F, m: F.subset()),
    "convex-hull": Operation(lambda F, m: F.convex_hull()),
    "lipschitz": Operation(lambda F, m, lipschitz: F.lipschitz(lipschitz), needs=("lipschitz",)),
    "vector-contraction": Operation(
        lambda F, m, lipschitz: F.vector_contraction(lipschitz), needs=("lipschitz",)
    ),
    "loss": Operation(lambda F, m, **k: F.loss_class(**k), needs=("lipschitz", "loss_bound")),
    "signed": Operation(lambda F, m: F.signed()),
    "on-sample": Operation(lambda F, m: F.on_sample()),
    "expected": Operation(lambda F, m, **k: F.expected(**k), takes=("delta",)),
    "rademacher-from-gaussian": Operation(lambda F, m: F.rademacher_from_gaussian()),
    "given": Operation(
        lambda m, value, **k: given(value, m=m, **k),
        needs=("value",),
        takes=("average", "signs", "output", "noise"),
        leaf=True,
    ),
    "late-fusion": Operation(late_fusion, needs=("norms", "radii"), takes=("joint",), leaf=True),
}


def class_from_dict(spec: Mapping[str, Any], m: int, *, where: str = "class") -> Complexity:
    """A class from a table such as ``{"kind": "linear-l2", "norm": 1, "radius": 1}``.

    Parameters
    ----------
    spec : mapping
        `kind` is a catalogue id, whose parameters are the other keys, or an operation: sum, max and
        union of a list ``of`` tables; scale, offset, subset, convex-hull, lipschitz,
        vector-contraction, loss, signed, on-sample, expected and rademacher-from-gaussian of one
        table; given; late-fusion. `name` may name the result.
    m : int
        The number of examples.
    where : str
        Where the table stands, for messages.

    Raises
    ------
    InputError
        One line that says where the mistake is and names the nearest known kind or key;
        `ConventionError` where conventions do not match.
    """
    return _parsed(spec, m, where, 0)


def _parsed(spec: object, m: int, where: str, depth: int) -> Complexity:
    if not isinstance(spec, Mapping):
        raise InputError(f"{where} must be a table with a kind, not {shown(spec)}")
    if depth > _DEEPEST:
        raise InputError(f"{where} is nested more than {_DEEPEST} deep")
    keys = {str(key): value for key, value in spec.items()}
    kind, name = keys.pop("kind", None), keys.pop("name", None)
    known = {*OPERATIONS, *complexity_modules()}
    if not isinstance(kind, str) or kind not in known:
        said = "it is missing" if kind is None else f"not {shown(kind)}{nearest(kind, known)}"
        raise InputError(f"{where}: kind must name a class or an operation; {said}")
    if kind in OPERATIONS:
        made = _operation(kind, OPERATIONS[kind], keys, m, where, depth)
    else:
        with prefix_errors(where):
            if "m" in keys:
                raise InputError("m is that of the study, the same for all classes")
            made = function_class(kind, m=m, **keys)
    with prefix_errors(where):
        return made if name is None else made.named(name)


def _operation(
    word: str, kind: Operation, keys: dict[str, Any], m: int, where: str, depth: int
) -> Complexity:
    known = (*(() if kind.leaf else ("of",)), *kind.needs, *kind.takes)
    for key in keys:
        if key not in known:
            hint = nearest(key, (*known, "kind", "name"))
            raise InputError(f"{where}: unknown key '{shorten(key)}' of {word}{hint}")
    missing = [key for key in known if key not in keys and key not in kind.takes]
    if missing:
        raise InputError(f"{where}: {word} needs {', '.join(missing)}")
    if kind.leaf:
        with prefix_errors(where):
            return kind.make(m=m, **keys)
    of = keys.pop("of")
    if not kind.several:
        parts: Any = _parsed(of, m, f"{where}.of", depth + 1)
    elif isinstance(of, (list, tuple)) and of:
        parts = [_parsed(part, m, f"{where}.of[{i}]", depth + 1) for i, part in enumerate(of, 1)]
    else:
        raise InputError(f"{where}: of must be a list of tables, not {shown(of)}")
    with prefix_errors(where):
        return kind.make(parts, m, **keys)
