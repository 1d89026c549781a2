"""How often is a certified statement wrong? 200 fresh splits, and 200 samples from a known
population.

    python benchmarks/splits.py [breast_cancer|digits] [--how splits|population] [--repeats 200]

splits
    The data are split afresh. Half of the held-out part is what `compare` sees; the other half,
    which it does not, checks the verdicts. A verdict "A is better than B" is contradicted if on the
    other half B is better than A by the exact one-sided sign test at 0.05. There the truth is
    unknown, so this test can miss a wrong verdict, and a right one is contradicted with probability
    at most 0.05.
population
    The data are the population: scaling, training and held-out examples are drawn from it with
    replacement, so they are i.i.d., and the risk of every predictor is its mean loss on all of the
    data, exactly. Then not only verdicts but all joint limits can be checked: those on the gaps of
    error probabilities, and those on the ramp risks from the training examples. What counts is the
    share of repeats with any wrong limit; it may be δ.

Everything is as in ``boundcalc compare``, with a grid of two norms to save time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from boundcalc.conventions import Side
from boundcalc.data.arrays import read_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.data.fit.linear_predictors import Binary, FitProblem, MultiClass
from boundcalc.data.fit.preparation import Scaling, split
from boundcalc.study.design import Design, Losses, Sampling
from boundcalc.study.evidence import Evidence
from boundcalc.study.ledger import joint_limits, planned_ledger
from boundcalc.study.measured import studies_of_data
from boundcalc.study.predictors import Halves, fitted_predictor
from boundcalc.study.study import LossKind, Study, compared_pairs
from boundcalc.study.verdicts import PairRows, joint_interval

EXAMPLES = Path(__file__).parent.parent / "examples"
FILES = {"breast_cancer": "breast_cancer.csv", "digits": "digits.npz"}
NORMS = (4.0, 16.0)
DELTA, LEVEL = 0.05, 0.05


@dataclass(frozen=True)
class Repeat:
    """What one repeat showed.

    Attributes
    ----------
    pairs, certified, contradicted : int
    wrong : bool
        Whether any joint limit was wrong; only where the truth is known.
    """

    pairs: int
    certified: int
    contradicted: int
    wrong: bool = False


@dataclass(frozen=True)
class Gap:
    """Joint limits on the difference of two error probabilities."""

    more: tuple[str, ...]
    less: tuple[str, ...]
    lower: float
    upper: float


def fresh_splits(data: Dataset, seeds: range) -> Iterator[Repeat]:
    """Verdicts from half of the held-out part, checked on the other half."""
    for seed in seeds:
        design = Design(seed=seed, norms=NORMS)
        whole, _, _ = studies_of_data(data, design, delta=DELTA, sampling=Sampling())
        assert whole.test_n is not None
        seen, rest = split(whole.test_n, (0.5, 0.5), seed=seed)
        gaps = joint_gaps(_on(whole, seen))
        yield Repeat(len(gaps), *_checked(gaps, _on(whole, rest)))


def _on(study: Study, rows: NDArray[np.int64]) -> Study:
    """The study with these held-out examples alone."""
    subsets = tuple(replace(s, test_losses=_losses(s.test_losses, rows)) for s in study.subsets)
    return replace(study, subsets=subsets, test_n=len(rows))


def _losses(losses: NDArray[np.float64] | None, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    assert losses is not None
    return losses[rows]


def joint_gaps(study: Study) -> list[Gap]:
    """What the joint rows of `compare` say of each pair, without the rest of a comparison."""
    pairs = compared_pairs(study)
    evidence = Evidence(study)
    limits = joint_limits(evidence, planned_ledger(evidence, pairs))
    gaps = []
    for more, less in pairs:
        rows = PairRows(evidence.pair(more, less), limits).joint()
        low, high = joint_interval(rows)
        low, high = -1.0 if low is None else low, 1.0 if high is None else high
        gaps.append(Gap(more.modalities, less.modalities, low, high))
    return gaps


def _checked(gaps: list[Gap], rest: Study) -> tuple[int, int]:
    """How many verdicts there are, and how many the rest contradicts."""
    losses = {s.modalities: s.test_losses for s in rest.subsets}
    certified = contradicted = 0
    for gap in gaps:
        if gap.lower <= 0 <= gap.upper:
            continue
        certified += 1
        a, b = losses[gap.more], losses[gap.less]
        assert a is not None
        assert b is not None
        better, worse = (a, b) if gap.upper < 0 else (b, a)
        more, less = int(np.sum(better > worse)), int(np.sum(worse > better))
        # the exact sign test
        contradicted += bool(binom.sf(more - 1, more + less, 0.5) <= LEVEL)
    return certified, contradicted


def population(data: Dataset, seeds: range) -> Iterator[Repeat]:
    """Samples with replacement; the risk of a predictor is its mean loss on all of the data."""
    sizes = [len(part) for part in split(data.m, Design().shares)]
    design = Design(norms=NORMS)
    for seed in seeds:
        draw = np.random.default_rng(seed)
        first, train, test = (draw.integers(data.m, size=size) for size in sizes)
        scaling, everyone = Scaling.of(data, first), np.arange(data.m)
        problem = _problem(data)
        halves = Halves.of(
            scaling.features(data, train),
            scaling.features(data, everyone),
            problem.part(train),
            problem,
            design=design,
        )
        found = [
            fitted_predictor(names, halves, design, Losses.ZERO_ONE) for names in _subsets(data)
        ]
        errors = {one.fit.modalities: one.test_errors for one in found}
        ramp = {one.fit.modalities: float(one.test_losses.mean()) for one in found}
        held_out = Study(
            "",
            tuple(one.by_errors() for one in found),
            m=len(train),
            delta=DELTA,
            loss=LossKind.ZERO_ONE,
            reference=data.names,
        )
        training = Study(
            "",
            tuple(one.by_losses(held_out=False) for one in found),
            m=len(train),
            delta=DELTA,
            lipschitz=problem.lipschitz,
            reference=data.names,
        )
        risks = {
            names: float(np.mean(values)) for names, values in errors.items() if values is not None
        }
        yield _against_truth(joint_gaps(_on(held_out, test)), risks, _ramp_wrong(training, ramp))


def _ramp_wrong(study: Study, truth: Mapping[tuple[str, ...], float]) -> bool:
    """Whether any limit on a ramp risk from the training examples is wrong."""
    evidence = Evidence(study)
    limits = joint_limits(evidence, planned_ledger(evidence, compared_pairs(study))).values
    return any(
        value < truth[subset.modalities] if side is Side.UPPER else value > truth[subset.modalities]
        for (_, side, subset), value in limits.items()
    )


def _against_truth(gaps: list[Gap], risks: Mapping[tuple[str, ...], float], wrong: bool) -> Repeat:
    certified = contradicted = 0
    for gap in gaps:
        truth = risks[gap.more] - risks[gap.less]
        wrong |= not gap.lower <= truth <= gap.upper
        certified += not gap.lower <= 0 <= gap.upper
        contradicted += (gap.upper < 0 <= truth) or (gap.lower > 0 >= truth)
    return Repeat(len(gaps), certified, contradicted, wrong)


def _problem(data: Dataset) -> FitProblem:
    assert data.labels is not None
    assert data.classes is not None
    if len(data.classes) == 2:
        return Binary(2.0 * data.labels - 1)
    return MultiClass(data.labels, len(data.classes))


def _subsets(data: Dataset) -> list[tuple[str, ...]]:
    masks = range(1, 2 ** len(data.names))
    return [tuple(n for k, n in enumerate(data.names) if mask >> k & 1) for mask in masks]


def main() -> None:
    """Run it and print one line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", choices=FILES, nargs="?", default="breast_cancer")
    parser.add_argument("--how", choices=("splits", "population"), default="splits")
    parser.add_argument("--repeats", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed, to run in parts")
    asked = parser.parse_args()
    data = read_dataset(EXAMPLES / FILES[asked.data])
    seeds = range(asked.first, asked.first + asked.repeats)
    found = list((fresh_splits if asked.how == "splits" else population)(data, seeds))
    certified, contradicted = (
        sum(getattr(r, k) for r in found) for k in ("certified", "contradicted")
    )
    hit = sum(r.contradicted > 0 for r in found)
    print(f"{asked.data}, {asked.how}: {len(found)} repeats of {found[0].pairs} pairs, δ = {DELTA}")
    print(f"  verdicts: {certified}; contradicted: {contradicted}, in {hit} repeats")
    if asked.how == "population":
        print(f"  repeats with any wrong joint limit: {sum(r.wrong for r in found)}")


if __name__ == "__main__":
    main()
