"""Limits on the risk from a held-out test set."""
