"""What a client is told when something is wrong, over HTTPX's transport for tests."""

import json

import httpx
import pytest

from gateway.client.connection import (
    ClientProblem,
    Connection,
    CredentialRefused,
    InputRefused,
    RequestRefused,
    Unreachable,
)
from gateway.client.operations import COLUMNS, operations, row
from gateway.client.watching import of_batch, of_operation, watched


def answering(*answers: httpx.Response) -> tuple[Connection, list[httpx.Request]]:
    """A gateway with these answers, in turn, and what it was asked."""
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return left.pop(0)

    http = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://gateway.test")
    return Connection(http, "secret-token"), asked


def data(**content: object) -> httpx.Response:
    return httpx.Response(200, json={"data": content})


def errors(status: int, code: str) -> httpx.Response:
    error = {"message": "a reason", "extensions": {"code": code}}
    return httpx.Response(status, json={"errors": [error], "data": None})


def test_data_is_returned_and_the_credential_sent() -> None:
    gateway, asked = answering(data(here=1))
    assert gateway.ask("{ here }", {"a": 1}) == {"here": 1}
    assert asked[0].headers["Authorization"] == "Bearer secret-token"
    assert json.loads(asked[0].content) == {"query": "{ here }", "variables": {"a": 1}}


@pytest.mark.parametrize(
    ("answer", "problem", "said"),
    [
        (errors(200, "NOT_FOUND"), RequestRefused, "a reason"),
        (errors(200, "BAD_INPUT"), InputRefused, "a reason"),
        (errors(401, "UNAUTHENTICATED"), CredentialRefused, "GATEWAY_TOKEN"),
        (errors(200, "FORBIDDEN"), CredentialRefused, "a reason"),
        (httpx.Response(401, text="no"), CredentialRefused, "refuses the credential"),
        (
            httpx.Response(502, html="<html>"),
            Unreachable,
            "answered 502 with text/html where GraphQL",
        ),
        (httpx.Response(200, json=[1]), Unreachable, "no gateway: say where one is with --url"),
        (httpx.Response(200, json={"data": [1]}), Unreachable, "with application/json where"),
        (httpx.Response(200, json={"data": {}}), Unreachable, "where GraphQL was expected"),
        (httpx.Response(200, json={"errors": ["no"]}), Unreachable, "where GraphQL was expected"),
        (httpx.Response(200, content=b'"\xff"'), Unreachable, "with no content type"),
    ],
    ids=[
        "error",
        "bad input",
        "401",
        "forbidden",
        "401 of a proxy",
        "web page",
        "list",
        "data that are a list",
        "no data",
        "errors without a message",
        "bytes",
    ],
)
def test_what_is_wrong_is_told(
    answer: httpx.Response, problem: type[ClientProblem], said: str
) -> None:
    gateway, _ = answering(answer)
    with pytest.raises(problem, match=said) as raised:
        gateway.ask("{ here }", {})
    assert "secret-token" not in str(raised.value)


def test_a_gateway_that_is_down_is_told_with_its_address() -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    http = httpx.Client(transport=httpx.MockTransport(down), base_url="http://gateway.test")
    with pytest.raises(Unreachable, match=r"no gateway answers at http://gateway.test.*--url"):
        Connection(http).ask("{ here }", {})


ORDER = {"customerId": "c", "targetOfferId": None, "toCatalogItemId": "item", "productFamily": None}


def found(number: int, **others: object) -> dict[str, object]:
    empty = dict.fromkeys(COLUMNS)
    return {
        **empty,
        "id": f"{number}",
        "attempts": [],
        "failure": None,
        "result": None,
        "order": ORDER,
        **others,
    }


def page(*nodes: object, cursor: str | None) -> httpx.Response:
    info = {"hasNextPage": cursor is not None, "endCursor": cursor}
    return data(operations={"nodes": nodes, "pageInfo": info})


def test_all_pages_are_read() -> None:
    gateway, asked = answering(page(found(1), cursor="x"), page(found(2), cursor=None))
    assert [each["id"] for each in operations(gateway, [], None)] == ["1", "2"]
    assert json.loads(asked[1].content)["variables"]["after"] == "x"


def test_no_page_is_read_that_is_not_wanted() -> None:
    gateway, asked = answering(page(found(1), found(2), cursor="x"))
    assert [each["id"] for each in operations(gateway, ["DONE"], "c", 1)] == ["1"]
    assert len(asked) == 1


def test_a_row_is_flat_and_runs_nothing_in_a_spreadsheet() -> None:
    attempts = [{"correlationId": "a"}, {"correlationId": "b"}]
    failure = {"code": "NOT_SENT", "message": "why"}
    flat = row(found(1, idempotencyKey="=1+1", attempts=attempts, failure=failure))
    assert tuple(flat) == COLUMNS
    assert flat["correlationIds"] == "a b"
    assert flat["idempotencyKey"] == "'=1+1"
    assert (flat["customerId"], flat["target"], flat["targetSubscriptionId"]) == ("c", "item", "")
    assert (flat["failureCode"], flat["settledBy"]) == ("NOT_SENT", "")


COUNTS = {"total": 4, "open": 1, "done": 1, "doneWithLicenseErrors": 1, "inDoubt": 1}


def test_progress_counts_what_was_not_bought() -> None:
    batch = of_batch({"state": "RUNNING", "counts": COUNTS})
    assert (batch.total, batch.ended, batch.bad, batch.doubtful) == (4, 3, 1, 1)
    assert not batch.is_final
    assert of_operation({"state": "WAITING"}).ended == 0
    assert of_operation({"state": "IN_DOUBT"}).doubtful == 1
    assert of_operation({"state": "DONE_WITH_LICENSE_ERRORS"}).bad == 0


def test_watching_asks_less_often_while_nothing_changes() -> None:
    unknown = errors(200, "NOT_FOUND")
    states = ["ACCEPTED", *["RUNNING"] * 6, "DONE"]
    no_stream = (unknown, unknown)
    answers = [
        each for state in states for each in (unknown, data(operation={"state": state}), *no_stream)
    ]
    gateway, _ = answering(*answers)
    slept: list[float] = []
    assert [each.state for each in watched(gateway, "id", slept.append)] == states
    assert slept == [0.5, 0.5, 1, 2, 4, 5, 5]


def streamed(*events: str) -> httpx.Response:
    return httpx.Response(
        200, text="".join(events), headers={"Content-Type": "text/event-stream; charset=utf-8"}
    )


def told(state: str) -> str:
    content = json.dumps({"data": {"operation": {"state": state}}})
    return f"event: next\nid: 1\ndata: {content}\n\n:\n\n"


def test_what_the_gateway_tells_is_not_asked_for() -> None:
    unknown = errors(200, "NOT_FOUND")
    stream = streamed(":\n\n", told("RUNNING"), told("WAITING"), told("DONE"))
    gateway, asked = answering(unknown, data(operation={"state": "ACCEPTED"}), unknown, stream)
    slept: list[float] = []
    states = [each.state for each in watched(gateway, "id", slept.append)]
    assert (states, slept) == (["ACCEPTED", "RUNNING", "WAITING", "DONE"], [])
    assert asked[-1].headers["Accept"] == "text/event-stream"
    assert asked[-1].headers["Authorization"] == "Bearer secret-token"


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
def test_a_stream_that_stops_telling_is_asked_about(ending: str) -> None:
    unknown, done = errors(200, "NOT_FOUND"), data(operation={"state": "DONE"})
    running = data(operation={"state": "RUNNING"})
    stream = streamed(told("WAITING"), ending)
    gateway, _ = answering(unknown, running, unknown, stream, unknown, done)
    slept: list[float] = []
    states = [each.state for each in watched(gateway, "id", slept.append)]
    assert (states, slept) == (["RUNNING", "WAITING", "DONE"], [0.5])


def test_a_broken_stream_is_asked_about() -> None:
    unknown, done = errors(200, "NOT_FOUND"), data(operation={"state": "DONE"})
    left = [unknown, data(operation={"state": "RUNNING"}), None, None, unknown, done]

    def answer(request: httpx.Request) -> httpx.Response:
        found = left.pop(0)
        if found is None:
            raise httpx.ReadError("cut", request=request)
        return found

    http = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://gateway.test")
    states = [each.state for each in watched(Connection(http), "id", lambda _: None)]
    assert states == ["RUNNING", "DONE"]
