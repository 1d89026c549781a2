"""Bounds on grids of parameters."""
