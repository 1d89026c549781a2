"""Lemmas on the complexity of concrete classes: functions that return facts.

Each checks the class and the convention that it is asked for, reads the constants from the class,
and refuses otherwise. See `covering` for covering numbers, `composition` for composed classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, S, log, sqrt

from boundcalc.conventions import Average, Output
from boundcalc.symbolic.complexity import StructuredClass, subscript
from boundcalc.symbolic.complexity_functions import LogGrowth, NormalMoment
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import (
    at_most,
    equal,
    exact,
    nonnegative,
    require,
    require_possible,
)
from boundcalc.symbolic.quantities import Quantity, convention, rademacher

SHORT = "‖x‖₂ ≤ X for every input"
UNITS = "activations act on each unit, are 1-Lipschitz and positively homogeneous, such as ReLU"
NO_BIASES = "real output, no biases"


@dataclass(frozen=True)
class Geometry:
    """How the supremum over a ball of weights and the size of the data are measured.

    `ids` names the classes it belongs to; `sum_text` is the norm of the signed sum of the data,
    `data_text` the size of the data, both with ``{}`` for the subscript of the data. `limit` says
    what X bounds; empty where no bound on single inputs helps.
    """

    ids: tuple[str, ...]
    sum_text: str
    sum_latex: str
    data_text: str
    data_latex: str
    limit: str = ""
    output: Output = Output.SCALAR


_ROWS = ("(Σ‖x{}_i‖₂²)^½", r"(\sum_i\|x{}_{{,i}}\|_2^2)^{{1/2}}", SHORT)
EUCLIDEAN = Geometry(("linear-l2",), "‖X{}ᵀσ‖₂", r"\|X{}^\top\sigma\|_2", *_ROWS)
KERNEL = Geometry(
    ("kernel",),
    "‖Σσ_iφ{}(x_i)‖",
    r"\|\sum_i\sigma_i\phi{}(x_i)\|",
    "(Σ‖φ{}(x_i)‖²)^½",
    r"(\sum_i\|\phi{}(x_i)\|^2)^{{1/2}}",
    "√k(x, x) ≤ X for every input",
)
FROBENIUS = Geometry(
    ("linear-frobenius",), "‖X{}ᵀσ‖_F", r"\|X{}^\top\sigma\|_F", *_ROWS, Output.VECTOR
)
_NETWORK = ("network-frobenius",)
SUPREMUM = Geometry(
    ("linear-l1",),
    "‖X{}ᵀσ‖_∞",
    r"\|X{}^\top\sigma\|_\infty",
    "max_j ‖X{}_·j‖₂",
    r"\max_j\|X{}_{{\cdot j}}\|_2",
    "‖x‖_∞ ≤ X for every input: X bounds the largest coordinate",
)
COLUMNS = Geometry(
    ("linear-lp",),
    "‖X{}ᵀσ‖_q",
    r"\|X{}^\top\sigma\|_q",
    "‖(‖X{}_·j‖₂)_j‖_q",
    r"\|(\|X{}_{{\cdot j}}\|_2)_j\|_q",
)


def class_of(
    complexity: Quantity,
    ids: tuple[str, ...],
    output: Output = Output.SCALAR,
    *,
    losses: bool = False,
) -> StructuredClass:
    """The class of a signed Rademacher complexity, one of these; with `losses` that of ℓ∘F."""
    own, over = convention(complexity), complexity.subjects[0]
    signed = own.measure == "rademacher"
    require(signed, f"{complexity.name} is not a signed Rademacher complexity")
    known = isinstance(over, StructuredClass) and over.operation in ids
    require(known, f"{over.text} is not declared to be of the kind {' or '.join(ids)}")
    what = "the class itself" if losses else "a loss class"
    unknown = f"{complexity.name} is that of {what}, of which nothing is known"
    require((own.loss is not None) is losses, unknown)
    require(over.output is output, f"{over.text} does not have {output} outputs")
    return over  # type: ignore[no-any-return]


def whole_number(over: StructuredClass, name: str) -> Expr:
    """A number of things that belongs to a class: whole, and at least 1."""
    number = over.constant(name)
    require(bool(number.is_integer and number.is_positive), f"{number} is no {name} of {over.text}")
    return number


def size_of(of: Quantity) -> Expr:
    return convention(of).sample.size


def require_measured(of: Quantity) -> None:
    """The complexity is that of the given sample."""
    on_sample = convention(of).average is Average.EMPIRICAL
    require(on_sample, f"{of.name} is not that of the given sample")


def signed_sum(of: Quantity, geometry: Geometry) -> Quantity:
    """E of the dual norm of Σ σ_i x_i, over the signs, or also over the sample."""
    mark = class_of(of, geometry.ids, geometry.output).mark
    text = f"E {geometry.sum_text.format(mark)}"
    latex = rf"\mathbb{{E}}\,{geometry.sum_latex.format(subscript(mark))}"
    return Quantity("signed_sum", (*of.subjects, geometry), text, latex)


def data_norm(of: Quantity, text: str, latex: str, *about: object) -> Quantity:
    """A size of the data, averaged over samples if the complexity is."""
    expected = convention(of).average is Average.EXPECTED
    prefix, prefix_latex = ("E ", r"\mathbb{E}\,") if expected else ("", "")
    return Quantity("data_norm", (*of.subjects, *about), prefix + text, prefix_latex + latex)


def data_size(of: Quantity, geometry: Geometry) -> Quantity:
    """The size of the data that belongs to a geometry."""
    mark = class_of(of, geometry.ids, geometry.output).mark
    text, latex = geometry.data_text.format(mark), geometry.data_latex.format(subscript(mark))
    return data_norm(of, text, latex, geometry)


def dual_norm(of: Quantity, geometry: Geometry) -> Fact:
    """R(F) = (B/m) E‖Σ σ_i x_i‖_*: the supremum over a ball is the dual norm.

    Why: the supremum of a linear function over a ball is the dual norm.

    Loses: nothing: it is an equation.
    """
    over = class_of(of, geometry.ids, geometry.output)
    rhs = over.constant("norm") * signed_sum(of, geometry) / size_of(of)
    return equal("dual norm", of, rhs, "definition", "the class is a whole ball of weights")


def _outputs(of: Quantity, geometry: Geometry) -> Expr:
    """The number of outputs, each with its own sign; for a Hilbert norm only."""
    require(geometry in (EUCLIDEAN, KERNEL, FROBENIUS), "the norm is not that of a Hilbert space")
    over = class_of(of, geometry.ids, geometry.output)
    return whole_number(over, "outputs") if geometry is FROBENIUS else S.One


def second_moment(of: Quantity, geometry: Geometry) -> Fact:
    """E‖Σ σ_i u_i‖ ≤ (Σ ‖u_i‖²)^½ in a Hilbert space: Jensen, and the signs are uncorrelated.

    With k outputs there is a sign for each example and output: every ‖x_i‖² is counted k times.

    Why: Jensen's inequality, and the signs of different examples are uncorrelated.

    Loses: at most a factor of √2 (Khinchin–Kahane).
    """
    root = sqrt(_outputs(of, geometry))
    source = {EUCLIDEAN: "kakade2008", KERNEL: "bartlett2002", FROBENIUS: "definition"}[geometry]
    rhs = root * data_size(of, geometry)
    return at_most("second moment", signed_sum(of, geometry), rhs, source)


def khinchin_kahane(of: Quantity, geometry: Geometry) -> Fact:
    """(Σ ‖u_i‖²)^½/√2 ≤ E‖Σ σ_i u_i‖; √2 is the best constant.

    Why: the moments of a signed sum in a Hilbert space are comparable.

    Loses: up to a factor of √2, for orthogonal inputs.
    """
    require_measured(of)
    least = sqrt(_outputs(of, geometry)) * data_size(of, geometry) / sqrt(2)
    return at_most("Khinchin–Kahane", least, signed_sum(of, geometry), "latala1994")


def massart_columns(of: Quantity) -> Fact:
    """E max_j |⟨X_·j, σ⟩| ≤ √(2 ln(2d)) max_j ‖X_·j‖₂: 2d vectors, the columns and their
    negatives.

    Why: each of the 2d sums is sub-Gaussian, and a maximum of N of them has √(2 ln N)
    deviations.

    Loses: much where the columns are alike.
    """
    features = whole_number(class_of(of, SUPREMUM.ids), "features")
    root = sqrt(2 * log(2 * features))
    rhs = root * data_size(of, SUPREMUM)
    return at_most("Massart", signed_sum(of, SUPREMUM), rhs, "massart2000")


def _dual_exponent(of: Quantity) -> Expr:
    """q of the norm that is dual to the ball's: p/(p − 1), or as the ball says if it says no p."""
    over = class_of(of, COLUMNS.ids)
    if "p" not in dict(over.constants):
        return over.constant("dual_exponent")
    p = over.constant("p")
    return p / (p - 1)


def khintchine(of: Quantity) -> Fact:
    """E‖Xᵀσ‖_q ≤ (E|g|^q)^(1/q) ‖(‖X_·j‖₂)_j‖_q for q ≥ 2: Jensen, and each coordinate's best
    constant.

    Why: Jensen's inequality, and Haagerup's best constant for each coordinate.

    Loses: how much the coordinates of the sum depend on each other.
    """
    q = _dual_exponent(of)
    large = require_possible(q - 2, f"q = {q} is below 2")
    rhs = NormalMoment(q) * data_size(of, COLUMNS)
    total = signed_sum(of, COLUMNS)
    return at_most("Khintchine", total, rhs, "haagerup1981", "q ≥ 2", conditions=(large,))


def columnwise(of: Quantity) -> Fact:
    """E‖Xᵀσ‖_q ≤ ‖(‖X_·j‖₂)_j‖_q for 1 ≤ q ≤ 2: Jensen twice.

    Why: Jensen's inequality twice.

    Loses: at most what the q-th and the second moment of a signed sum differ by.
    """
    q = _dual_exponent(of)
    between = f"q = {q} is not between 1 and 2"
    conditions = tuple(require_possible(spare, between) for spare in (q - 1, 2 - q))
    sizes = signed_sum(of, COLUMNS), data_size(of, COLUMNS)
    return at_most("second moment", *sizes, "awasthi2020", "1 ≤ q ≤ 2", conditions=conditions)


def ball_inclusion(of: Quantity) -> Fact:
    """‖w‖_p′ ≤ ‖w‖_p for p′ ≥ p: the ball of ℓp lies in that of ℓp′, of the same radius.

    Why: norms fall with their exponent.

    Loses: how much larger the ball of the larger exponent is.
    """
    inner, own = class_of(of, ("linear-lp",)), convention(of)
    q = inner.constant("dual_exponent")
    between, spares = f"q = {q} is not between 2 and p/(p − 1)", (q - 2, _dual_exponent(of) - q)
    conditions = tuple(require_possible(spare, between) for spare in spares)
    outer = StructuredClass(
        f"{inner.text}⁺",
        rf"{inner.latex}^+",
        inner.loss,
        fixed=inner.fixed,
        operation=inner.operation,
        mark=inner.mark,
        constants=(("norm", inner.constant("norm")), ("dual_exponent", q)),
    )
    larger = rademacher(outer, own.sample, average=own.average)
    why = "p ≤ p′ ≤ 2, 1/p′ + 1/q = 1"
    lemma = "inclusion of balls"
    return at_most(lemma, of, larger, "definition", why, conditions=conditions)


def almost_surely(of: Quantity, geometry: Geometry) -> Fact:
    """The size of the data is at most √m X if no input's norm exceeds X.

    Why: a sum of m squares, each at most X².

    Loses: how much shorter the inputs are than the longest.
    """
    require(bool(geometry.limit), "no bound on the inputs alone bounds the norms of all columns")
    over = class_of(of, geometry.ids, geometry.output)
    rhs = sqrt(size_of(of)) * over.constant("radius")
    return at_most("bounded inputs", data_size(of, geometry), rhs, "definition", geometry.limit)


def measured(of: Quantity, geometry: Geometry, value: Expr) -> Fact:
    """The size of the data is the number that the user gives.

    Why: it is your number.

    Loses: nothing: it is an equation.
    """
    require_measured(of)
    size = data_size(of, geometry)
    return equal("given", size, nonnegative(exact(value)), "input", settles=size)


def finite_maximum(of: Quantity) -> Fact:
    """R(F) ≤ (√(2 ln N)/m) max_f ‖(f(x_1), …, f(x_m))‖₂ for N functions.

    Why: each signed sum is sub-Gaussian, and there are N of them.

    Loses: much where the functions are alike.
    """
    over = class_of(of, ("finite",))
    rhs = sqrt(2 * log(whole_number(over, "size"))) * _longest(of) / size_of(of)
    return at_most("Massart", of, rhs, "massart2000", f"{over.text} has at most N functions")


def _longest(of: Quantity) -> Quantity:
    over = of.subjects[0]
    latex = rf"\max_{{f\in {over.latex}}}\|f(S)\|_2"
    return data_norm(of, f"max_{over.text} ‖f(S)‖₂", latex, "values")


def bounded_values(of: Quantity) -> Fact:
    """max_f ‖(f(x_1), …, f(x_m))‖₂ ≤ b√m for |f| ≤ b.

    Why: a sum of m squares, each at most b².

    Loses: how much smaller the values are than b.
    """
    rhs = class_of(of, ("finite",)).constant("bound") * sqrt(size_of(of))
    why = "|f| ≤ b; where all values lie in one interval of length 2b, after a fixed shift by its "
    why += "middle"
    return at_most("bounded values", _longest(of), rhs, "definition", why)


def _patterns(of: Quantity) -> Quantity:
    over = of.subjects[0]
    return data_norm(of, f"√ln |{over.text}(S)|", rf"\sqrt{{\ln|{over.latex}(S)|}}", "patterns")


def massart_patterns(of: Quantity) -> Fact:
    """R(F) ≤ b √(2/m) · √ln |F(S)| for values ±b: only the patterns on the sample matter.

    Why: on the sample there are no more functions than patterns.

    Loses: much where the patterns are alike.
    """
    rhs = class_of(of, ("vc",)).constant("bound") * sqrt(2 / size_of(of)) * _patterns(of)
    return at_most("Massart", of, rhs, "massart2000", "the functions take the values −b and b only")


def sauer_shelah(of: Quantity, *, loose: bool = False) -> Fact:
    """|F(S)| ≤ Σ_{i≤d} (m choose i), and this is at most (e m/d)^d for d ≤ m.

    Why: a class of VC dimension d shatters no larger set, and so has few patterns.

    Loses: nothing for some classes; the second form at most a constant factor inside the
    logarithm.
    """
    d, m = whole_number(class_of(of, ("vc",)), "dimension"), size_of(of)
    enough = require_possible(m - d, f"{m} examples are fewer than the VC dimension {d}")
    root = sqrt(d * (1 + log(m / d)) if loose else LogGrowth(m, d))
    about = ("sauer1972", "VC dimension d ≤ m")
    return at_most("Sauer–Shelah", _patterns(of), root, *about, conditions=(enough,))


def _log_moment(of: Quantity) -> Quantity:
    """Λ_q(Y) = inf_λ (q ln 2 + ln E exp(λY))/λ of the signed sum of the inputs."""
    mark = class_of(of, _NETWORK).mark
    latex = rf"\Lambda_q(\|X{subscript(mark)}^\top\sigma\|_2)"
    return data_norm(of, f"Λ_q(‖X{mark}ᵀσ‖₂)", latex, "log moment")


def peeling(of: Quantity) -> Fact:
    """R(F) ≤ (Π M_j/m) Λ_q(‖Xᵀσ‖₂) for q matrices with ‖W_j‖_F ≤ M_j: each layer costs ln 2 inside
    Λ.

    Why: inside ln E exp(λ ·) a layer comes out at the price of a factor 2.

    Loses: what the constraint on each layer allows and the product of norms does not see.
    """
    product = class_of(of, _NETWORK).constant("norm_product")
    rhs = product * _log_moment(of) / size_of(of)
    return at_most("peeling of the layers", of, rhs, "golowich2018", NO_BIASES, UNITS)


def _moment(of: Quantity, size: Expr, why: str, **about: Any) -> Fact:
    """Λ_q(‖Xᵀσ‖₂) ≤ (√(2 ln 2 · q) + 1) ‖X‖_F: sub-Gaussian, mean at most ‖X‖_F."""
    depth = whole_number(class_of(of, _NETWORK), "depth")
    rhs = (sqrt(2 * log(2) * depth) + 1) * size
    return at_most("sub-Gaussian norm", _log_moment(of), rhs, "golowich2018", why, **about)


def network_inputs(of: Quantity) -> Fact:
    """The moment of the inputs where none is longer than X: ‖X‖_F ≤ √m X.

    Why: the norm of the signed sum is sub-Gaussian about its mean.

    Loses: how much shorter the inputs are than the longest.
    """
    radius = class_of(of, _NETWORK).constant("radius")
    return _moment(of, sqrt(size_of(of)) * radius, SHORT)


def measured_inputs(of: Quantity, frobenius: Expr) -> Fact:
    """The moment of the inputs where ‖X‖_F is given.

    Why: the norm of the signed sum is sub-Gaussian about its mean.

    Loses: how far the norm is from a sub-Gaussian variable with this mean and variance.
    """
    require_measured(of)
    told = {"settles": _log_moment(of), "settled_as": frobenius, "observed": True}
    return _moment(of, nonnegative(frobenius), "‖X‖_F as given", **told)
