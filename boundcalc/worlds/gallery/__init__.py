"""The micro-worlds in which constants bite, by name.

Small samples make concentration slack, so there are several kinds: worlds with m = 1 or 2 that are
tight in expectation, worlds of few points whose samples can be large, so that tails are long, worlds
of very many points, and plain worlds with nothing special about them. Each function says what it is for.
"""
