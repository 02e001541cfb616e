"""WebSockets to gateways that take their time to answer a handshake."""

from functools import partial
from typing import Final

import websockets.asyncio.client
from websockets.typing import Subprotocol

from tests.support.waiting import HANG_TIMEOUT_S

PROTOCOL: Final = Subprotocol("graphql-transport-ws")

connect = partial(websockets.asyncio.client.connect, open_timeout=HANG_TIMEOUT_S)
