"""Errors of the client, over HTTPX's transport for tests."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.client.gateway_client import (
    ClientError,
    CredentialRejected,
    ErrorResponse,
    GatewayClient,
    GatewayUnreachable,
    InputRejected,
    NoResponse,
    connect,
)
from gateway.client.operations import COLUMNS, OperationFilters, list_operations, to_row
from gateway.client.progress import batch_progress, operation_progress, watch_progress
from tests.support.certificates import write_certificate
from tests.support.misbehaving_server import ok_response, respond_with


def gateway_with_responses(*responses: httpx.Response) -> tuple[GatewayClient, list[httpx.Request]]:
    """A gateway with these answers, in turn, and what it was asked."""
    requests: list[httpx.Request] = []
    left = list(responses)

    def response(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return left.pop(0)

    http = httpx.Client(transport=httpx.MockTransport(response), base_url="http://gateway.test")
    return GatewayClient(http, "secret-token"), requests


def data(**content: object) -> httpx.Response:
    return httpx.Response(200, json={"data": content})


def errors(status: int, code: str) -> httpx.Response:
    error = {"message": "a reason", "extensions": {"code": code}}
    return httpx.Response(status, json={"errors": [error], "data": None})


def test_data_is_returned_and_the_credential_sent() -> None:
    gateway, requests = gateway_with_responses(data(here=1))
    assert gateway.execute("{ here }", {"a": 1}) == {"here": 1}
    assert requests[0].headers["Authorization"] == "Bearer secret-token"
    assert json.loads(requests[0].content) == {"query": "{ here }", "variables": {"a": 1}}


@pytest.mark.parametrize(
    ("response", "problem", "message"),
    [
        (errors(200, "NOT_FOUND"), ErrorResponse, "a reason"),
        (errors(200, "INVALID_INPUT"), InputRejected, "a reason"),
        (errors(401, "UNAUTHENTICATED"), CredentialRejected, "UPGRADE_GATEWAY_TOKEN"),
        (errors(200, "FORBIDDEN"), CredentialRejected, "a reason"),
        (httpx.Response(401, text="no"), CredentialRejected, "rejected the credential"),
        (
            httpx.Response(502, html="<html>"),
            NoResponse,
            "responded with 502 and text/html instead of a GraphQL",
        ),
        (errors(200, "INTERNAL"), NoResponse, "a reason"),
        (
            errors(422, "PERSISTED_QUERY_REQUIRED"),
            ErrorResponse,
            "Install the version of this command",
        ),
        (httpx.Response(200, html="<html>"), GatewayUnreachable, "it is not a gateway"),
        (
            httpx.Response(200, json=[1]),
            GatewayUnreachable,
            "not a gateway; set the gateway's URL with --url",
        ),
        (
            httpx.Response(200, json={"data": [1]}),
            GatewayUnreachable,
            "and application/json instead",
        ),
        (
            httpx.Response(200, json={"data": {}}),
            GatewayUnreachable,
            "instead of a GraphQL response",
        ),
        (
            httpx.Response(200, json={"errors": ["no"]}),
            GatewayUnreachable,
            "instead of a GraphQL response",
        ),
        (httpx.Response(200, content=b'"\xff"'), GatewayUnreachable, "and no content type"),
    ],
    ids=[
        "error",
        "bad input",
        "401",
        "forbidden",
        "401 of a proxy",
        "web page of a proxy",
        "fault",
        "another version",
        "web page",
        "list",
        "data that are a list",
        "no data",
        "errors without a message",
        "bytes",
    ],
)
def test_every_failure_is_an_error_with_the_reason(
    response: httpx.Response, problem: type[ClientError], message: str
) -> None:
    gateway, _ = gateway_with_responses(response)
    with pytest.raises(problem, match=message) as raised:
        gateway.execute("{ here }", {})
    assert "secret-token" not in str(raised.value)


def failing(error: Exception) -> GatewayClient:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    http = httpx.Client(transport=httpx.MockTransport(fail), base_url="http://gateway.test")
    return GatewayClient(http)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.ReadTimeout(""),
        httpx.RemoteProtocolError("cut"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_request_that_may_have_arrived_has_its_own_error(error: Exception) -> None:
    with pytest.raises(NoResponse, match=r"did not respond to the request: [A-Za-z]+"):
        failing(error).execute("{ here }", {})


def test_an_untrusted_certificate_is_an_error_with_a_remedy() -> None:
    untrusted = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] unable to get local issuer")
    with pytest.raises(GatewayUnreachable, match=r"is not trusted .*SSL_CERT_FILE"):
        failing(untrusted).execute("{ here }", {})


async def test_the_ca_that_ssl_cert_file_names_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    body = b'{"data": {"here": 1}}'

    async def response(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await respond_with(ok_response(body))(reader, writer)
        writer.close()

    def execute(url: str) -> dict[str, Any]:
        with connect(url) as gateway:
            return gateway.execute("{ here }", {})

    server = await asyncio.start_server(response, "localhost", 0, ssl=context, family=2)
    async with server:
        url = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(GatewayUnreachable, match="is not trusted"):
            await asyncio.to_thread(execute, url)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert await asyncio.to_thread(execute, url) == {"here": 1}


def test_text_that_no_request_can_carry_is_refused() -> None:
    gateway, requests = gateway_with_responses()
    with pytest.raises(ClientError, match="not UTF-8"):
        gateway.execute("{ here }", {"key": "\udcff"})
    assert requests == []


@pytest.mark.parametrize("path", ["", "/", "/graphql", "/graphql/", "/team/graphql"])
def test_the_address_of_the_graph_is_accepted_too(path: str) -> None:
    with connect(f"https://gateway.test{path}") as gateway:
        url = gateway._http.base_url.join("graphql")
    assert url.path == ("/team/graphql" if "team" in path else "/graphql")


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_authorities_that_holds_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ClientError, match="SSL_CERT_FILE"), connect("https://gateway.test"):
        pass


def test_an_unreachable_gateway_is_an_error_with_its_url() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    http = httpx.Client(transport=httpx.MockTransport(down), base_url="http://gateway.test")
    with pytest.raises(
        GatewayUnreachable, match=r"cannot reach a gateway at http://gateway.test.*--url"
    ):
        GatewayClient(http).execute("{ here }", {})


ORDER = {"customerId": "c", "targetOfferId": None, "toCatalogItemId": "item", "productFamily": None}


def found(number: int, **others: object) -> dict[str, object]:
    empty = dict.fromkeys(COLUMNS)
    return {
        **empty,
        "id": f"{number}",
        "attempts": [],
        "failure": None,
        "result": None,
        "transition": None,
        "order": ORDER,
        **others,
    }


def page(*nodes: object, cursor: str | None) -> httpx.Response:
    info = {"hasNextPage": cursor is not None, "endCursor": cursor}
    return data(operations={"nodes": nodes, "pageInfo": info})


def test_all_pages_are_read() -> None:
    gateway, requests = gateway_with_responses(
        page(found(1), cursor="x"), page(found(2), cursor=None)
    )
    assert [each["id"] for each in list_operations(gateway, OperationFilters())] == ["1", "2"]
    assert json.loads(requests[1].content)["variables"]["after"] == "x"


def test_no_page_is_read_that_is_not_wanted() -> None:
    gateway, requests = gateway_with_responses(page(found(1), found(2), cursor="x"))
    assert [each["id"] for each in list_operations(gateway, OperationFilters(["DONE"]), 1)] == ["1"]
    assert len(requests) == 1


def test_a_row_is_flat_and_runs_nothing_in_a_spreadsheet() -> None:
    attempts = [{"correlationId": "a"}, {"correlationId": "b"}]
    failure = {"code": "NOT_SENT", "message": "why"}
    flat = to_row(found(1, idempotencyKey="=1+1", attempts=attempts, failure=failure))
    assert tuple(flat) == COLUMNS
    assert flat["correlationIds"] == "a b"
    assert flat["idempotencyKey"] == "'=1+1"
    assert (flat["customerId"], flat["target"], flat["targetSubscriptionId"]) == ("c", "item", "")
    assert (flat["failureCode"], flat["settledBy"]) == ("NOT_SENT", "")


COUNTS = {"total": 4, "open": 1, "done": 1, "doneWithLicenseErrors": 1, "inDoubt": 1}


def test_progress_counts_operations_that_were_not_done() -> None:
    batch = batch_progress({"state": "RUNNING", "counts": COUNTS})
    assert (batch.total, batch.ended, batch.not_done, batch.in_doubt) == (4, 3, 1, 1)
    assert not batch.is_final
    assert operation_progress({"state": "WAITING"}).ended == 0
    assert operation_progress({"state": "IN_DOUBT"}).in_doubt == 1
    assert operation_progress({"state": "DONE_WITH_LICENSE_ERRORS"}).not_done == 0


def test_watching_polls_less_often_while_nothing_changes() -> None:
    unknown = errors(200, "NOT_FOUND")
    states = ["QUEUED", *["RUNNING"] * 6, "DONE"]
    no_stream = (unknown, unknown)
    responses = [
        each for state in states for each in (unknown, data(operation={"state": state}), *no_stream)
    ]
    gateway, _ = gateway_with_responses(*responses)
    slept: list[float] = []
    assert [each.state for each in watch_progress(gateway, "id", slept.append)] == states
    assert slept == [0.5, 0.5, 1, 2, 4, 5, 5]


def streamed(*events: str) -> httpx.Response:
    return httpx.Response(
        200, text="".join(events), headers={"Content-Type": "text/event-stream; charset=utf-8"}
    )


def operation_event(state: str) -> str:
    content = json.dumps({"data": {"operation": {"state": state}}})
    return f"event: next\nid: 1\ndata: {content}\n\n:\n\n"


def test_progress_that_is_streamed_is_not_polled() -> None:
    unknown = errors(200, "NOT_FOUND")
    stream = streamed(
        ":\n\n", operation_event("RUNNING"), operation_event("WAITING"), operation_event("DONE")
    )
    gateway, requests = gateway_with_responses(
        unknown, data(operation={"state": "QUEUED"}), unknown, stream
    )
    slept: list[float] = []
    states = [each.state for each in watch_progress(gateway, "id", slept.append)]
    assert (states, slept) == (["QUEUED", "RUNNING", "WAITING", "DONE"], [])
    assert requests[-1].headers["Accept"] == "text/event-stream"
    assert requests[-1].headers["Authorization"] == "Bearer secret-token"


@pytest.mark.parametrize(
    "ending",
    [
        "retry: 1000\n\n",
        "event: complete\ndata:\n\n",
        'event: next\ndata: {"errors": [{"message": "a reason"}], "data": null}\n\n',
        "data: [1]\n\n",
    ],
    ids=["the gateway ends", "complete", "error", "no GraphQL"],
)
def test_the_operation_of_a_silent_stream_is_queried(ending: str) -> None:
    unknown, done = errors(200, "NOT_FOUND"), data(operation={"state": "DONE"})
    running = data(operation={"state": "RUNNING"})
    stream = streamed(operation_event("WAITING"), ending)
    gateway, _ = gateway_with_responses(unknown, running, unknown, stream, unknown, done)
    slept: list[float] = []
    states = [each.state for each in watch_progress(gateway, "id", slept.append)]
    assert (states, slept) == (["RUNNING", "WAITING", "DONE"], [0.5])


def test_the_operation_of_a_broken_stream_is_queried() -> None:
    unknown, done = errors(200, "NOT_FOUND"), data(operation={"state": "DONE"})
    left = [unknown, data(operation={"state": "RUNNING"}), None, None, unknown, done]

    def response(request: httpx.Request) -> httpx.Response:
        found = left.pop(0)
        if found is None:
            raise httpx.ReadError("cut", request=request)
        return found

    http = httpx.Client(transport=httpx.MockTransport(response), base_url="http://gateway.test")
    states = [each.state for each in watch_progress(GatewayClient(http), "id", lambda _: None)]
    assert states == ["RUNNING", "DONE"]
