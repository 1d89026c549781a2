"""PAC-Bayes: risks of a distribution on predictors that is chosen from the data."""
