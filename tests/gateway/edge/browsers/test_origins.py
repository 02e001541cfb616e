"""Cross-site requests that pages can make a browser send."""

import httpx
import pytest

from tests.support.edge_app import app_with, send_request

OWN = "http://127.0.0.1"
EVIL = "https://evil.example"
CONSOLE = "https://console.example"
JSON = {"content-type": "application/json"}
QUERY = {"query": "{ __typename }"}

SIMPLE_TYPES = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
# How browsers mark what a page of another site makes them send.
FOREIGN = [
    {"origin": EVIL},
    {"origin": EVIL, "sec-fetch-site": "cross-site"},
    {"origin": "null"},
    {"origin": "null", "sec-fetch-site": "cross-site"},
    {"origin": "http://127.0.0.1.evil.example"},
    {"origin": "http://127.0.0.1:9999", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": OWN, "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "new word"},
]
FOREIGN_IDS = [" ".join(f"{name}={value}" for name, value in each.items()) for each in FOREIGN]


@pytest.mark.parametrize("marks", FOREIGN, ids=FOREIGN_IDS)
@pytest.mark.parametrize("accept", ["*/*", "text/event-stream", "multipart/mixed"])
async def test_a_cross_site_get_is_rejected(marks: dict[str, str], accept: str) -> None:
    response = await send_request("GET", params=QUERY, headers={**marks, "accept": accept})
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("marks", "named"),
    [
        ({"origin": EVIL}, f"Pages of '{EVIL}'"),
        ({"origin": "null"}, "Pages of 'null'"),
        ({"sec-fetch-site": "cross-site"}, "Pages of other sites"),
        ({"origin": "https://" + "a" * 5000}, f"Pages of 'https://{'a' * 72}'…"),
        ({"origin": 'https://a"\x7f'}, "Pages of 'https://a\"\\x7f'"),
    ],
    ids=["an origin", "an opaque one", "none", "a long one", "unprintable"],
)
async def test_the_error_names_the_origin_and_the_setting(
    marks: dict[str, str], named: str
) -> None:
    response = await send_request("POST", json=QUERY, headers={**marks, **JSON})
    (error,) = response.json()["errors"]
    assert error["message"] == (
        f"{named} may not send requests to this gateway. Its operator allows origins with"
        " UPGRADE_GATEWAY_HTTP__ALLOWED_ORIGINS."
    )


@pytest.mark.parametrize("marks", FOREIGN, ids=FOREIGN_IDS)
@pytest.mark.parametrize("content_type", [*SIMPLE_TYPES, "application/json"])
async def test_a_cross_site_post_is_rejected(marks: dict[str, str], content_type: str) -> None:
    headers = {**marks, "content-type": content_type}
    assert (await send_request("POST", json=QUERY, headers=headers)).status_code == 403


@pytest.mark.parametrize("content_type", SIMPLE_TYPES)
async def test_a_form_without_browser_headers_is_rejected(content_type: str) -> None:
    response = await send_request("POST", json=QUERY, headers={"content-type": content_type})
    assert response.status_code == 415


@pytest.mark.parametrize("header", ["x-requested-with", "graphql-require-preflight"])
async def test_a_header_that_pages_can_set_grants_nothing(header: str) -> None:
    headers = {"origin": EVIL, header: "1", **JSON}
    assert (await send_request("POST", json=QUERY, headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "marks",
    [
        {},
        {"origin": OWN, "sec-fetch-site": "same-origin"},
        {"origin": OWN},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-mode": "cors"},
    ],
    ids=["a program", "own page", "own page, older browser", "own GET", "address bar", "node"],
)
async def test_programs_and_same_origin_pages_may_send_requests(marks: dict[str, str]) -> None:
    assert (await send_request("GET", params=QUERY, headers=marks)).status_code == 200
    assert (await send_request("POST", json=QUERY, headers={**marks, **JSON})).status_code == 200


def allows(response: httpx.Response) -> str | None:
    allowed: str | None = response.headers.get("access-control-allow-origin")
    return allowed


async def test_cors_is_off_by_default() -> None:
    response = await send_request("OPTIONS", headers={"access-control-request-method": "POST"})
    assert allows(response) is None
    preflight = {"origin": EVIL, "access-control-request-method": "POST"}
    assert (await send_request("OPTIONS", headers=preflight)).status_code == 403


async def test_a_page_of_an_allowed_origin_may_send_requests_and_read_responses() -> None:
    app = app_with(allowed_origins=f"{CONSOLE} http://localhost:3000")
    marks = {"origin": CONSOLE, "sec-fetch-site": "cross-site"}
    preflight = await send_request("OPTIONS", app, headers=marks)
    response = await send_request("POST", app, json=QUERY, headers={**marks, **JSON})
    failed = await send_request("POST", app, content=b"{", headers={**marks, **JSON})
    assert (preflight.status_code, response.status_code, failed.status_code) == (204, 200, 400)
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert [allows(each) for each in (preflight, response, failed)] == [CONSOLE] * 3
    assert "access-control-allow-credentials" not in response.headers
    assert "origin" in response.headers["vary"]


@pytest.mark.parametrize(
    "wanted",
    [
        "traceparent, tracestate, baggage, sentry-trace",
        "apollographql-client-name, apollographql-client-version, x-apollo-operation-name",
        "apollo-require-preflight, graphql-preflight, graphql-require-preflight",
        "x-request-id, x-correlation-id, b3, x-datadog-trace-id",
    ],
    ids=["W3C and Sentry", "Apollo", "preflight", "identifiers"],
)
async def test_allowed_origins_may_send_headers_of_clients_and_tracing(wanted: str) -> None:
    marks = {"origin": CONSOLE, "access-control-request-headers": wanted}
    response = await send_request("OPTIONS", app_with(allowed_origins=CONSOLE), headers=marks)
    assert {*wanted.split(", ")} <= allowed_headers_of(response)


async def test_a_setting_allows_more_headers_to_allowed_origins() -> None:
    app = app_with(allowed_origins=CONSOLE, allowed_headers="X-Tenant x-branch  Accept")
    response = await send_request("OPTIONS", app, headers={"origin": CONSOLE})
    assert {"x-tenant", "x-branch", "accept"} <= allowed_headers_of(response)
    response = await send_request("OPTIONS", app, headers={"origin": EVIL})
    assert "access-control-allow-headers" not in response.headers


def allowed_headers_of(response: httpx.Response) -> set[str]:
    return {*response.headers["access-control-allow-headers"].split(", ")}


async def test_a_page_of_another_origin_is_rejected() -> None:
    app = app_with(allowed_origins=CONSOLE)
    for origin in (EVIL, f"{CONSOLE}.evil.example", f"{CONSOLE}:8443", CONSOLE.upper()):
        response = await send_request("POST", app, json=QUERY, headers={"origin": origin, **JSON})
        assert (response.status_code, allows(response)) == (403, None)
