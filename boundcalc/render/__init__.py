"""Rendering: reads records and computes nothing."""
