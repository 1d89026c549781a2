"""Pages made from the package: theorems, lemmas, classes, commands, functions, the glossary."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import boundcalc
from boundcalc.cli.group import COMMANDS, command
from boundcalc.numeric.compiled import compiled_catalogue
from boundcalc.render.entries import entry_details, lemma_details
from boundcalc.symbolic.catalogue import complexities, lemmas
from boundcalc.symbolic.glossary import TERMS
from boundcalc.symbolic.parameters import parameters

_SPECIAL = re.compile(r"([*\[\]])")
"""What Markdown would read as emphasis or as a link, and is a formula."""
NOT_VERBS = {"__version__", "worlds"}


def generate(folder: Path) -> None:
    """Write all pages; what an earlier build left there is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, pages in (
        ("theorems", theorem_pages()),
        ("lemmas", lemma_pages()),
        ("complexities", complexity_pages()),
        ("cli", command_pages()),
        ("api", api_pages()),
    ):
        (folder / name).mkdir(parents=True)
        written = []
        for page, text in pages:
            (folder / name / f"{page}.md").write_text(text, encoding="utf-8")
            written.append(page)
        contents = "\n".join(written)
        (folder / name / "index.md").write_text(
            f"# {TITLES[name]}\n\n```{{toctree}}\n:maxdepth: 1\n\n{contents}\n```\n",
            encoding="utf-8",
        )
    (folder / "glossary.md").write_text(glossary(), encoding="utf-8")


TITLES = {
    "theorems": "Theorems",
    "lemmas": "Lemmas",
    "complexities": "Function classes",
    "cli": "Commands",
    "api": "Python API",
}


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def sections(page: str) -> str:
    """The sections of a docstring, whose heads are underlined, with Markdown heads."""
    lines = page.strip().splitlines()
    out = []
    for line, after in zip(lines[1:], [*lines[2:], ""], strict=True):
        if after.strip() and set(after.strip()) == {"-"}:
            out.append(f"## {line.strip()}")
        elif not line.strip() or set(line.strip()) != {"-"}:
            out.append(_SPECIAL.sub(r"\\\1", line.replace("``", "`")))
    return "\n".join(out)


def theorem_pages() -> Iterator[tuple[str, str]]:
    for id, entry in compiled_catalogue().items():
        said = entry_details(entry)
        forms = table(
            ("variant", "bound", "with probability", "constants"),
            (
                (f"`{v['name']}`", f"${v['latex']}$", v["probability"], v["status"])
                for v in said["variants"]
            ),
        )
        assumed = "\n".join(
            f"- `{name}` assumes: {'; '.join(form.conditions)}."
            for name, form in entry.variants.items()
        )
        numbers = table(
            ("parameter", "symbol", "domain", "meaning"),
            (
                (f"`{p['name']}`", f"${p['latex']}$", p["domain"], p["meaning"])
                for p in said["parameters"]
            ),
        )
        example = " ".join(f"{k}={v}" for k, v in said["example"].items() if k != "variant")
        commands = (
            f"```sh\nboundcalc eval {id} {example} --variant {entry.example_variant}\n"
            f"boundcalc derive {id} --explain\nboundcalc cite {id}\n```\n"
        )
        yield id, "\n".join(
            (
                f"# {entry.title}\n\n`{id}`. {entry.credit} Bounds {entry.statement}.\n",
                forms, assumed, "", numbers, sections(entry.page), "\n## Ask\n", commands,
            )
        )  # fmt: skip


def lemma_pages() -> Iterator[tuple[str, str]]:
    for name in lemmas():
        said = lemma_details(name)
        used = ", ".join(f"[{id}](../theorems/{id}.md)" for id in said["used_in"])
        parts = [f"# {name}\n\n{said['statement']}\n"]
        parts += [
            f"**{head}.** {text}\n"
            for head, text in (
                ("Why", said["why"]),
                ("What it loses", said["loses"]),
                ("Source", ", ".join(said["sources"])),
                ("Used in", used),
                ("Arguments", ", ".join(f"`{a}`" for a in said["arguments"])),
            )
            if text
        ]
        yield name, "\n".join(parts)


def complexity_pages() -> Iterator[tuple[str, str]]:
    import importlib

    from boundcalc.symbolic.catalogue import complexity_modules

    for id in complexities():
        page = importlib.import_module(complexity_modules()[id]).__doc__ or id
        title = page.strip().splitlines()[0].rstrip(".")
        yield (
            id,
            f"# {title}\n\n`{id}`\n\n{sections(page)}\n\n```sh\nboundcalc complexity {id}\n```\n",
        )


def command_pages() -> Iterator[tuple[str, str]]:
    for name in sorted(COMMANDS):
        made = command(name)
        rows = []
        for option in made.params:
            if getattr(option, "hidden", False):
                continue
            names = ", ".join(f"`{o}`" for o in option.opts) if option.opts else ""
            label = names if option.opts[0].startswith("-") else f"`{option.name.upper()}`"
            rows.append((label, getattr(option, "help", "") or ""))
        says = " ".join((made.help or "").split())
        more = f"\n{made.epilog}\n" if made.epilog else ""
        yield name, f"# boundcalc {name}\n\n{says}\n\n{table(('option', 'meaning'), rows)}{more}"


def api_pages() -> Iterator[tuple[str, str]]:
    for name in boundcalc.__all__:
        if name in NOT_VERBS:
            continue
        thing = getattr(boundcalc, name)
        kind = "autoclass" if isinstance(thing, type) else "autofunction"
        place = f"{thing.__module__}.{thing.__name__}"
        yield name, f"# boundcalc.{name}\n\n```{{eval-rst}}\n.. {kind}:: {place}\n```\n"


def glossary() -> str:
    words = table(("word", "meaning"), TERMS.items())
    numbers = table(
        ("parameter", "symbol", "domain", "meaning"),
        ((f"`{p.name}`", f"${p.latex}$", p.domain, p.meaning) for p in parameters().values()),
    )
    return f"# Glossary\n\n{words}\n## Parameters\n\n{numbers}"
