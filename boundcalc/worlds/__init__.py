"""Worlds whose truth is known; the names are imported when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcalc.worlds.families import Table as Table
    from boundcalc.worlds.gallery.registry import all_worlds as all_worlds
    from boundcalc.worlds.gallery.registry import world as world
    from boundcalc.worlds.implicit import Cube as Cube
    from boundcalc.worlds.implicit import all_tables as all_tables
    from boundcalc.worlds.linear import LinearWorld as LinearWorld
    from boundcalc.worlds.micro import Chosen as Chosen
    from boundcalc.worlds.micro import MicroWorld as MicroWorld
    from boundcalc.worlds.modalities import Modalities as Modalities
    from boundcalc.worlds.modalities import best as best
    from boundcalc.worlds.modalities import given_encoder as given_encoder
    from boundcalc.worlds.modalities import joint_erm as joint_erm
    from boundcalc.worlds.modalities import lucky_erm as lucky_erm
    from boundcalc.worlds.modalities import overfitted as overfitted
    from boundcalc.worlds.modalities import two_subsets as two_subsets
    from boundcalc.worlds.modalities import underfitted as underfitted
    from boundcalc.worlds.one_predictor import held_out as held_out
    from boundcalc.worlds.oracle import Verdict as Verdict
    from boundcalc.worlds.oracle import check_derivation as check_derivation
    from boundcalc.worlds.oracle import check_expectation as check_expectation
    from boundcalc.worlds.oracle import check_fact as check_fact
    from boundcalc.worlds.sine import SinePredictor as SinePredictor
    from boundcalc.worlds.sine import SineWorld as SineWorld
    from boundcalc.worlds.table import TableSample as TableSample
    from boundcalc.worlds.table import TableWorld as TableWorld

_PLACES = {
    "Chosen": "micro",
    "Cube": "implicit",
    "LinearWorld": "linear",
    "MicroWorld": "micro",
    "Modalities": "modalities",
    "SinePredictor": "sine",
    "SineWorld": "sine",
    "Table": "families",
    "TableSample": "table",
    "TableWorld": "table",
    "Verdict": "oracle",
    "all_tables": "implicit",
    "all_worlds": "gallery.registry",
    "best": "modalities",
    "check_derivation": "oracle",
    "check_expectation": "oracle",
    "check_fact": "oracle",
    "given_encoder": "modalities",
    "held_out": "one_predictor",
    "joint_erm": "modalities",
    "lucky_erm": "modalities",
    "overfitted": "modalities",
    "two_subsets": "modalities",
    "underfitted": "modalities",
    "world": "gallery.registry",
}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'boundcalc.worlds' has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
