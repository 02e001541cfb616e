"""The listing of a customer's audit records on one day (CONTRACT 4.22)."""

import json
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.upstream.audit_records import build_audit_records_call
from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.errors import InvalidResponse
from schema.keys import AuditDayKey
from tests.gateway.upstream.scripted_client import (
    ScriptedTransport,
    build_client,
    build_scope,
    response,
)
from tests.support.samples import samples

CUSTOMER = "0c39d6d5-c70d-4c55-bc02-f620844f3fd1"
KEY = AuditDayKey(CUSTOMER, date(2020, 9, 2))
PATH = "/v1/auditrecords"


def _page(*ids: str, next_uri: str | None = None, **members: Any) -> Any:
    link = {"uri": next_uri, "headers": [{"key": "MS-ContinuationToken", "value": "t"}]}
    links = {} if next_uri is None else {"links": {"next": link}}
    return response(200, {"items": [{"id": each} for each in ids], **links, **members})


async def _read(transport: ScriptedTransport) -> list[str]:
    cache = CatalogCaches(0, 0, 0, lambda: 0.0)
    directory = PartnerDirectory(build_client(transport), build_scope(), cache)
    return [str(record.id) for record in await directory.audit_records(KEY)]


def _query(url: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}


def test_both_dates_are_sent_as_year_month_day_q36() -> None:
    query = _query(build_audit_records_call(KEY).url_path)
    assert (query["startDate"], query["endDate"]) == ("2020-09-02", "2020-09-02")


def test_the_filter_is_that_of_the_document() -> None:
    printed = samples()["audit-records.response"].json["links"]["self"]["uri"]
    own = _query(build_audit_records_call(KEY).url_path)
    assert own["filter"] == _query(printed)["filter"]
    assert own["size"] == _query(printed)["size"]
    assert json.loads(own["filter"])["Value"] == CUSTOMER


@pytest.mark.parametrize("base", ["/", "/v1/", "/auditactivity/v1/", "https://api.example/v1/"])
async def test_all_pages_are_read_by_their_links_whatever_their_base_q40(base: str) -> None:
    following = f"{base}auditrecords?startDate=2020-09-02&seekOperation=Next"
    transport = ScriptedTransport(_page("a", "b", next_uri=following), _page("c"))
    assert await _read(transport) == ["a", "b", "c"]
    first, second = transport.requests
    assert [urlsplit(request.url).path for request in (first, second)] == [PATH, PATH]
    assert _query(second.url) == {"startDate": "2020-09-02", "seekOperation": "Next"}
    assert transport.sent_headers(1)["MS-ContinuationToken"] == "t"


async def test_a_page_with_a_token_alone_is_followed_by_the_same_query_with_the_token() -> None:
    transport = ScriptedTransport(_page("a", continuationToken="t2"), _page("b"))
    assert await _read(transport) == ["a", "b"]
    first, second = transport.requests
    assert first.url == second.url
    assert transport.sent_headers(1)["MS-ContinuationToken"] == "t2"


async def test_a_page_that_leads_to_itself_is_not_read_forever() -> None:
    same = _page("a", continuationToken="t")
    with pytest.raises(InvalidResponse, match="read before"):
        await _read(ScriptedTransport(same, same, same))


async def test_a_link_to_another_resource_is_not_followed() -> None:
    with pytest.raises(InvalidResponse, match="leads elsewhere"):
        await _read(ScriptedTransport(_page("a", next_uri="/v1/invoices")))


async def test_a_day_without_records_is_empty() -> None:
    assert await _read(ScriptedTransport(response(200, {"totalCount": 0}))) == []
