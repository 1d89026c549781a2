"""How far the bounds are from the truth: bound ÷ truth for each bound, world and sample size.

    python benchmarks/tightness.py [REPETITIONS]

The worlds of examples/worlds; of a linear world the largest subset, and its gap to the smallest. A
ratio below 1 belongs to a lower limit. Of a gap, and where the truth is 0, bound − truth is given,
with its sign. ``vacuous``: the bound says nothing in half of the draws or more. The last line is
about all subsets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import boundcalc as bc
from boundcalc.study.simulate import changed, read_world
from boundcalc.worlds.simulate.experiment import SimulatedStatement
from boundcalc.worlds.simulate.results import SimulatedBound, Simulation

WORLDS = Path(__file__).parent.parent / "examples" / "worlds"
SIZES = (20, 80, 320, 1280)


def simulations(repetitions: int) -> Iterator[tuple[str, Simulation]]:
    """Each world of the examples at the sizes of the table."""
    for path in sorted(WORLDS.glob("*.toml")):
        experiment = changed(read_world(path), repetitions=repetitions, seed=None)
        yield path.stem, bc.simulate(experiment)


def cell(row: SimulatedBound | None) -> str:
    """Bound ÷ truth; the difference where the truth is not positive."""
    if row is None:
        return "·"
    shown = f"{row.tightness:.3g}" if row.tightness is not None else f"{row.bound - row.truth:+.3g}"
    return shown + (" vacuous" if row.vacuous >= 0.5 else "")


def shown(found: Simulation) -> list[SimulatedStatement]:
    """The statements on the largest subset, and on its gap to the smallest; all where there are no
    gaps.
    """
    statements = dict.fromkeys(row.statement for row in found.rows)
    if not found.crossovers or not any(made.difference for made in statements):
        return list(statements)
    last = found.crossovers[-1]
    pair = max(found.crossovers, key=lambda c: c.more.count("+") - c.less.count("+"))
    subjects = {last.more, f"{pair.more} − {pair.less}"}
    return [made for made in statements if made.subject in subjects]


def table(name: str, found: Simulation) -> Iterator[str]:
    """One line a bound."""
    sizes = [m for m in found.experiment.sizes if m in SIZES]
    yield f"| {name}: bound | of | " + " | ".join(f"m = {m}" for m in sizes) + " |"
    yield "| --- | --- |" + " ---: |" * len(sizes)
    for made in shown(found):
        rows = {row.size: row for row in found.rows if row.statement == made}
        cells = " | ".join(cell(rows.get(m)) for m in sizes)
        quantity = made.quantity.replace("|", "\\|")
        yield f"| {made.id} {made.variant} | {made.subject}: {quantity} | {cells} |"


def main(repetitions: int) -> None:
    """Print the tables in Markdown."""
    refuted, tests = list[SimulatedBound](), 0
    for name, found in simulations(repetitions):
        print(*table(name, found), sep="\n", end="\n\n")
        refuted += found.refuted
        tests += len(found.rows)
    print(
        f"{tests} bounds, {repetitions} draws each: {len(refuted)} violated more often than "
        f"chance explains"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
