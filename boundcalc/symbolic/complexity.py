"""Function classes with a bound on their complexity: records around derivations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sympy import Expr

from boundcalc.conventions import Average, Noise, Output, Side, Signs, Status
from boundcalc.errors import SideConditionError, find
from boundcalc.record import Brief
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas.guards import nonnegative
from boundcalc.symbolic.literature import Work, work, works
from boundcalc.symbolic.parameter_symbol import ParameterSymbol
from boundcalc.symbolic.parameters import parameter, symbol
from boundcalc.symbolic.quantities import (
    FunctionClass,
    Loss,
    Quantity,
    Sample,
    gaussian,
    rademacher,
)
from boundcalc.symbolic.theorem import Requirement

BOTH = (Average.EXPECTED, Average.EMPIRICAL)
"""A bound that holds on every sample, hence also for the average over samples."""

EMPIRICAL = (Average.EMPIRICAL,)
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_DIGITS = {low: digit for digit, low in SUBSCRIPTS.items()}
ANY_LOSS = Loss(symbol("lipschitz"), symbol("loss_bound"))
SAMPLE = Sample("S", "S", symbol("m"))


@dataclass(frozen=True)
class Tags:
    """The conventions that a complexity is stated in.

    Attributes
    ----------
    averages : tuple of Average
        What the bound bounds: the complexity on the given sample, its average over samples, or
        both.
    signs, output, noise
    loss_class : bool
        Whether it is that of a loss class ℓ∘F, with losses in an interval of known length.
    """

    averages: tuple[Average, ...] = (Average.EXPECTED,)
    signs: Signs = Signs.SIGNED
    output: Output = Output.SCALAR
    noise: Noise = Noise.RADEMACHER
    loss_class: bool = False

    @property
    def average(self) -> Average:
        """The one that is shown: expected, where both hold."""
        return Average.EXPECTED if Average.EXPECTED in self.averages else Average.EMPIRICAL


@dataclass(frozen=True)
class StructuredClass(FunctionClass):
    """A class that says what it is: a catalogue class, or an operation on others.

    Attributes
    ----------
    operation : str
        Catalogue id or the name of a rule.
    parts : tuple of Quantity
        The complexities of the classes that it is made of.
    mark : str
        The subscript of its data and inputs, where a bound speaks of several classes.
    constants : tuple of (str, Expr)
        The numbers that belong to it, such as the factor of cF or the radius of a ball: two classes
        that differ in one of them are two classes.
    """

    operation: str = ""
    parts: tuple[Quantity, ...] = ()
    mark: str = ""
    constants: tuple[tuple[str, Expr], ...] = ()

    def constant(self, name: str) -> Expr:
        """A number that belongs to the class, provably ≥ 0.

        Raises
        ------
        SideConditionError
            If the class has none of that name, or it is not known to be ≥ 0.
        """
        value = next((value for own, value in self.constants if own == name), None)
        if value is None:
            raise SideConditionError(f"{self.text} does not say its {name}")
        return nonnegative(value)


def subscript(mark: str) -> str:
    """The subscript of the data and inputs of a class, in LaTeX."""
    return f"_{{{mark.translate(_DIGITS)}}}" if mark else ""


def complexity_of(over: FunctionClass, sample: Sample, tags: Tags) -> Quantity:
    """The complexity of a class in the conventions given."""
    average, loss_class = tags.average, tags.loss_class
    expected = average is Average.EXPECTED
    if tags.noise is Noise.GAUSSIAN and expected and tags.signs is Signs.SIGNED:
        return gaussian(over, sample, loss_class=loss_class)
    plain = rademacher(over, sample, average=average, loss_class=loss_class)
    if tags.noise is Noise.RADEMACHER and tags.signs is Signs.SIGNED:
        return plain
    text, latex, measure = plain.name, plain.latex, "rademacher"
    if tags.noise is Noise.GAUSSIAN:
        text, latex, measure = f"G{text[1:]}", latex.replace("{R}", "{G}"), "gaussian"
    if tags.signs is Signs.ABSOLUTE:
        text, latex, measure = f"|{text}|", rf"|{latex}|", f"{measure}_absolute"
    return Quantity(measure, plain.subjects, text, latex)


@dataclass(frozen=True)
class Place:
    """Where a class stands in an expression: what a proof about it may speak of.

    Attributes
    ----------
    over : FunctionClass
    complexity : Quantity
        What is bounded.
    sample : Sample
    term : str
        The name of what it adds to the bound.
    symbols : mapping of str to ParameterSymbol
        Its own parameters by name; the symbols carry a subscript where classes would share a name.
    parts : tuple of Place
    lines : tuple of Apply
        The proof, down to numbers.
    closed : bool
        Whether the proofs of the parts stand inside one of the lines.
    """

    over: FunctionClass
    complexity: Quantity
    sample: Sample
    term: str
    symbols: Mapping[str, ParameterSymbol]
    parts: tuple[Place, ...] = ()
    lines: tuple[Apply, ...] = ()
    closed: bool = False

    def __getitem__(self, name: str) -> ParameterSymbol:
        return self.symbols[name]

    @property
    def mark(self) -> str:
        """The subscript of its data."""
        return self.over.mark if isinstance(self.over, StructuredClass) else ""

    @property
    def proof(self) -> Derivation:
        """The bound on its complexity."""
        return Derivation(self.complexity, self.lines)

    @property
    def inner_proofs(self) -> tuple[Derivation, ...]:
        """The proofs that stand inside single lines, of this place and of its parts."""
        own = tuple(part.proof for part in self.parts) if self.closed else ()
        return (*(proof for part in self.parts for proof in part.inner_proofs), *own)

    def proved(self, lines: tuple[Apply, ...]) -> Place:
        """With these lines; what they add carries the name of the term."""
        named = tuple(replace(line, fact=line.fact.called(self.term)) for line in lines)
        return replace(self, lines=named)


Proof = Callable[[Place], tuple[Apply, ...]]


@dataclass(frozen=True)
class Derived:
    """A number that is computed from the inputs: the parameter it becomes, and how."""

    name: str
    definition: str


@dataclass(frozen=True, eq=False)
class Form(Brief):
    """One form of a class's bound.

    Attributes
    ----------
    name : str
    inputs : tuple of str
        The parameters that a user gives, besides m.
    proof : callable
        Place → the lines of the proof.
    averages : tuple of Average
        What it bounds.
    derived : tuple of Derived
        Numbers computed from lists, each from the inputs and those before it.
    requires : tuple of Requirement
    lower : callable, optional
        Place → the lines of a lower bound on the complexity.
    assumes : tuple of str
    trivial : sympy.Expr, optional
        A value that holds without any argument.
    """

    name: str
    inputs: tuple[str, ...]
    proof: Proof
    averages: tuple[Average, ...] = BOTH
    derived: tuple[Derived, ...] = ()
    requires: tuple[Requirement, ...] = ()
    lower: Proof | None = None
    assumes: tuple[str, ...] = ()
    trivial: Expr | None = None

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the parameters of its formula."""
        numbers = tuple(name for name in self.inputs if not parameter(name).vector)
        return (*numbers, *(d.name for d in self.derived))


@dataclass(frozen=True, eq=False)
class ComplexityClass(Brief):
    """A catalogue entry: a class of functions and what is known of its complexity.

    Attributes
    ----------
    id, title : str
    members : str
        What the functions are.
    source, credit : str
        Key of the work it is from; what is the work's and what is derived here.
    forms : mapping of str to Form
        The tightest first of those with the same inputs. None where the constants are unknown.
    tags : Tags
        The conventions, but for `averages`, which each form has.
    width : sympy.Expr, optional
        Length of the interval with the values of its functions, where the class fixes one.
    selector : str
        The name under which a user may name the form.
    reason : str
        Why no number is given, where the constants are unknown.
    example_form, example, page
        As for theorems.
    """

    id: str
    title: str
    members: str
    source: str
    credit: str
    page: str
    forms: Mapping[str, Form] = field(default_factory=dict)
    status: Status = Status.DERIVED
    tags: Tags = Tags()
    width: Expr | None = None
    selector: str = "form"
    reason: str = ""
    example_form: str = ""
    example: Mapping[str, object] = field(default_factory=dict)

    def form(self, name: str) -> Form:
        """A form by name.

        Raises
        ------
        UnknownNameError
            If there is none of that name.
        """
        return find(f"{self.selector} of {self.id}", name, self.forms)

    def at(
        self,
        form: Form,
        *,
        tags: Tags,
        symbols: Mapping[str, ParameterSymbol] | None = None,
        mark: str = "",
        name: tuple[str, str] | None = None,
        loss: Loss | None = None,
    ) -> Place:
        """The class in its place, with the proof of its bound."""
        own = {base: symbol(base) for base in form.symbols} if symbols is None else symbols
        if self.tags.loss_class and self.width is not None:
            loss = Loss(own["lipschitz"], self.width)
        text, latex = name or (f"F{mark}", rf"\mathcal F{subscript(mark)}")
        over = StructuredClass(
            text,
            latex,
            loss or ANY_LOSS,
            tags.output,
            operation=self.id,
            mark=mark,
            constants=tuple(own.items()),
        )
        complexity = complexity_of(over, SAMPLE, tags)
        bare = Place(over, complexity, SAMPLE, complexity.name if mark else "complexity", own)
        return bare.proved(form.proof(bare))

    def lower(self, form: Form, *, tags: Tags) -> Derivation | None:
        """The lower bound on the complexity of the class alone, where one is known."""
        if form.lower is None or tags.average is not Average.EMPIRICAL:
            return None
        place = self.at(form, tags=tags)
        return Derivation(-place.complexity, place.proved(form.lower(place)).lines, side=Side.LOWER)

    @property
    def work(self) -> Work:
        """The work that the class is credited to."""
        return work(self.source)

    @property
    def works(self) -> tuple[Work, ...]:
        """Everything that its bounds rest on."""
        keys = [self.source]
        for form in self.forms.values():
            place = self.at(form, tags=replace(self.tags, averages=form.averages))
            keys += [line.fact.source for line in place.lines]
        known = works()
        return tuple(known[key] for key in dict.fromkeys(keys) if key in known)


def complexity_class(*, forms: tuple[Form, ...] = (), **fields: object) -> ComplexityClass:
    """Build a class from its forms; the tightest first of those with the same inputs."""
    named = MappingProxyType({form.name: form for form in forms})
    return ComplexityClass(forms=named, **fields)  # type: ignore[arg-type]
