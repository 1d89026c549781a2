"""Worlds for statements about other bounds: each of those is evaluated by itself."""

from __future__ import annotations

from boundcalc.worlds.micro.examples import with_quality_bounds
from boundcalc.worlds.micro.gallery import world
from boundcalc.worlds.micro.micro_world import MicroWorld
from worlds import register


@register
def two_bounds_of_a_cube(name: str) -> MicroWorld:
    """Theorem 2's bounds for both subsets, where N sees one encoder of a cube."""
    return with_quality_bounds(world("cube of encoders"), name)
