"""What facts speak of: classes, predictors and samples, and the real numbers attached to them.

A quantity is a SymPy symbol that remembers what it measures, so facts are ordinary linear
expressions and a side condition can still ask what a symbol stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from sympy import Expr, S, Symbol, expand_mul

from boundcalc.conventions import Average, Output, Side
from boundcalc.errors import SideConditionError


@dataclass(frozen=True)
class Sample:
    """An i.i.d. sample of `size` points; `independent_of` names the samples it is drawn apart from.

    `foot` is the subscript that a complexity on this sample carries.
    """

    text: str
    latex: str
    size: Expr
    foot: str = "m"
    independent_of: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Loss:
    """A loss: its Lipschitz constant and the length of the interval that holds its values.

    `zero_one` says that it takes no other value than 0 and 1; `letter` names its mean (r for a
    risk), `symbol` the loss itself inside ℓ∘F.
    """

    lipschitz: Expr
    width: Expr
    zero_one: bool = False
    letter: str = "r"
    symbol: str = "ℓ"
    symbol_latex: str = r"\ell"

    def __post_init__(self) -> None:
        if self.zero_one and self.width != 1:
            raise SideConditionError(f"a loss that is 0 or 1 has a range of 1, not {self.width}")


@dataclass(frozen=True)
class FunctionClass:
    """A set of predictors.

    `fixed` says that the set was chosen without any sample that a derivation speaks of; `within`
    lists the classes that contain it.
    """

    text: str
    latex: str
    loss: Loss
    output: Output = Output.SCALAR
    fixed: bool = True
    within: tuple[FunctionClass, ...] = ()

    def is_within(self, other: FunctionClass) -> bool:
        """Whether this class is declared to be contained in `other`, with its loss and outputs.

        What is known of `other` is known under its own loss: with another it says nothing here.
        """
        if (self.loss, self.output) != (other.loss, other.output):
            return False
        return self == other or any(larger.is_within(other) for larger in self.within)


@dataclass(frozen=True)
class Predictor:
    """One predictor.

    `fixed` says that it was chosen before any data; `independent_of` names the samples without
    which it was learned, where it is random but was fixed before them. `risk_minimiser_of` is the
    class over which it (nearly) minimises the population risk, `erm_over` the one over which it
    minimises the empirical risk, on the sample called `erm_on`. `made_of` names the two predictors
    of which its loss compares the losses: what it is called does not say which they are.
    """

    text: str
    latex: str
    member_of: FunctionClass
    fixed: bool = False
    risk_minimiser_of: FunctionClass | None = None
    erm_over: FunctionClass | None = None
    erm_on: str = ""
    independent_of: frozenset[str] = frozenset()
    made_of: tuple[Predictor, ...] = ()

    def is_in(self, other: FunctionClass) -> bool:
        """Whether the predictor is declared to be a member of `other`."""
        return self.member_of.is_within(other)

    def is_fixed_for(self, sample: Sample) -> bool:
        """Whether the predictor is declared not to depend on the sample."""
        return self.fixed or sample.text in self.independent_of

    def depends_no_less_than(self, other: Predictor) -> bool:
        """Whether this predictor is fixed for no sample that `other` may depend on."""
        return other.fixed or (not self.fixed and self.independent_of <= other.independent_of)


class _Subjects(tuple[Any, ...]):
    """The subjects of a quantity: SymPy sorts quantities that print alike by them."""

    __slots__ = ()

    def __lt__(self, other: tuple[Any, ...]) -> bool:
        return self != other and repr(self) < repr(other)

    def __gt__(self, other: tuple[Any, ...]) -> bool:
        return self != other and repr(self) > repr(other)


class Quantity(Symbol):  # type: ignore[misc]
    """A real number that facts speak of; `measure` and `subjects` say which."""

    measure: str
    subjects: tuple[Any, ...]
    latex: str

    def __new__(cls, measure: str, subjects: tuple[Any, ...], text: str, latex: str) -> Self:
        quantity = Symbol.__xnew__(cls, text, real=True)
        quantity.measure, quantity.subjects, quantity.latex = measure, subjects, latex
        return quantity  # type: ignore[no-any-return]

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.measure, _Subjects(self.subjects))

    def __repr__(self) -> str:
        return f"Quantity({self.measure!r}, {self.subjects!r}, {self.name!r})"

    def __reduce__(self) -> Any:
        return type(self), (self.measure, self.subjects, self.name, self.latex)

    @property
    def label(self) -> str:
        """What it is called in a world and in the table of parameters."""
        return self.measure

    @property
    def glyph(self) -> str:
        """Plain text form."""
        return str(self.name)

    def _latex(self, printer: Any) -> str:
        return self.latex


class Name(Quantity):
    """A quantity that stands for what a definition says, such as γ or η.

    No lemma speaks of it: whatever its label, what it measures is nothing that a lemma knows.
    """

    word: str

    def __new__(cls, word: str, subjects: tuple[Any, ...], text: str, latex: str) -> Self:
        name = super().__new__(cls, "name", subjects, text, latex)
        name.word = word
        return name

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*super()._hashable_content(), self.word)

    def __repr__(self) -> str:
        return f"Name({self.word!r}, {self.subjects!r}, {self.name!r})"

    def __reduce__(self) -> Any:
        return type(self), (self.word, self.subjects, self.name, self.latex)

    @property
    def label(self) -> str:
        """What it is called in a world and in the table of parameters."""
        return self.word


def quantities_in(expr: Expr) -> list[Quantity]:
    """The quantities of an expression, in a fixed order."""
    return sorted((s for s in expr.free_symbols if isinstance(s, Quantity)), key=lambda q: q.name)


def coefficients(expr: Expr) -> tuple[dict[Quantity, Expr], Expr]:
    """A linear expression taken apart: the coefficient of each quantity, and the rest."""
    expr, rest, found = expand_mul(expr), S.Zero, dict[Quantity, Expr]()
    for term in expr.args if expr.is_Add else (expr,):
        factor, quantity = term.as_coeff_Mul()
        if not isinstance(quantity, Quantity):
            inside = quantities_in(term)
            if not inside:
                rest += term
                continue
            (quantity,) = inside
            factor = term.coeff(quantity)
        found[quantity] = found.get(quantity, S.Zero) + factor
    return found, rest


def risk(f: Predictor) -> Quantity:
    """r(f), the population risk."""
    letter = f.member_of.loss.letter
    return Quantity("risk", (f,), f"{letter}({f.text})", f"{letter}({f.latex})")


def empirical_risk(f: Predictor, sample: Sample) -> Quantity:
    """r̂(f), the mean loss on the sample."""
    letter = f.member_of.loss.letter
    hat = f"{letter}\N{COMBINING CIRCUMFLEX ACCENT}"
    tex = rf"\widehat{{{letter}}}"
    if sample.text != "S":
        hat, tex = f"{hat}_{sample.text}", rf"{tex}_{{{sample.latex}}}"
    return Quantity("empirical_risk", (f, sample), f"{hat}({f.text})", f"{tex}({f.latex})")


def sample_variance(f: Predictor, sample: Sample) -> Quantity:
    """The unbiased variance of the losses on the sample."""
    text, latex = f"V_{sample.text}({f.text})", f"V_{sample.latex}({f.latex})"
    return Quantity("sample_variance", (f, sample), text, latex)


def best_risk(over: FunctionClass) -> Quantity:
    """inf r over the class."""
    return Quantity("best_risk", (over,), f"inf r({over.text})", rf"\inf r({over.latex})")


def best_empirical_risk(over: FunctionClass, sample: Sample) -> Quantity:
    """inf r̂ over the class, on the sample."""
    text = f"inf r\N{COMBINING CIRCUMFLEX ACCENT}({over.text})"
    latex = rf"\inf \widehat{{r}}({over.latex})"
    return Quantity("best_empirical_risk", (over, sample), text, latex)


def deviation(over: FunctionClass, sample: Sample, side: Side) -> Quantity:
    """Δ⁺ = sup (r − r̂) for an upper limit on the risk, Δ⁻ = sup (r̂ − r) for a lower one."""
    sign, tex = ("⁺", "+") if side is Side.UPPER else ("⁻", "-")
    text, latex = f"Δ{sign}({over.text})", rf"\Delta^{{{tex}}}({over.latex})"
    return Quantity("deviation", (over, sample, side), text, latex)


def largest(*parts: Quantity) -> Quantity:
    """The largest of several quantities."""
    return _extremum("largest", "max", parts)


def smallest(*parts: Quantity) -> Quantity:
    """The smallest of several quantities."""
    return _extremum("smallest", "min", parts)


def _extremum(measure: str, sign: str, parts: tuple[Quantity, ...]) -> Quantity:
    text, latex = (", ".join(getattr(part, form) for part in parts) for form in ("name", "latex"))
    return Quantity(measure, parts, f"{sign}({text})", rf"\{sign}({latex})")


def mean(of: Quantity) -> Quantity:
    """E of a quantity, over the sample that it depends on."""
    return Quantity("mean", (of,), f"E {of.name}", rf"\mathbb{{E}}\,{of.latex}")


def rademacher(
    of: FunctionClass,
    sample: Sample,
    *,
    average: Average = Average.EXPECTED,
    loss_class: bool = False,
) -> Quantity:
    """R_m(F) or R̂_S(F); with `loss_class` that of ℓ∘F. Signed, divided by m.

    Vector outputs: one sign for each example and output (``R^vec``); a loss class is always scalar.
    """
    hat, tex = average is Average.EMPIRICAL, r"\mathfrak{R}"
    text, latex = _complexity_name("R̂" if hat else "R", tex, of, sample, hat, loss_class)
    return Quantity("rademacher", (of, sample, average, loss_class), text, latex)


def gaussian(of: FunctionClass, sample: Sample, *, loss_class: bool = False) -> Quantity:
    """G_m(F), the expected Gaussian complexity: standard normals for the signs, divided by m."""
    text, latex = _complexity_name("G", r"\mathfrak{G}", of, sample, False, loss_class)
    return Quantity("gaussian", (of, sample, loss_class), text, latex)


def _complexity_name(
    letter: str, letter_latex: str, of: FunctionClass, sample: Sample, hat: bool, loss_class: bool
) -> tuple[str, str]:
    vector = of.output is Output.VECTOR and not loss_class
    tex = rf"\widehat{{{letter_latex}}}" if hat else letter_latex
    tex += (r"^{\mathrm{vec}}" if vector else "") + f"_{{{sample.latex if hat else sample.foot}}}"
    inside = f"{of.loss.symbol}∘{of.text}" if loss_class else of.text
    inside_tex = rf"{of.loss.symbol_latex}\circ {of.latex}" if loss_class else of.latex
    return f"{letter}{'ᵛᵉᶜ' if vector else ''}({inside})", f"{tex}({inside_tex})"


@dataclass(frozen=True)
class Convention:
    """What a complexity says besides the class that it is of: all that a rule has to compare.

    Attributes
    ----------
    measure : str
        Which noise, and whether an absolute value is taken.
    sample : Sample
    average : Average
    output : Output
        One output for a loss class, whatever the class has.
    loss : Loss or None
        The loss, for a loss class ℓ∘F.
    """

    measure: str
    sample: Sample
    average: Average
    output: Output
    loss: Loss | None


def convention(of: Quantity) -> Convention:
    """The convention of a complexity; a Gaussian one of three subjects is the expected one.

    Raises
    ------
    SideConditionError
        If the quantity is not the complexity of a class.
    """
    known = of.measure.removesuffix("_absolute") in ("rademacher", "gaussian")
    match of.subjects if known else ():
        case (FunctionClass() as over, Sample() as sample, bool() as loss_class):
            average = Average.EXPECTED
        case (FunctionClass() as over, Sample() as sample, Average() as mean, bool() as loss_class):
            average = mean
        case _:
            raise SideConditionError(f"{of.name} is not the complexity of a class")
    output = Output.SCALAR if loss_class else over.output
    return Convention(of.measure, sample, average, output, over.loss if loss_class else None)


def composed_risk(f: Predictor, g: Predictor) -> Quantity:
    """The risk of f where its second argument is predicted by g."""
    text, latex = f"r({f.text}(x,{g.text}(x)))", f"r({f.latex}(x,{g.latex}(x)))"
    return Quantity("composed_risk", (f, g), text, latex)


def named(word: str, text: str, latex: str, *subjects: Any) -> Name:
    """A quantity that a definition introduces, such as γ or η."""
    return Name(word, subjects, text, latex)


def unimodal_error(labels: Expr) -> Quantity:
    """The expected error, on its worst labelling, of a learner from so many labels."""
    latex = r"\mathbb{E}\,\mathrm{error}(\hat u)"
    return Quantity("unimodal_error", (labels,), "E error(û)", latex)


@dataclass(frozen=True)
class ModalitySubset:
    """A subset of the modalities; `within` lists subsets that contain it.

    `rank` is the rank of the covariance of what it sees.
    """

    text: str
    within: tuple[ModalitySubset, ...] = ()
    rank: Expr | None = None

    def is_within(self, other: ModalitySubset) -> bool:
        """Whether this subset is declared to be contained in `other`."""
        return self == other or any(larger.is_within(other) for larger in self.within)


def best_linear_quality(subset: ModalitySubset) -> Quantity:
    """η of the best linear predictor of what a subset of the modalities sees."""
    text = subset.text
    return Quantity("latent_quality", (subset,), f"η({text})", rf"\eta({text})")


def true_linear_risk() -> Quantity:
    """r(θ), the risk of the true weights of a linear model: the variance of its noise."""
    return Quantity("noise_variance", (), "r(θ)", r"r(\theta)")


def best_linear_risk(subset: ModalitySubset) -> Quantity:
    """The least risk of a linear predictor of what a subset of the modalities sees."""
    text = subset.text
    return Quantity("best_linear_risk", (subset,), f"inf r({text})", rf"\inf r({text})")


def least_squares_risk(subset: ModalitySubset, sample: Sample) -> Quantity:
    """The expected risk of ordinary least squares on what a subset sees of a sample."""
    latex = rf"\mathbb{{E}}\,r(\hat f_{{{subset.text}}})"
    return Quantity("least_squares_risk", (subset, sample), f"E r(f̂_{subset.text})", latex)
