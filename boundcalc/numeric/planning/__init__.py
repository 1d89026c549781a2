"""Plan a data collection: the cheapest counts at which a bound reaches a target."""
