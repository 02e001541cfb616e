import pytest

from gateway.upstream import errors
from gateway.upstream.errors import (
    Throttled,
    error_from_response,
    error_from_transport,
    parse_retry_after,
)
from gateway.upstream.transport.base import (
    ConnectFailed,
    ConnectionLost,
    IncompleteResponse,
    ResponseTimeout,
    ResponseTooLarge,
    TransportError,
)
from tests.gateway.upstream.scripted_client import response

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (302, None, errors.InvalidResponse),
        (400, 2000, errors.UpstreamBadInput),
        (400, 2006, errors.UpstreamBadInput),
        (400, 2055, errors.Conflict),
        (400, 800082, errors.Conflict),
        (400, 900110, errors.Conflict),
        (401, 900421, errors.Unauthorized),
        (403, 2006, errors.UpstreamForbidden),
        (404, 3000, errors.UpstreamNotFound),
        (405, None, errors.UpstreamBadInput),
        (406, None, errors.UpstreamBadInput),
        (408, None, errors.TimedOut),
        (409, 900278, errors.Conflict),
        (412, None, errors.Conflict),
        (417, 800036, errors.UpstreamBadInput),
        (429, None, errors.Throttled),
        (500, 800003, errors.Unavailable),
        (501, 0, errors.Unavailable),
        (503, None, errors.Unavailable),
        (504, None, errors.TimedOut),
        (599, None, errors.Unavailable),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_status_and_code_decide_the_error_class(
    status: int, code: int | None, kind: type[errors.UpstreamError]
) -> None:
    error = error_from_response(response(status, {"code": code, "description": "No."}), NOW)
    assert type(error) is kind
    assert (error.status, error.upstream_code) == (status, None if code is None else str(code))
    assert str(error) == "No."


def test_an_error_has_the_ids_of_the_response() -> None:
    error = error_from_response(response(404, {}, ms_requestid="r\n1", MS_CorrelationId="c"), NOW)
    assert (error.request_id, error.correlation_id) == ("r 1", "c")


def test_an_error_of_a_response_without_ids_has_none() -> None:
    error = error_from_response(response(404, {}), NOW)
    assert (error.request_id, error.correlation_id) == (None, None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("57", 57.0),
        (" 0 ", 0.0),
        ("-3", 0.0),
        ("1.5", 1.5),
        ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("Tuesday, 14-Nov-23 22:14:20 GMT", 60.0),
        ("Tue Nov 14 22:14:20 2023", 60.0),
        ("2023-11-14T22:14:20Z", 60.0),
        ("Tue, 14 Nov 99999 22:14:20 GMT", None),
        ("Tue, 14 Nov 2023 22:14:20 +9999", None),
        ("1e3", None),
        ("1_000", None),
        ("\u0663", None),
        ("60 s", None),
        ("5, 10", None),
        ("", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


def test_a_429_has_a_delay() -> None:
    error = error_from_response(
        response(429, {"statusCode": 429, "message": "Wait."}, Retry_After="57"), NOW
    )
    assert isinstance(error, Throttled)
    assert (error.retry_after_s, str(error)) == (57.0, "Wait.")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "99999999999999999999"}, 600.0),
        ({"Retry_After": "9" * 400}, 600.0),
        ({"Retry_After": "57000"}, 600.0),
        ({"Retry_After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 600.0),
        ({"Retry_After": "nonsense"}, 1.0),
        ({"x_ms_retry_after_ms": "1500"}, 1.5),
        ({"retry_after_ms": "1500", "Retry_After": "2"}, 1.5),
        ({"retry_after_ms": "soon", "Retry_After": "2"}, 2.0),
        ({"x_ms_retry_after_ms": "9" * 30}, 600.0),
    ],
)
def test_the_delay_of_a_429_is_limited(headers: dict[str, str], seconds: float) -> None:
    assert error_from_response(response(429, {}, **headers), NOW).retry_after_s == seconds
    assert (
        error_from_response(response(429, {}, **headers), NOW, max_retry_after_s=0.5).retry_after_s
        == 0.5
    )


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_other_errors_have_a_delay_only_if_the_vendor_sends_one(status: int) -> None:
    assert error_from_response(response(status, {}, Retry_After="3"), NOW).retry_after_s == 3.0
    assert error_from_response(response(status, {}), NOW).retry_after_s is None


def test_a_429_without_retry_after_has_a_default_delay() -> None:
    error = error_from_response(response(429, {}), NOW)
    assert isinstance(error, Throttled)
    assert error.retry_after_s > 0


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (ConnectFailed("refused"), errors.Unavailable),
        (ResponseTimeout("20 s"), errors.TimedOut),
        (ConnectionLost("reset"), errors.TimedOut),
        (IncompleteResponse("3 of 100"), errors.InvalidResponse),
        (ResponseTooLarge("more than 10"), errors.InvalidResponse),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.__name__,
)
def test_a_failed_exchange_becomes_an_error_with_the_reason(
    outcome: TransportError, kind: type[errors.UpstreamError]
) -> None:
    error = error_from_transport(outcome)
    assert type(error) is kind
    assert str(outcome) in str(error)


def test_the_tree_in_the_docstring_has_every_error() -> None:
    drawn = {
        line.partition("── ")[2].split()[0]
        for line in (errors.__doc__ or "").splitlines()
        if "── " in line
    }
    kinds = errors.UpstreamError.__subclasses__()
    kinds += [below for kind in kinds for below in kind.__subclasses__()]
    assert drawn == {kind.__name__ for kind in kinds}


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [(500, "Try later.", "HTTP 500: Try later."), (504, "Late.", "HTTP 504: Late.")],
)
def test_a_failure_of_the_vendor_is_attributed_to_the_vendor(
    status: int, text: str, expected: str
) -> None:
    error = error_from_response(response(status, {"code": 800003, "description": text}), NOW)
    assert error.public_message == f"Partner Center failed with {expected}"


def test_a_message_that_names_the_vendor_is_not_changed() -> None:
    assert error_from_response(response(503, {}), NOW).public_message.startswith(
        "Partner Center responded with HTTP 503"
    )
    assert error_from_transport(ConnectFailed("refused")).public_message.startswith(
        "Partner Center cannot be reached"
    )
    assert "Microsoft's identity platform" in errors.IssuerUnavailable("secret").public_message
