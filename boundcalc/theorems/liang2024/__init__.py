"""Liang et al., ICLR 2024: what information the modalities hold limits the accuracy."""
