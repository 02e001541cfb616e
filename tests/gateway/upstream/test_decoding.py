"""Strict and lenient decoding of the same bodies, and of invalid bodies."""

import json
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.upstream.decoding import Decoder, UnexpectedErrorBody
from gateway.upstream.models.base import WireModel
from gateway.upstream.models.customer import WireCustomer
from gateway.upstream.models.offer import WireOffer, WireOfferCategory
from gateway.upstream.models.product_upgrade import (
    WireProductUpgradesEligibility,
    WireProductUpgradesStatus,
)
from gateway.upstream.models.provisioning import WireSubscriptionProvisioningStatus
from gateway.upstream.models.resource import WireCollection
from gateway.upstream.models.subscription import WireSubscription
from gateway.upstream.models.transition import WireTransition, WireTransitionEligibility
from gateway.upstream.models.upgrade import WireUpgrade
from gateway.upstream.models.upgrade_result import WireUpgradeResult
from tests.support.samples import samples
from tests.support.upstream import CORRELATION_ID, ScriptedResponse, graph_over

SUBSCRIPTIONS: Final = Decoder(WireCollection[WireSubscription])
MODELS: Final[dict[str, Decoder[Any]]] = {
    "list-customers.response": Decoder(WireCollection[WireCustomer]),
    "list-customers-filtered.response": Decoder(WireCollection[WireCustomer]),
    "get-customer.response": Decoder(WireCustomer),
    "list-subscriptions.response": SUBSCRIPTIONS,
    "list-subscriptions.software.response": SUBSCRIPTIONS,
    "list-subscriptions-by-order.response": SUBSCRIPTIONS,
    "list-subscriptions-by-partner.response": SUBSCRIPTIONS,
    "list-subscription-addons.response": SUBSCRIPTIONS,
    "get-subscription.addon.response": Decoder(WireSubscription),
    "get-subscription.azure.response": Decoder(WireSubscription),
    "get-subscription.new-commerce.response": Decoder(WireSubscription),
    "get-provisioning-status.response": Decoder(WireSubscriptionProvisioningStatus),
    "list-upgrades.response": Decoder(WireCollection[WireUpgrade]),
    "perform-upgrade.response": Decoder(WireUpgradeResult),
    "product-upgrade-eligibility.response": Decoder(WireProductUpgradesEligibility),
    "product-upgrade-status.response": Decoder(WireProductUpgradesStatus),
    "list-offers.response": Decoder(WireCollection[WireOffer]),
    "get-offer.response": Decoder(WireOffer),
    "list-offer-addons.response": Decoder(WireCollection[WireOffer]),
    "list-offer-categories.response": Decoder(WireCollection[WireOfferCategory]),
    "list-transition-eligibilities.response": Decoder(WireCollection[WireTransitionEligibility]),
    "list-transitions.response": Decoder(WireCollection[WireTransition]),
    "create-transition.response": Decoder(WireTransition),
}


def comparable(value: Any) -> Any:
    """Collect all attributes of a model, its properties included."""
    if isinstance(value, list | tuple):
        return [comparable(item) for item in value]
    if not issubclass(type(value), WireModel):
        return value
    sent = (f.name for f in msgspec.structs.fields(type(value)) if f.type is not msgspec.Raw)
    made = (name for name, member in vars(type(value)).items() if isinstance(member, property))
    return {name: comparable(getattr(value, name)) for name in (*sent, *made)}


UNUSUAL: Final = {"list-transitions.response", "create-transition.response"}


@pytest.mark.parametrize("sample_id", MODELS)
def test_lenient_decoding_has_the_same_result_as_strict_decoding(sample_id: str) -> None:
    read, body = MODELS[sample_id], samples()[sample_id].body
    assert comparable(read(body)) == comparable(read.decode_lenient(body))


@pytest.mark.parametrize("sample_id", sorted(set(MODELS) - UNUSUAL))
def test_a_usual_body_is_decoded_strictly(sample_id: str) -> None:
    read, body = MODELS[sample_id], samples()[sample_id].body
    assert type(read._decoder.decode(read._remove_empty_texts(body))) is type(read(body))


EMPTY: Final = json.dumps(
    {
        "id": "",
        "friendlyName": "",
        "unitType": "licenses",
        "actions": ["", "edit"],
        "consumptionType": {"kept": ["", {"text": ""}]},
        "scheduledNextTermInstructions": {"product": {"productId": ""}},
        "refundOptions": "",
    }
)


@pytest.mark.parametrize("body", [EMPTY, EMPTY.replace("friendlyName", "FriendlyName")])
def test_an_empty_text_is_an_absent_one_unless_it_is_required_or_passed_through(body: str) -> None:
    read = Decoder(WireSubscription)
    subscription = read(body.encode())
    assert (subscription.id, subscription.friendly_name) == ("", None)
    assert subscription.unit_type == "licenses"
    assert subscription.consumption_type == {"kept": ["", {"text": ""}]}
    assert comparable(subscription) == comparable(read.decode_lenient(body.encode()))


def test_an_empty_text_instead_of_an_object_is_dropped() -> None:
    body = b'{"items": ["", null, {"id": "1", "orderId": ""}]}'
    assert comparable(SUBSCRIPTIONS(body)) == comparable(SUBSCRIPTIONS.decode_lenient(body))
    assert [item.id for item in SUBSCRIPTIONS(body).items or ()] == ["1"]


def test_a_list_of_empty_texts_is_not_an_object() -> None:
    with pytest.raises(msgspec.ValidationError):
        SUBSCRIPTIONS(b'[""]')


@st.composite
def varied_samples(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a variant of a sample: casing, order, unknown members, null for absent, a mark."""
    sample_id = draw(st.sampled_from(sorted(MODELS)))
    bent = draw(_vary(samples()[sample_id].json))
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return sample_id, mark + json.dumps(bent, indent=draw(st.sampled_from([None, 1]))).encode()


def _vary(value: Any) -> st.SearchStrategy[Any]:
    if isinstance(value, list):
        return st.tuples(*map(_vary, value)).map(list)
    if not isinstance(value, dict):
        return st.just(value)
    members = [st.tuples(_casing(name), _vary(item)) for name, item in value.items()]
    unknown = st.sampled_from([{}, {"x-brand-new": 1}, {"x-brand-new": {"a": [[], None]}}])
    shuffled = st.tuples(*members).flatmap(st.permutations)
    return st.tuples(shuffled, unknown).map(lambda both: {**dict(both[0]), **both[1]})


def _casing(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name, name.upper(), name.lower(), name[0].swapcase() + name[1:]])


@settings(max_examples=50)
@given(varied_samples())
def test_other_spellings_do_not_change_the_decoded_model(drawn: tuple[str, bytes]) -> None:
    sample_id, body = drawn
    assert comparable(MODELS[sample_id](body)) == comparable(
        MODELS[sample_id](samples()[sample_id].body)
    )


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ('"quantity": "15"', 15),
        ('"quantity": 15.0', 15),
        ('"quantity": null', None),
        ('"quantity": "many"', None),
        ('"quantity": [15]', None),
        ('"quantity": 1e400', None),
        ('"quantity": 2147483647', 2147483647),
        ('"quantity": 2147483648', None),
        ('"quantity": -2147483649', None),
        ('"quantity": 15, "x": 0', 15),
    ],
)
def test_a_number_is_decoded_from_numbers_and_text(member: str, expected: int | None) -> None:
    read = Decoder(WireSubscription)
    assert read(f'{{"id": "s", {member}}}'.encode()).quantity == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("true", True),
        ('"True"', True),
        ("1", True),
        ("false", False),
        ('" false "', False),
        ('"0"', False),
        ('"perhaps"', None),
        ("null", None),
        ("[]", None),
    ],
)
def test_a_boolean_is_decoded_from_booleans_and_text(sent: str, expected: bool | None) -> None:
    assert (
        Decoder(WireSubscription)(f'{{"id": "s", "isTrial": {sent}}}'.encode()).is_trial is expected
    )


@pytest.mark.parametrize(
    ("sent", "expected"), [("7", "7"), ("1.5", "1.5"), ("true", "true"), ('{"a":1}', '{"a": 1}')]
)
def test_text_is_decoded_from_any_json(sent: str, expected: str) -> None:
    assert Decoder(WireSubscription)(f'{{"id": {sent}}}'.encode()).id == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [('["edit", null]', ("edit",)), ('"edit"', ("edit",)), ("null", None), ('""', None)],
)
def test_a_list_is_decoded_from_a_single_value(sent: str, expected: tuple[str, ...] | None) -> None:
    read = Decoder(WireSubscription)(f'{{"id": "s", "actions": {sent}}}'.encode())
    assert read.wire_actions == expected


@pytest.mark.parametrize(
    ("sent", "expected"), [("[1]", "[1]"), ("true", "true"), ("2", 2), ('"x"', "x"), ('""', "")]
)
def test_an_enum_is_kept_as_sent(sent: str, expected: object) -> None:
    assert (
        Decoder(WireSubscription)(f'{{"id": "s", "status": {sent}}}'.encode()).wire_status
        == expected
    )


@pytest.mark.parametrize("sent", ["5", "[]", '"x"'])
def test_a_value_that_is_not_an_object_becomes_none(sent: str) -> None:
    assert Decoder(WireSubscription)(f'{{"id": "s", "links": {sent}}}'.encode()).links is None


@pytest.mark.parametrize("value", [[1, 2.5, None, {"a": "b"}], "overage", {"a": []}, 10**30])
def test_json_of_any_shape_is_kept(value: object) -> None:
    body = json.dumps({"id": "s", "lineItems": value}).encode()
    read = Decoder(WireSubscription)
    assert read(body).line_items == value
    assert read.decode_lenient(body).line_items == value


def test_a_type_that_contains_itself_is_decoded() -> None:
    body = b'{"id": "s", "productType": {"Id": "a", "SubType": {"ID": "b"}}}'
    kind = Decoder(WireSubscription)(body).product_type
    assert kind is not None
    assert kind.sub_type is not None
    assert (kind.id, kind.sub_type.id) == ("a", "b")


@pytest.mark.parametrize("body", [b'{"items": null}', b'{"totalCount": 0}', b'{"items": []}'])
def test_a_collection_that_says_it_has_no_items_is_empty(body: bytes) -> None:
    assert not SUBSCRIPTIONS(body).items


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b'{"links": {}, "attributes": {"objectType": "Collection"}}',
        b'{"totalCount": 3}',
        b'{"TotalCount": 3, "Items": null}',
        b'{"message": "Not now."}',
    ],
)
def test_a_body_without_items_and_count_is_not_a_collection(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"has no items|none of its 3 items|Not now"):
        SUBSCRIPTIONS(body)


FAULTS: Final = [
    b'{"code": 2000, "description": "Bad.", "data": [], "source": "PartnerFD"}',
    b'{"Code": "2000", "Description": "Bad."}',
    b'{"error": {"code": "2000", "message": "Bad."}}',
    b'{"code": 2000, "message": "Bad.", "attributes": {"objectType": "Fault"}}',
    '{"code": 2000, "description": "Bad."}'.encode("utf-16"),
]


@pytest.mark.parametrize("body", FAULTS)
@pytest.mark.parametrize("sample_id", MODELS)
def test_an_error_is_not_decoded_as_a_resource_and_keeps_its_code(
    sample_id: str, body: bytes
) -> None:
    with pytest.raises(UnexpectedErrorBody, match=r"it is an error 2000: Bad\.") as raised:
        MODELS[sample_id](body)
    assert raised.value.code == "2000"


def test_an_empty_collection_with_an_error_is_an_error() -> None:
    with pytest.raises(UnexpectedErrorBody):
        SUBSCRIPTIONS(b'{"code": 2000, "totalCount": 0, "items": []}')


async def test_the_code_of_an_error_in_a_2xx_is_kept() -> None:
    async with graph_over(
        {"list_customers": ScriptedResponse({"code": 2000, "description": "Bad."})}
    ) as graph:
        error = await graph.error("{ customers { nodes { id } } }")
    assert error["extensions"]["code"] == "UPSTREAM_INVALID"
    assert error["extensions"]["upstreamCode"] == "2000"
    assert "Bad." in error["message"]


def test_null_items_are_dropped() -> None:
    assert len(SUBSCRIPTIONS(b'{"items": [null, {"id": "s"}, 5]}').items or ()) == 1


BROKEN: Final = {
    "empty": b"",
    "cut short": b'{"id": "eebd1b55-5360-4438-a11d-5c06918c3014", "companyPro',
    "not JSON": b"<html>Service Unavailable</html>",
    "another type": b'["id"]',
    "null": b"null",
    "no id": b'{"commerceId": "c"}',
    "null id": b'{"id": null}',
    "two documents": b'{"id": "a"} {"id": "b"}',
    "not UTF-8": b'{"id": "\xff\xfe"}',
    "half a character": b'{"id": "\\ud800"}',
    "nested in a known member": b'{"id": "a", "links": ' + b'{"self":' * 200_000,
    "nested in an unknown member": b'{"id": "a", "x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "nested alone": b"[" * 200_000,
}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_a_body_is_decoded_in_every_unicode_encoding(encoding: str) -> None:
    assert Decoder(WireCustomer)('{"id": "\u6771"}'.encode(encoding)).id == "\u6771"


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_an_invalid_body_is_rejected(body: bytes) -> None:
    read = Decoder(WireCustomer)
    with pytest.raises((msgspec.DecodeError, ValueError)):
        read(body)


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
async def test_a_response_that_cannot_be_decoded_is_an_error_and_requested_again(
    body: bytes,
) -> None:
    document = '{ offer(id: "195416C1-3447-423A-B37B-EE59A99A19C4") { id } }'
    async with graph_over({"get_offer": ScriptedResponse(body)}) as graph:
        error = await graph.error(document)
        assert error["extensions"]["code"] == "UPSTREAM_INVALID"
        assert error["extensions"]["correlationId"] == CORRELATION_ID
        assert error["extensions"]["upstreamRequestId"] == graph.upstream.request_id(0)
        assert "get_offer" in error["message"]

        graph.upstream.replies["get_offer"] = ScriptedResponse({"id": "offer"})
        assert await graph.data(document) == {"offer": {"id": "offer"}}
    assert graph.upstream.count_calls("get_offer") == 2
