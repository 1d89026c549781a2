"""Huang, Du, Xue, Chen, Zhao and Huang, NeurIPS 2021: latent representation quality."""
