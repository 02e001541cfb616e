"""A sandbox of Partner Center: the vendor's API over a generated world, with faults on demand.

It shares no code with `gateway.upstream`, so that a mistake in one of them shows in the other.
Where the vendor publishes nothing, it behaves as rows G1 to G33 of CONTRACT say.
"""
