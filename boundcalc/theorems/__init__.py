"""One file a theorem."""
