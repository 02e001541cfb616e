"""Following an operation or a batch to its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.client import documents
from gateway.client.connection import Connection, RequestRefused
from gateway.client.operations import operation
from gateway.client.states import DONE, OPEN

_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is.

    Attributes:
        bad: those that ended otherwise than bought.
        doubtful: those of them of which nobody knows whether they were done.
    """

    total: int
    ended: int
    bad: int
    doubtful: int
    state: str
    is_batch: bool

    @property
    def is_final(self) -> bool:
        """Whether nothing more will change by itself."""
        return self.ended == self.total


def progress(gateway: Connection, id: str) -> Progress:
    """Read how far an operation or a batch is. Raises ClientProblem, where it is neither too."""
    try:
        return of_batch(gateway.ask(documents.BATCH, {"id": id})["batch"])
    except RequestRefused:
        return of_operation(operation(gateway, id))


def of_operation(found: dict[str, Any]) -> Progress:
    """Tell an operation's progress: it has ended, or it has not."""
    state = str(found["state"])
    is_bad = state not in OPEN | DONE
    return Progress(1, int(state not in OPEN), int(is_bad), int(state == "IN_DOUBT"), state, False)


def of_batch(found: dict[str, Any]) -> Progress:
    """Count a batch's lines."""
    counts = found["counts"]
    total, open_lines = counts["total"], counts["open"]
    bad = total - open_lines - counts["done"] - counts["doneWithLicenseErrors"]
    return Progress(total, total - open_lines, bad, counts["inDoubt"], found["state"], True)


def watched(gateway: Connection, id: str, sleep: Callable[[float], None]) -> Iterator[Progress]:
    """Yield how far it is until it has ended: what the gateway tells of its own accord.

    Where it tells nothing, or stops telling, it is asked; less often while nothing changes.
    """
    last: Progress | None = None
    pause_s = _FIRST_PAUSE_S
    while True:
        found = progress(gateway, id)
        yield found
        if found.is_final:
            return
        for found in told(gateway, id):
            yield found
            if found.is_final:
                return
        pause_s = _FIRST_PAUSE_S if found != last else min(2 * pause_s, _LONGEST_PAUSE_S)
        last = found
        sleep(pause_s)


def told(gateway: Connection, id: str) -> Iterator[Progress]:
    """Yield what a gateway tells while it does; an id that is no batch's is an operation's."""
    for content in gateway.follow(documents.FOLLOW_BATCH, {"id": id}):
        yield of_batch(content["batch"])
    for content in gateway.follow(documents.FOLLOW_OPERATION, {"id": id}):
        yield of_operation(content["operation"])
