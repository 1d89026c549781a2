"""Worlds whose truth is known; the names are imported when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcalc.worlds.linear import LinearWorld as LinearWorld
    from boundcalc.worlds.lu import SinePredictor as SinePredictor
    from boundcalc.worlds.lu import SineWorld as SineWorld
    from boundcalc.worlds.lu import TableSample as TableSample
    from boundcalc.worlds.lu import TableWorld as TableWorld
    from boundcalc.worlds.micro.checking import Verdict as Verdict
    from boundcalc.worlds.micro.checking import check_derivation as check_derivation
    from boundcalc.worlds.micro.checking import check_expectation as check_expectation
    from boundcalc.worlds.micro.checking import check_fact as check_fact
    from boundcalc.worlds.micro.finite_classes import Cube as Cube
    from boundcalc.worlds.micro.finite_classes import Table as Table
    from boundcalc.worlds.micro.finite_classes import all_tables as all_tables
    from boundcalc.worlds.micro.gallery import all_worlds as all_worlds
    from boundcalc.worlds.micro.gallery import world as world
    from boundcalc.worlds.micro.micro_world import Chosen as Chosen
    from boundcalc.worlds.micro.micro_world import MicroWorld as MicroWorld
    from boundcalc.worlds.micro.modality_subsets import Modalities as Modalities
    from boundcalc.worlds.micro.modality_subsets import best as best
    from boundcalc.worlds.micro.modality_subsets import given_encoder as given_encoder
    from boundcalc.worlds.micro.modality_subsets import joint_erm as joint_erm
    from boundcalc.worlds.micro.modality_subsets import lucky_erm as lucky_erm
    from boundcalc.worlds.micro.modality_subsets import overfitted as overfitted
    from boundcalc.worlds.micro.modality_subsets import two_subsets as two_subsets
    from boundcalc.worlds.micro.modality_subsets import underfitted as underfitted
    from boundcalc.worlds.micro.one_sample import Joint as Joint
    from boundcalc.worlds.micro.one_sample import held_out as held_out
    from boundcalc.worlds.micro.one_sample import label_world as label_world
    from boundcalc.worlds.micro.one_sample import learner_world as learner_world
    from boundcalc.worlds.micro.one_sample import margin_world as margin_world
    from boundcalc.worlds.micro.one_sample import most_overfitted as most_overfitted
    from boundcalc.worlds.micro.one_sample import posterior_world as posterior_world
    from boundcalc.worlds.micro.one_sample import tilted as tilted
    from boundcalc.worlds.micro.one_sample import view_world as view_world
    from boundcalc.worlds.micro.samples import all_samples as all_samples

_NAMES = {
    "linear": "LinearWorld",
    "micro.checking": "Verdict check_derivation check_expectation check_fact",
    "micro.gallery": "all_worlds world",
    "micro.one_sample": "Joint held_out label_world learner_world margin_world most_overfitted "
    "posterior_world tilted view_world",
    "micro.finite_classes": "Cube Table all_tables",
    "micro.micro_world": "Chosen MicroWorld",
    "micro.modality_subsets": "Modalities best given_encoder joint_erm lucky_erm "
    "overfitted two_subsets underfitted",
    "micro.samples": "all_samples",
    "lu": "SinePredictor SineWorld TableSample TableWorld",
}
_PLACES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'boundcalc.worlds' has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
