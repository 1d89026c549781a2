"""Certified comparisons of two predictors by their losses."""
