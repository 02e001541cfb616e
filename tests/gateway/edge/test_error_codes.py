from typing import Any

import pytest
from graphql import GraphQLError, Source
from structlog.testing import capture_logs

from gateway.edge.error_codes import INTERNAL, find_code, format_errors
from gateway.upstream import errors as upstream
from schema import errors
from tests.support.upstream import ScriptedResponse, graph_over

CORRELATION = "correlation-1"
SECRET = "Bearer eyJhbGciOiJub25lIn0.secret"


def failed(cause: Exception, path: list[str | int] | None = None) -> GraphQLError:
    return GraphQLError(str(cause), path=path or ["customer"], original_error=cause)


def one(error: GraphQLError) -> GraphQLError:
    (presented,) = format_errors([error], CORRELATION)
    return presented


def codes(error: GraphQLError) -> dict[str, Any]:
    return error.extensions or {}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.InvalidInput, "INVALID_INPUT"),
        (errors.NotFound, "NOT_FOUND"),
        (errors.LimitExceeded, "LIMIT_EXCEEDED"),
        (upstream.UpstreamBadInput, "INVALID_INPUT"),
        (upstream.Unauthorized, "UNAUTHENTICATED"),
        (upstream.UpstreamForbidden, "FORBIDDEN"),
        (upstream.UpstreamNotFound, "NOT_FOUND"),
        (upstream.Conflict, "CONFLICT"),
        (upstream.Throttled, "THROTTLED"),
        (upstream.TimedOut, "UPSTREAM_TIMEOUT"),
        (upstream.Unavailable, "UPSTREAM_UNAVAILABLE"),
        (upstream.InvalidResponse, "UPSTREAM_INVALID"),
        (upstream.CallBudgetExceeded, "LIMIT_EXCEEDED"),
    ],
    ids=lambda value: getattr(value, "__qualname__", value),
)
def test_a_known_error_keeps_its_message_and_gets_a_code(kind: type[Exception], code: str) -> None:
    with capture_logs() as logged:
        presented = one(failed(kind("In words.")))
    assert presented.message == "In words."
    assert presented.path == ["customer"]
    assert (codes(presented)["code"], codes(presented)["correlationId"]) == (code, CORRELATION)
    is_upstream = issubclass(kind, upstream.UpstreamError)
    assert [entry["reason"] for entry in logged] == ["In words."] * is_upstream


@pytest.mark.parametrize(
    "kind",
    [*upstream.UpstreamError.__subclasses__(), *errors.RequestError.__subclasses__()],
    ids=lambda kind: f"{kind.__module__}.{kind.__name__}",
)
def test_every_known_error_class_has_a_code(kind: type[Exception]) -> None:
    assert find_code(kind("In words.")) != INTERNAL


@pytest.mark.parametrize("kind", [upstream.NoToken, upstream.IssuerUnavailable])
def test_details_for_the_operator_are_logged_and_not_sent(
    kind: type[upstream.UpstreamError],
) -> None:
    with capture_logs() as logged:
        presented = one(failed(kind("partner.refresh_token_file '/etc/secret' is gone")))
    assert "/etc/secret" not in str(presented.formatted)
    (entry,) = logged
    assert entry["correlation_id"] == CORRELATION
    assert "/etc/secret" in entry["reason"]


def test_a_subclass_has_the_code_of_its_class() -> None:
    class Gone(errors.NotFound):
        pass

    assert find_code(Gone()) == "NOT_FOUND"


def test_extensions_have_the_members_that_the_vendor_sent() -> None:
    cause = upstream.Conflict(
        "No.", status=409, upstream_code="900278", request_id="r", correlation_id="c"
    )
    assert codes(one(failed(cause))) == {
        "code": "CONFLICT",
        "correlationId": CORRELATION,
        "upstreamStatus": 409,
        "upstreamCode": "900278",
        "upstreamRequestId": "r",
        "upstreamCorrelationId": "c",
    }
    assert codes(one(failed(upstream.TimedOut("Late.")))) == {
        "code": "UPSTREAM_TIMEOUT",
        "correlationId": CORRELATION,
    }


@pytest.mark.parametrize(("wait_s", "expected"), [(57.0, 57), (0.2, 1), (0.0, 0)])
def test_retry_after_is_rounded_up_to_whole_seconds(wait_s: float, expected: int) -> None:
    presented = one(failed(upstream.Throttled.for_delay("Wait.", wait_s)))
    assert codes(presented)["retryAfterSeconds"] == expected


@pytest.mark.parametrize(
    "cause", [RuntimeError(SECRET), KeyError(SECRET), ZeroDivisionError(SECRET)], ids=repr
)
def test_a_fault_is_masked_and_logged_once_with_its_correlation_id(cause: Exception) -> None:
    with capture_logs() as logged:
        presented = format_errors([failed(cause), failed(cause, ["twin"])], CORRELATION)
    for error in presented:
        assert codes(error) == {"code": INTERNAL, "correlationId": CORRELATION}
        assert SECRET not in str(error.formatted)
        assert error.original_error is None
    assert [error.path for error in presented] == [["customer"], ["twin"]]
    (entry,) = logged
    assert entry["correlation_id"] == CORRELATION
    assert entry["exc_info"] is cause
    assert entry["log_level"] == "error"


def test_long_quoted_input_is_cut_off() -> None:
    source = Source("{ " + "x" * 500_000 + " }")
    error = GraphQLError(
        f"Cannot query field '{'x' * 500_000}' on type 'Query'.", source=source, positions=[2]
    )
    formatted = one(error).formatted
    assert formatted["message"] == f"Cannot query field '{'x' * 80}…' on type 'Query'."
    assert formatted["locations"] == [{"line": 1, "column": 3}]
    assert formatted["extensions"] == {"code": "INVALID_INPUT", "correlationId": CORRELATION}


def test_two_faults_are_logged_separately() -> None:
    with capture_logs() as logged:
        format_errors([failed(RuntimeError("a")), failed(RuntimeError("b"))], CORRELATION)
    assert len(logged) == 2


@pytest.mark.parametrize(
    "error",
    [
        GraphQLError("Syntax Error."),
        GraphQLError("Variable is wrong.", original_error=GraphQLError("Int cannot.")),
    ],
    ids=["document", "variable"],
)
def test_an_invalid_document_is_invalid_input(error: GraphQLError) -> None:
    with capture_logs() as logged:
        presented = one(error)
    assert (presented.message, codes(presented)["code"]) == (error.message, "INVALID_INPUT")
    assert logged == []


def test_a_value_that_cannot_be_serialized_is_a_fault() -> None:
    with capture_logs() as logged:
        presented = one(GraphQLError("Int cannot represent 4.", path=["customer", "quantity"]))
    assert codes(presented)["code"] == INTERNAL
    assert len(logged) == 1


def test_a_known_error_wrapped_by_the_engine_is_found() -> None:
    inner = GraphQLError("No.", original_error=errors.InvalidInput("No."))
    error = GraphQLError("No.", path=["customers"], original_error=inner)
    assert codes(one(error))["code"] == "INVALID_INPUT"


async def test_locations_in_the_document_are_kept() -> None:
    document = '{\n  customer(id: "eebd1b55-5360-4438-a11d-5c06918c3014") { id }\n}'
    refusal = ScriptedResponse({"code": 1000, "description": "No."}, 404)
    async with graph_over({"get_customer": refusal}) as graph:
        error = await graph.error(document)
    assert error["locations"] == [{"line": 2, "column": 3}]


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("{ customers(", {}),
        ("{ nothing }", {}),
        ("query ($n: Int!) { customers(first: $n) { nodes { id } } }", {"n": "many"}),
        ("query ($n: Int!) { customers(first: $n) { nodes { id } } }", {}),
        ("query ($n: Int) { customers(first: $n) { nodes { id } } }", {"n": None}),
        ("{ customers(first: 2147483648) { nodes { id } } }", {}),
        ("{ customers(first: 0) { nodes { id } } }", {}),
        ('{ customers(after: "x") { nodes { id } } }', {}),
        ('{ customer(id: "x") { id } }', {}),
        ('{ offers(country: "USA") { nodes { id } } }', {}),
        ('{ offers(after: "x") { nodes { id } } }', {}),
        ('{ node(nodeId: "x") { nodeId } }', {}),
    ],
    ids=[
        "syntax",
        "unknown field",
        "wrong variable",
        "missing variable",
        "null variable",
        "number too large",
        "first out of range",
        "cursor of customers",
        "malformed id",
        "malformed country",
        "cursor of offers",
        "malformed node id",
    ],
)
async def test_invalid_input_causes_no_call_and_no_log_line(
    document: str, variables: dict[str, object]
) -> None:
    async with graph_over({}) as graph:
        with capture_logs() as logged:
            error = await graph.error(document, **variables)
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert logged == []
    assert graph.upstream.received == []
