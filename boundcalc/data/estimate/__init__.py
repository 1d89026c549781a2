"""Empirical complexities of measured examples."""
