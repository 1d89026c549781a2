"""A function class with a proved bound on its complexity, and the operations on one class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from sympy import Expr, expand_mul

from boundcalc.calculus import side_conditions
from boundcalc.calculus.side_conditions import (
    as_expression,
    checked_input,
    is_symbolic,
    require_form,
)
from boundcalc.calculus.tree import CompositionRule, Leaf, Node, Tree, build, nodes
from boundcalc.conventions import Average, Noise, Output, Signs
from boundcalc.errors import ConventionError, InputError, shown
from boundcalc.symbolic.complexity import Place, Proof
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.facts import Fact
from boundcalc.symbolic.lemmas import bounded_differences, contraction, expected_complexity
from boundcalc.symbolic.lemmas.composition import (
    gaussian_rule,
    given_bound,
    hull_rule,
    lipschitz_rule,
    maximum_rule,
    scale_rule,
    shift_rule,
    signed_rule,
    subset_rule,
    sum_rule,
    union_rule,
    vector_rule,
)
from boundcalc.symbolic.lemmas.extrema import largest_of_bounds
from boundcalc.symbolic.parameters import parameter
from boundcalc.symbolic.quantities import Quantity, convention

# --- the operations: how each names its result, and its lines of a proof --------------------------


def _by(lemma: Callable[[Quantity], Fact]) -> Proof:
    """The proof that is one lemma on the result."""
    return lambda at: (Apply(lemma(at.complexity)),)


def _between(lemma: Callable[[Quantity, Quantity], Fact]) -> Proof:
    """The proof that is one lemma on the result and the only part."""
    return lambda at: (Apply(lemma(at.complexity, at.parts[0].complexity)),)


def _union(at: Place) -> tuple[Apply, ...]:
    """The largest part, and the price of not knowing which; the parts are proved inside."""
    proofs = tuple(part.proof for part in at.parts)
    return Apply(union_rule(at.complexity)), Apply(largest_of_bounds(proofs))


def _loss(at: Place) -> tuple[Apply, ...]:
    average = convention(at.complexity).average
    return (Apply(contraction(at.over, sample=at.sample, average=average)),)


def _paid(at: Place) -> tuple[Apply, ...]:
    """The bridge from the measured to the expected complexity, with its event."""
    measured = at.parts[0].complexity
    return (
        Apply(expected_complexity(at.over, sample=at.sample)),
        Apply(bounded_differences(-measured, cost=at["delta"])),
    )


_MAPPED = ("φ∘{}", r"\varphi\circ {}")
SUM = CompositionRule("sum", _by(sum_rule), join=("+", "+"))
SCALE = CompositionRule("scale", _by(scale_rule), frame=("c·{}", r"c\,{}"), symbols=("factor",))
OFFSET = CompositionRule("offset", _by(shift_rule), frame=("{}+f₀", "{}+f_0"))
SUBSET = CompositionRule("subset", _by(subset_rule), frame=("{}′", "{}'"))
HULL = CompositionRule("convex-hull", _by(hull_rule), frame=("conv {}", r"\mathrm{conv}\,{}"))
LIPSCHITZ = CompositionRule("lipschitz", _by(lipschitz_rule), frame=_MAPPED, symbols=("lipschitz",))
VECTOR = CompositionRule(
    "vector-contraction", _by(vector_rule), frame=_MAPPED, symbols=("lipschitz",)
)
MAXIMUM = CompositionRule(
    "max", _by(maximum_rule), join=(", ", ", "), frame=("max({})", r"\max({})")
)
UNION = CompositionRule("union", _union, join=("∪", r"\cup "), symbols=("bound",), closed=True)
SIGNED = CompositionRule("signed", _between(signed_rule), same_class=True)
FROM_GAUSSIAN = CompositionRule(
    "rademacher-from-gaussian", _between(gaussian_rule), same_class=True
)
LOSS = CompositionRule("loss", _loss, symbols=("lipschitz", "loss_bound"), same_class=True)
EXPECTED = CompositionRule("expected", _paid, symbols=("delta",), same_class=True)
GIVEN = CompositionRule("given", _by(given_bound), symbols=("given_complexity",))


# --- classes --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Complexity(Node):
    """A function class with a proved bound on its complexity.

    `boundcalc.calculus.tree.Node` has its attributes.
    """

    parts: tuple[Complexity, ...] = ()

    @cached_property
    def tree(self) -> Tree:
        """The proof in its places, and what its symbols stand for."""
        return build(self)

    @property
    def complexity(self) -> Quantity:
        """What is bounded, for example R(F₁+F₂)."""
        return self.tree.place.complexity

    @cached_property
    def derivation(self) -> Derivation:
        """The proof of the bound; its `expression` is the bound."""
        return self.tree.place.proof

    @property
    def expression(self) -> Expr:
        """The bound as a formula."""
        return self.derivation.expression

    @property
    def symbolic(self) -> dict[str, Expr]:
        """What was given as an expression in symbols, by the name of its parameter."""
        own = {name: value for node in nodes(self) for name, value in node.numbers.items()}
        return {name: x for name, x in {"m": self.m, **own}.items() if is_symbolic(x)}

    @property
    def closed_form(self) -> Expr:
        """The bound with what was given put in, exactly; numbers made of lists keep their names.

        Examples
        --------
        >>> from boundcalc import symbol
        >>> from boundcalc.calculus import function_class
        >>> B, m = symbol("norm"), symbol("m")
        >>> F = function_class("linear-l2", norm=B, radius=2, m=m)
        >>> (F + 3 * F).closed_form
        8*norm/sqrt(m)
        """
        values: dict[Expr, Any] = {s: self.m for s in self.expression.free_symbols if s.name == "m"}
        for binding in self.tree.bindings:
            derived = {name for name, _ in binding.derived}
            for base, own in binding.symbols.items():
                if base not in derived:
                    values[own] = binding.numbers[base]
        return expand_mul(
            self.expression.subs(
                {s: as_expression(v) for s, v in values.items()}, simultaneous=True
            )
        )

    @property
    def width(self) -> Fraction | None:
        """The length of an interval with all values of its functions, where that is known."""
        return side_conditions.width(self)

    @property
    def holds_losses(self) -> bool:
        """Whether it is a loss class or made of one."""
        return side_conditions.holds_losses(self)

    @property
    def part_proofs(self) -> tuple[Derivation, ...]:
        """The proofs that stand inside a single line: those of the parts of unions."""
        return self.tree.place.inner_proofs

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is assumed of the classes and of the data."""
        forms = (node.operation.form for node in nodes(self) if isinstance(node.operation, Leaf))
        said = [text for form in forms for text in form.assumes]
        said += [text for step in self.derivation.steps for text in step.fact.all_assumptions]
        return tuple(dict.fromkeys(said))

    def named(self, text: str, latex: str | None = None) -> Complexity:
        """The same class under a name, such as H∘G_M."""
        if (
            not isinstance(text, str)
            or not text.strip()
            or not text.isprintable()
            or len(text) > 60
        ):
            raise InputError(
                f"a name of a class is one line of 1 to 60 characters, not {shown(text)}"
            )
        return replace(self, name=(text, latex or text.replace("∘", r"\circ ")))

    def __add__(self, other: Complexity) -> Complexity:
        if not isinstance(other, Complexity):
            return NotImplemented
        flat = self.kind == "sum" and self.name is None
        return combined(SUM, (*(self.parts if flat else (self,)), other), "the sum")

    def __mul__(self, factor: float) -> Complexity:
        """The functions multiplied by one number: R(cF) = |c| R(F)."""
        number = checked_input(replace(parameter("factor"), low=float("-inf")), factor)
        return self._with(SCALE, factor=abs(number))

    __rmul__ = __mul__

    def offset(self) -> Complexity:
        """The functions shifted by one fixed function: R(F + f₀) = R(F)."""
        require_form(self, "a fixed shift", "signed")
        return self._with(OFFSET)

    def subset(self) -> Complexity:
        """Any subset of the class: R(F′) ≤ R(F)."""
        return self._with(SUBSET)

    def subset_of(self, larger: Complexity) -> Complexity:
        """This class, bounded by a larger one that, as the user has to know, contains it."""
        side_conditions.require_one_convention((self, larger), "an inclusion")
        return replace(larger.subset(), name=self.name)

    def convex_hull(self) -> Complexity:
        """All convex combinations: R(conv F) = R(F)."""
        return self._with(HULL)

    def lipschitz(self, constant: float) -> Complexity:
        """φ∘F for real functions φ that are L-Lipschitz, one for each example: R(φ∘F) ≤ L R(F)."""
        require_form(self, "the contraction", "rademacher", "signed", "scalar")
        return self._with(LIPSCHITZ, lipschitz=checked_input(parameter("lipschitz"), constant))

    def vector_contraction(self, constant: float) -> Complexity:
        """φ∘F for real φ that are L-Lipschitz in ℓ2: R ≤ √2 L R^vec, or G ≤ L G^vec."""
        require_form(self, "the vector contraction", "signed", "vector")
        value = checked_input(parameter("lipschitz"), constant)
        return self._with(VECTOR, {"output": Output.SCALAR}, lipschitz=value)

    def loss_class(self, *, lipschitz: float, loss_bound: float) -> Complexity:
        """ℓ∘F for an L-Lipschitz loss with values in [0, C]; √2 L for vector outputs."""
        require_form(self, "the contraction", "rademacher", "signed", "predictors")
        values = {"lipschitz": lipschitz, "loss_bound": loss_bound}
        numbers = {name: checked_input(parameter(name), value) for name, value in values.items()}
        return self._with(LOSS, {"output": Output.SCALAR, "loss_class": True}, **numbers)

    def signed(self) -> Complexity:
        """The signed complexity from that with absolute values: R ≤ R_abs."""
        if self.tags.signs is Signs.SIGNED:
            return self
        return self._with(SIGNED, {"signs": Signs.SIGNED}, keep=True)

    def rademacher_from_gaussian(self) -> Complexity:
        """The Rademacher from the Gaussian complexity: R ≤ √(π/2) G."""
        if self.tags.noise is Noise.RADEMACHER:
            raise ConventionError("this is a Rademacher complexity already")
        require_form(self, "the comparison of Gaussian and Rademacher", "signed")
        return self._with(FROM_GAUSSIAN, {"noise": Noise.RADEMACHER}, keep=True)

    def on_sample(self) -> Complexity:
        """As a bound on the complexity of the given sample."""
        if Average.EMPIRICAL not in self.tags.averages:
            raise ConventionError(
                "this bounds the expected complexity only; on one sample it may be larger: "
                "give the sizes of the data instead of bounds on them"
            )
        return self._restricted(Average.EMPIRICAL)

    def expected(self, *, delta: float | None = None) -> Complexity:
        """As a bound on the expected complexity; with `delta`, paid for by bounded differences.

        R_m(ℓ∘F) ≤ R̂_S(ℓ∘F) + (C/2) √(ln(1/δ)/(2m)) with probability 1 − δ, for a loss class.
        """
        if Average.EXPECTED in self.tags.averages:
            return self._restricted(Average.EXPECTED)
        if delta is None or not self.tags.loss_class:
            raise ConventionError(
                "this is measured on the sample (empirical), not expected: "
                f"{side_conditions.BRIDGE}"
            )
        require_form(self, "the bridge", "rademacher")
        value = checked_input(parameter("delta"), delta)
        return self._with(EXPECTED, {"averages": (Average.EXPECTED,)}, keep=True, delta=value)

    def _restricted(self, average: Average) -> Complexity:
        """The same with one of its averages only."""
        return replace(self, tags=replace(self.tags, averages=(average,)))

    def _with(
        self,
        rule: CompositionRule,
        changes: Mapping[str, Any] | None = None,
        *,
        keep: bool = False,
        **numbers: Any,
    ) -> Complexity:
        """The result of an operation on this class alone; `keep` if a loss class stays one."""
        tags = self.tags if keep else replace(self.tags, loss_class=False)
        return Complexity(replace(tags, **(changes or {})), self.m, rule, (self,), numbers)


def combined(
    rule: CompositionRule, parts: tuple[Complexity, ...], operation: str, **numbers: Any
) -> Complexity:
    """The result of an operation on several classes, which must be in one convention."""
    for part in parts:
        if not isinstance(part, Complexity):
            raise InputError(f"{operation} takes complexities of classes, not {shown(part)}")
    side_conditions.require_one_convention(parts, operation)
    if len(parts) == 1:  # the sum, the maximum and the union of one class are that class
        return parts[0]
    tags = replace(
        parts[0].tags, averages=side_conditions.common_averages(parts, operation), loss_class=False
    )
    return Complexity(tags, parts[0].m, rule, parts, numbers)
