"""Faults of the upstream make only their own field null."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.sandbox.faults import Fault, FaultKind
from tests.support.clock import FakeClock
from tests.support.journey import Journey, journey

UPGRADES = """
query Upgrades($id: ID!) {
  customer(id: $id) {
    subscriptions(first: 100) { nodes { id upgrades { isEligible } } }
  }
}
"""
CUSTOMER = "query Customer($id: ID!) { customer(id: $id) { companyProfile { companyName } } }"


@pytest.fixture
async def gateway() -> AsyncIterator[Journey]:
    async with journey() as started:
        yield started


def failure(response: dict[str, Any]) -> dict[str, Any]:
    """Return the only error of a response, with its extensions, message and path."""
    (error,) = response["errors"]
    return {"message": error["message"], "path": error["path"], **error["extensions"]}


async def test_a_failing_branch_nulls_only_its_own_field(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    gateway.sandbox.faults.add(
        Fault(FaultKind.STATUS, "list_upgrades", skip=4, status=403, code=900308, text="No role.")
    )

    response = await gateway.execute(UPGRADES, id=customer_id)

    nodes = response["data"]["customer"]["subscriptions"]["nodes"]
    failed = failure(response)
    assert failed["code"] == "FORBIDDEN"
    assert failed["upstreamCode"] == "900308"
    assert failed["message"] == "No role."
    assert failed["path"] == ["customer", "subscriptions", "nodes", failed["path"][3], "upgrades"]
    assert [i for i, node in enumerate(nodes) if node["upgrades"] is None] == [failed["path"][3]]
    assert gateway.take_call_counts()["list_upgrades"] == 20


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        pytest.param(
            Fault(FaultKind.TRUNCATED_JSON, "get_customer"), "UPSTREAM_INVALID", id="cut JSON"
        ),
        pytest.param(
            Fault(FaultKind.MALFORMED, "get_customer"), "UPSTREAM_INVALID", id="a web page"
        ),
        pytest.param(
            Fault(FaultKind.STATUS, "get_customer", status=404, code=60003),
            "NOT_FOUND",
            id="404 60003",
        ),
        pytest.param(
            Fault(FaultKind.STATUS, "get_customer", status=409, code=27009), "CONFLICT", id="409"
        ),
        pytest.param(
            Fault(FaultKind.AUDIENCE_REFUSED, "get_customer"), "UNAUTHENTICATED", id="900420"
        ),
        pytest.param(Fault(FaultKind.MFA_MISSING, "get_customer"), "UNAUTHENTICATED", id="900421"),
        pytest.param(Fault(FaultKind.APP_ONLY_REFUSED, "get_customer"), "FORBIDDEN", id="900329"),
    ],
)
async def test_a_permanent_error_is_not_retried(gateway: Journey, fault: Fault, code: str) -> None:
    gateway.sandbox.faults.add(fault)

    response = await gateway.execute(CUSTOMER, id=gateway.sandbox.world.examples.customer_id)

    failed = failure(response)
    assert failed["code"] == code
    assert failed["correlationId"]
    assert response["data"] == {"customer": None}
    assert gateway.take_call_counts() == {"get_customer": 1}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(FaultKind.CUT_BEFORE, "get_customer"), id="cut before the work"),
        pytest.param(Fault(FaultKind.CUT_AFTER, "get_customer"), id="cut after the work"),
        pytest.param(Fault(FaultKind.TRUNCATED_LENGTH, "get_customer"), id="cut in the body"),
        pytest.param(Fault(FaultKind.STATUS, "get_customer", status=503), id="503"),
        pytest.param(
            Fault(FaultKind.PLAIN_TEXT, "get_customer", status=502, text="Bad Gateway"), id="502"
        ),
        pytest.param(Fault(FaultKind.TOKEN_EXPIRED, "get_customer"), id="expired token"),
    ],
)
async def test_a_transient_error_of_a_read_is_retried(gateway: Journey, fault: Fault) -> None:
    gateway.sandbox.faults.add(fault)

    await gateway.data(CUSTOMER, id=gateway.sandbox.world.examples.customer_id)

    request_ids = {call.request_id for call in gateway.sandbox.calls}
    assert len(request_ids) == 1
    assert gateway.take_call_counts() == {"get_customer": 2}


async def test_an_invalid_response_is_not_cached(gateway: Journey) -> None:
    examples = gateway.sandbox.world.examples
    document = "query Offer($id: ID!) { offer(id: $id) { name } }"
    gateway.sandbox.faults.add(Fault(FaultKind.TRUNCATED_JSON, "get_offer"))

    first = await gateway.execute(document, id=examples.offer_id)
    second = await gateway.data(document, id=examples.offer_id)

    assert failure(first)["code"] == "UPSTREAM_INVALID"
    assert second["offer"]["name"]
    assert gateway.take_call_counts() == {"get_offer": 2}


async def test_a_timeout_is_named() -> None:
    async with journey(settings={"limits": {"deadline_s": 0.3}}) as gateway:
        gateway.sandbox.faults.add(Fault(FaultKind.LATENCY, "get_customer", times=None, seconds=30))
        response = await gateway.execute(CUSTOMER, id=gateway.sandbox.world.examples.customer_id)

    assert failure(response)["code"] == "UPSTREAM_TIMEOUT"


async def test_a_429_longer_than_the_deadline_pauses_its_scope_and_no_other() -> None:
    clock = FakeClock()
    async with journey(settings={"limits": {"deadline_s": 40}}, clock=clock) as gateway:
        examples = gateway.sandbox.world.examples
        gateway.sandbox.faults.add(
            Fault(FaultKind.THROTTLED, "get_customer", customer_id=examples.customer_id, seconds=57)
        )
        throttled = await gateway.execute(CUSTOMER, id=examples.customer_id)
        clock.now += 7
        again = await gateway.execute(CUSTOMER, id=examples.customer_id)
        other = await gateway.data(CUSTOMER, id=examples.legacy_customer_id)
        state = await gateway.data("{ throttle { bucket customerId retryAfterSeconds } }")

    assert failure(throttled)["code"] == "THROTTLED"
    assert failure(throttled)["retryAfterSeconds"] == 57
    assert failure(again)["code"] == "THROTTLED"
    assert failure(again)["retryAfterSeconds"] == 50
    assert other["customer"]
    assert gateway.take_call_counts() == {"get_customer": 2}
    (paused,) = [s for s in state["throttle"] if s["retryAfterSeconds"]]
    assert paused["bucket"] == "CUSTOMER_READS"
    assert paused["customerId"] == examples.customer_id


async def test_a_refused_refresh_token_is_reported_with_its_remedy(gateway: Journey) -> None:
    gateway.sandbox.faults.add(Fault(FaultKind.TOKEN_ERROR, times=None, text="invalid_grant"))

    response = await gateway.execute(CUSTOMER, id=gateway.sandbox.world.examples.customer_id)
    ready = await gateway.client.get("/ready")

    assert failure(response)["code"] == "UNAUTHENTICATED"
    assert "sandbox-refresh-token" not in str(response)
    assert ready.json()["status"] == "degraded"


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ('{ customer(id: "42") { id } }', "id must be a GUID"),
        ("{ customers(first: 0) { nodes { id } } }", "first must be at least 1"),
        ('{ customers(after: "Zm9v") { nodes { id } } }', "after must be a cursor"),
        ('{ offers(country: "USA") { nodes { id } } }', "country must be an ISO 3166 code"),
        ('{ offers(locale: "english") { nodes { id } } }', "locale must be a language"),
        ('{ node(nodeId: "nonsense") { nodeId } }', "nodeId must be a nodeId"),
    ],
)
async def test_invalid_input_says_what_was_expected_and_costs_no_call(
    gateway: Journey, document: str, names: str
) -> None:
    response = await gateway.execute(document)

    failed = failure(response)
    assert failed["code"] == "INVALID_INPUT"
    assert failed["message"].startswith(names)
    assert gateway.take_call_counts() == {}


@pytest.mark.parametrize(
    ("example", "code", "upstream_code"),
    [("foreign_customer_id", "FORBIDDEN", "20002"), ("removed_customer_id", "NOT_FOUND", "60003")],
)
async def test_a_foreign_customer_has_its_own_code(
    gateway: Journey, example: str, code: str, upstream_code: str
) -> None:
    customer_id = getattr(gateway.sandbox.world.examples, example)

    failed = failure(await gateway.execute(CUSTOMER, id=customer_id))

    assert (failed["code"], failed["upstreamCode"]) == (code, upstream_code)


@pytest.mark.parametrize("country", ["XX", "ZZ"])
async def test_a_country_without_a_catalog_is_invalid_input(gateway: Journey, country: str) -> None:
    document = "query Offers($country: String!) { offers(country: $country) { nodes { id } } }"

    response = await gateway.execute(document, country=country)

    assert failure(response)["code"] == "INVALID_INPUT"


async def test_readiness_responds_within_its_timeout(gateway: Journey) -> None:
    gateway.sandbox.faults.add(Fault(FaultKind.LATENCY, "token", times=None, seconds=60))

    ready = await gateway.client.get("/ready")

    assert ready.status_code == 200
    assert (
        ready.json()["checks"]["token"]["detail"] == "the token issuer did not respond within 2 s"
    )
