"""The pairs of a diagnosis in one table, for CSV."""

from __future__ import annotations

from boundcalc.data.diagnose.diagnosis import Diagnosis, ModalityPair
from boundcalc.numeric.certifying.certification import Certification
from boundcalc.render.document import Document, Table
from boundcalc.render.numbers import lower, number, upper

_PLACES = 6
_AGAINST = ("risk", "difference_lower", "difference_upper", "certified")
_COLUMNS = (
    *(
        "x",
        "y",
        "kappa",
        "kappa_lower",
        "kappa_upper",
        "share_lower",
        "share_upper",
        "connected",
        "risk_x",
    ),
    *(f"{which}_{name}" for which in ("x_and_y", "two_stage") for name in _AGAINST),
    "lu_bound",
)


def rows_document(record: Diagnosis) -> Document:
    """One row an ordered pair; differences are r(x alone) less the other risk."""
    return (Table(_COLUMNS, tuple(_cells(pair) for pair in record.pairs)),)


def _cells(pair: ModalityPair) -> tuple[str, ...]:
    kappa, share = pair.connection.kappa, pair.connection.normalised
    bound = None if pair.bound is None else pair.bound.value
    return (
        *(pair.x, pair.y, "" if kappa.value is None else number(kappa.value, _PLACES)),
        *(lower(kappa.lower, _PLACES), upper(kappa.upper, _PLACES)),
        *(
            lower(share.lower, _PLACES),
            upper(share.upper, _PLACES),
            str(pair.connection.certified).lower(),
        ),
        "" if pair.adds is None else number(pair.adds.mean_a, _PLACES),
        *_against(pair.adds),
        *_against(pair.two_stage),
        "" if bound is None else upper(bound, _PLACES),
    )


def _against(found: Certification | None) -> tuple[str, ...]:
    if found is None:
        return ("",) * len(_AGAINST)
    better = {"a": "worse", "b": "better", None: ""}[found.verdict]
    ends = lower(found.decider.lower, _PLACES), upper(found.decider.upper, _PLACES)
    return number(found.mean_b, _PLACES), *ends, better
