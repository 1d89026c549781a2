"""Invert a bound: which value of an unknown meets a target."""
