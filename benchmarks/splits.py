"""How often is a certified statement wrong? 200 fresh splits, and 200 samples from a known population.

    python benchmarks/splits.py [breast_cancer|digits] [--how splits|population] [--repeats 200]

splits
    The data are split afresh. Half of the held-out part is what `compare` sees; the other half, which it does
    not, checks the verdicts. A verdict "A is better than B" is contradicted if on the other half B is
    better than A by the exact one-sided sign test at 0.05. There the truth is unknown, so this test can
    miss a wrong verdict, and a right one is contradicted with probability at most 0.05.
population
    The data are the population: scaling, training and held-out examples are drawn from it with replacement,
    so they are i.i.d., and the risk of every predictor is its mean loss on all of the data, exactly. Then not
    only verdicts but all joint limits can be checked: those on the gaps of error probabilities, and those on
    the ramp risks from the training examples. What counts is the share of repeats with any wrong limit;
    it may be δ.

Everything is as in ``boundcalc compare``, with a grid of two norms to save time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import boundcalc as bc
from boundcalc.data.arrays import read_dataset
from boundcalc.data.dataset import Dataset
from boundcalc.data.problems import Binary, MultiClass, Problem
from boundcalc.data.scaling import Scaling
from boundcalc.data.split import split
from boundcalc.numeric.paired import sign_test
from boundcalc.study.compare import compare_study
from boundcalc.study.design import Design, Losses
from boundcalc.study.predictors import Parts, predictor
from boundcalc.study.records import Comparison
from boundcalc.study.study import LossKind, Study

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


def fresh_splits(data: Dataset, repeats: int) -> Iterator[Repeat]:
    """Verdicts from half of the held-out part, checked on the other half."""
    for seed in range(repeats):
        whole = bc.compare(data, seed=seed, norms=NORMS).study
        assert whole.test_n is not None
        seen, rest = split(whole.test_n, (0.5, 0.5), seed=seed)
        result = compare_study(_on(whole, seen))
        yield Repeat(len(result.verdicts), *_checked(result, _on(whole, rest)))


def _on(study: Study, rows: NDArray[np.int64]) -> Study:
    """The study with these held-out examples alone."""
    subsets = tuple(replace(s, test_losses=_losses(s.test_losses, rows)) for s in study.subsets)
    return replace(study, subsets=subsets, test_n=len(rows))


def _losses(losses: NDArray[np.float64] | None, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    assert losses is not None
    return losses[rows]


def _checked(result: Comparison, rest: Study) -> tuple[int, int]:
    """How many verdicts there are, and how many the rest contradicts."""
    losses = {s.label: s.test_losses for s in rest.subsets}
    certified = contradicted = 0
    for verdict in result.verdicts:
        better, worse = verdict.more, verdict.less
        if verdict.verdict == "less":
            better, worse = worse, better
        if verdict.verdict in ("more", "less"):
            certified += 1
            a, b = losses[better.label], losses[worse.label]
            assert a is not None
            assert b is not None
            contradicted += sign_test(int(np.sum(a > b)), int(np.sum(b > a))) <= LEVEL
    return certified, contradicted


def population(data: Dataset, repeats: int) -> Iterator[Repeat]:
    """Samples with replacement; the risk of a predictor is its mean loss on all of the data."""
    sizes = [len(part) for part in split(data.m, Design().shares)]
    design = Design(norms=NORMS)
    for seed in range(repeats):
        draw = np.random.default_rng(seed)
        first, train, test = (draw.integers(data.m, size=size) for size in sizes)
        scaling, everyone = Scaling.of(data, first), np.arange(data.m)
        problem = _problem(data)
        parts = Parts(
            scaling.features(data, train), scaling.features(data, everyone), problem.part(train), problem
        )
        found = [predictor(names, parts, design, Losses.ZERO_ONE) for names in _subsets(data)]
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
        result = compare_study(_on(held_out, test))
        risks = {names: float(np.mean(values)) for names, values in errors.items() if values is not None}
        yield _against_truth(result, risks, compare_study(training), ramp)


def _against_truth(
    result: Comparison,
    risks: dict[tuple[str, ...], float],
    training: Comparison,
    ramp: dict[tuple[str, ...], float],
) -> Repeat:
    certified = contradicted = 0
    wrong = False
    for verdict in result.verdicts:
        gap = risks[verdict.more.modalities] - risks[verdict.less.modalities]
        assert verdict.lower is not None
        assert verdict.upper is not None
        wrong |= not verdict.lower <= gap <= verdict.upper
        certified += verdict.verdict in ("more", "less")
        contradicted += (verdict.verdict == "more" and gap >= 0) or (verdict.verdict == "less" and gap <= 0)
    for subset in training.subsets:
        risk = ramp[subset.subset.modalities]
        assert subset.risk_lower is not None
        assert subset.risk_upper is not None
        wrong |= not subset.risk_lower <= risk <= subset.risk_upper
    return Repeat(len(result.verdicts), certified, contradicted, wrong)


def _problem(data: Dataset) -> Problem:
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
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", choices=FILES, nargs="?", default="breast_cancer")
    parser.add_argument("--how", choices=("splits", "population"), default="splits")
    parser.add_argument("--repeats", type=int, default=200)
    asked = parser.parse_args()
    data = read_dataset(EXAMPLES / FILES[asked.data])
    found = list((fresh_splits if asked.how == "splits" else population)(data, asked.repeats))
    certified, contradicted = (sum(getattr(r, k) for r in found) for k in ("certified", "contradicted"))
    hit = sum(r.contradicted > 0 for r in found)
    print(f"{asked.data}, {asked.how}: {len(found)} repeats of {found[0].pairs} pairs, δ = {DELTA}")
    print(f"  verdicts: {certified}; contradicted: {contradicted}, in {hit} repeats")
    if asked.how == "population":
        print(f"  repeats with any wrong joint limit: {sum(r.wrong for r in found)}")


if __name__ == "__main__":
    main()
