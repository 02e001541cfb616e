import errno
import socket

import pytest

from gateway.server.listener import ListenError, listener_url, open_listener
from tests.support.waiting import HANG_TIMEOUT_S


def test_port_0_takes_a_free_one_and_the_url_has_it() -> None:
    with open_listener("127.0.0.1", 0, "--port") as listener:
        port = listener.getsockname()[1]
        assert listener_url(listener) == f"http://127.0.0.1:{port}"
        with socket.create_connection(("127.0.0.1", port), timeout=HANG_TIMEOUT_S):
            pass  # accepted into the backlog, though nobody serves yet


def test_an_address_of_version_6_stands_in_brackets() -> None:
    with open_listener("::1", 0, "--port") as listener:
        assert listener_url(listener) == f"http://[::1]:{listener.getsockname()[1]}"


@pytest.mark.parametrize(("address", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])  # noqa: S104 - every interface is the case
def test_every_interface_is_shown_as_this_machine(address: str, shown: str) -> None:
    class Listener(socket.socket):
        def getsockname(self) -> tuple[str, int]:
            return address, 80

    with Listener() as listener:
        assert listener_url(listener) == f"http://{shown}:80"


def test_a_port_in_use_is_an_error_with_a_remedy() -> None:
    with open_listener("127.0.0.1", 0, "--port") as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            open_listener("127.0.0.1", port, "--port")
    assert str(caught.value) == (
        f"port {port} of 127.0.0.1 is in use by another program; choose another port with --port"
    )


def test_a_name_that_is_not_an_address_is_an_error() -> None:
    with pytest.raises(ListenError, match=r"'256\.0\.0\.1' cannot be resolved to an address"):
        open_listener("256.0.0.1", 0, "--host")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "port 80 requires privileges this user lacks"),
        (errno.EADDRNOTAVAIL, "cannot listen on 192.0.2.1, port 80"),
    ],
)
def test_an_error_of_the_system_is_explained(
    monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise OSError(number, errno.errorcode[number])

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(ListenError, match=words):
        open_listener("192.0.2.1", 80, "--port")
