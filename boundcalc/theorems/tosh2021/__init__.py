"""Tosh, Krishnamurthy & Hsu, ALT 2021: two views that say the same of the label."""
