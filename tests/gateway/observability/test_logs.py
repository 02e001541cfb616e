import io
import json
import logging
import warnings
from typing import Any

import pytest
import structlog

from gateway.observability import logs
from gateway.settings.masking import MASK

JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


pytestmark = pytest.mark.usefixtures("restored_logging")


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_logs_have_one_object_per_line() -> None:
    stream = io.StringIO()
    logs.configure("info", stream)
    structlog.get_logger("gateway.test").warning("throttled", seconds=57, path=["customers", 0])
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "throttled",
        "level": "warning",
        "logger": "gateway.test",
        "seconds": 57,
        "path": ["customers", 0],
    }


def test_messages_of_libraries_and_warnings_use_the_same_format() -> None:
    stream = io.StringIO()
    logs.configure("info", stream)
    logging.getLogger("uvicorn.error").warning("closed %s", "early")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old habit", DeprecationWarning, stacklevel=1)
    first, second = lines(stream)
    assert (first["logger"], first["event"]) == ("uvicorn.error", "closed early")
    assert second["logger"] == "py.warnings"
    assert "old habit" in second["event"]


def test_long_texts_are_cut_off() -> None:
    stream = io.StringIO()
    logs.configure("info", stream)
    long = "x" * 500_000
    try:
        raise ValueError(long)
    except ValueError:
        structlog.get_logger("gateway.test").error(long, reason=long, path=[long], exc_info=True)
    (line,) = lines(stream)
    assert [len(line["event"]), len(line["reason"]), len(line["path"][0])] == [1000] * 3
    assert len(line["exception"]) < 25_000
    assert "test_logs.py" in line["exception"]


@pytest.mark.parametrize(
    ("level", "written"),
    [("debug", ["d", "i", "u", "e"]), ("info", ["i", "e"]), ("error", ["e"])],
)
def test_uvicorns_info_messages_appear_only_at_debug(level: str, written: list[str]) -> None:
    stream = io.StringIO()
    logs.configure(level, stream)
    log = structlog.get_logger("gateway.test")
    log.debug("d")
    log.info("i")
    logging.getLogger("uvicorn.error").info("u")
    log.error("e")
    assert [line["event"] for line in lines(stream)] == written


@pytest.mark.parametrize(
    ("given", "expected_text"),
    [
        ("Authorization: Bearer abc.def-1", f"Authorization: Bearer {MASK}"),
        (f"got {JWT} back", f"got {MASK} back"),
        ("grant_type=x&client_secret=a1&b=2", f"grant_type=x&client_secret={MASK}&b=2"),
        ('{"refresh_token": "0.AAAA"}', f'{{"refresh_token": "{MASK}"}}'),
        ("there is a token: fine", "there is a token: fine"),
        ("a\nb\x1b[31mc\u2028d\x9be", "a\\nb\\x1b[31mc\\u2028d\\x9be"),
    ],
    ids=["bearer", "JWT", "form", "JSON", "prose", "control characters"],
)
def test_secrets_are_masked_and_control_characters_escaped(given: str, expected_text: str) -> None:
    event = logs.sanitize(None, "info", {"event": given, "detail": {"inner": [given]}})
    assert event == {"event": expected_text, "detail": {"inner": [expected_text]}}


@pytest.mark.parametrize(
    "name", ["token", "access_token", "Authorization", "client_secret", "Set-Cookie", "password"]
)
def test_values_with_a_secret_name_are_masked(name: str) -> None:
    assert logs.sanitize(None, "info", {name: ["abc"]}) == {name: MASK}


def test_values_of_other_types_are_sanitized_as_text() -> None:
    class Request:
        def __repr__(self) -> str:
            return f"<Request Bearer {JWT}>"

    event = {"request": Request(), "ratio": 0.5, "is_retry": True, "nothing": None}
    assert logs.sanitize(None, "info", event) == {
        "request": f"<Request Bearer {MASK}>",
        "ratio": 0.5,
        "is_retry": True,
        "nothing": None,
    }


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["JSON", "terminal"])
def test_a_stack_trace_keeps_its_lines_without_local_variables(stream: io.StringIO) -> None:
    logs.configure("info", stream)
    local_value = "opaque" + "-local"
    try:
        raise RuntimeError(f"refused: Bearer {JWT}")
    except RuntimeError:
        structlog.get_logger("gateway.test").exception("fault")
    assert local_value not in stream.getvalue()
    assert JWT not in stream.getvalue()
    assert "RuntimeError: refused" in stream.getvalue()


def test_configured_secrets_are_masked_in_messages_of_libraries() -> None:
    stream, secret = io.StringIO(), "pass word"
    logs.configure("info", stream, secrets=[secret])
    try:
        raise OSError(f'unexpected spaces found in "{secret}"')
    except OSError:
        logging.getLogger("library").exception("cannot connect with %s", secret)
    assert secret not in stream.getvalue()
    assert stream.getvalue().count(MASK) == 2


def test_terminals_get_lines_instead_of_json() -> None:
    stream = Terminal()
    logs.configure("info", stream)
    structlog.get_logger("gateway.test").info("ready", port=8000)
    assert "ready" in stream.getvalue()
    assert "{" not in stream.getvalue()
