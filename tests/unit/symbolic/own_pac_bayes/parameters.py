"""The divergence, under a name of its own."""

from boundcalc.symbolic.parameter import Parameter

PARAMETERS = (Parameter("own_divergence", "K", "K", "KL(Q‖P) in nats, P fixed before the data"),)
