"""The keys of every TOML file, described once: types, ranges, and what excludes what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from boundcalc.errors import InputError, nearest, prefix_errors, refuse_alike, shown
from boundcalc.numeric.decide.decision import DIRECTIONS
from boundcalc.numeric.decide.sample import checked_looks
from boundcalc.study.design import POSITIVE, SUBSET, Design
from boundcalc.study.study import METHODS_OF_STUDIES, LossKind, SharedDelta
from boundcalc.study.toml_file import (
    FLAG,
    LINE,
    NAME,
    NAMES,
    NUMBERS,
    ROWS,
    Raw,
    TomlTable,
    ValueType,
    between,
    in_domain,
    integer,
    list_of,
    of_type,
    word,
)
from boundcalc.study.training_bounds import POSTERIOR, PosteriorTable

QUESTION_KEYS = {"direction", "method", "joint", "looks", "margin", "equivalence", "seed"}
_COMPLEXITIES = ("complexity", "rademacher", "rademacher_empirical", "class")
_TESTS = ("test_loss", "test_errors", "test_losses")
_MOST_FACTS = 100_000
_MOST_SIZES, MOST_REPETITIONS, _LARGEST = 200, 10**5, 10**7
_OBJECT, _STRING = {"type": "object"}, {"type": "string"}


def _listed(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1}


def _lists_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a table with a list under each name."""
    return {**_OBJECT, "additionalProperties": _listed(item), "minProperties": 1}


def _tables(value: object) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, Mapping) for one in value):
        raise InputError("subset must be a list of tables, each headed [[subset]]")
    return tuple({str(key): inner for key, inner in one.items()} for one in value)


CLASS = ValueType(
    'a table, such as { kind = "linear-l2", norm = 1, radius = 1 }',
    _OBJECT,
    lambda key, value: of_type(Mapping, value),
)
LOSSES = ValueType(
    "the path of a file, or a list of losses",
    {"anyOf": [_STRING, _listed({"type": ["number", "boolean"]})]},
    lambda key, value: value,
)


def _files(key: str, value: Any) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(f, str) for f in listed):
        raise InputError(f"{key} is the name of a file, or a list of names, not {shown(value)}")
    return tuple(listed)


def _method(key: str, value: Any) -> str:
    """A method, written with hyphens or with underscores."""
    return str(_METHODS.check(key, of_type(str, value).strip().replace("-", "_")))


def _weights(key: str, value: Any) -> dict[str, float]:
    weights = of_type(Mapping, value).items()
    return {str(name): POSITIVE.validated(f"{key}, {shown(name)}", one) for name, one in weights}


_METHODS = word(METHODS_OF_STUDIES)
_SPELLINGS = sorted({*METHODS_OF_STUDIES, *(m.replace("_", "-") for m in METHODS_OF_STUDIES)})
METHOD = ValueType(_METHODS.takes, {"enum": _SPELLINGS}, _method)
LOOKS = ValueType(
    'a whole number, or "any"',
    {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 1000}, {"const": "any"}]},
    lambda key, value: checked_looks(value),
)
FILES = ValueType("the name of a file", {"anyOf": [_STRING, _listed(_STRING)]}, _files)
WEIGHTS = ValueType(
    "a table of numbers, one a class",
    {**_OBJECT, "additionalProperties": POSITIVE.schema},
    _weights,
)


class SubsetTable(TomlTable):
    """One subset of the modalities: what its predictor reached, and how rich its class is."""

    modalities: Annotated[tuple[str, ...], NAMES]
    name: Annotated[str, LINE] = ""
    train_loss: Annotated[float | None, in_domain("train_loss")] = None
    test_loss: Annotated[float | None, in_domain("test_loss", written=True)] = None
    test_errors: Annotated[int | None, in_domain("errors")] = None
    test_losses: Annotated[Any, LOSSES] = None
    variance: Annotated[float | None, in_domain("variance")] = None
    complexity: Annotated[float | None, in_domain("complexity_m")] = None
    rademacher: Annotated[float | None, in_domain("rademacher")] = None
    rademacher_empirical: Annotated[float | None, in_domain("rademacher_empirical")] = None
    class_: Annotated[Mapping[str, Any] | None, CLASS, Field(alias="class")] = None
    centred_loss: Annotated[float | None, in_domain("centred_loss")] = None
    optimisation_gap: Annotated[float | None, in_domain("optimisation_gap")] = None
    stability: Annotated[float | None, in_domain("stability")] = None
    posterior: Annotated[PosteriorTable | None, POSTERIOR] = None

    @model_validator(mode="after")
    def _agree(self) -> Self:
        given = [key for key, field in self.keys().items() if field in self.model_fields_set]
        for keys, what in ((_COMPLEXITIES, "the complexity"), (_TESTS, "the test losses")):
            both = [key for key in keys if key in given]
            if len(both) > 1:
                raise InputError(f"{' and '.join(both)} both give {what}; keep one of them")
        if "variance" in given and "test_loss" not in given:
            raise InputError("variance goes with test_loss, which is missing")
        return self


class StudyTable(TomlTable):
    """A study: one training set, one test set, and the subsets of the modalities."""

    title: Annotated[str, LINE] = ""
    m: Annotated[int | None, in_domain("m")] = None
    test_n: Annotated[int | None, in_domain("n")] = None
    delta: Annotated[float, in_domain("delta")] = 0.05
    lipschitz: Annotated[float | None, in_domain("lipschitz")] = None
    loss_bound: Annotated[float, in_domain("loss_bound")] = 1.0
    loss: Annotated[str | None, word(LossKind)] = None
    erm: Annotated[bool, FLAG] = False
    nested: Annotated[bool, FLAG] = False
    vector_outputs: Annotated[bool, FLAG] = False
    reference: Annotated[tuple[str, ...] | None, NAMES] = None
    direction: Annotated[str, word(DIRECTIONS)] = "both"
    method: Annotated[str | None, METHOD] = None
    joint: Annotated[str, word(SharedDelta)] = SharedDelta.HELD_OUT
    looks: Annotated[int | str, LOOKS] = 1
    margin: Annotated[float | None, between(0, 1e9)] = None
    equivalence: Annotated[float | None, between(0, 1e9)] = None
    seed: Annotated[int, integer(0)] = 0
    losses: Annotated[tuple[str, ...] | None, FILES] = None
    id: Annotated[str | None, NAME] = None
    group: Annotated[str | None, NAME] = None
    group_size: Annotated[int | None, integer(1)] = None
    classes: Annotated[str | None, NAME] = None
    class_weights: Annotated[dict[str, float] | None, WEIGHTS] = None
    subset: Annotated[tuple[SubsetTable, ...], BeforeValidator(_tables)] = ()

    @property
    def loss_kind(self) -> LossKind:
        """The kind that is given; a count of errors implies a 0/1 loss."""
        counted = any(one.test_errors is not None for one in self.subset)
        return LossKind(self.loss or ("zero-one" if counted else "bounded"))

    @model_validator(mode="after")
    def _agree(self) -> Self:
        seen = (name for one in self.subset for name in one.modalities)
        refuse_alike(seen, "modalities", "modality")
        return self._checked_zero_one()

    def _checked_zero_one(self) -> Self:
        """A 0/1 loss has the range 1 and is not Lipschitz: its loss class has a complexity."""
        if self.loss_kind is LossKind.BOUNDED:
            if any(one.test_errors is not None for one in self.subset):
                raise InputError("test_errors counts errors of a 0/1 loss, but loss is 'bounded'")
            return self
        if self.loss_bound != 1:
            raise InputError(f"loss_bound = {self.loss_bound:g}, but a 0/1 loss lies in [0, 1]")
        if self.lipschitz not in (None, 1.0):
            raise InputError(
                f"lipschitz = {self.lipschitz:g}, but a 0/1 loss is not Lipschitz; "
                "give the complexity of its loss class and lipschitz = 1"
            )
        if self.lipschitz is not None and self.vector_outputs:
            needs = "vector_outputs needs a Lipschitz loss"
            raise InputError(f"{needs}, and a 0/1 loss is not Lipschitz")
        return self


def _file(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.lower().endswith((".npz", ".csv", ".parquet")):
        raise InputError(f"{key} is the name of an .npz, .csv or .parquet file, not {shown(value)}")
    return value


def _columns(key: str, value: Any) -> dict[str, list[str]]:
    lists = value.values() if isinstance(value, Mapping) else ()
    usable = all(isinstance(one, list) and one for one in lists)
    if not lists or not usable or not all(isinstance(n, str) for one in lists for n in one):
        raise InputError(
            f'{key} are the columns of each modality, as in audio = ["pitch", "energy"], not '
            f"{shown(value)}"
        )
    return {str(name): columns for name, columns in value.items()}


COLUMNS = ValueType("the columns of each modality", _lists_of(_STRING), _columns)


class DataTable(Design):
    """A study file that names data in place of numbers, and how to compare them."""

    data: Annotated[str, ValueType("the name of a file", _STRING, _file)]
    groups: Annotated[dict[str, list[str]] | None, COLUMNS] = None
    labels: Annotated[str, NAME] = "y"
    delta: Annotated[float, in_domain("delta")] = 0.05
    reference: Annotated[str | tuple[str, ...] | None, SUBSET] = None
    group: Annotated[str | None, NAME] = None
    group_size: Annotated[int | None, integer(1)] = None
    class_weights: Annotated[dict[str, float] | None, WEIGHTS] = None
    split: Annotated[str | None, NAME] = None
    direction: Annotated[str, word(DIRECTIONS)] = "both"
    method: Annotated[str | None, METHOD] = None
    joint: Annotated[str, word(SharedDelta)] = SharedDelta.HELD_OUT
    looks: Annotated[int | str, LOOKS] = 1
    equivalence: Annotated[float | None, between(0, 1e9)] = None


def _fact_lines(key: str, value: Any) -> tuple[str, ...]:
    """The facts, one a line: a text of several lines, or a list with one fact each."""
    value = value.splitlines(keepends=True) if isinstance(value, str) else of_type(list, value)
    if len(value) > _MOST_FACTS:
        raise InputError(f"{len(value)} facts; at most {_MOST_FACTS} can be used")
    for i, line in enumerate(value, 1):
        if not isinstance(line, str) or "\n" in line.strip():
            raise InputError(f"fact {i}: each fact must be one line of text, not {shown(line)}")
    return tuple(value)


class FactTable(TomlTable):
    """Facts of the user's own, what to bound, and a study that they go with."""

    title: Annotated[str, LINE] = ""
    maximise: Annotated[str, LINE] = ""
    minimise: Annotated[str, LINE] = ""
    delta: Annotated[float | None, in_domain("delta")] = None
    loss_bound: Annotated[float | None, in_domain("loss_bound")] = None
    quantities: Annotated[
        tuple[str, ...] | None,
        list_of(LINE.check, 'a list of names, such as ["risk(text)"]', _STRING),
    ] = None
    facts: Annotated[
        tuple[str, ...],
        ValueType(
            "a text or a list of texts",
            {"anyOf": [_STRING, {"type": "array", "items": _STRING, "maxItems": _MOST_FACTS}]},
            _fact_lines,
        ),
    ] = ()
    study: Annotated[str, LINE] = ""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if "facts" not in self.model_fields_set and not self.study:
            example = 'facts = ["risk(full) - risk(text) <= 0.03", …]'
            raise InputError(f"facts is missing; give {example}")
        if self.study and self.loss_bound is not None:
            raise InputError(
                f"loss_bound = {self.loss_bound:g} beside study = {shown(self.study)}: "
                "the study says the loss_bound"
            )
        return self


_SIZE = integer(1, _LARGEST)
_COUNT = {"minItems": 1, "maxItems": _MOST_SIZES}


def _sizes(key: str, value: Any) -> tuple[int, ...]:
    listed = value if isinstance(value, (list, tuple)) else [value]
    if not 1 <= len(listed) <= _MOST_SIZES:
        raise InputError(f"{key} lists {len(listed)} sizes; give 1 to {_MOST_SIZES}")
    found = [_SIZE.check(key, size) for size in listed]
    if sorted(set(found)) != found:
        raise InputError(f"{key} must list increasing sizes")
    return tuple(found)


class WorldTable(TomlTable):
    """A world whose truth is known, and how often it is drawn from."""

    title: Annotated[str, LINE] = ""
    m: Annotated[
        tuple[int, ...],
        ValueType(
            "a size, or a list of increasing ones",
            {"anyOf": [_SIZE.schema, {"type": "array", "items": _SIZE.schema, **_COUNT}]},
            _sizes,
        ),
    ]
    repetitions: Annotated[int, integer(1, MOST_REPETITIONS)]
    delta: Annotated[float, in_domain("delta")] = 0.05
    seed: Annotated[int, integer(0)] = 0


def _blocks(key: str, value: Any) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """The coordinates of each modality; the world checks that they divide all among them."""
    for name, members in of_type(Mapping, value).items():
        if not isinstance(members, (list, tuple)):
            takes = f"must be a list of coordinates, not {shown(members)}"
            raise InputError(f"{key}: {shown(name)} {takes}")
    return tuple((str(name), tuple(members)) for name, members in value.items())


class LinearWorldTable(WorldTable):
    """A linear world: y = θᵀx + noise, with least squares on subsets of the modalities."""

    kind: Annotated[str, word(["linear"])]
    covariance: Annotated[tuple[tuple[float, ...], ...], ROWS]
    blocks: Annotated[
        tuple[tuple[str, tuple[int, ...]], ...],
        ValueType("a table, such as text = [0, 1]", _lists_of(integer(0).schema), _blocks),
    ]
    theta: Annotated[tuple[float, ...], NUMBERS]
    noise_variance: Annotated[float, in_domain("noise_variance")]
    subsets: Annotated[
        tuple[tuple[str, ...], ...], list_of(NAMES.validated, "a list of subsets", NAMES.schema)
    ] = ()
    norm: Annotated[float, in_domain("norm")]
    loss_bound: Annotated[float, in_domain("loss_bound")]
    test_n: Annotated[int, integer(2, _LARGEST)] = 200

    @model_validator(mode="after")
    def _agree(self) -> Self:
        names = dict(self.blocks)
        for name in (name for subset in self.subsets for name in subset):
            if name not in names:
                hint = nearest(name, names)
                raise InputError(f"subsets has the unknown modality {shown(name)}{hint}")
        if len(set(map(frozenset, self.subsets))) < len(self.subsets):
            raise InputError("subsets must list one or more different subsets")
        return self


class TableWorldTable(WorldTable):
    """A table world: an arbitrary table of zeros and ones, learned from pairs and from labels."""

    kind: Annotated[str, word(["table"])]
    points: Annotated[int, integer(1, _LARGEST)]
    n: Annotated[int, integer(1, _LARGEST)]
    tasks: Annotated[int, integer(1, _LARGEST)] = 1


WORLDS: dict[str, type[WorldTable]] = {"linear": LinearWorldTable, "table": TableWorldTable}
_KIND = word(WORLDS)


def world_table(raw: Raw, where: str) -> WorldTable:
    """Check a world file by the table of its kind."""
    with prefix_errors(where):
        if "kind" not in raw:
            raise InputError(f"kind must be {_KIND.takes}; it is missing")
        kind = _KIND.validated("kind", raw["kind"])
    return WORLDS[kind].read(raw, where)
