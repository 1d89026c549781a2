"""Worlds whose truth is known."""

from boundcalc.worlds.families import Table
from boundcalc.worlds.gallery.registry import all_worlds, world
from boundcalc.worlds.held_out import held_out
from boundcalc.worlds.implicit import Cube, all_tables
from boundcalc.worlds.linear import LinearWorld
from boundcalc.worlds.micro import Chosen, MicroWorld
from boundcalc.worlds.modalities import Modalities, two_subsets
from boundcalc.worlds.oracle import Verdict, check_derivation, check_expectation, check_fact
from boundcalc.worlds.table import TableSample, TableWorld

__all__ = [
    "Chosen",
    "Cube",
    "LinearWorld",
    "MicroWorld",
    "Modalities",
    "Table",
    "TableSample",
    "TableWorld",
    "Verdict",
    "all_tables",
    "all_worlds",
    "check_derivation",
    "check_expectation",
    "check_fact",
    "held_out",
    "two_subsets",
    "world",
]
