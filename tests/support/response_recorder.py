"""Records the responses of all replicas about upgrades, and finds contradictions."""

import asyncio
import contextlib
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from gateway.sandbox.app import Sandbox
from tests.support.event_streams import EVENTS, Stream
from tests.support.upgrades import PossibleUpgrade
from tests.support.waiting import eventually

OUTCOMES: Final = frozenset(
    {"DONE", "DONE_WITH_LICENSE_ERRORS", "REFUSED", "FAILED", "CANCELLED", "IN_DOUBT"}
)
_PURCHASED: Final = frozenset({"DONE", "DONE_WITH_LICENSE_ERRORS"})
_NOT_PURCHASED: Final = frozenset({"REFUSED", "FAILED", "CANCELLED"})
_OPERATION: Final = """
fragment OperationFields on UpgradeOperation {
  id state idempotencyKey requestId waitingFor failure { code message }
  result { targetSubscriptionId }
}
"""
_UPGRADE: Final = (
    """
mutation Upgrade($input: UpgradeSubscriptionInput!) {
  upgradeSubscription(input: $input) {
    operation { ...OperationFields } userErrors { code message }
  }
}
"""
    + _OPERATION
)
_WATCH: Final = (
    "subscription Watch($id: ID!) { operation(id: $id) { ...OperationFields } }" + _OPERATION
)
_MAY_FAIL: Final = frozenset({"STORE_UNAVAILABLE", "SHUTTING_DOWN"})
_KEYS_PER_QUERY: Final = 10
"""Operations in one document, which is the maximum number of root fields."""
_POLL_INTERVAL_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """A response about the operation of a key.

    Attributes:
        sent_at: a number that orders events: when the request was sent.
        received_at: likewise, when the response arrived. A response is compared with those that
            arrived before its request was sent.
        operation: None if there was none, or the response had none.
        errors: the user errors of a mutation.
    """

    replica: str
    sent_at: int
    received_at: int
    operation: Mapping[str, Any] | None
    errors: Sequence[Mapping[str, Any]] = ()

    @property
    def state(self) -> str | None:
        return None if self.operation is None else str(self.operation["state"])

    @property
    def outcome(self) -> str | None:
        """The state, if it is final."""
        return self.state if self.state in OUTCOMES else None


@dataclass(slots=True)
class ResponseRecorder:
    """Sends requests to replicas, and records the responses by key.

    Attributes:
        responses: by key, in the order of their arrival.
        faults: errors and streams that show a fault of the gateway.
        response_count: number of responses.
        event_count: number of events of subscriptions.
    """

    sandbox: Sandbox
    responses: dict[str, list[RecordedResponse]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    response_count: int = 0
    event_count: int = 0
    _moments: Iterator[int] = field(default_factory=itertools.count)

    async def upgrade(
        self,
        replica: str,
        client: httpx.AsyncClient,
        key: str,
        candidate: PossibleUpgrade,
        wait_s: int = 60,
    ) -> RecordedResponse | None:
        """Submit an upgrade; None if there was no response."""
        sent_at = next(self._moments)
        variables = {"input": candidate.input(key, waitSeconds=wait_s)}
        data = await self._data(client, _UPGRADE, variables)
        if data is None or data.get("upgradeSubscription") is None:
            return None
        payload = data["upgradeSubscription"]
        return self._record(replica, sent_at, key, payload["operation"], payload["userErrors"])

    async def read(
        self, replica: str, client: httpx.AsyncClient, keys: Sequence[str]
    ) -> dict[str, RecordedResponse]:
        """Read operations by key or by id; fields that fail are left out."""
        found: dict[str, RecordedResponse] = {}
        for begin in range(0, len(keys), _KEYS_PER_QUERY):
            some = keys[begin : begin + _KEYS_PER_QUERY]
            sent_at = next(self._moments)
            ids = [self.operation_id(key) if sent_at % 2 else None for key in some]
            data = await self._data(client, _build_query(some, ids), {})
            for number, key in enumerate(some):
                if data is not None and f"k{number}" in data:
                    found[key] = self._record(replica, sent_at, key, data[f"k{number}"])
        return found

    async def watch(self, replica: str, client: httpx.AsyncClient, key: str) -> None:
        """Subscribe to an operation until its outcome, again whenever the stream fails."""
        operation_id = self.operation_id(key)
        assert operation_id is not None, "no response had its operation yet"
        has_ended = False
        while not has_ended:
            has_ended = await self._watch_once(replica, client, key, operation_id)

    async def _watch_once(
        self, replica: str, client: httpx.AsyncClient, key: str, operation_id: str
    ) -> bool:
        # An event may be buffered while another replica reports a newer state. It is certain only
        # that the event was sent after its stream began.
        sent_at = next(self._moments)
        body = {"query": _WATCH, "variables": {"id": operation_id}}
        states: list[str | None] = []
        is_failed = False
        async with client.stream("POST", "/graphql", json=body, headers=EVENTS) as response:
            stream = Stream(response)
            while (event := await stream.event()).get("event") == "next":
                self.event_count += 1
                content = json.loads(event["data"])
                is_failed = self._record_errors(content)
                if not is_failed:
                    operation = content["data"]["operation"]
                    states.append(self._record(replica, sent_at, key, operation).state)
        if any(state in OUTCOMES for state in states[:-1]):
            self.faults.append(f"{key}: a stream of {replica} went on after an end: {states}")
        has_ended = bool(states) and states[-1] in OUTCOMES
        if not has_ended and not is_failed:
            self.faults.append(f"{key}: a stream of {replica} ended without an end: {states}")
        return has_ended

    @contextlib.asynccontextmanager
    async def polling(
        self, replicas: Mapping[str, httpx.AsyncClient], keys: Sequence[str]
    ) -> AsyncIterator[None]:
        """Poll every replica for all keys during the block."""

        async def follow(replica: str, client: httpx.AsyncClient) -> None:
            while True:
                await self.read(replica, client, keys)
                await asyncio.sleep(_POLL_INTERVAL_S)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(follow(*each)) for each in replicas.items()]
            yield
            for task in tasks:
                task.cancel()

    async def wait_until_ended(
        self, replicas: Mapping[str, httpx.AsyncClient], keys: Iterable[str]
    ) -> None:
        """Read from every replica until it reports an outcome of all keys."""
        for replica, client in replicas.items():
            await self._wait_until_ended(replica, client, list(keys))

    async def _wait_until_ended(
        self, replica: str, client: httpx.AsyncClient, still_open: list[str]
    ) -> None:
        async def read() -> list[str]:
            recorded = await self.read(replica, client, still_open)
            still_open[:] = [
                k for k in still_open if k not in recorded or recorded[k].outcome is None
            ]
            return still_open

        await eventually(read, lambda found: not found)

    async def _data(
        self, client: httpx.AsyncClient, document: str, variables: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        body = {"query": document, "variables": variables}
        try:
            response = await client.post("/graphql", json=body)
        except httpx.TransportError:
            return None  # the replica was killed, or the connection was lost
        self.response_count += 1
        content = response.json()
        data: dict[str, Any] | None = content.get("data")
        if not self._record_errors(content) or data is None:
            return data
        failed = {error["path"][0] for error in content["errors"] if error.get("path")}
        return {name: value for name, value in data.items() if name not in failed}

    def _record_errors(self, content: Mapping[str, Any]) -> bool:
        """Record errors that show a fault of the gateway; returns whether there are errors."""
        errors = content.get("errors", ())
        for error in errors:
            code = error["extensions"]["code"]
            if code == "INTERNAL":
                self.faults.append(error["message"])
            else:
                assert code in _MAY_FAIL, error
        return bool(errors)

    def _record(
        self,
        replica: str,
        sent_at: int,
        key: str,
        operation: Mapping[str, Any] | None,
        errors: Sequence[Mapping[str, Any]] = (),
    ) -> RecordedResponse:
        recorded = RecordedResponse(replica, sent_at, next(self._moments), operation, errors)
        self.responses.setdefault(key, []).append(recorded)
        return recorded

    def operation_id(self, key: str) -> str | None:
        """Return the id of a key's operation; None before the first response."""
        recorded = (each.operation for each in self.responses.get(key, ()))
        return next((str(operation["id"]) for operation in recorded if operation), None)

    def find_purchases(self, key: str) -> list[str]:
        """Return the subscriptions that the sandbox created for a key."""
        request_ids = {t.operation["requestId"].lower() for t in self.responses[key] if t.operation}
        request_of = self.sandbox.world.request_ids
        return [target for target, request_id in request_of.items() if request_id in request_ids]

    def count_outcomes(self) -> Counter[str]:
        """Count keys by their last reported outcome; `OPEN` if they have none."""
        return Counter((recorded[-1].outcome or "OPEN") for recorded in self.responses.values())

    def find_contradictions(self) -> list[str]:
        """Compare all responses with the sandbox's purchases, and with earlier responses."""
        found = list(self.faults)
        targets: dict[str, str] = {}
        for key, recorded in self.responses.items():
            bought = self.find_purchases(key)
            if len(bought) > 1:
                found.append(f"{key}: bought {len(bought)} times")
            found += (
                f"{key}: {each}"
                for each in [
                    *_contradictions_with_purchases(recorded, bought),
                    *_contradictions_with_earlier(recorded),
                ]
            )
            for target in {_target(each) for each in recorded if each.outcome in _PURCHASED} - {
                None
            }:
                if targets.setdefault(str(target), key) != key:
                    found.append(f"{key}: is reported with the purchase of {targets[str(target)]}")
        return found


def _contradictions_with_purchases(
    recorded: Sequence[RecordedResponse], bought: Sequence[str]
) -> Iterator[str]:
    for each in recorded:
        where = f"{each.replica} reported {each.state}"
        if each.outcome in _NOT_PURCHASED and bought:
            yield f"{where}, but it is bought: {each.operation}"
        if each.outcome in _PURCHASED and _target(each) not in bought:
            yield f"{where} with {_target(each)}, and it has bought {bought}"
        for error in each.errors:
            if "Nothing was sent" in error["message"] and each.outcome not in _NOT_PURCHASED:
                yield f"{each.replica} reported what it cannot know: {error['message']}"


def _contradictions_with_earlier(recorded: Sequence[RecordedResponse]) -> Iterator[str]:
    first_end = next((each for each in recorded if each.outcome), None)
    first_known = next((each for each in recorded if each.operation), None)
    for each in recorded:
        where = f"{each.replica} reported {each.state}"
        if (
            first_end
            and each.sent_at > first_end.received_at
            and each.operation
            and each.outcome is None
        ):
            yield f"{where} after {first_end.replica} had reported {first_end.outcome}"
        if first_end and each.outcome and each.outcome != first_end.outcome:
            yield f"{where}, and {first_end.replica} {first_end.outcome}"
        if (
            first_known
            and each.sent_at > first_known.received_at
            and not (each.operation or each.errors)
        ):
            yield f"{each.replica} knew nothing of it after {first_known.replica} had"


def _target(recorded: RecordedResponse) -> str | None:
    result = recorded.operation["result"] if recorded.operation else None
    target: str | None = result["targetSubscriptionId"] if result else None
    return None if target is None else target.lower()


def _build_query(keys: Sequence[str], ids: Sequence[str | None]) -> str:
    fields = (
        f'k{number}: operationByKey(idempotencyKey: "{key}") {{ ...OperationFields }}'
        if operation_id is None
        else f'k{number}: operation(id: "{operation_id}") {{ ...OperationFields }}'
        for number, (key, operation_id) in enumerate(zip(keys, ids, strict=True))
    )
    return f"query {{ {' '.join(fields)} }}" + _OPERATION
