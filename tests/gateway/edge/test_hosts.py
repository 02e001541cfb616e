import pytest
from starlette.types import Message

from gateway.edge.hosts import Hosts
from tests.support.edge import app_with


def answers(hosts: Hosts, *names: bytes) -> bool:
    return hosts.answer_to({"type": "http", "headers": [(b"host", name) for name in names]})


@pytest.mark.parametrize("name", [b"localhost:8000", b"127.0.0.1", b"[::1]:80", b"LocalHost"])
def test_on_loopback_this_machines_names_are_answered(name: bytes) -> None:
    assert answers(Hosts.of("127.0.0.1"), name)


@pytest.mark.parametrize("name", [b"evil.example", b"localhost.evil", b"127.0.0.1:80:80", b""])
def test_on_loopback_no_other_name_is_answered(name: bytes) -> None:
    assert not answers(Hosts.of("127.0.0.1"), name)


def test_on_loopback_there_is_one_name() -> None:
    assert not answers(Hosts.of("127.0.0.1"))
    assert not answers(Hosts.of("127.0.0.1"), b"localhost", b"evil.example")


def test_elsewhere_every_name_is_answered() -> None:
    assert answers(Hosts.of("0.0.0.0"), b"gateway.example")  # noqa: S104 - nothing listens


async def test_a_socket_for_another_name_is_closed() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/graphql", "headers": [(b"host", b"evil.example")]}
    await app_with()(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
