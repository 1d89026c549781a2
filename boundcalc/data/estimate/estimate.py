"""Empirical Rademacher and Gaussian complexity of real arrays, by Monte Carlo."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from boundcalc.arguments import typed
from boundcalc.conventions import Noise, Output, Side
from boundcalc.data.dataset import Dataset, width_note
from boundcalc.data.encode import encoded
from boundcalc.data.estimate.classifiers import fitted_suprema
from boundcalc.data.estimate.result import Estimate
from boundcalc.data.estimate.row_blocks import RowBlocks
from boundcalc.data.estimate.suprema import (
    KERNELS,
    FiniteClass,
    Floats,
    LinearBall,
    Suprema,
    Tick,
    kernel_suprema,
    projected_suprema,
    several_outputs,
    summation_error,
)
from boundcalc.errors import DomainError, InputError, argument, refuse_unknown, shorten
from boundcalc.numeric.complexity import complexity
from boundcalc.numeric.decide.sample import checked_seed
from boundcalc.numeric.domains import checked
from boundcalc.symbolic.parameters import parameter

KINDS = ("linear", "kernel", "finite", "sklearn")
NOISES = {"rademacher": Noise.RADEMACHER, "gaussian": Noise.GAUSSIAN}
_MOST_DRAWS = 10**7
_MOST_OUTPUTS = 10**5
_FOLDS = 10
_FEWEST = 100  # of fewer draws the standard error of the residuals misses their tail


@typed
def estimate(
    X: Any,
    kind: str = "linear",
    *,
    p: float = 2,
    norm: float = 1,
    outputs: int = 1,
    kernel: str = "linear",
    gamma: float | None = None,
    model: Any = None,
    draws: int = 1000,
    seed: int = 0,
    noise: str = "rademacher",
    modalities: Sequence[str] | None = None,
    progress: Tick | None = None,
) -> Estimate:
    """Estimate the complexity of a class of functions on the given sample.

    Parameters
    ----------
    X : array_like, shape (m, d), or Dataset
        Inputs, one row an example: a NumPy array (also memory-mapped), a data frame, a Dask array
        or a `Dataset`. For ``finite`` the outputs of the functions, one column a function; for the
        kernel ``precomputed`` the m × m kernel matrix.
    kind : {"linear", "kernel", "finite", "sklearn"}
        Linear functions in an ℓp ball; the ball of a kernel's space; finitely many functions; what
        a scikit-learn classifier can learn, of which only a lower bound is estimated.
    p, norm : float
        The ball is ‖w‖_p ≤ norm, 1 ≤ p ≤ ∞. `norm` is also the radius in a kernel's space.
    outputs : int
        k > 1 for the ball ‖W‖_F ≤ norm of linear functions x ↦ Wx with k outputs: the complexity is
        then the vector one, with one sign for each example and output.
    kernel : {"linear", "rbf", "precomputed"}
    gamma : float, optional
        Of the kernel exp(−gamma ‖x − x′‖²); needed there.
    model : scikit-learn classifier
        For ``sklearn``.
    draws : int
        At least 2.
    seed : int
        The noise is a function of seed, draw and example: a longer run starts with a shorter one's
        draws.
    noise : {"rademacher", "gaussian"}
        Random signs or standard normals.
    modalities : sequence of str, optional
        Of a `Dataset`: whose columns are put side by side; default: all.
    progress : callable, optional
        Called with the steps done and the steps in all.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        For data or options that cannot be used; the message names the row and the column.

    Notes
    -----
    For a ball the draws ‖Xᵀσ‖_q/m are corrected by the control variate ‖Xᵀσ‖₂², whose mean is
    ‖X‖_F²; for a kernel by σᵀKσ, whose mean is tr K. float32 data stay float32 in the products of
    the signs with up to eight blocks of at most 2,048 rows; the sum over all, norms and means are
    in float64. Normals are multiplied in float64. Data are read in blocks; only the inputs of the
    kernel ``rbf`` and of a classifier are in memory whole.

    Examples
    --------
    >>> import numpy as np
    >>> bool(0 < estimate(np.ones((50, 3)), norm=2, draws=100).value < 1)
    True
    """
    options = _Options(kind, p, norm, outputs, kernel, gamma, model, draws, seed, noise)
    rows, notes = _rows(X, modalities)
    return _record(rows, options, options.draw(rows, progress), notes)


def _rows(X: Any, modalities: Sequence[str] | None) -> tuple[RowBlocks, tuple[str, ...]]:
    """The matrix, and what is unusual about it."""
    if isinstance(X, Dataset):
        X = encoded(X)
        names = X.chosen(modalities)
        rows = RowBlocks(X.features(names), where=X.source)
        notes = [f"Modality '{name}': {note}" for name in names for note in X.notes[name]]
        return rows, (*notes, *(width_note(rows.m, rows.d) if len(names) > 1 else ()))
    if modalities is not None:
        raise InputError("modalities are named for a data set, not for one array")
    if isinstance(X, Mapping):
        raise InputError(
            "X is a mapping: make a data set of it with boundcalc.data.arrays.as_dataset"
        )
    rows = RowBlocks(X)
    return rows, width_note(rows.m, rows.d)


@dataclass
class _Options:
    """The options, checked before the data are read."""

    kind: str
    p: float
    norm: float
    outputs: int
    kernel: str
    gamma: float | None
    model: Any
    draws: int
    seed: int
    noise: str

    def __post_init__(self) -> None:
        self.kind = _choice("class", self.kind, KINDS)
        self.kernel = _choice("kernel", self.kernel, KERNELS)
        self.of_noise = NOISES[_choice("noise", self.noise, NOISES)]
        self.dual = _dual(self.p)
        self.p = float(self.p)
        self.norm = _positive("norm", self.norm)
        self.draws = _whole("draws", self.draws, 2, _MOST_DRAWS)
        self.outputs = _whole("outputs", self.outputs, 1, _MOST_OUTPUTS)
        if self.outputs > 1 and (self.kind != "linear" or self.dual != 2):
            said = "is for the class linear with p = 2: leave it out"
            raise InputError(f"{argument('outputs')} = {self.outputs} {said}")
        if self.draws * self.outputs > _MOST_DRAWS:
            said = f"{self.draws * self.outputs:,} is more than {_MOST_DRAWS:,}"
            raise DomainError(f"{argument('draws')} · {argument('outputs')} = {said}")
        self.seed = checked_seed(self.seed)
        self.gamma = None if self.gamma is None else _positive("gamma", self.gamma)
        sklearn = self.kind == "sklearn"
        if (self.gamma is not None) != (self.kind == "kernel" and self.kernel == "rbf"):
            said = "is for the kernel rbf, and needed there: exp(−gamma ‖x − x′‖²)"
            raise InputError(f"{argument('gamma')} {said}")
        if (self.model is not None) != sklearn:
            said = "is for the class sklearn, and needed there: a scikit-learn classifier"
            raise InputError(f"{argument('model')} {said}")
        unused = {
            "p": self.p != 2 and self.kind != "linear",
            "norm": self.norm != 1 and self.scale != self.norm,
            "kernel": self.kernel != "linear" and self.kind != "kernel",
        }
        for name in (name for name, useless in unused.items() if useless):
            raise InputError(
                f"{argument(name)} has no meaning for the class {self.kind}: leave it out"
            )
        if sklearn and self.of_noise is Noise.GAUSSIAN:
            said = f"leave {argument('noise')} out"
            raise InputError(f"a classifier is fitted to signs, not to normals: {said}")

    def draw(self, rows: RowBlocks, tick: Tick | None) -> Suprema:
        """The suprema of the draws; over a ball, that of radius 1."""
        common: dict[str, Any] = {"draws": self.draws, "seed": self.seed, "tick": tick}
        if self.kind == "sklearn":
            return fitted_suprema(rows, self.model, **common)
        common["gaussian"] = self.of_noise is Noise.GAUSSIAN
        if self.kind == "finite":
            return projected_suprema(rows, FiniteClass(), **common)
        if self.outputs > 1:
            common["draws"] *= self.outputs
            return several_outputs(projected_suprema(rows, LinearBall(2), **common), self.outputs)
        if self.kind == "linear" or self.kernel == "linear":
            return projected_suprema(
                rows, LinearBall(self.dual if self.kind == "linear" else 2), **common
            )
        return kernel_suprema(rows, gamma=self.gamma, **common)

    @property
    def scale(self) -> float:
        """The radius of the ball; 1 for a class that is not a ball."""
        return self.norm if self.kind in ("linear", "kernel") else 1.0

    def ceiling(self, squares: float, m: int) -> float | None:
        """The catalogue's bound on a ball, where the mean of its squared suprema is known.

        Its proof, Jensen's inequality, uses of the signs that they are uncorrelated with mean 0 and
        mean square 1, so it holds for normals as well. The result is moved up by more than its
        rounding.
        """
        if self.outputs > 1:
            size = {"outputs": self.outputs, "frobenius": math.sqrt(squares / self.outputs)}
            bound = complexity("linear-frobenius", form="data", norm=self.norm, m=m, **size)
        elif self.kind == "kernel":
            bound = complexity("kernel", form="data", norm=self.norm, trace=squares, m=m)
        elif self.kind == "linear" and self.dual == 2:
            bound = complexity(
                "linear-l2", form="data", norm=self.norm, frobenius=math.sqrt(squares), m=m
            )
        else:
            return None
        return bound.value * (1 + 1e-12)

    @property
    def members(self) -> str:
        """What the functions are."""
        radius = f"{self.norm:g}"
        if self.outputs > 1:
            return f"x ↦ Wx with {self.outputs} outputs and ‖W‖_F ≤ {radius}"
        if self.kind == "linear":
            return f"x ↦ ⟨w, x⟩ with ‖w‖_{'∞' if math.isinf(self.p) else f'{self.p:g}'} ≤ {radius}"
        if self.kind == "finite":
            return "the functions whose outputs are the columns"
        if self.kind == "sklearn":
            return f"what {type(self.model).__name__} can learn"
        called = {"linear": "linear kernel", "rbf": f"kernel exp(−{self.gamma} ‖x − x′‖²)"}
        return f"‖f‖ ≤ {radius} in the space of the {called.get(self.kernel, 'given kernel')}"

    @property
    def parameters(self) -> dict[str, float | str]:
        """The parameters of the class."""
        if self.kind == "linear":
            several = {"outputs": self.outputs} if self.outputs > 1 else {}
            return {"p": "inf" if math.isinf(self.p) else self.p, "norm": self.norm, **several}
        if self.kind == "kernel":
            gamma = {} if self.gamma is None else {"gamma": self.gamma}
            return {"kernel": self.kernel, "norm": self.norm, **gamma}
        return {"model": shorten(repr(self.model), 200)} if self.kind == "sklearn" else {}


def _record(rows: RowBlocks, options: _Options, drawn: Suprema, notes: tuple[str, ...]) -> Estimate:
    scale = options.scale / rows.m
    with np.errstate(over="ignore", invalid="ignore"):
        draws = drawn.values * scale
        mean, error = float(draws.mean()), float(draws.std(ddof=1)) / math.sqrt(draws.size)
        best = controlled_mean(draws, drawn.control, drawn.control_mean)
    bound = options.scale * math.sqrt(drawn.squares / rows.m)
    if not all(map(math.isfinite, (*best, mean, bound))):
        raise InputError(
            f"{rows.where} or {argument('norm')} is too large: the complexity is not a number"
        )
    single = options.kind in ("linear", "finite") and options.of_noise is Noise.RADEMACHER
    return Estimate(
        value=best[0],
        standard_error=best[1],
        mean=mean,
        plain_standard_error=error,
        side=Side.LOWER if options.kind == "sklearn" else None,
        kind=options.kind,
        members=options.members,
        noise=options.of_noise,
        draws=options.draws,
        seed=options.seed,
        examples=rows.m,
        features=rows.d,
        bound=bound,
        largest=options.scale * drawn.largest,
        rounding=scale * drawn.rounding + (1e-13 + summation_error(rows.d)) * abs(mean),
        precision=rows.dtype.name if single else "float64",
        freedom=best[2],
        parameters=options.parameters,
        output=Output.VECTOR if options.outputs > 1 else Output.SCALAR,
        ceiling=options.ceiling(drawn.squares, rows.m),
        notes=notes,
    )


def controlled_mean(
    draws: Floats, control: Floats, control_mean: float
) -> tuple[float, float, int]:
    """The mean of draws less what a control variate explains of their deviation.

    The coefficient of each tenth of the draws is the regression coefficient of the other nine
    tenths. So it is independent of the draws that it corrects, and the mean stays unbiased; a
    coefficient from the same draws would bias it. Few draws are not corrected.

    Returns
    -------
    tuple
        The mean, its standard error, which is that of the residuals, and its degrees of freedom.
    """
    n, fitted = draws.size, 1
    if n >= _FEWEST and control_mean > 0 and np.isfinite(control_mean):
        excess = control / control_mean - 1
        draws, fitted = draws - _coefficients(draws, excess) * excess, 2
    return float(draws.mean()), float(draws.std(ddof=fitted)) / math.sqrt(n), n - fitted


def _coefficients(y: Floats, x: Floats) -> Floats:
    """For each draw the slope of y on x in the folds that it is not in."""
    fold = np.arange(y.size) % _FOLDS
    weights = np.ones_like(y), x, y, x * x, x * y
    sums = np.array([np.bincount(fold, weights=w, minlength=_FOLDS) for w in weights])
    n, sx, sy, sxx, sxy = sums.sum(axis=1, keepdims=True) - sums
    spread, zero = sxx - sx * sx / n, np.zeros_like(sxx)
    slope = np.divide(sxy - sx * sy / n, spread, out=zero, where=spread > 1e-20 * n)
    return np.asarray(slope[fold])


def _choice(what: str, value: object, known: Any) -> str:
    name = str(value).strip().lower()
    refuse_unknown(what, name, known)
    return name


def _dual(p: float) -> float:
    if not p >= 1:
        raise DomainError(
            f"{argument('p')} = {shorten(repr(p))} is outside the domain (1 ≤ p ≤ inf)"
        )
    if math.isinf(p):
        return 1.0
    return math.inf if p == 1 else float(p / (p - 1))


def _positive(name: str, value: float) -> float:
    number = checked(parameter("norm"), value) if name == "norm" else value
    if not 0 < number < math.inf:
        raise DomainError(
            f"{argument(name)} = {shorten(repr(value))} is outside the domain (a positive number)"
        )
    return float(number)


def _whole(name: str, value: float, low: int, high: int) -> int:
    if not isinstance(value, int):
        raise InputError(f"{argument(name)} must be a whole number, not {shorten(repr(value))}")
    if not low <= value <= high:
        raise DomainError(
            f"{argument(name)} = {shorten(str(value))} is outside the domain ({low} to {high:,})"
        )
    return value
