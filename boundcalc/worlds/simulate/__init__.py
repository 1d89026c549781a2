"""Simulations: draw, fit, bound and compare with the truth, again and again."""
