"""The best bound that facts, lemmas and observations prove on a sum of quantities.

Facts and objectives name the quantities of a study as in risk(text+audio).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from boundcalc.arguments import typed
from boundcalc.conventions import Side, Split
from boundcalc.errors import InputError, UnknownNameError, nearest, refuse_unknown, shorten
from boundcalc.numeric.domains import exactly
from boundcalc.numeric.prove.best_bound import best_bound
from boundcalc.numeric.prove.fact_text import (
    Linear,
    QuantityName,
    Statement,
    parse_expression,
    parse_lines,
)
from boundcalc.numeric.prove.pool import Pool, pool_of
from boundcalc.numeric.prove.proved_bound import ProvedBound, proof_of
from boundcalc.numeric.prove.user_facts import expression, loss_ranges, own_quantities, user_facts
from boundcalc.study.instances import Instances
from boundcalc.study.ledger import full_ledger, without_draws
from boundcalc.study.notes import assumptions
from boundcalc.study.read import read_study, study_in
from boundcalc.study.records import PaidEvent
from boundcalc.study.schema import FactTable
from boundcalc.study.study import Study
from boundcalc.study.study_quantities import ROLES
from boundcalc.study.toml_file import Raw, file_in, load_table, load_text
from boundcalc.symbolic.quantities import Quantity
from boundcalc.text import decimal

_KEY = re.compile(r"""^[ \t]*["']?facts["']?[ \t]*=""", re.MULTILINE)


@dataclass(frozen=True)
class Facts:
    """What the user says: facts as they were read, and the other keys of a fact file."""

    title: str
    place: str
    statements: tuple[Statement, ...] = ()
    keys: FactTable = field(default_factory=FactTable.model_construct)
    quantities: tuple[QuantityName, ...] | None = None


def _facts_in(raw: Raw, path: Path) -> Facts:
    """The facts in a TOML file that has been read."""
    where = str(path)
    table = FactTable.read(raw, where)
    statements = parse_lines(table.facts, where, _places(table.facts, where, path))
    listed, allowed = table.quantities, None
    if listed is not None:
        allowed = tuple(_name(entry, f"{where}, quantities") for entry in listed)
    return Facts(table.title or path.stem, where, statements, table, allowed)


def _places(lines: Sequence[str], where: str, path: Path) -> list[tuple[str, int]]:
    """Line of the file and column of each fact; its number where it is not found as it reads."""
    raw = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    key = _KEY.search(raw)
    at = key.end() if key else -1

    def starts_at(place: int) -> bool:
        """Whether a fact starts there: after a quote, or first in its line."""
        before = raw[raw.rfind("\n", 0, place) + 1 : place]
        return not before.strip(" \t") or before[-1] in "\"'" or not before[-1].isprintable()

    line, counted = 1, 0
    places = list[tuple[str, int]]()
    for number, fact in enumerate(lines, 1):
        text = fact.strip()
        found = raw.find(text, at) if text and at >= 0 else -1
        while found >= 0 and not starts_at(found):
            found = raw.find(text, found + 1)
        if found < 0:
            at = -1 if text else at  # what is written otherwise, with escapes, ends the search
            places.append((f"{where}, fact {number}", len(fact) - len(fact.lstrip())))
            continue
        line, counted = line + raw.count("\n", counted, found), found
        places.append((f"{where}, line {line}", found - raw.rfind("\n", 0, found) - 1))
        at = found + len(text)
    return places


def _name(entry: str, where: str) -> QuantityName:
    linear = parse_expression(entry, f"{where}, '{shorten(entry)}'")
    if linear.constant or list(linear.coefficients.values()) != [1]:
        raise InputError(f"{where}: expected the name of one quantity, not '{shorten(entry)}'")
    return next(iter(linear.coefficients))


@typed
def prove(
    facts: str | Path | Study | Mapping[str, Any],
    *,
    maximise: str | None = None,
    minimise: str | None = None,
    weights: Mapping[str, float] | None = None,
    split: Split | str = Split.EQUAL,
) -> ProvedBound:
    """The best bound that facts prove.

    Parameters
    ----------
    facts : str, Path, Study or mapping
        Facts as text, one a line; the path of a ``.txt`` file of such text, of a fact file or of a
        study file; or a study.
    maximise : str, optional
        A linear expression in the quantities: the least upper limit on it that the facts prove.
        Replaces what the fact file asks for.
    minimise : str, optional
        The same for the greatest lower limit.
    weights : mapping of str to float, optional
        Shares of the study's events in its δ, fixed in advance; see
        `boundcalc.study.ledger.full_ledger`.
    split : {"equal", "planned"}
        How the study's δ is split, given the weights.

    Returns
    -------
    ProvedBound

    Raises
    ------
    InputError
        For facts that cannot be used, contradict one another (`ContradictionError`) or do not bound
        what was asked for (`UnboundedError`).
    ConvergenceError
        If no exact certificate was found.

    Examples
    --------
    >>> import boundcalc as bc
    >>> facts = "risk(a) <= 0.3 with cost 0.01\\nrisk(b) - risk(a) <= sqrt(0.01)"
    >>> bc.prove(facts, maximise="risk(b)").exact
    Fraction(2, 5)
    """
    given, study = _read(facts)
    objective, side = _objective(given, maximise, minimise)
    if study is None:
        if weights or split != Split.EQUAL:
            raise InputError(
                f"{given.place}: weights and split are for the events of a study; facts have costs"
            )
        return _from_facts(given, objective, side)
    refuse_unknown("split", split, tuple(Split))
    study = without_draws(study)
    ledger = full_ledger(study, weights=weights, split=Split(split))
    return _from_study(given, study, objective, side, ledger)


def _read(facts: Any) -> tuple[Facts, Study | None]:
    """The facts, and the study that they go with."""
    if isinstance(facts, Study | Mapping):
        study = read_study(facts)
        return Facts(study.title or "study", study.place), study
    if isinstance(facts, str) and any(sign in facts for sign in ("\n", "<=", ">=", "==", "≤", "≥")):
        return Facts("facts", "facts", parse_lines(facts.splitlines(), "facts")), None
    try:
        path = Path(facts)
    except TypeError:
        raise InputError(f"facts are text, a path or a study, not {shorten(repr(facts))}") from None
    if path.suffix.lower() == ".txt":
        lines = load_text(path).splitlines()
        return Facts(path.stem, str(path), parse_lines(lines, str(path))), None
    try:
        table = load_table(path)
    except InputError as error:
        more = "; facts alone, one a line, are read from a .txt file"
        raise InputError(f"{error}{more}" if "valid TOML" in str(error) else str(error)) from None
    if "subset" in table:
        study = study_in(table, path)
        return Facts(study.title, str(path)), study
    given = _facts_in(table, path)
    named = given.keys.study
    return given, read_study(file_in(path.parent, named)) if named else None


def _objective(given: Facts, maximise: str | None, minimise: str | None) -> tuple[Linear, Side]:
    if maximise is None and minimise is None:
        maximise, minimise = given.keys.maximise or None, given.keys.minimise or None
    if (maximise is None) == (minimise is None):
        example = 'for example maximise "risk(full) - risk(text)"'
        said = "both are given" if maximise is not None else example
        asked = "say what to bound, with one of maximise and minimise"
        raise InputError(f"{given.place}: {asked}; {said}")
    upper = minimise is None
    text, word = (maximise, "maximise") if upper else (minimise, "minimise")
    linear = parse_expression(str(text), f"{given.place}, {word}")
    if not linear.coefficients:
        raise InputError(f"{given.place}, {word}: '{shorten(str(text))}' names no quantity")
    return linear, Side.UPPER if upper else Side.LOWER


def _from_facts(given: Facts, objective: Linear, side: Side) -> ProvedBound:
    names = _known_names(given)
    if not names:
        raise InputError(f"{given.place}: there are no facts")
    for name in objective.coefficients:
        refuse_unknown("quantity", name, names)
    quantity = own_quantities()
    rows, charges = user_facts(given.statements, quantity)
    if given.keys.loss_bound is not None:
        risks = (quantity(name) for name in names if name.head == "risk")
        rows += loss_ranges(risks, exactly(given.keys.loss_bound))
    pool = pool_of(rows, charges=charges)
    _check_costs(given, pool)
    found = best_bound(_claim(objective, quantity, side), pool, side=side)
    return proof_of(found, pool, title=given.title, among=range(len(rows)))


def _claim(objective: Linear, quantity: Callable[[QuantityName], Quantity], side: Side) -> Any:
    return (1 if side is Side.UPPER else -1) * expression(objective, quantity)


def _from_study(
    given: Facts, study: Study, objective: Linear, side: Side, ledger: Sequence[PaidEvent]
) -> ProvedBound:
    instances = Instances(study, ledger)
    names = _StudyNames(instances, _known_names(given))
    rows, charges = user_facts(given.statements, names)
    lemmas = instances.pool()
    claim = _claim(objective, names.asked, side)
    pool = pool_of(rows, base=lemmas, charges=charges)
    _check_costs(given, pool)
    found = best_bound(claim, pool, side=side)
    among = [*instances.numeric_rows, *range(len(lemmas.rows), len(pool.rows))]
    said = assumptions(study, ledger)
    return proof_of(found, pool, title=given.title, among=among, assumes=said)


def _known_names(given: Facts) -> dict[QuantityName, None]:
    """The quantities that facts speak of; those that a list of allowed ones lacks are refused."""
    found: dict[QuantityName, None] = {}
    allowed = None if given.quantities is None else set(given.quantities)
    for statement in given.statements:
        for name in (*statement.lhs.coefficients, *statement.rhs.coefficients):
            if allowed is not None and name not in allowed:
                hint = nearest(str(name), (str(known) for known in allowed))
                unknown = f"unknown quantity '{shorten(str(name))}'"
                raise InputError(f"{statement.place}: {unknown}{hint}")
            found[name] = None
    return found


def _check_costs(given: Facts, pool: Pool) -> None:
    """Refuse events that cost 1 or more together, or more than the file allows."""
    failure = pool.failure
    said = f"{given.place}: the costs of the events add up to {decimal(failure, up=True)}"
    if failure >= 1:
        raise InputError(f"{said}; a bound that may fail with probability 1 says nothing")
    delta = given.keys.delta
    if delta is not None and failure > exactly(delta):
        raise InputError(f"{said}, more than delta = {decimal(exactly(delta), up=True)}")


class _StudyNames:
    """What names stand for: a quantity of the study, or one of the user's own.

    Nothing but what occurs in the user's facts and in the study may be asked about.
    """

    def __init__(self, instances: Instances, written: Iterable[QuantityName]) -> None:
        self.instances, self.labels = instances, [s.label for s in instances.study.subsets]
        self.subsets = {subset.names: i for i, subset in enumerate(instances.study.subsets)}
        self.own, self.written = own_quantities(), set(written)

    def __call__(self, name: QuantityName) -> Quantity:
        """The quantity of a name in a fact.

        Refused for a quantity of a subset that the study does not have.
        """
        if name.head not in ROLES:
            self._refuse_likeness(name)
            return self.own(name)
        if len(name.arguments) == 1 and name.arguments[0] in self.subsets:
            return self.instances.quantity(name.head, self.subsets[name.arguments[0]])
        known = ", ".join(self.labels[:12]) + (", …" if len(self.subsets) > 12 else "")
        raise InputError(f"unknown quantity '{name}': the study's subsets are {known}")

    def _refuse_likeness(self, name: QuantityName) -> None:
        """Refuse what looks like a quantity of the study but is none: it would be a new one."""
        place = next((self.subsets[a] for a in name.arguments if a in self.subsets), None)
        if place is None:
            return
        # what the word abbreviates or resembles: r is risk
        short = [role for role in ROLES if role.startswith(name.head)]
        role = (short or get_close_matches(name.head, ROLES, n=1) or [*ROLES])[0]
        raise InputError(
            f"unknown quantity '{name}': {self.labels[place]} is a subset of the study, and "
            f"'{name.head}' is none of its quantities; did you mean '{role}({self.labels[place]})'?"
        )

    def asked(self, name: QuantityName) -> Quantity:
        """The quantity of a name in an objective.

        Refused also for a name that neither the study nor a fact knows.
        """
        if name.head in ROLES or name in self.written:
            return self(name)
        known = [*map(str, self.written), *(f"{role}({self.labels[0]})" for role in ROLES)]
        raise UnknownNameError("quantity", str(name), known)
