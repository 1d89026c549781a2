"""PAC-Bayes as somebody else may bring it: nothing of it is in boundcalc."""
