"""The best provable bound of a study with all subsets of K modalities: time and memory as K grows.

Every subset has a training loss, a test loss and a complexity, and the classes are nested, so every
lemma is instantiated. The bound is on the risk of the full model minus that of one modality. Each K
runs in a process of its own, so the peak memory is its own. With a file name, the times are plotted
on logarithmic scales.

python benchmarks/prove.py [scaling.png]
"""

import itertools
import multiprocessing
import resource
import sys
from time import perf_counter

import boundcalc as bc
from boundcalc.study.instances import Instances
from boundcalc.study.ledger import full_ledger
from boundcalc.study.read import read_study

MOST = 10
SETTING = {
    "m": 20_000,
    "test_n": 3_000,
    "delta": 0.05,
    "lipschitz": 1.0,
    "erm": True,
    "nested": True,
}


def full_study(count: int) -> dict:
    """All subsets of some modalities; more of them fit better and generalise worse."""
    names = [f"x{i}" for i in range(count)]
    seen = [s for size in range(1, count + 1) for s in itertools.combinations(names, size)]
    subsets = [
        {
            "modalities": list(s),
            "train_loss": round(0.5 - 0.03 * len(s), 4),
            "test_loss": round(0.52 - 0.025 * len(s), 4),
            "complexity": float(len(s) ** 2),
        }
        for s in seen
    ]
    return SETTING | {"subset": subsets}


def measure(count: int) -> tuple[int, int, int, int, float, float, int]:
    """Subsets, events, facts, quantities; seconds without and with the imports' first use;
    megabytes.
    """
    study = read_study(full_study(max(count, 2)))
    asked = f"risk({study.subsets[-1].label}) - risk(x0)"
    start = perf_counter()
    bc.prove(study, maximise=asked)
    first = perf_counter() - start
    start = perf_counter()
    bc.prove(study, maximise=asked)
    again = perf_counter() - start
    ledger = full_ledger(study)
    rows = Instances(study, ledger).pool().rows.matrix
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return len(study.subsets), len(ledger), *rows.shape, first, again, peak


def plot(path: str, counts: list[int], first: list[float], again: list[float]) -> None:
    """Seconds against the number of subsets."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 4), layout="constrained")
    subsets = [2**count - 1 for count in counts]
    axes.loglog(subsets, first, "o-", label="first bound of a session")
    axes.loglog(subsets, again, "s--", label="any later one")
    axes.axhline(10, color="grey", linewidth=0.8)
    axes.set(
        xlabel="subsets of the modalities",
        ylabel="seconds",
        title="The best provable bound, all lemmas",
    )
    axes.set_xticks(
        subsets, [f"{s}\nK={k}" for s, k in zip(subsets, counts, strict=True)], minor=False
    )
    axes.minorticks_off()
    axes.legend()
    figure.savefig(path, dpi=150)


def main() -> None:
    """One row for each number of modalities."""
    counts = list(range(2, MOST + 1))
    print("  K  subsets  events    facts  quantities   first s   again s   peak MB")
    first, again = [], []
    context = multiprocessing.get_context("spawn")
    for count in counts:
        with context.Pool(1) as pool:
            subsets, events, facts, quantities, one, two, peak = pool.apply(measure, (count,))
        first.append(one)
        again.append(two)
        print(f"{count:>3}  {subsets:>7}  {events:>6}  {facts:>7}  {quantities:>10}", end="")
        print(f"  {one:>8.3f}  {two:>8.3f}  {peak:>8}")
    if len(sys.argv) > 1:
        plot(sys.argv[1], counts, first, again)


if __name__ == "__main__":
    main()
