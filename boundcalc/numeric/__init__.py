"""The numeric layer: evaluate, certify and invert what the symbolic layer derives."""
