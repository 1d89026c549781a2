"""``boundcalc schema``: the keys of study, data, fact and world files, for editors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from boundcalc.cli.common import Format, OutputOption, emit_text, resolved
from boundcalc.cli.values import typed_word
from boundcalc.errors import InputError
from boundcalc.record import as_json

EXAMPLE = "Examples: `boundcalc schema -o study.schema.json` · `boundcalc schema world`"
_METAVAR = {"metavar": "KIND"}


class FileKind(StrEnum):
    """Kinds of TOML files."""

    STUDY = "study"
    DATA = "data"
    FACTS = "facts"
    WORLD = "world"


def run(
    kind: Annotated[
        FileKind,
        typer.Argument(help="Which kind of file.", **typed_word(FileKind, "kind") | _METAVAR),
    ] = FileKind.STUDY,
    output: OutputOption = None,
) -> None:
    """Print the JSON Schema of a kind of file: its keys, their types, ranges and meanings.

    An editor that knows it completes keys and marks mistakes while a file is written; a first line
    `#:schema study.schema.json` tells it where the schema is.
    """
    from boundcalc.study.json_schema import json_schema

    if output is not None and resolved(Format.RICH, output) != Format.JSON:
        raise InputError(f"a schema is JSON: write a .json file, not {output.name}")
    emit_text(as_json(json_schema(kind)), output)
