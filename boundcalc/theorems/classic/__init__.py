"""Uniform deviation bounds for one class."""
