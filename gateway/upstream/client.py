"""One call to the vendor, all its stages in one place."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from gateway.upstream.call import Call
from gateway.upstream.clock import Clock
from gateway.upstream.scope import RequestScope
from gateway.upstream.tokens import Tokens
from gateway.upstream.transport import Transport

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pressure:
    """How hard the vendor may be pressed."""

    max_in_flight: int = 32
    max_attempts: int = 4


class Client:
    """Reads from Partner Center for many requests at once.

    Args:
        base_url: scheme and host, without `/v1`.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: Tokens,
        base_url: str,
        *,
        clock: Clock,
        pressure: Pressure = Pressure(),
        jitter: Callable[[], float] = random.random,
    ) -> None: ...

    async def read(self, call: Call, scope: RequestScope, decode: Callable[[bytes], T]) -> T:
        """Answer with the decoded body; identical reads in flight share one call and its value.

        Raises `UpstreamError`; what `decode` raises (`msgspec.DecodeError`, `ValueError`) becomes
        `InvalidAnswer`.
        """
        raise NotImplementedError
