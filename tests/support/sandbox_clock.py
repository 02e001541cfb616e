"""One time for the gateway and the sandbox behind it."""

from tests.support.clock import FakeClock
from tests.support.journey import Journey


class SandboxClock(FakeClock):
    """A clock whose sleeping moves the sandbox's time along with its own."""

    def __init__(self) -> None:
        super().__init__()
        self.journey: Journey | None = None

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.journey is not None:
            self.journey.sandbox.clock.advance(seconds)
