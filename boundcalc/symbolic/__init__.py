"""The symbolic layer: parameters, quantities, facts, lemmas and derivations. Nothing numeric."""
