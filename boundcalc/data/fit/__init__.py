"""Fitting: examples prepared, and linear and ridge predictors."""
