"""Numbers as text, for the renderers; the rules of rounding are in `boundcalc.rounding`."""

from boundcalc.rounding import confidence, count, lower, number, significant, upper

__all__ = ["confidence", "count", "lower", "number", "significant", "upper"]
