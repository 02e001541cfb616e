"""A client of a running gateway's public graph; knows nothing of the gateway's insides."""
