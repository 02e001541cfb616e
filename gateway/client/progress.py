"""Following an operation or a batch to its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.client import documents
from gateway.client.gateway_client import ErrorResponse, GatewayClient
from gateway.client.operations import get_operation
from gateway.client.states import DONE_STATES, OPEN_STATES

_INITIAL_DELAY_S: Final = 0.5
_MAX_DELAY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is.

    Attributes:
        bad: those that ended otherwise than bought.
        doubtful: those of them of which nobody knows whether they were done.
    """

    total: int
    ended: int
    not_done: int
    in_doubt: int
    state: str
    is_batch: bool

    @property
    def is_final(self) -> bool:
        """Whether nothing more will change by itself."""
        return self.ended == self.total


def get_progress(gateway: GatewayClient, id: str) -> Progress:
    """Read how far an operation or a batch is. Raises ClientProblem, where it is neither too."""
    try:
        return batch_progress(gateway.execute(documents.BATCH, {"id": id})["batch"])
    except ErrorResponse:
        return operation_progress(get_operation(gateway, id))


def operation_progress(found: dict[str, Any]) -> Progress:
    """Tell an operation's progress: it has ended, or it has not."""
    state = str(found["state"])
    is_bad = state not in OPEN_STATES | DONE_STATES
    return Progress(
        1, int(state not in OPEN_STATES), int(is_bad), int(state == "IN_DOUBT"), state, False
    )


def batch_progress(found: dict[str, Any]) -> Progress:
    """Count a batch's lines."""
    counts = found["counts"]
    total, open_lines = counts["total"], counts["open"]
    bad = total - open_lines - counts["done"] - counts["doneWithLicenseErrors"]
    return Progress(total, total - open_lines, bad, counts["inDoubt"], found["state"], True)


def watch_progress(
    gateway: GatewayClient, id: str, sleep: Callable[[float], None]
) -> Iterator[Progress]:
    """Yield how far it is until it has ended: what the gateway tells of its own accord.

    Where it tells nothing, or stops telling, it is asked; less often while nothing changes.
    """
    last: Progress | None = None
    pause_s = _INITIAL_DELAY_S
    while True:
        found = get_progress(gateway, id)
        yield found
        if found.is_final:
            return
        for found in stream_progress(gateway, id):
            yield found
            if found.is_final:
                return
        pause_s = _INITIAL_DELAY_S if found != last else min(2 * pause_s, _MAX_DELAY_S)
        last = found
        sleep(pause_s)


def stream_progress(gateway: GatewayClient, id: str) -> Iterator[Progress]:
    """Yield what a gateway tells while it does; an id that is no batch's is an operation's."""
    for content in gateway.subscribe(documents.FOLLOW_BATCH, {"id": id}):
        yield batch_progress(content["batch"])
    for content in gateway.subscribe(documents.FOLLOW_OPERATION, {"id": id}):
        yield operation_progress(content["operation"])
