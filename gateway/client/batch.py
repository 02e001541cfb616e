"""Submits, reads and cancels batches of upgrades."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from gateway.client import documents
from gateway.client.batch_report import NumberedOperation, build_report
from gateway.client.gateway_client import GatewayClient
from gateway.client.operations import NOT_DONE_STATES


def submit_batch(
    gateway: GatewayClient, lines: Sequence[Mapping[str, object]], key: str
) -> dict[str, Any]:
    """Submit all lines as one batch, without waiting for it. Raises ClientError."""
    input_ = {"idempotencyKey": key, "lines": lines, "waitSeconds": 0}
    answer = gateway.execute(documents.SUBMIT_BATCH, {"input": input_})
    payload: dict[str, Any] = answer["upgradeSubscriptions"]
    return payload


def get_batch(gateway: GatewayClient, batch_id: str) -> dict[str, Any]:
    """Read a batch with its counts. Raises ClientError, also for an unknown id."""
    found: dict[str, Any] = gateway.execute(documents.BATCH, {"id": batch_id})["batch"]
    return found


def list_batch_lines(
    gateway: GatewayClient, batch_id: str, states: Sequence[str] = ()
) -> Iterator[NumberedOperation]:
    """Yield the lines of a batch in order, all or those in `states`. Raises ClientError."""
    variables = {"id": batch_id, "states": list(states) or None, "after": None}
    while True:
        page = gateway.execute(documents.BATCH_LINES, variables)["batch"]["lines"]
        for line in page["nodes"]:
            yield line["number"], line["operation"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        variables = {**variables, "after": page["pageInfo"]["endCursor"]}


def describe_batch(gateway: GatewayClient, batch_id: str) -> dict[str, Any]:
    """Read a batch, with the lines that were not executed as `notDone`. Raises ClientError."""
    found = get_batch(gateway, batch_id)
    lines = build_report(list_batch_lines(gateway, batch_id, NOT_DONE_STATES))
    return {**found, "notDone": [asdict(line) for line in lines]}


def cancel_batch(gateway: GatewayClient, batch_id: str, wait_s: int) -> dict[str, Any]:
    """Cancel the lines that have not started. Raises ClientError."""
    cancelled = {"batchId": batch_id, "waitSeconds": wait_s}
    answer = gateway.execute(documents.CANCEL_BATCH, {"input": cancelled})
    payload: dict[str, Any] = answer["cancelBatch"]
    return payload
