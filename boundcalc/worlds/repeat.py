"""Repeat an experiment, piece by piece: here one after the other, elsewhere on many machines.

Every repetition has a seed of its own, made from the experiment's seed, its size and its number. So
neither the pieces, nor their order, nor who runs them changes a digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from numpy.random import SeedSequence

from boundcalc.worlds.judge import simulation
from boundcalc.worlds.simulated import Simulation
from boundcalc.worlds.trial import Block, Experiment, trial_of

PIECE = 50
"""Repetitions in a piece at most."""

_DRAWN = 10**6
"""Numbers that a piece draws, about, where one repetition draws fewer: so that no piece takes long."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Piece:
    """Some repetitions at one size.

    Attributes
    ----------
    size : int
        Which of the experiment's sizes.
    first, count : int
        The numbers of the repetitions.
    """

    size: int
    first: int
    count: int


Runner = Callable[[Experiment, Sequence[Piece]], Iterator[tuple[Piece, Block]]]
"""Runs all pieces, and hands them over as they are done."""


def pieces(experiment: Experiment) -> list[Piece]:
    """All pieces; the sizes take turns, so that an interrupted run has some of each."""
    count, found = experiment.repetitions, list[Piece]()
    for i, size in enumerate(experiment.sizes):
        length = max(1, min(PIECE, _DRAWN // experiment.drawn(size)))
        found += (Piece(i, first, min(length, count - first)) for first in range(0, count, length))
    return sorted(found, key=lambda piece: (piece.first, piece.size))


def run_piece(experiment: Experiment, piece: Piece) -> Block:
    """Run one piece, here."""
    numbers = range(piece.first, piece.first + piece.count)
    seeds = [SeedSequence(experiment.seed, spawn_key=(piece.size, i)) for i in numbers]
    return trial_of(experiment).block(experiment.sizes[piece.size], seeds)


def serially(experiment: Experiment, todo: Sequence[Piece]) -> Iterator[tuple[Piece, Block]]:
    """One piece after the other, in this process."""
    for piece in todo:
        yield piece, run_piece(experiment, piece)


def repeat(
    experiment: Experiment, *, runner: Runner = serially, progress: Progress | None = None
) -> Simulation:
    """Repeat draw → fit → bound, and compare every bound with the truth.

    An interrupt (Ctrl-C) ends it early: what was done until then is kept, and the result says so.

    Parameters
    ----------
    experiment : Experiment
    runner : Runner
        Who runs the pieces; see `boundcalc.worlds.cluster`.
    progress : callable, optional
        Called with the number of repetitions done and of all.

    Raises
    ------
    InputError
        If the experiment cannot be run.
    KeyboardInterrupt
        If it is interrupted before anything was done.
    """
    trial_of(experiment)
    todo = pieces(experiment)
    total, finished = sum(piece.count for piece in todo), 0
    blocks: dict[Piece, Block] = {}
    try:
        for piece, block in runner(experiment, todo):
            blocks[piece] = block
            finished += piece.count
            if progress:
                progress(finished, total)
    except KeyboardInterrupt:
        if not blocks:
            raise
    return simulation(experiment, {piece: blocks[piece] for piece in todo if piece in blocks})
