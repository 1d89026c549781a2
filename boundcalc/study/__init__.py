"""Studies: what was measured for each subset of the modalities, and what follows from it."""
