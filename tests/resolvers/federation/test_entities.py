from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.auth.api_keys import format_key, format_key_entry
from resolvers.federation.subgraph import subgraph_sdl
from schema.node import encode_node_id
from tests.support.journey import Journey, journey
from tests.support.upgrades import find_possible_upgrades, request_upgrade

ENTITIES: Final = """
query Entities($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Customer { id companyProfile { companyName } }
    ... on CustomerSubscription { id quantity }
    ... on Offer { id name }
    ... on UpgradeOperation { id state }
  }
}
"""
UNKNOWN: Final = "00000000-0000-0000-0000-000000000009"


@pytest.fixture(params=["compiled", "graphql_core"])
async def gateway(request: pytest.FixtureRequest) -> AsyncIterator[Journey]:
    async with journey(settings={"federation": True, "engine": request.param}) as started:
        yield started


async def test_subscriptions_of_one_customer_share_a_call_and_keep_their_order(
    gateway: Journey,
) -> None:
    customer_id = gateway.sandbox.world.examples.customer_id
    listed = await gateway.data(
        "query ($id: ID!) { customer(id: $id) { subscriptions { nodes { id nodeId } } } }",
        id=customer_id,
    )
    known = listed["customer"]["subscriptions"]["nodes"]
    gateway.take_call_counts()
    representations = [
        {"__typename": "CustomerSubscription", "id": each["id"], "customer": {"id": customer_id}}
        for each in reversed(known)
    ]
    representations += [
        {"__typename": "CustomerSubscription", "nodeId": each["nodeId"]} for each in known
    ]
    data = await gateway.data(ENTITIES, representations=representations)
    ids = [each["id"] for each in known]
    assert [entity["id"] for entity in data["_entities"]] == [*reversed(ids), *ids]
    assert gateway.take_call_counts() == {"list_subscriptions": 1}


async def test_entities_of_all_types_are_found_by_each_key(gateway: Journey) -> None:
    customer_id = gateway.sandbox.world.examples.legacy_customer_id
    upgrade = (await find_possible_upgrades(gateway.client, customer_id))[0]
    bought = await request_upgrade(gateway.client, upgrade.input("key-1"))
    operation_id = bought["operation"]["id"]
    offer_id = upgrade.target_offer_id
    representations = [
        {"__typename": "Customer", "id": customer_id},
        {"__typename": "Customer", "nodeId": encode_node_id("Customer", customer_id)},
        {"__typename": "Offer", "id": offer_id, "country": "US", "locale": "en-US"},
        {"__typename": "UpgradeOperation", "id": operation_id},
        {
            "__typename": "UpgradeOperation",
            "nodeId": encode_node_id("UpgradeOperation", operation_id),
        },
    ]
    entities = (await gateway.data(ENTITIES, representations=representations))["_entities"]
    assert [entity["id"] for entity in entities] == [
        customer_id,
        customer_id,
        offer_id,
        operation_id,
        operation_id,
    ]
    assert entities[-1]["state"] == "DONE"


@pytest.mark.parametrize(
    ("representation", "code", "said"),
    [
        (1, "INVALID_INPUT", "must be an object"),
        (["Customer"], "INVALID_INPUT", "must be an object"),
        ({}, "INVALID_INPUT", "not an entity of this graph"),
        ({"__typename": 1, "id": "x"}, "INVALID_INPUT", "not an entity of this graph"),
        ({"__typename": "Query"}, "INVALID_INPUT", "not an entity of this graph"),
        ({"__typename": "x" * 10_000}, "INVALID_INPUT", "not an entity of this graph"),
        ({"__typename": "Customer"}, "INVALID_INPUT", "one of its keys: `id` or `nodeId`"),
        ({"__typename": "Customer", "id": {"a": 1}}, "INVALID_INPUT", "one of its keys"),
        ({"__typename": "Customer", "id": "../x"}, "INVALID_INPUT", "id"),
        ({"__typename": "Customer", "id": UNKNOWN}, "FORBIDDEN", "No relationship"),
        ({"__typename": "Customer", "nodeId": "%%"}, "INVALID_INPUT", "nodeId"),
        (
            {"__typename": "Offer", "nodeId": encode_node_id("Customer", UNKNOWN)},
            "INVALID_INPUT",
            "of another type",
        ),
        (
            {"__typename": "CustomerSubscription", "id": UNKNOWN, "customer": None},
            "INVALID_INPUT",
            "`id customer { id }`",
        ),
        ({"__typename": "UpgradeOperation", "id": "x\u0000"}, "NOT_FOUND", "You have no operation"),
    ],
)
async def test_a_hostile_representation_gets_an_error_and_others_are_not_affected(
    gateway: Journey, representation: Any, code: str, said: str
) -> None:
    customer_id = gateway.sandbox.world.examples.customer_id
    good = {"__typename": "Customer", "id": customer_id}
    response = await gateway.execute(ENTITIES, representations=[good, representation, good])
    first, second, third = response["data"]["_entities"]
    assert (first["id"], second, third["id"]) == (customer_id, None, customer_id)
    (error,) = response["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["_entities", 1], code)
    assert said in error["message"]
    assert len(error["message"]) < 500


async def test_operations_of_other_principals_are_not_found(gateway: Journey) -> None:
    other = {"__typename": "UpgradeOperation", "id": "0123456789abcdef-0123"}
    response = await gateway.execute(ENTITIES, representations=[other])
    assert response["data"]["_entities"] == [None]
    assert response["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("is_variable", [True, False])
async def test_the_cost_counts_what_each_representation_selects(
    gateway: Journey, *, is_variable: bool
) -> None:
    customer_id = gateway.sandbox.world.examples.customer_id
    document = """
    query E($r: [_Any!]!) {
      _entities(representations: %s) {
        ... on Customer { subscriptions(first: 1) { nodes { id } } }
      }
    }
    """
    literal = f'{{__typename: "Customer", id: "{customer_id}"}}'
    if is_variable:
        given: dict[str, Any] = {"r": [{"__typename": "Customer", "id": customer_id}] * 3}
        text = document % "$r"
    else:
        given, text = (
            {},
            (document % f"[{literal}, {literal}, {literal}]").replace("($r: [_Any!]!)", ""),
        )
    response = await gateway.execute(text, **given)
    assert response["extensions"]["cost"] == {"estimated": 4, "actual": 2}


async def test_a_caller_of_one_customer_gets_no_entity_of_another(tmp_path: Path) -> None:
    keys, scopes = tmp_path / "keys.toml", ["upgrades:read"]
    async with journey() as known:
        examples = known.sandbox.world.examples
    own, other = examples.customer_id, examples.legacy_customer_id
    key = format_key("reports", bytes(32))
    keys.write_text(format_key_entry("reports", key, scopes, [own]))
    settings = {"federation": True, "auth": {"mode": "keys", "keys_file": keys}}
    async with journey(settings=settings) as gateway:
        gateway.client.headers["Authorization"] = f"Bearer {key}"
        response = await gateway.execute(
            ENTITIES,
            representations=[{"__typename": "Customer", "id": each} for each in (own, other)],
        )
    first, second = response["data"]["_entities"]
    assert (first["id"], second) == (own, None)
    assert response["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_in_production_the_subgraph_is_shown_to_administrators_only(tmp_path: Path) -> None:
    keys = {name: format_key(name, bytes(32)) for name in ("reports", "admins")}
    file, scopes = tmp_path / "keys.toml", {"reports": "upgrades:read", "admins": "upgrades:admin"}
    file.write_text(
        "\n".join(format_key_entry(name, key, [scopes[name]], ["*"]) for name, key in keys.items())
    )
    auth = {"mode": "keys", "keys_file": file}
    settings = {"federation": True, "profile": "production", "auth": auth}
    async with journey(settings=settings) as gateway:
        statuses = [
            await gateway.client.post(
                "/graphql",
                json={"query": "{ _service { sdl } }"},
                headers={"Authorization": f"Bearer {key}"},
            )
            for key in keys.values()
        ]
    rejected, shown = (response.json() for response in statuses)
    assert rejected["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert shown["data"]["_service"]["sdl"] == subgraph_sdl()


async def test_a_gateway_that_is_no_subgraph_has_no_fields_for_routers() -> None:
    async with journey() as gateway:
        response = await gateway.client.post("/graphql", json={"query": "{ _service { sdl } }"})
    assert response.status_code == 422
