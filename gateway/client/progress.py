"""Follows an operation or a batch to its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.client import documents
from gateway.client.gateway_client import ErrorResponse, GatewayClient
from gateway.client.operations import DONE_STATES, OPEN_STATES, get_operation

_RUNNING_BATCH: Final = frozenset({"RUNNING", "CANCELLING"})
_INITIAL_DELAY_S: Final = 0.5
_MAX_DELAY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a batch, or of one operation.

    Attributes:
        ended: operations in a final state.
        not_done: ended operations that were not executed, or whose outcome is unknown.
        in_doubt: the number in `not_done` whose outcome is unknown.
    """

    total: int
    ended: int
    not_done: int
    in_doubt: int
    state: str
    is_batch: bool

    @property
    def is_final(self) -> bool:
        # Between the end of its last line and its own end, a batch is still running.
        return self.ended == self.total and self.state not in _RUNNING_BATCH


def get_progress(gateway: GatewayClient, id: str) -> Progress:
    """Read the progress of an operation or a batch. Raises ClientError, also for an unknown id."""
    try:
        return batch_progress(gateway.execute(documents.BATCH, {"id": id})["batch"])
    except ErrorResponse:
        return operation_progress(get_operation(gateway, id))


def operation_progress(found: dict[str, Any]) -> Progress:
    state = str(found["state"])
    is_bad = state not in OPEN_STATES | DONE_STATES
    return Progress(
        1, int(state not in OPEN_STATES), int(is_bad), int(state == "IN_DOUBT"), state, False
    )


def batch_progress(found: dict[str, Any]) -> Progress:
    counts = found["counts"]
    total, open_lines = counts["total"], counts["open"]
    bad = total - open_lines - counts["done"] - counts["doneWithLicenseErrors"]
    return Progress(total, total - open_lines, bad, counts["inDoubt"], found["state"], True)


def watch_progress(
    gateway: GatewayClient, id: str, sleep: Callable[[float], None]
) -> Iterator[Progress]:
    """Yield the progress of an operation or a batch until it has ended.

    Subscribes to changes. If the subscription fails or ends early, polls with a growing delay.
    """
    last: Progress | None = None
    delay_s = _INITIAL_DELAY_S
    while True:
        found = get_progress(gateway, id)
        yield found
        if found.is_final:
            return
        for found in stream_progress(gateway, id):
            yield found
            if found.is_final:
                return
        delay_s = _INITIAL_DELAY_S if found != last else min(2 * delay_s, _MAX_DELAY_S)
        last = found
        sleep(delay_s)


def stream_progress(gateway: GatewayClient, id: str) -> Iterator[Progress]:
    """Subscribe to a batch, or else to an operation with this id, and yield its progress."""
    for content in gateway.subscribe(documents.FOLLOW_BATCH, {"id": id}):
        yield batch_progress(content["batch"])
    for content in gateway.subscribe(documents.FOLLOW_OPERATION, {"id": id}):
        yield operation_progress(content["operation"])
