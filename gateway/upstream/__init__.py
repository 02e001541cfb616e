"""The client of Partner Center: reads that are coalesced, throttled, retried and bounded."""
