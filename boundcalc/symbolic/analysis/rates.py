"""How fast a bound approaches its limit as a sample grows, read off its closed form.

Nothing here is typed in: limits, constants and exponents are those of the expansion of the
expression that is evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from boundcalc.arguments import typed
from boundcalc.record import Record
from boundcalc.symbolic.analysis.growth import analyses
from boundcalc.symbolic.analysis.orders import Rate
from boundcalc.symbolic.catalogue import theorem
from boundcalc.symbolic.complexity_functions import definitions_in
from boundcalc.symbolic.theorem import Theorem


@dataclass(frozen=True)
class Rates(Record):
    """All growth rates of one variant; `caveats` are the assumptions on the entry's page."""

    id: str
    variant: str
    statement: str
    rates: tuple[Rate, ...]
    definitions: tuple[tuple[str, str], ...]
    caveats: str

    def to_dict(self) -> dict[str, Any]:
        """Plain text and lists, ready for JSON."""
        return {
            "id": self.id,
            "variant": self.variant,
            "statement": self.statement,
            "caveats": self.caveats,
            "rates": [rate.to_dict() for rate in self.rates],
            "definitions": dict(self.definitions),
        }


@typed
def rates(id: str, /, *, variant: str | None = None) -> Rates:
    """Rates of convergence or growth of a bound in each of its sample sizes.

    Parameters
    ----------
    id : str
    variant : str, optional
        Where left out, the first, tightest one.

    Returns
    -------
    Rates
        For each size with the rest fixed; where both sizes enter, jointly with m = λn and m = μn²;
        where a Rademacher complexity enters, with R = ρ/√m; for error counts, with errors = qn.

    Raises
    ------
    UnknownNameError
        For an unknown id or variant.

    Examples
    --------
    >>> rates("holdout.hoeffding").statement
    'r(f)'
    """
    entry = theorem(id)
    chosen = next(iter(entry.variants.values())) if variant is None else entry.variant(variant)
    found = tuple(analyses(chosen))
    return Rates(
        id=id,
        variant=chosen.name,
        statement=chosen.statement or entry.statement,
        rates=found,
        definitions=_definitions(found),
        caveats=section(entry, "Assumptions"),
    )


def _definitions(found: tuple[Rate, ...]) -> tuple[tuple[str, str], ...]:
    """What the quantiles in the constants mean."""
    shown = [rate.order.coefficient for rate in found if rate.order]
    shown += [rate.limit for rate in found if rate.limit is not None]
    return tuple(sorted(definitions_in(*shown).items()))


def section(entry: Theorem, head: str) -> str:
    """One section of an entry's page, as one paragraph."""
    _, _, rest = entry.page.partition(f"\n{head}\n")
    lines = rest.splitlines()[1:]
    text: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if following and set(following) == {"-"}:
            break
        text.append(line.strip())
    return " ".join(" ".join(text).translate({ord("`"): None, ord("*"): None}).split())
