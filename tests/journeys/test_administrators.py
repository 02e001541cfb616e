"""Administrators read and settle the operations of others, with the scope of an API key."""

from pathlib import Path
from typing import Any

import httpx

from gateway.auth.api_keys import format_key, format_key_entry
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.faults import Fault, FaultKind
from tests.support.journey import Journey, journey
from tests.support.upgrades import execute, find_possible_upgrades, request_upgrade

BUYER, RIVAL, ADMIN, NEIGHBOUR = (
    format_key(name, bytes([number]) * 32)
    for number, name in enumerate(("buyer", "rival", "admin", "neighbour"))
)
OPERATIONS = "{ operations { nodes { id principal state } } }"
SETTLE = """
mutation Settle($id: ID!) {
  settleOperation(input: {operationId: $id, outcome: NOT_DONE, note: "looked"}) {
    operation { id state settledBy } userErrors { code }
  }
}
"""


def settings(tmp_path: Path, own: str, other: str) -> dict[str, Any]:
    """API keys of two buyers, of an administrator, and of an administrator of another customer."""
    file = tmp_path / "keys.toml"
    keys = (
        ("buyer", BUYER, ["upgrades:write"], [own]),
        ("rival", RIVAL, ["upgrades:write"], [own]),
        ("admin", ADMIN, ["upgrades:admin", "upgrades:write"], ["*"]),
        ("neighbour", NEIGHBOUR, ["upgrades:admin"], [other]),
    )
    file.write_text("\n".join(format_key_entry(*key) for key in keys))
    return {
        "auth": {"mode": "keys", "keys_file": str(file)},
        # Without a retry, an unanswered request is in doubt at once.
        "operations": {"idempotency_window_s": 0},
    }


async def listed(gateway: Journey, key: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await execute(gateway.client, OPERATIONS, key))["operations"][
        "nodes"
    ]
    return nodes


async def settled(gateway: Journey, key: str, operation_id: str) -> httpx.Response:
    body = {"query": SETTLE, "variables": {"id": operation_id}}
    return await gateway.client.post(
        "/graphql", json=body, headers={"Authorization": f"Bearer {key}"}
    )


def codes(response: httpx.Response) -> list[str]:
    payload = response.json()["data"]["settleOperation"]
    return [error["code"] for error in payload["userErrors"]]


async def test_administrators_see_and_settle_the_operations_of_their_customers_alone(
    tmp_path: Path,
) -> None:
    examples = create_sandbox().world.examples
    own = examples.legacy_customer_id
    given = settings(tmp_path, own, examples.azure_customer_id)
    async with journey(settings=given) as gateway:
        upgrade = (await find_possible_upgrades(gateway.client, own, BUYER))[0]
        gateway.sandbox.faults.add(Fault(FaultKind.CUT_BEFORE, "perform_upgrade"))
        doubted = (await request_upgrade(gateway.client, upgrade.input("key-1"), BUYER))[
            "operation"
        ]
        seen = {
            name: await listed(gateway, key)
            for name, key in (
                ("buyer", BUYER),
                ("rival", RIVAL),
                ("admin", ADMIN),
                ("neighbour", NEIGHBOUR),
            )
        }
        by_buyer = await settled(gateway, BUYER, doubted["id"])
        by_neighbour = await settled(gateway, NEIGHBOUR, doubted["id"])
        by_admin = await settled(gateway, ADMIN, doubted["id"])
        later = await listed(gateway, BUYER)

    shown = {"id": doubted["id"], "principal": "key:buyer", "state": "IN_DOUBT"}
    assert seen == {"buyer": [shown], "rival": [], "admin": [shown], "neighbour": []}
    assert by_buyer.status_code == 403
    assert codes(by_neighbour) == ["NOT_FOUND"]
    assert by_admin.json()["data"]["settleOperation"]["operation"] == {
        "id": doubted["id"],
        "state": "FAILED",
        "settledBy": "key:admin",
    }
    assert later == [{**shown, "state": "FAILED"}]


async def test_only_administrators_filter_by_another_principal(tmp_path: Path) -> None:
    own = create_sandbox().world.examples.legacy_customer_id
    document = """
    query Of($principal: String!) {
      operations(principal: $principal) { nodes { principal idempotencyKey } }
    }
    """
    async with journey(settings=settings(tmp_path, own, own)) as gateway:
        first, second = (await find_possible_upgrades(gateway.client, own, BUYER))[:2]
        await request_upgrade(gateway.client, first.input("key-1"), BUYER)
        await request_upgrade(gateway.client, second.input("key-2"), ADMIN)

        async def of(principal: str, key: str) -> Any:
            body = {"query": document, "variables": {"principal": principal}}
            headers = {"Authorization": f"Bearer {key}"}
            return (await gateway.client.post("/graphql", json=body, headers=headers)).json()

        bought = {"principal": "key:buyer", "idempotencyKey": "key-1"}
        for key in (ADMIN, BUYER):
            found = await of("key:buyer", key)
            assert found["data"]["operations"]["nodes"] == [bought]
        forbidden = await of("key:admin", BUYER)

    assert forbidden["data"]["operations"] is None
    (error,) = forbidden["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert "upgrades:admin" in error["message"]


async def test_an_administrator_has_its_own_idempotency_keys(tmp_path: Path) -> None:
    examples = create_sandbox().world.examples
    own = examples.legacy_customer_id
    by_key = '{ operationByKey(idempotencyKey: "key-1") { id } }'
    of_buyer_by_key = '{ operationByKey(idempotencyKey: "key-1", principal: "key:buyer") { id } }'
    async with journey(settings=settings(tmp_path, own, own)) as gateway:
        first, second = (await find_possible_upgrades(gateway.client, own, BUYER))[:2]
        bought = (await request_upgrade(gateway.client, first.input("key-1"), BUYER))["operation"]
        unknown = await execute(gateway.client, by_key, ADMIN)
        other = (await request_upgrade(gateway.client, second.input("key-1"), ADMIN))["operation"]
        named = await execute(gateway.client, of_buyer_by_key, ADMIN)
        hidden = await execute(
            gateway.client, of_buyer_by_key.replace("key:buyer", "key:admin"), BUYER
        )
        principals = [node["principal"] for node in await listed(gateway, ADMIN)]
        of_buyer = await listed(gateway, BUYER)

    assert unknown["operationByKey"] is None
    assert named["operationByKey"] == {"id": bought["id"]}
    assert hidden["operationByKey"] is None
    assert (bought["state"], other["state"]) == ("DONE", "DONE")
    assert principals == ["key:admin", "key:buyer"]
    assert [node["id"] for node in of_buyer] == [bought["id"]]
