"""Decisions from losses on the same examples: p-value, interval and verdict from one function."""
