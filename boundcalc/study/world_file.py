"""World files: TOML, or a mapping with the same keys, checked key by key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from boundcalc.errors import InputError, nearest, shorten
from boundcalc.numeric.decide.sample import checked_seed
from boundcalc.study.fields import Table, known_keys, modalities, number, placed, text
from boundcalc.study.read import load_table
from boundcalc.worlds import checks
from boundcalc.worlds.simulate.experiment import Experiment
from boundcalc.worlds.simulate.least_squares import LinearExperiment
from boundcalc.worlds.simulate.table_learners import TableExperiment

_COMMON = ("title", "kind", "m", "repetitions", "delta", "seed")
_LINEAR = ("covariance", "blocks", "theta", "noise_variance", "subsets", "norm", "loss_bound", "test_n")
_TABLE = ("points", "n", "tasks")
_MOST_SIZES, _MOST_REPETITIONS, _LARGEST = 200, 10**5, 10**7
_MOST_DRAWN = 10**7  # 80 MB, of which a repetition holds a few at a time


def read_world(source: Experiment | Mapping[str, Any] | str | Path) -> Experiment:
    """Read a world file.

    Parameters
    ----------
    source : Experiment, mapping, str or Path
        An experiment is returned as it is; a mapping has the keys of a world file; anything else is the path
        of a TOML file.

    Raises
    ------
    InputError
        For whatever cannot be used: one line that names the file and the key.
    """
    if isinstance(source, Experiment):
        return source
    if isinstance(source, Mapping):
        return _experiment(source, "world", "")
    try:
        path = Path(source)
    except TypeError:
        raise InputError(f"a world is a path or a mapping, not {shorten(repr(source))}") from None
    return _experiment(load_table(path), str(path), path.stem)


def changed(experiment: Experiment, *, repetitions: int | None, seed: int | None) -> Experiment:
    """An experiment repeated another number of times, or with another seed; None leaves it as it is."""
    if repetitions is not None:
        number = checks.whole("repetitions", repetitions, 1, _MOST_REPETITIONS)
        experiment = replace(experiment, repetitions=number)
    if seed is not None:
        experiment = replace(experiment, seed=checked_seed(seed))
    return experiment


def _experiment(table: Table, where: str, title: str) -> Experiment:
    kind = table.get("kind")
    if kind not in _KINDS:
        hint = nearest(kind, _KINDS) if isinstance(kind, str) else ""
        shown = "it is missing" if kind is None else f"not {shorten(repr(kind))}"
        raise InputError(f"{where}: kind must be {' or '.join(map(repr, _KINDS))}, {shown}{hint}")
    keys, build = _KINDS[kind]
    known_keys(table, (*_COMMON, *keys), where)
    delta = number(table, "delta", where)
    common = {
        "title": text(table, "title", where) or title,
        "sizes": _sizes(table, where),
        "repetitions": _whole(table, "repetitions", where, 1, _MOST_REPETITIONS),
        "delta": 0.05 if delta is None else delta,
        "seed": _whole(table, "seed", where, 0, None, 0),
    }
    experiment = build(table, common, where)
    drawn = experiment.drawn(experiment.sizes[-1])
    if drawn > _MOST_DRAWN:
        raise InputError(
            f"{where}: a repetition at m = {experiment.sizes[-1]:,} draws {drawn:,} numbers; give a world "
            f"with {_MOST_DRAWN:,} (80 MB) at most"
        )
    with placed(where):
        _ = experiment.world  # it is refused here if it cannot be used
    return experiment


def _linear(table: Table, common: dict[str, Any], where: str) -> Experiment:
    blocks = _required(table, "blocks", where)
    if not isinstance(blocks, Mapping):
        raise InputError(
            f"{where}: blocks must be a table, such as text = [0, 1], not {shorten(repr(blocks))}"
        )
    return LinearExperiment(
        **common,
        covariance=tuple(_row(row, "covariance", where) for row in _list(table, "covariance", where)),
        blocks=tuple((str(name), tuple(_list(blocks, name, where))) for name in blocks),
        theta=_row(_list(table, "theta", where), "theta", where),
        noise_variance=_positive(table, "noise_variance", where),
        subsets=_subsets(table, tuple(map(str, blocks)), where),
        norm=_positive(table, "norm", where),
        loss_bound=_positive(table, "loss_bound", where),
        test_n=_whole(table, "test_n", where, 2, _LARGEST, 200),
    )


def _table(table: Table, common: dict[str, Any], where: str) -> Experiment:
    return TableExperiment(
        **common,
        points=_whole(table, "points", where, 1, _LARGEST),
        n=_whole(table, "n", where, 1, _LARGEST),
        tasks=_whole(table, "tasks", where, 1, _LARGEST, 1),
    )


_KINDS: dict[str, tuple[tuple[str, ...], Callable[[Table, dict[str, Any], str], Experiment]]] = {
    "linear": (_LINEAR, _linear),
    "table": (_TABLE, _table),
}


def _required(table: Table, key: str, where: str) -> Any:
    if key not in table:
        raise InputError(f"{where}: {key} is missing")
    return table[key]


def _whole(table: Table, key: str, where: str, low: int, high: int | None, default: int | None = None) -> int:
    value = _required(table, key, where) if default is None else table.get(key, default)
    if isinstance(value, bool):
        raise InputError(f"{where}: {key} must be a whole number, not {str(value).lower()}")
    with placed(where):
        return checks.whole(key, value, low, high)


def _positive(table: Table, key: str, where: str) -> float:
    """A required number in the domain of its parameter."""
    _required(table, key, where)
    found = number(table, key, where)
    assert found is not None
    return found


def _list(table: Table, key: str, where: str) -> list[Any]:
    value = _required(table, key, where)
    if not isinstance(value, (list, tuple)):
        raise InputError(f"{where}: {key} must be a list, not {shorten(repr(value))}")
    return list(value)


def _row(value: Any, key: str, where: str) -> tuple[float, ...]:
    """A list of numbers; what they have to fulfil together is checked by the world."""
    wrong = (
        [v for v in value if isinstance(v, bool) or not isinstance(v, (int, float))]
        if isinstance(value, (list, tuple))
        else [value]
    )
    if wrong:
        raise InputError(f"{where}: {key} must be made of numbers, not {shorten(repr(wrong[0]))}")
    return tuple(float(v) for v in value)


def _sizes(table: Table, where: str) -> tuple[int, ...]:
    given = _required(table, "m", where)
    listed = given if isinstance(given, (list, tuple)) else [given]
    if not 1 <= len(listed) <= _MOST_SIZES:
        raise InputError(f"{where}: m lists {len(listed)} sizes; give 1 to {_MOST_SIZES}")
    with placed(where):
        found = [checks.whole("m", size, 1, _LARGEST) for size in listed]
    if sorted(set(found)) != found:
        raise InputError(f"{where}: m must list increasing sizes")
    return tuple(found)


def _subsets(table: Table, names: tuple[str, ...], where: str) -> tuple[tuple[str, ...], ...]:
    """The subsets that are listed; default: each modality alone, and all together."""
    if "subsets" not in table:
        return tuple(dict.fromkeys((*((name,) for name in names), names)))
    listed = _list(table, "subsets", where)
    found = tuple(modalities({"subsets": entry}, "subsets", where) for entry in listed)
    for name in (name for subset in found for name in subset):
        if name not in names:
            raise InputError(
                f"{where}: subsets has the unknown modality '{shorten(name)}'{nearest(name, names)}"
            )
    sets = [frozenset(subset) for subset in found]
    if not found or len(set(sets)) < len(sets):
        raise InputError(f"{where}: subsets must list one or more different subsets")
    return found
