"""The access log: a line for each request, without what clients sent in it."""

from typing import Any, Final

from structlog.testing import capture_logs

from gateway.client.documents import OPERATIONS
from gateway.persisted.manifest import hash_document
from tests.support.journey import journey

SETTINGS: Final = {"access_log": True}
MEMBERS: Final = {
    *("operation", "type", "document", "caller", "upstream_calls_estimated", "upstream_calls"),
    *("duration_ms", "outcome", "correlation_id", "event", "log_level"),
}


def only_requests(logged: Any) -> list[dict[str, Any]]:
    return [dict(entry) for entry in logged if entry["event"] == "request"]


async def test_a_request_is_one_line_with_its_cost_and_outcome() -> None:
    document = "query Profile($id: ID!) { customer(id: $id) { id subscriptions { nodes { id } } } }"
    async with journey(settings=SETTINGS) as of:
        customer_id = of.sandbox.world.examples.legacy_customer_id
        with capture_logs() as logged:
            await of.data(document, id=customer_id)
    (line,) = only_requests(logged)
    assert line.keys() == MEMBERS
    assert line["operation"] == "Profile"
    assert line["type"] == "query"
    assert line["document"] == hash_document(document)
    assert (line["outcome"], line["upstream_calls"]) == ("ok", 2)
    assert line["duration_ms"] > 0
    assert customer_id not in str(line)


async def test_rejected_requests_are_lines_with_their_code_and_correlation_id() -> None:
    async with journey(settings=SETTINGS) as of:
        with capture_logs() as logged:
            invalid = await of.execute("{ secretWord }")
            malformed = await of.client.post("/graphql", content=b"{")
            failed = await of.execute('{ customer(id: "no such") { id } }')
    lines = only_requests(logged)
    responses = (invalid, malformed.json(), failed)
    assert [line["correlation_id"] for line in lines] == [
        response["errors"][0]["extensions"]["correlationId"] for response in responses
    ]
    assert [line["outcome"] for line in lines][:2] == ["INVALID_INPUT", "INVALID_INPUT"]
    assert "secretWord" not in str(lines)


async def test_the_log_is_off_by_default() -> None:
    async with journey() as of:
        with capture_logs() as logged:
            await of.client.post("/graphql", json={"query": OPERATIONS})
    assert only_requests(logged) == []
