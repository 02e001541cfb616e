"""Previews and submits orders of every kind."""

from collections.abc import Mapping
from typing import Any

from gateway.client import documents
from gateway.client.gateway_client import GatewayClient


def preview_order(gateway: GatewayClient, members: Mapping[str, object]) -> dict[str, Any]:
    """Return what an order would do. Members that are None are left out. Raises ClientError."""
    answer = gateway.execute(documents.PREVIEW, {"input": _drop_unset(members)})
    found: dict[str, Any] = answer["upgradePreview"]
    return found


def submit_order(
    gateway: GatewayClient, document: str, members: Mapping[str, object], key: str, wait_s: int
) -> dict[str, Any]:
    """Submit an order and wait for its outcome. Raises ClientError.

    `document` is a mutation of `documents` that places one order. Members that are None are
    left out.
    """
    input_ = {**_drop_unset(members), "idempotencyKey": key, "waitSeconds": wait_s}
    payload: dict[str, Any]
    (payload,) = gateway.execute(document, {"input": input_}).values()
    return payload


def _drop_unset(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}
