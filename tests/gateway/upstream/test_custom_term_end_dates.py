"""Pages of custom ends of terms, whose token is a header of the response (CONTRACT 4.20)."""

from typing import Any

import pytest

from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.errors import InvalidResponse
from schema.keys import CustomTermEndDatesKey
from tests.gateway.upstream.scripted_client import (
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)

KEY = CustomTermEndDatesKey("c", "P1Y")


def _page(day: int, **headers: str) -> Any:
    items = [{"allowedCustomTermEndDate": f"2026-01-{day:02}T00:00:00"}]
    return response(200, {"items": items}, **headers)


async def _read_days(transport: ScriptedTransport) -> list[int]:
    caches = CatalogCaches(0, 0, 0, lambda: 0.0)
    directory = PartnerDirectory(build_client(transport), build_scope(), caches)
    dates = await directory.custom_term_end_dates(KEY)
    return [d.allowed_custom_term_end_date.day for d in dates if d.allowed_custom_term_end_date]


async def test_the_token_of_the_response_is_sent_with_the_next_request() -> None:
    transport = ScriptedTransport(_page(1, MS_ContinuationToken="a/b="), _page(2))
    assert await _read_days(transport) == [1, 2]
    first, second = transport.requests
    assert first.url == second.url
    assert transport.sent_headers(1)["MS-ContinuationToken"] == "a/b="


async def test_a_token_that_does_not_change_ends_the_reading() -> None:
    same = _page(1, MS_ContinuationToken="t")
    with pytest.raises(InvalidResponse, match="read before"):
        await _read_days(ScriptedTransport(same, same, same))


@pytest.mark.parametrize("token", ["", "x" * 9_000, "é"])
async def test_a_token_that_is_empty_or_malformed_is_not_sent(token: str) -> None:
    transport = ScriptedTransport(_page(1, MS_ContinuationToken=token))
    if token:
        with pytest.raises(InvalidResponse, match="malformed header"):
            await _read_days(transport)
    else:
        assert await _read_days(transport) == [1]
    assert len(transport.requests) == 1
