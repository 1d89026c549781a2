"""Connection and heterogeneity of measured modalities."""
