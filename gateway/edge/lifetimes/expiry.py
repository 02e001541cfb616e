"""The end of a caller's credential, for what lasts longer than one answer."""

from typing import Final

from gateway.upstream.clock import Clock

EXPIRED: Final = "The token has expired; ask again with a new one."


async def expiry(instant: float, clock: Clock) -> None:
    """Wait until an instant, in seconds since the epoch."""
    while (left_s := instant - clock.wall()) > 0:
        await clock.sleep(left_s)
