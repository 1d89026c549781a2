"""The user's cache: where it is, what is read back, how many versions are kept, what a version depends on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from boundcalc.numeric import cache
from boundcalc.numeric.cache import Store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("platform", "variables", "place"),
    [
        ("linux", {}, "~/.cache"),
        ("darwin", {}, "~/Library/Caches"),
        ("win32", {}, "~/AppData/Local"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local"),
        ("darwin", {"LOCALAPPDATA": "/local"}, "~/Library/Caches"),
        ("linux", {"XDG_CACHE_HOME": "/given"}, "/given"),
        ("win32", {"XDG_CACHE_HOME": "/given", "LOCALAPPDATA": "/local"}, "/given"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "~/.cache"),
        ("linux", {"XDG_CACHE_HOME": ""}, "~/.cache"),
    ],
)
def test_the_cache_is_where_the_system_keeps_caches(
    platform: str,
    variables: dict[str, str],
    place: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache._home() == Path(place.replace("~", str(tmp_path)))


def test_what_was_kept_is_read_and_what_was_changed_is_refused(home: Path) -> None:
    store = Store("numbers", lambda: "one")
    data = {"δ": [1, 2.5, None], "text": "r̂ ≤ ½"}
    store.write("name", data)
    path = home / "boundcalc" / "numbers" / "one" / "name.json"
    assert store.read("name") == data
    assert [p.name for p in path.parent.iterdir()] == ["name.json"]
    with pytest.raises(ValueError, match="other is not in the cache"):
        store.read("other")
    whole = path.read_bytes()
    for damaged in (whole[:-1], b"", whole.replace(b"2.5", b"3.5"), b"0" + whole):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="name is damaged"):
            store.read("name")
    store.write("name", 7)
    assert store.read("name") == 7


@pytest.mark.skipif(sys.platform == "win32", reason="folders there have no such modes")
def test_nobody_else_reads_the_cache(home: Path) -> None:
    Store("numbers", lambda: "one").write("name", 1)
    assert (home / "boundcalc" / "numbers" / "one").stat().st_mode & 0o777 == 0o700


def test_what_does_not_follow_from_the_files_is_not_kept(home: Path) -> None:
    store = Store("numbers", lambda: "one", lambda: False)
    store.write("name", 1)
    assert not list(home.iterdir())


def test_of_many_versions_the_newest_four_are_kept(home: Path) -> None:
    folder = home / "boundcalc" / "numbers"
    for age in range(1, 7):
        old = folder / f"old{age}"
        old.mkdir(parents=True)
        (old / "name.json").write_text("")
        os.utime(old, (10**9 - age, 10**9 - age))
    store = Store("numbers", lambda: "new")
    store.write("name", 1)
    assert sorted(p.name for p in folder.iterdir()) == ["new", "old1", "old2", "old3"]
    store.write("other", 2)
    assert sorted(p.name for p in (folder / "new").iterdir()) == ["name.json", "other.json"]
    assert len(list(folder.iterdir())) == 4


def test_fewer_versions_are_all_kept(home: Path) -> None:
    for version in "abcd":
        Store("numbers", lambda version=version: version).write("name", version)
        assert Store("numbers", lambda version=version: version).read("name") == version
    assert sorted(p.name for p in (home / "boundcalc" / "numbers").iterdir()) == list("abcd")


def package(folder: Path) -> Path:
    """A package with one file of each kind of place that theorems are made of."""
    files = {
        **{f"numeric/{name}": "" for name in cache.COMPILERS},
        "symbolic/a.py": "one",
        "symbolic/deep/b.py": "two",
        "theorems/works.bib": "three",
        **{name: "" for name in cache.PLACES if name.endswith(".py")},
        "render/text.py": "",
        "symbolic/notes.txt": "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "__init__.py").write_text("")
    return folder


def test_a_version_is_of_all_files_that_theorems_are_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = package(tmp_path)
    monkeypatch.setattr(cache.boundcalc, "__file__", str(root / "__init__.py"))
    first = cache._version()
    assert cache._version() == first
    assert len(bytes.fromhex(first)) >= 12  # chance does not make two of them alike
    watched = {p.relative_to(root).as_posix() for p in cache._files(root)}
    made = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
    assert made - watched == {"render/text.py", "symbolic/notes.txt", "__init__.py"}
    seen = {first}
    for name in sorted(watched):
        (root / name).write_text("changed")
        seen.add(cache._version())
    assert len(seen) == 1 + len(watched)
    (root / "render" / "text.py").write_text("changed")
    assert cache._version() in seen
