"""The quantities of a study by the names that facts and objectives use, such as
risk(text+audio).
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from boundcalc.errors import InputError, UnknownNameError
from boundcalc.numeric.prove.fact_text import QuantityName
from boundcalc.numeric.prove.user_facts import own_quantities
from boundcalc.study.instances import Instances
from boundcalc.study.setting import ROLES
from boundcalc.symbolic.quantities import Quantity


class StudyNames:
    """What names stand for: a quantity of the study, or one of the user's own.

    Parameters
    ----------
    instances : Instances
    written : iterable of Name
        The names that occur in the user's facts: nothing else but the study's may be asked about.
    """

    def __init__(self, instances: Instances, written: Iterable[QuantityName]) -> None:
        self.instances = instances
        self.subsets = {subset.names: i for i, subset in enumerate(instances.study.subsets)}
        self.own = own_quantities()
        self.written = set(written)

    def __call__(self, name: QuantityName) -> Quantity:
        """The quantity of a name in a fact.

        Raises
        ------
        InputError
            For a quantity of a subset that the study does not have.
        """
        if name.head not in ROLES:
            self._refuse_likeness(name)
            return self.own(name)
        if len(name.arguments) == 1 and name.arguments[0] in self.subsets:
            return self.instances.quantity(name.head, self.subsets[name.arguments[0]])
        known = ", ".join(subset.label for subset in self.instances.study.subsets[:12])
        more = ", …" if len(self.subsets) > 12 else ""
        raise InputError(f"unknown quantity '{name}': the study's subsets are {known}{more}")

    def _refuse_likeness(self, name: QuantityName) -> None:
        """Refuse what looks like a quantity of the study but is none: it would be a new one."""
        for argument in name.arguments:
            if argument in self.subsets:
                label = self.instances.study.subsets[self.subsets[argument]].label
                role = _nearest_role(name.head)
                raise InputError(
                    f"unknown quantity '{name}': {label} is a subset of the study, and "
                    f"'{name.head}' is none "
                    f"of its quantities; did you mean '{role}({label})'?"
                )

    def asked(self, name: QuantityName) -> Quantity:
        """The quantity of a name in an objective.

        Raises
        ------
        InputError
            Also for a name that neither the study nor a fact knows.
        """
        if name.head in ROLES or name in self.written:
            return self(name)
        label = self.instances.study.subsets[0].label
        raise UnknownNameError(
            "quantity",
            str(name),
            [*map(str, self.written), *(f"{role}({label})" for role in ROLES)],
        )


def _nearest_role(head: str) -> str:
    """The role that a word abbreviates or resembles: r is risk."""
    short = [role for role in ROLES if role.startswith(head)]
    return (short or get_close_matches(head, ROLES, n=1) or [*ROLES])[0]
