"""Put classes into the proof of a theorem that takes complexities as given numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from boundcalc.calculus import agreement as need
from boundcalc.calculus.composed import Complexity
from boundcalc.calculus.tree import Around, Tree, build
from boundcalc.conventions import Average, Output
from boundcalc.errors import InputError
from boundcalc.symbolic.derivation import Apply, Derivation
from boundcalc.symbolic.lemmas.composition import identity
from boundcalc.symbolic.quantities import FunctionClass, Quantity, convention, quantities_in


def complete(proof: Derivation, **classes: Complexity) -> Derivation:
    """Put classes into a proof that takes complexities as given numbers: one proof, down to the
    weights.

    Parameters
    ----------
    proof : Derivation
        For example that of a theorem's variant.
    **classes : Complexity
        The class for each of its parameters, for example ``rademacher=F``.

    Raises
    ------
    ConventionError
        If a class is not in the convention in which the proof uses it.
    InputError
        If the proof has no such parameter.
    """
    return inserted(proof, classes)[0]


def inserted(
    proof: Derivation, classes: Mapping[str, Complexity]
) -> tuple[Derivation, tuple[Tree, ...]]:
    """The proof with the classes put in, and their trees: what the new symbols stand for."""
    around = _surroundings(proof)
    waiting, lines, trees = dict(classes), list[Apply](), list[Tree]()
    for line in proof.lines:
        name = getattr(line.fact.rhs, "name", "")
        if line.fact.lemma == "given" and isinstance(line.fact.lhs, Quantity) and name in waiting:
            wanted = line.fact.lhs
            tree = build(_fitting(wanted, waiting.pop(name)), around)
            around = around.with_proof(tree)
            trees.append(tree)
            lines += (Apply(identity(wanted, tree.place.complexity)), *tree.place.lines)
        else:
            lines.append(line)
    if waiting:
        raise InputError(f"the proof is given no number called {', '.join(sorted(waiting))}")
    return replace(proof, lines=tuple(lines)), tuple(trees)


def _surroundings(proof: Derivation) -> Around:
    """The names that a proof uses already."""
    quantities = {q for line in proof.lines for q in quantities_in(line.fact.lhs + line.fact.rhs)}
    classes = {c.text: c for q in quantities for c in q.subjects if isinstance(c, FunctionClass)}
    symbols = proof.expression.free_symbols | proof.failure.free_symbols
    return Around(frozenset(s.name for s in symbols), classes)


def _fitting(wanted: Quantity, F: Complexity) -> Complexity:
    """The class in the convention that the proof uses, if it can stand in it."""
    expected = convention(wanted).average is Average.EXPECTED
    F = F.expected() if expected else F.on_sample()
    if wanted.measure == "rademacher":
        need.rademacher(F, wanted.name)
        need.signed(F, wanted.name)
    if wanted.subjects[0].output is Output.VECTOR:
        need.vector(F, wanted.name)
    else:
        need.scalar(F, wanted.name)
    need.predictors(F, wanted.name)
    # what the proof calls the class is said once, by the definition; the class itself keeps its
    # structure
    return replace(F, name=None) if F.name and F.name[0] == wanted.subjects[0].text else F
