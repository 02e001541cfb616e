"""The subprotocol `graphql-transport-ws`, over real sockets."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from gateway.edge.cancellation.credential_monitor import REVOKED
from tests.support.small_graph import GUEST_LIFETIME_S, GraphState, SmallGateway, small_gateway
from tests.support.sockets import PROTOCOL, connect
from tests.support.waiting import HANG_TIMEOUT_S

INIT: Final = {"type": "connection_init"}


def subscribe(query: str, id: str = "1") -> dict[str, Any]:
    return {"type": "subscribe", "id": id, "payload": {"query": query}}


def request(payload: object) -> dict[str, Any]:
    return {"type": "subscribe", "id": "1", "payload": payload}


@pytest.fixture
async def gateway() -> AsyncIterator[SmallGateway]:
    http = {"allowed_origins": "https://console.example"}
    async with small_gateway(http=http, limits={"max_body_bytes": 10_000}) as served:
        yield served


@pytest.fixture
def address(gateway: SmallGateway) -> str:
    return gateway.socket_url


@pytest.fixture
def world(gateway: SmallGateway) -> GraphState:
    return gateway.state


async def send_messages(socket: ClientConnection, *messages: object) -> None:
    for message in messages:
        await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))


async def receive_message(socket: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await socket.recv())
    return message


@contextlib.asynccontextmanager
async def initialised(address: str) -> AsyncIterator[ClientConnection]:
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        await send_messages(socket, INIT)
        assert await receive_message(socket) == {"type": "connection_ack"}
        yield socket


@contextlib.asynccontextmanager
async def connected_as_guest(address: str) -> AsyncIterator[ClientConnection]:
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        await send_messages(socket, {**INIT, "payload": {"authorization": "guest"}})
        assert await receive_message(socket) == {"type": "connection_ack"}
        yield socket


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """Wait until the server closes; return the code and the reason."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await socket.recv()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


CLOSING: Final[dict[str, tuple[list[object], int]]] = {
    "no JSON": (["{"], 4400),
    "a scalar": (["1"], 4400),
    "null": (["null"], 4400),
    "no type": ([{"id": "1"}], 4400),
    "an unknown type": ([{"type": "start"}], 4400),
    "a message of the server's": ([{"type": "connection_ack"}], 4400),
    "bytes": ([b'{"type":"connection_init"}'], 4400),
    "nested deeply": (["[" * 5000], 4400),
    "an init whose payload is no object": ([{"type": "connection_init", "payload": 1}], 4400),
    "a request without an id": ([INIT, {"type": "subscribe", "payload": {}}], 4400),
    "a request with an empty id": ([INIT, subscribe("{one}", id="")], 4400),
    "a request with a long id": ([INIT, subscribe("{one}", id="x" * 256)], 4400),
    "a request without a payload": ([INIT, {"type": "subscribe", "id": "1"}], 4400),
    "a query that is no text": ([INIT, subscribe(1, id="1")], 4400),  # type: ignore[arg-type]
    "a request without a query": ([INIT, {"type": "subscribe", "id": "1", "payload": {}}], 4400),
    "a request whose query is null": ([INIT, request({"query": None})], 4400),
    "a request that names no document": ([INIT, request({"extensions": {"a": 1}})], 4400),
    "a payload that is an array": ([INIT, request([])], 4400),
    "a payload that is a text": ([INIT, request("{one}")], 4400),
    "variables that are an array": ([INIT, request({"query": "{one}", "variables": []})], 4400),
    "variables that are a text": ([INIT, request({"query": "{one}", "variables": "{}"})], 4400),
    "an operation name that is a number": (
        [INIT, request({"query": "{one}", "operationName": 1})],
        4400,
    ),
    "extensions that are an array": ([INIT, request({"query": "{one}", "extensions": []})], 4400),
    "an id that is a number": ([INIT, {**subscribe("{one}"), "id": 1}], 4400),
    "an id that is null": ([INIT, {**subscribe("{one}"), "id": None}], 4400),
    "a type that is a number": ([INIT, {"type": 1}], 4400),
    "a type that is unknown and long": ([INIT, {"type": "é" * 500}], 4400),
    "an array of messages": ([INIT, [subscribe("{one}")]], 4400),
    "an empty text": ([INIT, ""], 4400),
    "bytes after the init": ([INIT, json.dumps(subscribe("{one}")).encode()], 4400),
    "the end of no id": ([INIT, {"type": "complete"}], 4400),
    "the end of an id that is a number": ([INIT, {"type": "complete", "id": 1}], 4400),
    "a ping whose payload is a text": ([INIT, {"type": "ping", "payload": "a"}], 4400),
    "a request before the init": ([subscribe("{one}")], 4401),
    "an id that is in use": ([INIT, *[subscribe("subscription {numbers}")] * 2], 4409),
    "two inits": ([INIT, INIT], 4429),
    "a stranger": ([{**INIT, "payload": {"Authorization": "foe"}}], 4403),
    "a stranger by headers": ([{**INIT, "payload": {"headers": {"authorization": "foe"}}}], 4403),
    "nobody can be known": ([{**INIT, "payload": {"authorization": "later"}}], 1013),
    "a large message": ([subscribe("#" * 10_000)], 1009),
}


@pytest.mark.parametrize(
    "payload",
    [
        {"query": ""},
        {"documentId": "unknown"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "unknown"}}},
    ],
    ids=["an empty query", "a document by its id", "a document by its hash"],
)
async def test_an_invalid_document_does_not_close_the_connection(
    address: str, payload: dict[str, Any]
) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, request(payload))
        assert (await receive_message(socket))["type"] == "error"


async def test_the_error_for_an_unknown_operation_quotes_a_bounded_name(address: str) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, request({"query": "{one}", "operationName": "x" * 9000}))
        (error,) = (await receive_message(socket))["payload"]
    assert error["message"] == f"The document has no operation named '{'x' * 80}'…."


@pytest.mark.parametrize(("messages", "code"), CLOSING.values(), ids=CLOSING.keys())
async def test_protocol_violations_close_the_connection(
    address: str, messages: list[object], code: int
) -> None:
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        await send_messages(socket, *messages)
        found, reason = await closed(socket)

    assert (found, bool(reason)) == (code, True)


@pytest.mark.parametrize("offered", [None, ["graphql-ws"]], ids=["none", "another"])
async def test_another_subprotocol_is_rejected(address: str, offered: list[str] | None) -> None:
    protocols = None if offered is None else [Subprotocol(name) for name in offered]
    async with connect(address, subprotocols=protocols) as socket:
        assert await closed(socket) == (
            4406,
            "The gateway supports only the subprotocol graphql-transport-ws.",
        )


async def test_late_initialisation_closes_the_connection() -> None:
    async with (
        small_gateway(streams={"init_within_s": 0.01}) as gateway,
        connect(gateway.socket_url, subprotocols=[PROTOCOL]) as socket,
    ):
        assert await closed(socket) == (4408, "Connection initialisation timeout")


async def test_other_origins_are_rejected_at_the_handshake(address: str) -> None:
    evil = Origin("https://evil.example")
    with pytest.raises(InvalidStatus) as refused:
        await connect(address, subprotocols=[PROTOCOL], origin=evil)

    assert refused.value.response.status_code == 403


async def test_pages_of_allowed_origins_may_connect(address: str) -> None:
    friend = Origin("https://console.example")
    async with connect(address, subprotocols=[PROTOCOL], origin=friend) as socket:
        await send_messages(socket, INIT)
        assert await receive_message(socket) == {"type": "connection_ack"}


async def test_the_handshake_header_takes_precedence_over_the_payload(address: str) -> None:
    headers = {"Authorization": "friend"}
    async with connect(address, subprotocols=[PROTOCOL], additional_headers=headers) as socket:
        await send_messages(socket, {**INIT, "payload": {"authorization": "foe"}})
        assert await receive_message(socket) == {"type": "connection_ack"}


async def test_pings_get_pongs_at_any_time(address: str) -> None:
    ping = {"type": "ping", "payload": {"a": 1}}
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        await send_messages(
            socket, ping, {"type": "pong"}, {"type": "complete", "id": "1"}, INIT, ping
        )
        await send_messages(socket, {"type": "pong"}, {"type": "ping"})
        heard = [await receive_message(socket) for _ in range(4)]

    pong = {"type": "pong", "payload": {"a": 1}}
    assert heard == [pong, {"type": "connection_ack"}, pong, {"type": "pong"}]


async def test_a_byte_order_mark_before_a_message_is_ignored(address: str) -> None:
    async with connect(address, subprotocols=[PROTOCOL]) as socket:
        await send_messages(
            socket, *("\ufeff" + json.dumps(each) for each in (INIT, subscribe("{ one }")))
        )
        heard = [await receive_message(socket) for _ in range(2)]

    assert [each["type"] for each in heard] == ["connection_ack", "next"]


async def test_a_query_gets_one_response(address: str) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, subscribe("{ one }"))
        heard = [await receive_message(socket) for _ in range(2)]

    assert heard == [
        {"type": "next", "id": "1", "payload": {"data": {"one": 1}}},
        {"type": "complete", "id": "1"},
    ]


async def test_subscriptions_run_concurrently_until_they_end(
    address: str, world: GraphState
) -> None:
    async with initialised(address) as socket:
        await send_messages(
            socket, subscribe("subscription { numbers }", "n"), subscribe("{ one }", "q")
        )
        assert {(await receive_message(socket))["id"] for _ in range(2)} == {"q"}
        world.publish(1, 2, None)
        heard = [await receive_message(socket) for _ in range(3)]
        await send_messages(socket, subscribe("{ one }", "n"))
        again = await receive_message(socket)

    payloads = [message.get("payload") for message in heard]
    assert payloads == [{"data": {"numbers": 1}}, {"data": {"numbers": 2}}, None]
    assert heard[-1] == {"type": "complete", "id": "n"}
    assert again["payload"] == {"data": {"one": 1}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "INVALID_INPUT"),
        ("{ two }", "INVALID_INPUT"),
        ("", "INVALID_INPUT"),
        ('subscription { of(id: "x") }', "NOT_FOUND"),
        ("subscription S($a: Int!) { numbers }", "INVALID_INPUT"),
    ],
    ids=["no document", "no such field", "nothing", "its field refuses", "variables are missing"],
)
async def test_a_rejected_request_gets_an_error_message(
    address: str, query: str, code: str
) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, subscribe(query))
        refused = await receive_message(socket)
        await send_messages(socket, subscribe("{ one }"))
        message = await receive_message(socket)

    assert (refused["type"], refused["id"]) == ("error", "1")
    assert refused["payload"][0]["extensions"]["code"] == code
    assert message["payload"] == {"data": {"one": 1}}


async def test_a_fault_ends_the_subscription_and_is_masked(address: str, world: GraphState) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, subscribe("subscription { numbers }"))
        world.publish(1, ArithmeticError("secret"))
        heard = [await receive_message(socket) for _ in range(2)]

    assert [message["type"] for message in heard] == ["next", "error"]
    (error,) = heard[1]["payload"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "secret" not in error["message"]


async def test_complete_ends_a_subscription(address: str, world: GraphState) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, subscribe("subscription { numbers }"))
        world.publish(1)
        await receive_message(socket)
        await send_messages(socket, {"type": "complete", "id": "1"}, subscribe("{ one }"))
        message = await receive_message(socket)

    assert message["payload"] == {"data": {"one": 1}}
    assert world.subscriber_count == 0


async def test_disconnecting_ends_subscriptions_but_not_mutations(
    address: str, world: GraphState
) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, subscribe("subscription { numbers }", "n"))
        await send_messages(socket, subscribe("mutation { buy }", "m"))
        world.publish(1)
        await receive_message(socket)
        await world.started.wait()
    async with asyncio.timeout(HANG_TIMEOUT_S):
        await world.all_unsubscribed.wait()
    assert not world.finished.is_set()

    world.may_finish.set()

    async with asyncio.timeout(HANG_TIMEOUT_S):
        await world.finished.wait()


async def test_connections_of_a_caller_are_limited() -> None:
    async with small_gateway(streams={"max_connections": 1}) as gateway:
        address = gateway.socket_url
        async with (
            initialised(address),
            connect(address, subprotocols=[PROTOCOL]) as second,
        ):
            await send_messages(second, INIT)
            assert (await closed(second))[0] == 1013
        async with asyncio.timeout(HANG_TIMEOUT_S), initialised(address):
            pass


async def test_running_requests_of_a_connection_are_limited() -> None:
    async with (
        small_gateway(streams={"max_running": 1}) as gateway,
        initialised(gateway.socket_url) as socket,
    ):
        await send_messages(socket, subscribe("{waits}"), subscribe("{one}", "2"))
        refused = await receive_message(socket)
        assert (refused["type"], refused["id"]) == ("error", "2")
        assert refused["payload"][0]["extensions"]["rule"] == "running"

        gateway.state.may_finish.set()
        assert (await receive_message(socket))["payload"] == {"data": {"waits": 7}}
        assert await receive_message(socket) == {"type": "complete", "id": "1"}
        await send_messages(socket, subscribe("{one}", "3"))
        assert (await receive_message(socket))["payload"] == {"data": {"one": 1}}


async def test_subscriptions_of_a_caller_are_limited() -> None:
    async with (
        small_gateway(streams={"max_subscriptions": 1}) as gateway,
        initialised(gateway.socket_url) as socket,
    ):
        await send_messages(socket, *(subscribe("subscription { numbers }", name) for name in "ab"))
        refused = await receive_message(socket)
        gateway.state.publish(None)
        await receive_message(socket)
        await send_messages(socket, subscribe("subscription { numbers }", "c"))
        gateway.state.publish(1)
        message = await receive_message(socket)

    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert message["payload"] == {"data": {"numbers": 1}}


async def test_a_connection_ends_when_its_token_expires(
    gateway: SmallGateway, address: str
) -> None:
    async with connected_as_guest(address) as guest, initialised(address) as friend:
        await send_messages(guest, subscribe("subscription { numbers }"))
        gateway.state.publish(1)
        assert (await receive_message(guest))["payload"] == {"data": {"numbers": 1}}
        gateway.clock.advance(GUEST_LIFETIME_S)
        assert await closed(guest) == (4403, f"Forbidden: {REVOKED}")
        await send_messages(friend, subscribe("{ one }"))
        assert (await receive_message(friend))["payload"] == {"data": {"one": 1}}
    async with asyncio.timeout(HANG_TIMEOUT_S):
        await gateway.state.all_unsubscribed.wait()


async def test_draining_closes_connections_with_only_subscriptions(
    gateway: SmallGateway, address: str
) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, subscribe("subscription { numbers }"))
        gateway.state.publish(1)
        await receive_message(socket)
        gateway.draining.begin()
        assert await closed(socket) == (1012, "The gateway is restarting. Connect again.")


async def test_draining_waits_for_queries_and_mutations(
    gateway: SmallGateway, address: str
) -> None:
    async with initialised(address) as socket:
        await send_messages(socket, subscribe("mutation { buy }"))
        await gateway.state.started.wait()
        gateway.draining.begin()
        await send_messages(socket, {"type": "ping"})
        assert await receive_message(socket) == {"type": "pong"}
        await send_messages(socket, subscribe("{ one }", id="2"))
        gateway.state.may_finish.set()
        assert await receive_message(socket) == {
            "type": "next",
            "id": "1",
            "payload": {"data": {"buy": 7}},
        }
        assert await receive_message(socket) == {"type": "complete", "id": "1"}
        assert (await closed(socket))[0] == 1012
