"""What is missing where the facts do not bound a linear form: the limits that would close the gap."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack

from boundcalc.conventions import Side
from boundcalc.errors import UnboundedError
from boundcalc.numeric.proving.linear_program import Floats, Rows
from boundcalc.numeric.proving.pool import Pool

_NEGLIGIBLE = 1e-7
_MOST_NAMED = 4
# a limit on the quantity that was asked about is no news; one that no fact gives at all is
_ASKED, _CHAINED, _END = 4.0, 2.0, 1.0


def missing_link(objective: Floats, pool: Pool, side: Side) -> UnboundedError:
    """The error that names a small set of limits which, if they were facts, would give a bound.

    Σ c (lhs − rhs) has to equal the form; what the facts leave over is made as small as possible.
    """
    rows, count = pool.rows, len(objective)
    identity = eye_array(count)
    result = linprog(
        np.concatenate([np.zeros(len(rows.bounds)), *_weights(objective, rows)]),
        A_eq=csr_array(hstack([rows.matrix.T, identity, -identity])),
        b_eq=objective,
        bounds=[(None, None) if equal else (0, None) for equal in rows.equal] + [(0, None)] * (2 * count),
        method="highs-ds",
    )
    bound = "bounded from above" if side is Side.UPPER else "bounded from below"
    if result.x is None:
        return UnboundedError(f"no combination of the facts gives a bound: it is not {bound}")
    above, below = np.split(result.x[len(rows.bounds) :], 2)
    missing = [f"{pool.quantity(j).name} from above" for j in np.flatnonzero(above > _NEGLIGIBLE).tolist()]
    missing += [f"{pool.quantity(j).name} from below" for j in np.flatnonzero(below > _NEGLIGIBLE).tolist()]
    shown = ", ".join(missing[:_MOST_NAMED]) + (", …" if len(missing) > _MOST_NAMED else "")
    return UnboundedError(f"what was asked for is not {bound} by the facts: nothing bounds {shown}")


def _weights(objective: Floats, rows: Rows) -> tuple[Floats, Floats]:
    """How little a limit on each quantity, from above and from below, would say."""
    entries = rows.matrix.tocoo()
    count, both = len(objective), rows.equal[entries.row]
    limited = []
    for sign in (1, -1):
        chained = np.zeros(count, dtype=bool)
        chained[entries.col[both | (sign * entries.data > 0)]] = True
        limited.append(np.where(objective != 0, _ASKED, np.where(chained, _CHAINED, _END)))
    return limited[0], limited[1]
