"""An embedded Partner Center: the vendor's API over a generated world, with faults on demand.

It shares no code with the client in `gateway.upstream`, so that a mistake in one shows in the
other. Where the vendor states nothing, the choices G1 to G22 of its contract are made here.
"""
