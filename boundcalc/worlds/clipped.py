"""The clipped absolute error of a Gaussian: the bounded Lipschitz loss whose risk is known in closed form.

ℓ(f, y) = min(|f − y|, C) is 1-Lipschitz in f and takes values in [0, C]. In the linear model y − wᵀx is
normal with mean 0 and a variance s² that is known, so E ℓ and P(|f − y| > C) are functions of s alone. Both
grow with s: whatever has the least squared error also has the least of these.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

import numpy as np
from scipy.special import erfc

from boundcalc.worlds.families import Floats


def clipped(residuals: Any, bound: float) -> Floats:
    """The losses of residuals."""
    return np.asarray(np.minimum(np.abs(residuals), bound))


def clipped_risk(spread: Any, bound: float) -> Floats:
    """E min(|Z|, C) for Z normal with mean 0 and standard deviation `spread`."""
    s = np.asarray(spread, dtype=float)
    safe = np.where(s > 0, s, 1.0)
    inside = safe * sqrt(2 / pi) * -np.expm1(-((bound / safe) ** 2) / 2)
    return np.where(s > 0, inside + bound * erfc(bound / safe / sqrt(2)), 0.0)


def far_off(spread: Any, bound: float) -> Floats:
    """P(|Z| > C)."""
    s = np.asarray(spread, dtype=float)
    safe = np.where(s > 0, s, 1.0)
    return np.where(s > 0, erfc(bound / safe / sqrt(2)), 0.0)
