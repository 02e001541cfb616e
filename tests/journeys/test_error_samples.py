"""Every error that the vendor's documents print, as a client of the graph receives it."""

from typing import Any

import pytest

from tests.support.samples import samples
from tests.support.upstream import CORRELATION_ID, ScriptedResponse, graph_over

CUSTOMER = "eebd1b55-5360-4438-a11d-5c06918c3014"
DOCUMENT = f'{{ customer(id: "{CUSTOMER}") {{ id }} offerCategories {{ id }} }}'

# HTTP status, code in the graph, code of the vendor.
TOLD: dict[str, tuple[int, str, str | None]] = {
    "error.400-2000-other-source.response": (400, "INVALID_INPUT", "2000"),
    "error.400-60012-license-quota.response": (400, "INVALID_INPUT", "60012"),
    "error.400-800090-quantity.response": (400, "INVALID_INPUT", "800090"),
    "error.400-900316.response": (400, "INVALID_INPUT", "900316"),
    "error.403-900309-conditional-access.response": (403, "FORBIDDEN", "900309"),
    "error.404-code-3000.response": (404, "NOT_FOUND", "3000"),
    "error.429-throttled.response": (429, "THROTTLED", None),
}


@pytest.mark.parametrize("sample_id", TOLD)
async def test_an_error_has_its_code_its_message_and_the_vendors_ids(sample_id: str) -> None:
    sample = samples()[sample_id]
    status, code, upstream_code = TOLD[sample_id]
    assert sample.status in {status, None}
    headers = {n: v for n, v in sample.headers.items() if n != "Content-Length"}
    reply = ScriptedResponse(sample.body, status, headers)

    categories = ScriptedResponse(samples()["list-offer-categories.response"].body)
    async with graph_over({"get_customer": reply, "list_offer_categories": categories}) as graph:
        result = await graph.execute(DOCUMENT)

    expected: dict[str, Any] = {
        "code": code,
        "correlationId": CORRELATION_ID,
        "upstreamStatus": status,
    }
    if upstream_code is not None:
        expected["upstreamCode"] = upstream_code
    if status == 429:
        expected["retryAfterSeconds"] = 57
    (error,) = result.errors
    extensions = dict(error["extensions"])
    assert extensions.pop("upstreamRequestId") == headers.get(
        "MS-RequestId", graph.upstream.request_id(0)
    )
    assert extensions.pop("upstreamCorrelationId") == headers.get(
        "MS-CorrelationId", CORRELATION_ID
    )
    assert extensions == expected
    assert error["path"] == ["customer"]
    assert error["message"] == (sample.json.get("description") or sample.json["message"])
    assert result.data["customer"] is None
    assert result.data["offerCategories"], "a refusal costs its own field alone"


def test_every_documented_error_is_covered() -> None:
    assert {sample.id for sample in samples().values() if sample.kind == "error"} == set(TOLD)
