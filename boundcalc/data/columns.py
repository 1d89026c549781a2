"""Which columns of a table form which modality, and which stand beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from boundcalc.data.tables import Groups, Reading
from boundcalc.errors import InputError, UnknownNameError, nearest, normal, shorten

_NUMBERED = re.compile(r"(?P<modality>.*\S)_\d+")
_ROW_NAMES = frozenset({"", "id", "index", "unnamed: 0"})
_PATTERN = re.compile(r"[*?\[]")
MOST_COLUMNS = 100_000


@dataclass(frozen=True, eq=False)
class Layout:
    """What each column of a table is.

    Attributes
    ----------
    modalities : mapping of str to tuple of str
        The columns of each.
    label : str or None
        The column of the labels.
    beside : tuple of str
        Columns that are kept as they are: groups of rows, parts.
    remarks : tuple of str
        What was left out.
    """

    modalities: Mapping[str, tuple[str, ...]]
    label: str | None
    beside: tuple[str, ...]
    remarks: tuple[str, ...]


def listed(names: Sequence[str]) -> str:
    """Some names, the first five of them."""
    return ", ".join(map(shorten, names[:5])) + (", …" if len(names) > 5 else "")


def refuse_twice(names: Iterable[str], where: str, what: str = "column") -> None:
    """Refuse a name that is there twice."""
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        raise InputError(f"{where}: the {what} '{shorten(twice)}' is there twice")


def layout(names: Sequence[str], reading: Reading, where: str) -> Layout:
    """Sort the columns of a table: by the patterns of each modality, or by their names.

    Raises
    ------
    InputError
        For a column that is there twice, or belongs nowhere.
    """
    if len(names) > MOST_COLUMNS:
        raise InputError(f"{where} has {len(names):,} columns; at most {MOST_COLUMNS:,} are read")
    refuse_twice(names, where)
    known, label = set(names), normal(reading.label)
    found = label if label in known else None
    if found is None and label != "y":
        hint = nearest(label, names)
        raise InputError(f"{where} has no column '{shorten(label)}' for the labels{hint}")
    for pattern in map(normal, reading.categorical):
        _matching(pattern, known, names, where)  # one that says nothing is a slip
    beside = tuple(name for name in map(normal, reading.beside) if name in known)
    used = {found, *beside}
    if reading.columns is not None:
        modalities = _by_patterns(names, reading.columns, used, where)
        used.update(name for columns in modalities.values() for name in columns)
        idle = [name for name in names if name not in used]
        remark = f"columns that no group uses: {listed(idle)}"
        return Layout(modalities, found, beside, (remark,) if idle else ())
    rest = [name for name in names if name not in used]
    modalities, remarks = _by_names(rest, where, unlabelled=found is None)
    return Layout(modalities, found, beside, remarks)


def numbered(name: str) -> bool:
    """Whether its name says of which modality it is the how manieth column."""
    return _NUMBERED.fullmatch(name) is not None


def _by_names(
    names: Sequence[str], where: str, *, unlabelled: bool
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """audio_1 and audio_pitch are of audio; what names rows is left out."""
    matches = {name: _NUMBERED.fullmatch(name) for name in names}
    stems = {match["modality"] for match in matches.values() if match}
    modalities: dict[str, list[str]] = {}
    left_out = []
    for name, match in matches.items():
        if match is None and names_rows(name):
            left_out.append(shorten(name) or "one without a name")
            continue
        modality = match["modality"] if match else _stem(name, stems)
        if not modality:
            raise InputError(
                f"{where}: the column '{shorten(name)}' belongs to no modality: name it like "
                "audio_1 or audio_pitch, or leave it out; `compare` also takes columns by "
                "modality, with --group-columns, which leaves out all columns that it does not "
                "name, and groups of rows, with --group "
                f"'{shorten(name)}'{_otherwise(names, unlabelled=unlabelled)}"
            )
        modalities.setdefault(modality, []).append(name)
    remark = (
        f"columns that name rows are no features: {', '.join(left_out[:5])}; if rows of one "
        "name belong together, `compare` takes them as groups, with --group"
    )
    found = {name: tuple(columns) for name, columns in modalities.items()}
    return found, (remark,) if left_out else ()


def _otherwise(names: Sequence[str], *, unlabelled: bool) -> str:
    """What else such a table may be: one of losses, or one whose labels are called otherwise."""
    if any("+" in name for name in names):
        return "; if the columns are losses of predictors, say --losses"
    return (
        "; there is no column y: if this one holds the labels, name it with --labels" * unlabelled
    )


def names_rows(name: str) -> bool:
    """Whether a column says which example a row is, and is no feature."""
    plain = name.casefold()
    return plain in _ROW_NAMES or plain.endswith("_id")


def _stem(name: str, stems: Iterable[str]) -> str:
    """The longest known name that it begins with, or what stands before its first ``_``."""
    known = [stem for stem in stems if name.startswith(f"{stem}_")]
    return max(known, key=len) if known else name.partition("_")[0].strip() * ("_" in name)


def _by_patterns(
    names: Sequence[str], groups: Groups, taken: Iterable[str | None], where: str
) -> dict[str, tuple[str, ...]]:
    known, free = set(names), [name for name in names if name not in set(taken)]
    seen: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for modality, columns in groups.items():
        if isinstance(columns, str) or not columns:
            raise InputError(f"modality '{shorten(str(modality))}' needs a list of columns")
        chosen: dict[str, None] = {}
        for pattern in map(normal, columns):
            chosen.update(dict.fromkeys(_matching(pattern, known, free, where)))
        twice = next((name for name in chosen if name in seen), None)
        if twice is not None:
            raise InputError(f"{where}: the column '{shorten(twice)}' is in two modalities")
        seen.update(chosen)
        found[normal(modality)] = tuple(chosen)
    refuse_twice(map(normal, groups), where, "modality")
    return found


def _matching(pattern: str, known: set[str], free: Sequence[str], where: str) -> Sequence[str]:
    if pattern in known:
        return [pattern]
    if not _PATTERN.search(pattern):
        raise UnknownNameError(f"column of {where}", pattern, known)
    found = [name for name in free if fnmatchcase(name, pattern)]
    if not found:
        raise InputError(f"{where}: no column matches '{shorten(pattern)}'{nearest('', known)}")
    return found


def is_categorical(name: str, reading: Reading) -> bool:
    """Whether its values are declared to be names of categories."""
    patterns = map(normal, reading.categorical)
    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)
