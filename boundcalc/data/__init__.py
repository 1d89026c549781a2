"""Measured data from files: read and checked, so that an error names the file and the row."""
