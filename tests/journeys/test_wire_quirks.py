"""The rows of CONTRACT 11, by number.

If the sandbox has a quirk, its whole world is read twice, with and without it, and the graph must
return the same.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from strawberry.scalars import JSON

from gateway.sandbox.quirks import Quirk, WireProfile
from gateway.upstream import endpoints
from gateway.upstream.call import Call
from gateway.upstream.clouds import CLOUDS
from gateway.upstream.decoding import Decoder
from gateway.upstream.models.offer import WireOffer
from gateway.upstream.models.service_fault import WireServiceFault, to_service_fault
from gateway.upstream.models.transition import WireTransitionEligibility, to_eligibility
from gateway.upstream.models.upgrade_result import WireUpgradeResult, to_upgrade_result
from tests.support.samples import samples
from tests.support.sandbox_world import (
    collect_values,
    is_raw,
    read_world,
    serve_small_sandbox,
    without,
)
from tests.support.upstream import GraphOverUpstream, ScriptedResponse, graph_at, graph_over
from tests.support.waiting import HANG_TIMEOUT_S

CUSTOMER: Final = "eebd1b55-5360-4438-a11d-5c06918c3014"
SUBSCRIPTION: Final = "a356ac8c-e310-44f4-bf85-c7f29044af99"
UPGRADE: Final = "42d075a4-bfe7-43e7-af6d-7c68a57edcb4"
ONE_CUSTOMER: Final = f'{{ customer(id: "{CUSTOMER}") {{ id relationshipToPartner }} }}'
ONE_SUBSCRIPTION: Final = (
    f'{{ subscription(customerId: "{CUSTOMER}", id: "{SUBSCRIPTION}") {{ @ }} }}'
)

Bend = Callable[..., Awaitable[tuple[Any, Any]]]
# Tests that use the sandbox of this module share its event loop.
of_one_sandbox = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain_and_bent() -> AsyncIterator[Bend]:
    """Read the whole world of a sandbox without a quirk and with it."""
    async with serve_small_sandbox() as (sandbox, url):
        plain = await read_world(url, sandbox)

        async def bend(*quirks: Quirk) -> tuple[Any, Any]:
            sandbox.wire = WireProfile(frozenset(quirks))
            return plain, await read_world(url, sandbox)

        yield bend


def subscription(**members: object) -> dict[str, ScriptedResponse]:
    return {"get_subscription": ScriptedResponse({"id": SUBSCRIPTION, **members})}


async def read_subscription(selection: str, **members: object) -> Any:
    """Read a subscription with these wire members."""
    async with graph_over(subscription(**members)) as graph:
        data = await graph.data(ONE_SUBSCRIPTION.replace("@", selection))
    return data["subscription"]


async def refused_with(status: int, body: object, **headers: str) -> dict[str, Any]:
    """Return the extensions of an error."""
    async with graph_over({"get_customer": ScriptedResponse(body, status, headers)}) as graph:
        error = await graph.error(ONE_CUSTOMER)
    return dict(error["extensions"])


@of_one_sandbox
async def test_q01_a_byte_order_mark_changes_nothing(plain_and_bent: Bend) -> None:
    plain, bent = await plain_and_bent(Quirk.BOM)
    assert bent == plain


async def test_q01_a_refusal_behind_a_byte_order_mark_keeps_its_code() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"code": 60003, "description": "No."}).encode()
    assert (await refused_with(404, body))["upstreamCode"] == "60003"


@of_one_sandbox
@pytest.mark.parametrize("quirk", [Quirk.PASCAL_CASE, Quirk.MIXED_CASE])
async def test_q02_members_are_read_in_any_casing(plain_and_bent: Bend, quirk: Quirk) -> None:
    plain, bent = await plain_and_bent(quirk)
    assert bent == plain


def test_q02_the_target_of_an_upgrade_is_read_as_the_documents_spell_it() -> None:
    sent = Decoder(WireUpgradeResult)(b'{"TargetSubscriptionID": "t", "UpgradeErrors": []}')
    assert to_upgrade_result(sent, CUSTOMER).target_subscription_id == "t"


@of_one_sandbox
@pytest.mark.parametrize("quirk", [Quirk.ENUM_STRINGS, Quirk.ENUM_INTEGERS, Quirk.ENUM_PASCAL])
async def test_q03_enums_mean_the_same_in_every_form(plain_and_bent: Bend, quirk: Quirk) -> None:
    plain, bent = await plain_and_bent(quirk)
    assert without(bent, is_raw) == without(plain, is_raw)
    assert collect_values(bent, "rawUpgradeType") + collect_values(bent, "rawCode")


@of_one_sandbox
async def test_q03_values_of_the_future_are_unknown_and_stay_readable(plain_and_bent: Bend) -> None:
    _, bent = await plain_and_bent(Quirk.ENUM_UNKNOWN)
    assert {*collect_values(bent, "upgradeType")} == {"UNKNOWN"}
    assert {*collect_values(bent, "rawUpgradeType")} == {"not_yet_invented"}
    assert {*collect_values(bent["rich"], "rawCode")} == {"4711"}


@pytest.mark.parametrize("code", [2006, "2006"])
async def test_q04_a_code_is_text_whether_number_or_text(code: object) -> None:
    body = {"code": code, "description": "No.", "data": [], "source": "PartnerFD"}
    assert (await refused_with(403, body))["upstreamCode"] == "2006"
    assert to_service_fault(Decoder(WireServiceFault)(json.dumps(body).encode())).code == "2006"


@pytest.mark.parametrize(("status", "code"), [(403, "FORBIDDEN"), (400, "INVALID_INPUT")])
async def test_q04_one_code_has_two_meanings_under_two_statuses(status: int, code: str) -> None:
    assert (await refused_with(status, {"code": 2006, "description": "No."}))["code"] == code


async def test_q05_a_throttled_response_has_its_own_body() -> None:
    body = {"statusCode": 429, "message": "Rate limit is exceeded. Try again in 57 seconds."}
    extensions = await refused_with(429, body, **{"Retry-After": "57"})
    assert (extensions["code"], extensions["retryAfterSeconds"]) == ("THROTTLED", 57)
    assert "upstreamCode" not in extensions


@pytest.mark.parametrize("rest", [{}, {"data": []}, {"data": None}])
async def test_q06_a_fault_without_data_has_none(rest: dict[str, Any]) -> None:
    body = {"code": 900316, "description": "No.", "source": "PartnerFD", **rest}
    assert (await refused_with(400, body))["upstreamCode"] == "900316"
    assert to_service_fault(Decoder(WireServiceFault)(json.dumps(body).encode())).data == JSON([])


@pytest.mark.parametrize("data", [["a"], [{"a": [1, None]}], "a"])
def test_q06_a_fault_with_data_keeps_it(data: object) -> None:
    body = json.dumps({"code": 60012, "data": data}).encode()
    assert to_service_fault(Decoder(WireServiceFault)(body)).data == data


@pytest.mark.parametrize("quirks", [(), (Quirk.LOCATION_ABSOLUTE,)], ids=["relative", "absolute"])
async def test_q07_the_id_in_a_location_is_the_id_that_the_graph_reads(
    quirks: tuple[Quirk, ...],
) -> None:
    async with serve_small_sandbox(*quirks) as (sandbox, url), graph_at(url) as graph:
        customer_id = sandbox.world.examples.azure_customer_id
        request = {"customerId": customer_id, "productFamily": "Azure"}
        headers = {"Authorization": f"Bearer {await _token(url)}"}
        async with httpx.AsyncClient(
            headers=headers, base_url=url, timeout=HANG_TIMEOUT_S
        ) as client:
            created = await client.post("/v1/productupgrades", json=request)
        location = created.headers["Location"]
        assert created.status_code == 202
        assert location.startswith("http" if quirks else "productUpgrades/")

        data = await graph.data(
            "query ($id: ID!) { customer(id: $id) {"
            " productUpgradeEligibility { upgradeId upgrade { id status } } } }",
            id=customer_id,
        )
    eligibility = data["customer"]["productUpgradeEligibility"]
    assert eligibility["upgradeId"] in location
    assert eligibility["upgrade"] == {"id": eligibility["upgradeId"], "status": "PENDING"}


async def _token(url: str) -> str:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "sandbox-refresh-token",
        "client_id": "60a00bf2-0644-4279-83b3-87ddf96f2509",
        "client_secret": "sandbox-client-secret",
        "resource": CLOUDS["global"].resource,
    }
    async with httpx.AsyncClient(base_url=url, timeout=HANG_TIMEOUT_S) as client:
        response = await client.post(
            "/3c95518e-8c37-41e3-9627-0ca339200f53/oauth2/token", data=form
        )
    token: str = response.json()["access_token"]
    return token


async def test_q08_status_is_a_post_with_the_request_as_body() -> None:
    replies = {"product_upgrade_status": ScriptedResponse({"id": UPGRADE, "status": "Completed"})}
    async with graph_over(replies) as graph:
        data = await graph.data(
            f'{{ productUpgradeStatus(upgradeId: "{UPGRADE}",'
            f' request: {{ customerId: "{CUSTOMER}" }}) {{ __typename status }} }}'
        )
    (received,) = graph.upstream.received
    assert received.path == f"/v1/productUpgrades/{UPGRADE}/status"
    assert json.loads(received.body) == {"customerId": CUSTOMER, "productFamily": "azure"}
    assert data["productUpgradeStatus"] == {
        "__typename": "ProductUpgradesStatus",
        "status": "COMPLETED",
    }


def test_q09_an_upgrade_is_performed_on_its_source() -> None:
    call = Call(endpoints.PERFORM_UPGRADE, (CUSTOMER, SUBSCRIPTION), body=b"{}")
    assert call.url_path == f"/v1/customers/{CUSTOMER}/subscriptions/{SUBSCRIPTION}/upgrades"
    listed = Call(endpoints.LIST_UPGRADES, (CUSTOMER, SUBSCRIPTION))
    assert call.url_path == listed.url_path


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2019-08-29T23:47:28.8524555Z", "2019-08-29T23:47:28.852455Z"),
        ("2019-08-29T23:47:28.852455Z", "2019-08-29T23:47:28.852455Z"),
        ("2019-08-29T23:47:28.85245Z", "2019-08-29T23:47:28.852450Z"),
        ("2019-08-29T23:47:28.852Z", "2019-08-29T23:47:28.852000Z"),
        ("2019-08-29T23:47:28.85Z", "2019-08-29T23:47:28.850000Z"),
        ("2019-08-29T23:47:28.8Z", "2019-08-29T23:47:28.800000Z"),
        ("2019-08-29T23:47:28Z", "2019-08-29T23:47:28Z"),
        ("2019-08-29T23:47:28.8524555", "2019-08-29T23:47:28.852455Z"),
        ("2019-08-29T23:47:28", "2019-08-29T23:47:28Z"),
        ("2019-08-29T23:47:28+02:00", "2019-08-29T21:47:28Z"),
        ("2019-08-29", "2019-08-29T00:00:00Z"),
        ("soon", None),
        ("", None),
    ],
)
async def test_q10_a_date_is_utc_to_the_microsecond(sent: str, expected: str | None) -> None:
    assert await read_subscription("creationDate", creationDate=sent) == {"creationDate": expected}


@of_one_sandbox
@pytest.mark.parametrize(
    "quirk", [Quirk.FRACTION_7, Quirk.FRACTION_0, Quirk.DATE_WITHOUT_ZONE], ids=str
)
async def test_q10_the_vendors_digits_do_not_move_a_second(
    plain_and_bent: Bend, quirk: Quirk
) -> None:
    plain, bent = await plain_and_bent(quirk)
    assert _to_the_second(bent) == _to_the_second(plain)


def _to_the_second(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _to_the_second(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_to_the_second(item) for item in data]
    return data.partition(".")[0].removesuffix("Z") if isinstance(data, str) else data


@of_one_sandbox
async def test_q11_spaces_inside_dates_change_nothing(plain_and_bent: Bend) -> None:
    plain, bent = await plain_and_bent(Quirk.DATE_SPACES)
    assert without(bent, is_raw) == without(plain, is_raw)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("9999-12-14T00:00:00Z", "9999-12-14T00:00:00Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
        ("9999-12-31T23:59:59-08:00", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"),
    ],
)
async def test_q11_the_year_9999_is_returned_unchanged(sent: str, expected: str) -> None:
    read = await read_subscription("commitmentEndDate", commitmentEndDate=sent)
    assert read == {"commitmentEndDate": expected}


async def test_q12_the_total_of_a_page_is_not_used_as_the_total() -> None:
    link = {"uri": "/customers?size=2", "method": "GET", "headers": []}
    page = {
        "totalCount": 2,
        "items": [{"id": CUSTOMER}, {"id": SUBSCRIPTION}],
        "links": {"next": link},
    }
    replies = {
        "list_customers": ScriptedResponse(page),
        "get_customer": ScriptedResponse({"id": CUSTOMER}),
    }
    listed = ScriptedResponse({"totalCount": 37, "items": [{"id": SUBSCRIPTION}]})
    async with graph_over({**replies, "list_subscriptions": listed}) as graph:
        data = await graph.data(
            "{ customers(first: 2) { pageInfo { hasNextPage } }"
            f' customer(id: "{CUSTOMER}") {{ subscriptions {{ totalCount }} }} }}'
        )
    assert data["customers"]["pageInfo"]["hasNextPage"]
    assert data["customer"]["subscriptions"]["totalCount"] == 1


@of_one_sandbox
async def test_q13_transitions_are_read_from_an_array_of_that_name(plain_and_bent: Bend) -> None:
    plain, bent = await plain_and_bent(Quirk.TRANSITION_ARRAY)
    assert bent == plain
    assert collect_values(bent, "rawTransitionType")


@pytest.mark.parametrize(
    "quirks",
    [
        (),
        (Quirk.LINKS_WITH_VERSION,),
        (Quirk.LINKS_TWO_QUESTION_MARKS,),
        (Quirk.LINKS_WITH_VERSION, Quirk.LINKS_TWO_QUESTION_MARKS),
        (Quirk.LINKS_MISSING,),
        (Quirk.PASCAL_CASE,),
    ],
    ids=lambda quirks: "+".join(quirks) or "plain",
)
async def test_q14_every_page_of_customers_is_reached(quirks: tuple[Quirk, ...]) -> None:
    async with serve_small_sandbox(*quirks) as (sandbox, url), graph_at(url) as graph:
        pages = [[c["id"] for c in page] async for page in _pages(graph)]
        customer_ids = [profile.id for profile in sandbox.world.iter_profiles(0)]
    assert [len(page) for page in pages] == [5, 5, 5]
    assert [i.lower() for page in pages for i in page] == [i.lower() for i in customer_ids]


async def _pages(graph: GraphOverUpstream) -> AsyncIterator[list[dict[str, Any]]]:
    document = (
        "query ($after: String) { customers(first: 5, after: $after)"
        " { nodes { id } pageInfo { hasNextPage endCursor } } }"
    )
    after: str | None = None
    while True:
        page = (await graph.data(document, after=after))["customers"]
        yield page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


@of_one_sandbox
async def test_q14_resources_without_links_are_read(plain_and_bent: Bend) -> None:
    plain, bent = await plain_and_bent(Quirk.LINKS_MISSING)
    # Only the link has an offer's country, and this customer's is the default.
    assert without(bent, "links".__eq__) == without(plain, "links".__eq__)
    assert {*map(str, collect_values(bent, "links"))} == {"None"}


@of_one_sandbox
@pytest.mark.parametrize("quirk", [Quirk.ERROR_DETAILS_DESCRIPTION, Quirk.EXPIRES_AFTER])
async def test_q15_both_names_of_a_member_are_one(plain_and_bent: Bend, quirk: Quirk) -> None:
    plain, bent = await plain_and_bent(quirk)
    assert bent == plain
    assert any(details and details["message"] for details in collect_values(bent, "errorDetails"))
    options = [option for options in collect_values(bent, "refundOptions") for option in options]
    assert options
    assert all(option["expiresAt"] for option in options)


@of_one_sandbox
async def test_q16_responses_are_not_matched_by_their_ids(plain_and_bent: Bend) -> None:
    plain, bent = await plain_and_bent(Quirk.IDS_NOT_ECHOED)
    assert bent == plain
    headers = {"MS-RequestId": "other-request", "MS-CorrelationId": "other-correlation"}
    extensions = await refused_with(404, {"code": 60003, "description": "No."}, **headers)
    assert extensions["upstreamRequestId"] == "other-request"
    assert extensions["upstreamCorrelationId"] == "other-correlation"


@of_one_sandbox
async def test_q17_responses_are_read_by_their_content(plain_and_bent: Bend) -> None:
    plain, bent = await plain_and_bent(Quirk.NO_CONTENT_TYPE)
    assert bent == plain
    replies = {
        "get_customer": ScriptedResponse({"id": CUSTOMER}, headers={"Content-Type": "text/html"})
    }
    async with graph_over(replies) as graph:
        assert (await graph.data(ONE_CUSTOMER))["customer"]["id"] == CUSTOMER


@of_one_sandbox
@pytest.mark.parametrize("quirk", [Quirk.EMPTY_STRINGS, Quirk.NULLS, Quirk.MISSING_ARRAYS])
async def test_q18_empty_null_and_absent_are_the_same(plain_and_bent: Bend, quirk: Quirk) -> None:
    plain, bent = await plain_and_bent(quirk)
    assert bent == plain


@of_one_sandbox
async def test_q19_ids_are_compared_without_case_and_kept_as_given(plain_and_bent: Bend) -> None:
    plain, bent = await plain_and_bent(Quirk.UPPER_CASE_IDS)
    assert json.dumps(bent) != json.dumps(plain)
    assert _lower(bent) == _lower(plain)
    parents = [parent for parent in collect_values(bent["rich"], "parent") if parent]
    assert parents
    assert all(parent["id"].isupper() or parent["id"].isdigit() for parent in parents)


def _lower(data: Any) -> Any:
    return json.loads(json.dumps(data).lower())


@pytest.mark.parametrize(
    ("offer_id", "commerce"),
    [
        ("84A03D81-6B37-4D66-8D4A-FAEA24541538", "LEGACY_LICENSE"),
        ("ms-azr-0145p", "LEGACY_AZURE"),
        ("CFQ7TTC0LH18:0001:CFQ7TTC0K971", "NEW_COMMERCE"),
        ("surprise", "UNKNOWN"),
    ],
)
async def test_q19_offer_ids_have_three_forms(offer_id: str, commerce: str) -> None:
    read = await read_subscription("offerId orderId commerce", offerId=offer_id, orderId="34b37d73")
    assert read == {"offerId": offer_id, "orderId": "34b37d73", "commerce": commerce}


@pytest.mark.parametrize("sent", [["A", "B"], "A", "", None, []])
def test_q20_prerequisite_offers_are_a_list(sent: list[str] | str | None) -> None:
    body = json.dumps({"id": "offer", "prerequisiteOffers": sent}).encode()
    assert list(Decoder(WireOffer)(body).prerequisite_offers or ()) == list(sent or ())


@of_one_sandbox
@pytest.mark.parametrize("quirk", [Quirk.LEARN_MORE_MISSING, Quirk.LEARN_MORE_SPACE])
async def test_q21_a_broken_address_is_returned_unchanged(
    plain_and_bent: Bend, quirk: Quirk
) -> None:
    plain, bent = await plain_and_bent(quirk)
    assert without(bent, "learnMore".__eq__) == without(plain, "learnMore".__eq__)
    addresses = {link["uri"] for link in collect_values(bent["offers"], "learnMore")}
    is_missing = quirk is Quirk.LEARN_MORE_MISSING
    assert addresses == {None} if is_missing else all("http: //" in a for a in addresses)


async def test_q22_categories_are_filtered_by_id_not_by_name() -> None:
    categories = [
        {"id": "SmallBusiness_Key", "name": name} for name in ("SmallBusiness", "Small Business")
    ]
    replies = {
        "list_offer_categories": ScriptedResponse({"items": categories}),
        "list_offers": ScriptedResponse({"items": []}),
    }
    async with graph_over(replies) as graph:
        data = await graph.data(
            "{ offerCategories { id name }"
            ' offers(categoryId: "SmallBusiness_Key") { nodes { id } } }'
        )
    (call,) = [r for r in graph.upstream.received if r.operation == "list_offers"]
    assert call.query["offer_category_id"] == "SmallBusiness_Key"
    assert data["offerCategories"] == categories


@of_one_sandbox
@pytest.mark.parametrize(
    "quirk", [Quirk.TRAILING_SPACES, Quirk.SDK_EVENT_NAMES, Quirk.CAPITAL_CYCLES]
)
async def test_q23_spellings_of_events_and_cycles_mean_the_same(
    plain_and_bent: Bend, quirk: Quirk
) -> None:
    plain, bent = await plain_and_bent(quirk)
    assert without(bent, is_raw) == without(plain, is_raw)
    assert bent != plain


async def test_q24_number_11_is_two_codes() -> None:
    result = to_upgrade_result(
        Decoder(WireUpgradeResult)(b'{"upgradeErrors": [{"code": 11}, {"code": 7}]}'), CUSTOMER
    )
    assert [error.code.name for error in result.upgrade_errors] == [
        "INSUFFICIENT_GRANULAR_ADMIN_PERMISSIONS",
        "SUBSCRIPTION_DOES_NOT_HAVE_ANY_UPGRADE_PATHS",
    ]
    item = to_eligibility(
        Decoder(WireTransitionEligibility)(
            b'{"eligibilities": [{"errors": [{"code": 11}, {"code": 7}]}]}'
        )
    )
    assert [error.code.name for error in item.eligibilities[0].errors] == [
        "CONVERSIONS_NOT_FOUND",
        "SUBSCRIPTION_DOES_NOT_HAVE_ANY_TRANSITIONED_PATHS",
    ]


async def test_q25_a_stale_version_is_a_conflict_although_its_status_is_400() -> None:
    extensions = await refused_with(400, {"code": 2055, "description": "Stale."})
    assert (extensions["code"], extensions["upstreamStatus"]) == ("CONFLICT", 400)


@of_one_sandbox
async def test_q26_eligibility_belongs_to_the_requested_customer(
    plain_and_bent: Bend,
) -> None:
    plain, bent = await plain_and_bent(Quirk.OTHER_CUSTOMER)
    returned = bent["failed"]["productUpgradeEligibility"]
    requested = plain["failed"]["productUpgradeEligibility"]
    assert returned["customerId"] != requested["customerId"]
    assert returned["customer"] == requested["customer"] == {"id": requested["customerId"]}
    assert returned["upgrade"] == requested["upgrade"]


async def test_q27_the_contract_version_is_sent_and_never_required() -> None:
    async with graph_over({"get_customer": ScriptedResponse({"id": CUSTOMER})}) as graph:
        await graph.data(ONE_CUSTOMER)
    assert graph.upstream.received[0].headers["MS-Contract-Version"] == "v1"


async def test_q28_customers_are_filtered_by_the_documents_name_of_the_field() -> None:
    async with graph_over({"list_customers": ScriptedResponse({"items": []})}) as graph:
        await graph.data('{ customers(companyNameStartsWith: "Ça & Co") { nodes { id } } }')
    assert json.loads(graph.upstream.received[0].query["filter"]) == {
        "Field": "CompanyName",
        "Value": "Ça & Co",
        "Operator": "starts_with",
    }


async def test_q28_transitions_are_listed_without_the_parameter_of_two_names() -> None:
    new_commerce = {"productType": {"id": "OnlineServicesNCE"}}
    replies = {**subscription(**new_commerce), "list_transitions": ScriptedResponse({"items": []})}
    async with graph_over(replies) as graph:
        await graph.data(ONE_SUBSCRIPTION.replace("@", "transitions { operationId }"))
    (call,) = [r for r in graph.upstream.received if r.operation == "list_transitions"]
    assert call.query == {}


@pytest.mark.parametrize("sent", [1, "1", "reseller", "Reseller"])
async def test_q29_a_relationship_is_a_number_or_a_name(sent: object) -> None:
    body = {"id": CUSTOMER, "relationshipToPartner": sent}
    async with graph_over({"get_customer": ScriptedResponse(body)}) as graph:
        data = await graph.data(ONE_CUSTOMER)
    assert data["customer"]["relationshipToPartner"] == "RESELLER"


async def test_q30_a_token_whose_numbers_are_strings_is_used_until_it_expires() -> None:
    async with serve_small_sandbox() as (sandbox, url), graph_at(url) as graph:
        for _ in range(2):
            await graph.data("{ offerCategories { id } offers { nodes { id } } }")
            graph.reset_catalog()
        assert len(sandbox.calls.token_requests) == 1


def test_q30_no_token_is_requested_for_the_retired_audience() -> None:
    retired = samples()["token.app-only.request.form"].json["resource"]
    assert retired == "https://graph.windows.net"
    assert all("windows.net" not in cloud.resource for cloud in CLOUDS.values())


def test_every_row_has_a_test() -> None:
    rows = {int(name[6:8]) for name in globals() if name.startswith("test_q")}
    assert rows == set(range(1, 31))
