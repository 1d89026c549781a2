"""The ``class`` of a subset in a study file: any class of the catalogue, or a composition of
classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boundcalc.conventions import Average, Noise, Output, Signs
from boundcalc.errors import ConventionError, InputError, shorten
from boundcalc.numeric.domains import exactly
from boundcalc.study.study import LossKind, Study
from boundcalc.text import confidence, number

if TYPE_CHECKING:
    from boundcalc.calculus import Complexity

# classes whose functions may be the 0/1 losses themselves; all others are classes of scores
_OF_LOSSES = ("vc", "finite", "given")


@dataclass(frozen=True)
class ClassNumbers:
    """What a study needs of a class: one of the three numbers, and what is assumed.

    Attributes
    ----------
    complexity : float or None
        The c of R = √(c/m), where the expected complexity falls like that.
    rademacher, rademacher_empirical : float or None
        Else the expected complexity at the study's m, or the one on its sample.
    assumes : tuple of str
    """

    complexity: float | None = None
    rademacher: float | None = None
    rademacher_empirical: float | None = None
    assumes: tuple[str, ...] = ()


def class_numbers(entry: object, study: Study, where: str) -> ClassNumbers:
    """Evaluate the class of a subset, in the conventions of the study.

    Raises
    ------
    InputError
        For a class that cannot be evaluated; `ConventionError` for one in other conventions than
        the study.
    """
    if not isinstance(entry, Mapping):
        raise InputError(
            f'{where}: class must be a table, such as {{ kind = "linear-l2", norm = 1, radius = 1 '
            f"}}"
        )
    from boundcalc.calculus import class_from_dict  # SymPy
    from boundcalc.numeric.complexity import complexity

    where = f"{where}, class"
    F = class_from_dict(entry, 1 if study.m is None else study.m, where=where)
    _check(F, str(entry.get("kind")), study, where)
    F = F.expected() if Average.EXPECTED in F.tags.averages else F.on_sample()
    found = complexity(F)
    if found.failure:
        raise ConventionError(
            f"{where} holds with probability {confidence(found.failure)}, "
            "and the ledger does not pay for that: "
            "give the complexity on the sample, without expected"
        )
    if found.average is Average.EMPIRICAL:
        _needs_m(study, where)
        return ClassNumbers(rademacher_empirical=found.value, assumes=found.assumes)
    if found.intrinsic is not None:
        return ClassNumbers(complexity=_intrinsic(entry, where), assumes=found.assumes)
    _needs_m(study, where)
    return ClassNumbers(rademacher=found.value, assumes=found.assumes)


def _check(F: Complexity, kind: str, study: Study, where: str) -> None:
    """Refuse a class in other conventions than the theorems take, and name the bridge."""
    tags = F.tags
    if study.loss is LossKind.ZERO_ONE and kind not in _OF_LOSSES:
        raise InputError(
            f"{where}: {shorten(kind)} is a class of scores, and a 0/1 loss is not Lipschitz; "
            f"give the class of the losses themselves, {', '.join(_OF_LOSSES)}, or rademacher"
        )
    if tags.signs is not Signs.SIGNED:
        raise ConventionError(
            f'{where} has absolute values: wrap it, {{ kind = "signed", of = … }}'
        )
    if tags.noise is not Noise.RADEMACHER:
        raise ConventionError(
            f'{where} is a Gaussian complexity: wrap it, {{ kind = "rademacher-from-gaussian", of '
            f"= … }}"
        )
    if (tags.output is Output.VECTOR) != study.vector_outputs:
        vector = tags.output is Output.VECTOR
        has, says = ("several outputs", "false") if vector else ("one output", "true")
        raise ConventionError(f"{where}: {shorten(kind)} has {has}, but vector_outputs is {says}")
    _check_range(F, kind, study, where)
    if F.holds_losses and study.lipschitz not in (None, 1.0):
        raise ConventionError(
            f"{where} is a class of losses, in which the Lipschitz constant is already: "
            f"lipschitz is 1 then, not {study.lipschitz:g}"
        )


def _check_range(F: Complexity, kind: str, study: Study, where: str) -> None:
    """Refuse a class of losses whose values leave out some that the study's loss may take."""
    of_errors = study.loss is LossKind.ZERO_ONE
    length = F.width if F.holds_losses or of_errors else None
    if length is None or length >= exactly(study.loss_bound):
        return
    end = number(float(length / 2 if of_errors else length), 10)
    has = f"[−{end}, {end}]" if of_errors else f"[0, {end}]"
    raise ConventionError(
        f"{where}: {shorten(kind)} has values in {has}, or in an interval of that length, and the "
        f"losses of the study lie in [0, {study.loss_bound:g}]: let the two agree"
    )


def _needs_m(study: Study, where: str) -> None:
    if study.m is None:
        raise InputError(
            f"{where} needs m, the number of training examples, which the study does not give"
        )


def _intrinsic(entry: Mapping[str, Any], where: str) -> float:
    """c = R² at m = 1, where rounding has the least to do."""
    from boundcalc.calculus import class_from_dict
    from boundcalc.numeric.complexity import complexity

    return complexity(class_from_dict(entry, 1, where=where).expected()).value ** 2
