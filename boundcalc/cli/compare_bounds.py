"""``boundcalc compare-bounds``: which of two bounds is smaller, whatever the numbers are."""

from __future__ import annotations

from boundcalc.cli.common import FirstBound, Format, FormatOption, OutputOption, SecondBound, emit

EXAMPLE = (
    "Examples: `boundcalc compare-bounds huang2021.theorem1:sharp huang2021.theorem1:published` · "
    "`boundcalc compare-bounds holdout.hoeffding:upper holdout.empirical_bernstein:upper`"
)


def run(
    first: FirstBound,
    second: SecondBound,
    format: FormatOption = Format.RICH,
    output: OutputOption = None,
) -> None:
    """Say which of two bounds is smaller for all values of their parameters, or where each is.

    Both are taken at the same failure probability, and on the same data. What is claimed is
    proved, or shown by numbers at which it is decided exactly; `crossover` compares two bounds at
    given numbers.
    """
    from boundcalc.numeric.compare_bounds import compare_bounds

    emit(compare_bounds(first, second), format, output)
