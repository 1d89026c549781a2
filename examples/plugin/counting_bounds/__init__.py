"""Bounds that count how long a description is."""
