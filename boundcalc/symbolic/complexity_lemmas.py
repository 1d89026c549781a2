"""Lemmas on the complexity of concrete classes: functions that return facts.

Each checks the class and the convention that it is asked for, and refuses otherwise. The rules for
composed classes are in `composition_lemmas`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sympy import Expr, Integer, Rational, S, log, sqrt

from boundcalc.conventions import Average, Output
from boundcalc.symbolic.complexity import StructuredClass
from boundcalc.symbolic.complexity_functions import Largest, Least, LogGrowth, NormalMoment
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas.guards import at_most, equal, require
from boundcalc.symbolic.parameter import ParameterSymbol
from boundcalc.symbolic.quantities import Quantity, Sample, rademacher

SHORT = "‖x‖₂ ≤ X for every input"
UNITS = "activations act on each unit, are 1-Lipschitz and positively homogeneous, such as ReLU"
NO_BIASES = "real output, no biases"
UNIT_INTERVAL = ("values in [0, 1]", "distances in ℓ2 on the sample, not divided by √m")


@dataclass(frozen=True)
class Geometry:
    """How the supremum over a ball of weights and the size of the data are measured.

    `ids` names the classes it belongs to; `sum_text` is the norm of the signed sum of the data,
    `data_text` the size of the data, both with ``{}`` for the subscript of the data. `limit` says what
    X bounds; empty where no bound on single inputs helps.
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
FROBENIUS = Geometry(("linear-frobenius",), "‖X{}ᵀσ‖_F", r"\|X{}^\top\sigma\|_F", *_ROWS, Output.VECTOR)
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


def _class_of(complexity: Quantity, ids: tuple[str, ...], output: Output = Output.SCALAR) -> StructuredClass:
    """The class of a signed Rademacher complexity, which has to be one of these."""
    require(complexity.measure == "rademacher", f"{complexity.name} is not a signed Rademacher complexity")
    over = complexity.subjects[0]
    known = isinstance(over, StructuredClass) and over.operation in ids
    require(known, f"{over.text} is not declared to be of the kind {' or '.join(ids)}")
    require(over.output is output, f"{over.text} does not have {output} outputs")
    return over  # type: ignore[no-any-return]


def _sample(quantity: Quantity) -> Sample:
    return quantity.subjects[1]  # type: ignore[no-any-return]


def _average(quantity: Quantity) -> Average:
    return quantity.subjects[2]  # type: ignore[no-any-return]


def signed_sum(of: Quantity, geometry: Geometry) -> Quantity:
    """E of the norm of Σ σ_i x_i that is dual to the weights'; over the signs, or also over the sample."""
    mark = _class_of(of, geometry.ids, geometry.output).mark
    return Quantity(
        "signed_sum",
        (*of.subjects, geometry),
        f"E {geometry.sum_text.format(mark)}",
        rf"\mathbb{{E}}\,{geometry.sum_latex.format(_foot(mark))}",
    )


def _foot(mark: str) -> str:
    return "_{" + mark.translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")) + "}" if mark else ""


def data_norm(of: Quantity, text: str, latex: str, *about: object) -> Quantity:
    """A size of the data, averaged over samples if the complexity is."""
    expected = _average(of) is Average.EXPECTED
    prefix, prefix_latex = ("E ", r"\mathbb{E}\,") if expected else ("", "")
    return Quantity("data_norm", (*of.subjects, *about), prefix + text, prefix_latex + latex)


def data_size(of: Quantity, geometry: Geometry) -> Quantity:
    """The size of the data that belongs to a geometry."""
    mark = _class_of(of, geometry.ids, geometry.output).mark
    text, latex = geometry.data_text.format(mark), geometry.data_latex.format(_foot(mark))
    return data_norm(of, text, latex, geometry)


def dual_norm(of: Quantity, geometry: Geometry, *, norm: Expr) -> Fact:
    """R(F) = (B/m) E‖Σ σ_i x_i‖_*: the supremum over a ball is the dual norm."""
    rhs = norm * signed_sum(of, geometry) / _sample(of).size
    return equal("dual norm", of, rhs, "definition", "the class is a whole ball of weights")


def second_moment(of: Quantity, geometry: Geometry, *, outputs: Expr = S.One) -> Fact:
    """E‖Σ σ_i u_i‖ ≤ (Σ ‖u_i‖²)^½ in a Hilbert space: Jensen, and the signs are uncorrelated.

    A vector class has one sign for each example and output: every ‖x_i‖² is counted k times.
    """
    require(geometry in (EUCLIDEAN, KERNEL, FROBENIUS), "the norm is not that of a Hilbert space")
    require(geometry is FROBENIUS or outputs == 1, "one output has one sign an example")
    source = {EUCLIDEAN: "kakade2008", KERNEL: "bartlett2002", FROBENIUS: "definition"}[geometry]
    return at_most("second moment", signed_sum(of, geometry), sqrt(outputs) * data_size(of, geometry), source)


def khinchin_kahane(of: Quantity, geometry: Geometry, *, outputs: Expr = S.One) -> Fact:
    """(Σ ‖u_i‖²)^½/√2 ≤ E‖Σ σ_i u_i‖; √2 is the best constant."""
    require(geometry in (EUCLIDEAN, KERNEL, FROBENIUS), "the norm is not that of a Hilbert space")
    require(geometry is FROBENIUS or outputs == 1, "one output has one sign an example")
    require(_average(of) is Average.EMPIRICAL, f"{of.name} is not that of the given sample")
    least = sqrt(outputs) * data_size(of, geometry) / sqrt(2)
    return at_most("Khinchin–Kahane", least, signed_sum(of, geometry), "latala1994")


def massart_columns(of: Quantity, *, features: ParameterSymbol) -> Fact:
    """E max_j |⟨X_·j, σ⟩| ≤ √(2 ln(2d)) max_j ‖X_·j‖₂: 2d vectors, the columns and their negatives."""
    root = sqrt(2 * log(2 * features))
    return at_most("Massart", signed_sum(of, SUPREMUM), root * data_size(of, SUPREMUM), "massart2000")


def khintchine(of: Quantity, *, dual: ParameterSymbol) -> Fact:
    """E‖Xᵀσ‖_q ≤ (E|g|^q)^(1/q) ‖(‖X_·j‖₂)_j‖_q for q ≥ 2: Jensen, and each coordinate's best constant."""
    rhs = NormalMoment(dual) * data_size(of, COLUMNS)
    return at_most("Khintchine", signed_sum(of, COLUMNS), rhs, "haagerup1981", "q ≥ 2")


def columnwise(of: Quantity) -> Fact:
    """E‖Xᵀσ‖_q ≤ ‖(‖X_·j‖₂)_j‖_q for 1 ≤ q ≤ 2: Jensen twice."""
    return at_most(
        "second moment", signed_sum(of, COLUMNS), data_size(of, COLUMNS), "awasthi2020", "1 ≤ q ≤ 2"
    )


def ball_inclusion(of: Quantity) -> Fact:
    """‖w‖_p′ ≤ ‖w‖_p for p′ ≥ p: the ball of ℓp lies in that of ℓp′, of the same radius."""
    inner = _class_of(of, ("linear-lp",))
    outer = StructuredClass(
        f"{inner.text}⁺", rf"{inner.latex}^+", inner.loss, operation=inner.operation, mark=inner.mark
    )
    larger = rademacher(outer, _sample(of), average=_average(of))
    return at_most("inclusion of balls", of, larger, "definition", "p ≤ p′ ≤ 2, 1/p′ + 1/q = 1")


def almost_surely(of: Quantity, geometry: Geometry, *, radius: Expr) -> Fact:
    """The size of the data is at most √m X if no input's norm exceeds X."""
    require(bool(geometry.limit), "no bound on the inputs alone bounds the norms of all columns")
    rhs = sqrt(_sample(of).size) * radius
    return at_most("bounded inputs", data_size(of, geometry), rhs, "definition", geometry.limit)


def measured(of: Quantity, geometry: Geometry, value: Expr) -> Fact:
    """The size of the data is the number that the user gives."""
    size = data_size(of, geometry)
    require(_average(of) is Average.EMPIRICAL, f"{size.name} is not that of the given sample")
    return replace(equal("given", size, value, "input"), settles=size)


def finite_maximum(of: Quantity, *, size: ParameterSymbol) -> Fact:
    """R(F) ≤ (√(2 ln N)/m) max_f ‖(f(x_1), …, f(x_m))‖₂ for N functions."""
    over = _class_of(of, ("finite",))
    length = _longest(of)
    rhs = sqrt(2 * log(size)) * length / _sample(of).size
    return at_most("Massart", of, rhs, "massart2000", f"{over.text} has at most N functions")


def _longest(of: Quantity) -> Quantity:
    over = of.subjects[0]
    return data_norm(of, f"max_{over.text} ‖f(S)‖₂", rf"\max_{{f\in {over.latex}}}\|f(S)\|_2", "values")


def bounded_values(of: Quantity, *, bound: Expr) -> Fact:
    """max_f ‖(f(x_1), …, f(x_m))‖₂ ≤ b√m for |f| ≤ b."""
    _class_of(of, ("finite",))
    rhs = bound * sqrt(_sample(of).size)
    why = "|f| ≤ b, or all values lie in one interval of length 2b: its middle is a fixed shift"
    return at_most("bounded values", _longest(of), rhs, "definition", why)


def _patterns(of: Quantity) -> Quantity:
    over = of.subjects[0]
    return data_norm(of, f"√ln |{over.text}(S)|", rf"\sqrt{{\ln|{over.latex}(S)|}}", "patterns")


def massart_patterns(of: Quantity, *, bound: Expr) -> Fact:
    """R(F) ≤ b √(2/m) · √ln |F(S)| for values ±b: only the patterns on the sample matter."""
    _class_of(of, ("vc",))
    rhs = bound * sqrt(2 / _sample(of).size) * _patterns(of)
    return at_most("Massart", of, rhs, "massart2000", "the functions take the values −b and b only")


def sauer_shelah(of: Quantity, *, dimension: Expr, loose: bool = False) -> Fact:
    """|F(S)| ≤ Σ_{i≤d} (m choose i), and this is at most (e m/d)^d for d ≤ m."""
    _class_of(of, ("vc",))
    m = _sample(of).size
    logarithm = dimension * (1 + log(m / dimension)) if loose else LogGrowth(m, dimension)
    return at_most("Sauer–Shelah", _patterns(of), sqrt(logarithm), "sauer1972", "VC dimension d ≤ m")


def _log_moment(of: Quantity) -> Quantity:
    """Λ_q(Y) = inf_λ (q ln 2 + ln E exp(λY))/λ of the signed sum of the inputs."""
    mark = _class_of(of, ("network-frobenius",)).mark
    return data_norm(of, f"Λ_q(‖X{mark}ᵀσ‖₂)", rf"\Lambda_q(\|X{_foot(mark)}^\top\sigma\|_2)", "log moment")


def peeling(of: Quantity, *, product: Expr) -> Fact:
    """R(F) ≤ (Π M_j/m) Λ_q(‖Xᵀσ‖₂) for q matrices with ‖W_j‖_F ≤ M_j: each layer costs ln 2 inside Λ."""
    rhs = product * _log_moment(of) / _sample(of).size
    return at_most("peeling of the layers", of, rhs, "golowich2018", NO_BIASES, UNITS)


def _moment(of: Quantity, *, depth: Expr, size: Expr, why: str) -> Fact:
    """Λ_q(‖Xᵀσ‖₂) ≤ (√(2 ln 2 · q) + 1) ‖X‖_F: sub-Gaussian with variance ‖X‖_F² around at most ‖X‖_F."""
    rhs = (sqrt(2 * log(2) * depth) + 1) * size
    return at_most("sub-Gaussian norm", _log_moment(of), rhs, "golowich2018", why)


def network_inputs(of: Quantity, *, depth: Expr, radius: Expr) -> Fact:
    """The moment of the inputs where none is longer than X: ‖X‖_F ≤ √m X."""
    size = sqrt(_sample(of).size) * radius
    return _moment(of, depth=depth, size=size, why=SHORT)


def measured_inputs(of: Quantity, *, depth: Expr, frobenius: Expr) -> Fact:
    """The moment of the inputs where ‖X‖_F is given."""
    require(_average(of) is Average.EMPIRICAL, f"{of.name} is not that of the given sample")
    return replace(_moment(of, depth=depth, size=frobenius, why="‖X‖_F as given"), observed=True)


def _dudley(of: Quantity) -> Quantity:
    mark = of.subjects[0].mark
    return data_norm(of, f"D(N{mark})", rf"\mathrm D(N{_foot(mark)})", "entropy integral")


def chaining(of: Quantity) -> Fact:
    """R̂(F) ≤ D(N) = min{½, inf_α 4α/√m + (12/m) ∫_α^√m √(ln N(ε)) dε}, values in [0, 1].

    ½: an example with σ_i = 1 adds at most 1, one with σ_i = −1 nothing. The coarsest cover is {0}: every
    function is within √m of it, whether or not it belongs to the class.
    """
    over = of.subjects[0]
    _class_of(of, ("entropy-integral", "covering-quadratic", "network-spectral"))
    require(_average(of) is Average.EMPIRICAL, f"{over.text} is covered on the given sample only")
    return at_most("entropy integral", of, _dudley(of), "bartlett2017", *UNIT_INTERVAL)


def covering_family(of: Quantity, value: Expr, *, family: str) -> Fact:
    """D(N) for covering numbers of a named family."""
    _class_of(of, ("entropy-integral",))
    return at_most("covering numbers", _dudley(of), value, "input", family)


def quadratic_covering(of: Quantity, *, root: Expr, source: str) -> Fact:
    """D(N) ≤ 12 (√A/m)(1 + ln(m/(3√A))) for ln N(ε) ≤ A/ε²: the integral at α = 3√(A/m).

    For m < 3√A that α lies beyond √m. There ln(m/(3√A)) is taken as 0: the value 12√A/m is then at
    least 4, and the least of it and ½ is ½.
    """
    _class_of(of, ("covering-quadratic", "network-spectral"))
    m = _sample(of).size
    closed = 12 * root * (1 + log(Largest(Integer(1), m / (3 * root)))) / m
    why = "ln N(ε) ≤ A/ε² for every ε"
    fact = at_most("covering numbers", _dudley(of), Least(Rational(1, 2), closed), source, why)
    return replace(fact, observed=True)
