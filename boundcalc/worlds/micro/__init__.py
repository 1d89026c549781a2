"""Micro-worlds: distributions on few points, in which everything is enumerated."""
