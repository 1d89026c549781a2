"""Lu, NeurIPS 2023: connection and heterogeneity."""
