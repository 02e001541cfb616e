"""One call to the vendor, all its stages in one place: charge, share, queue, send, decide, decode.

A read is charged to its request's budget, joins an identical one in flight or starts its own,
waits until its scope is open and a place is free, takes a token, is sent, and is sent again as
`retry.py` decides. A write goes the same way, alone and once: what comes next is not decided here.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import msgspec

import gateway
from gateway.upstream.admission import Admission, Turn
from gateway.upstream.call import Call
from gateway.upstream.clock import Clock
from gateway.upstream.coalesce import Coalescer
from gateway.upstream.endpoints import ThrottleBucket
from gateway.upstream.errors import (
    InvalidAnswer,
    NoToken,
    Throttled,
    TimedOut,
    Unauthorized,
    Unavailable,
    UpstreamError,
    failure,
    refusal,
)
from gateway.upstream.faults import printable
from gateway.upstream.gate import Gate
from gateway.upstream.identifiers import RequestIds
from gateway.upstream.retry import Attempt, GiveUp, is_hopeless_token, next_step
from gateway.upstream.scope import RequestScope
from gateway.upstream.sending import (
    NeverSent,
    Outcome,
    Refused,
    outcome_of_answer,
    outcome_of_failure,
)
from gateway.upstream.throttle import ScopeState, Throttle, WindowLimit
from gateway.upstream.tokens import Tokens
from gateway.upstream.transport import (
    Answer,
    HeaderPairs,
    OutgoingRequest,
    Transport,
    TransportFailure,
)

T = TypeVar("T")

_COMMON_HEADERS: Final[HeaderPairs] = (
    ("Accept", "application/json"),
    ("MS-Contract-Version", "v1"),
    ("MS-PartnerCenter-Application", "Upgrade Gateway"),
    ("User-Agent", f"upgrade-gateway/{gateway.__version__}"),
)
_DEFAULT_LOCALE: Final[HeaderPairs] = (("X-Locale", "en-US"),)
_JSON: Final[HeaderPairs] = (("Content-Type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Pressure:
    """How hard the vendor may be pressed.

    Attributes:
        max_in_flight: calls at the same time, over all requests.
        max_attempts: sends of one read, the first included.
        attempt_timeout_s: longest wait for one answer, so that a silence leaves time for another.
        write_timeout_s: longest wait for the answer to a write, which is not sent again lightly.
        write_patience_s: longest pause of a scope that a write sits out in the queue.
        limits: calls beyond which the vendor is known to refuse, and none is sent.
    """

    max_in_flight: int = 32
    max_attempts: int = 4
    attempt_timeout_s: float = 20.0
    write_timeout_s: float = 60.0
    write_patience_s: float = 1.0
    limits: Mapping[ThrottleBucket, WindowLimit] = field(default_factory=dict)


class Client:
    """Reads from Partner Center for many requests at once.

    Args:
        base_url: scheme, host and port, without `/v1`.
        jitter: numbers at random from 0 to 1.
    """

    def __init__(
        self,
        transport: Transport,
        tokens: Tokens,
        base_url: str,
        *,
        clock: Clock,
        pressure: Pressure = Pressure(),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._pressure = pressure
        self._jitter = jitter
        self._throttle = Throttle(pressure.limits)
        self._admission = Admission(self._throttle, Gate(pressure.max_in_flight), clock)
        # How many writes have ended: a read that follows one never joins a read from before it.
        self._writes = 0
        self._coalescer = Coalescer(clock)
        self._new_id = RequestIds()

    async def read(self, call: Call, scope: RequestScope, decode: Callable[[bytes], T]) -> T:
        """Answer with the decoded body; identical reads in flight share one call and its value.

        Args:
            call: one whose endpoint is safe to send again.
            scope: the request it is made for; charged one call, shared or not, and one more for
                each time it is sent again.
            decode: the same for all calls of an endpoint. What it makes is shared, so it must be
                immutable; `msgspec.DecodeError` and `ValueError` become `InvalidAnswer`.

        Raises:
            UpstreamError: no usable answer before the deadline, or no budget for a call.
        """
        if not call.endpoint.safe:
            raise ValueError(f"{call.endpoint.name} changes something and cannot be read")
        scope.budget.spend()
        if self._remaining_s(scope) <= 0:
            raise _late(scope)
        try:
            return await self._coalescer.share(
                (self._writes, scope.identity, call.key),
                scope.deadline,
                lambda: self._fetch(call, scope, decode),
            )
        except TimeoutError as error:
            raise _late(scope) from error

    async def send_once(self, call: Call, scope: RequestScope, request_id: str) -> Outcome:
        """Send a write at most once and tell how far it got; no refusal is raised.

        Args:
            call: one whose endpoint changes something.
            scope: on whose behalf; its correlation id is this attempt's.
            request_id: the operation's own, the same on every attempt (CONTRACT 3.2).
        """
        if call.endpoint.safe:
            raise ValueError(f"{call.endpoint.name} changes nothing and is read, not sent")
        try:
            scope.budget.spend()
            soon = self._clock.monotonic() + self._pressure.write_patience_s
            opens_by = min(scope.deadline, soon)  # whoever sends a write says that it waits
            at_once = self._admission.at_once(call, scope)
            with at_once or await self._admission.turn(call, scope, opens_by) as turn:
                token = await self._tokens.bearer(scope)
                if self._remaining_s(scope) <= 0:
                    raise TimeoutError
                return await self._sent(call, scope, request_id, token, turn)
        except TimeoutError:
            return NeverSent(TimedOut("the turn of this write came after its deadline"))
        except UpstreamError as error:
            return NeverSent(error)
        finally:
            self._writes += 1

    async def _sent(
        self, call: Call, scope: RequestScope, request_id: str, token: str, turn: Turn
    ) -> Outcome:
        """Send with everything in hand; from here on nothing may be raised but cancellation."""
        timeout_s = self._pressure.write_timeout_s
        try:
            answer = await self._transport.send(
                self._request(call, scope, request_id, token, timeout_s)
            )
        except TransportFailure as lost:
            return outcome_of_failure(lost)
        outcome = outcome_of_answer(answer, self._clock.wall())
        if isinstance(outcome, Refused):
            if isinstance(outcome.error, Throttled):
                turn.retry_after_s = outcome.error.retry_after_s
                return outcome
            if isinstance(outcome.error, Unauthorized):
                outcome = await self._with_fresh_token(outcome, scope, token)
        turn.is_accepted = True
        return outcome

    async def _with_fresh_token(
        self, outcome: Refused, scope: RequestScope, refused: str
    ) -> Refused:
        """Have a refused token replaced, so that the next attempt carries another."""
        if is_hopeless_token(outcome.error):
            return outcome
        try:
            fresh = await self._tokens.bearer(scope, refused=refused)
        except UpstreamError:
            return outcome
        return replace(outcome, has_fresh_token=fresh != refused)

    def throttle_states(self, identity: str) -> list[ScopeState]:
        """Describe the throttle scopes that `identity` has in use."""
        return self._throttle.snapshot(identity, self._clock.monotonic())

    async def aclose(self) -> None:
        """Cancel what is in flight and close the transport."""
        await self._coalescer.aclose()
        await self._transport.aclose()

    async def _fetch(self, call: Call, scope: RequestScope, decode: Callable[[bytes], T]) -> T:
        request_id = self._new_id()
        try:
            token, outcome = await self._attempt(call, scope, request_id, None)
            if not isinstance(outcome, Answer):
                outcome = await self._sent_again(call, scope, request_id, token, outcome)
            return _decoded(call, outcome, decode)
        except UpstreamError as error:
            if _may_have_been_sent(error):
                error.request_id = error.request_id or request_id
            error.correlation_id = error.correlation_id or scope.correlation_id
            raise

    async def _sent_again(
        self,
        call: Call,
        scope: RequestScope,
        request_id: str,
        token: str | None,
        failed: UpstreamError | TransportFailure,
    ) -> Answer:
        """Send again until there is a success, under one request id, or `next_step` gives up."""
        outcome: Answer | UpstreamError | TransportFailure = failed
        attempt = Attempt(1, self._pressure.max_attempts)
        while not isinstance(outcome, Answer):
            error = failure(outcome) if isinstance(outcome, TransportFailure) else outcome
            step = next_step(attempt, outcome, self._remaining_s(scope), self._jitter())
            if isinstance(step, GiveUp):
                raise _given_up(error, step, scope)
            if not scope.budget.take():
                raise error
            await self._clock.sleep(step.seconds)
            refused = _Refused(token, error) if step.refresh_token else None
            is_refreshed = attempt.token_refreshed or step.refresh_token
            attempt = replace(attempt, number=attempt.number + 1, token_refreshed=is_refreshed)
            token, outcome = await self._attempt(call, scope, request_id, refused)
        return outcome

    async def _attempt(
        self, call: Call, scope: RequestScope, request_id: str, refused: "_Refused | None"
    ) -> tuple[str | None, Answer | UpstreamError | TransportFailure]:
        """Send once when it is this call's turn; returns the token used and what came of it."""
        at_once = self._admission.at_once(call, scope)
        with at_once or await self._admission.turn(call, scope, scope.deadline) as turn:
            token = None if refused else self._tokens.at_hand(scope)
            try:
                token = token or await self._token(scope, refused)
            except (TimedOut, Unavailable) as passing:
                return None, passing
            try:
                request = self._request(
                    call, scope, request_id, token, self._pressure.attempt_timeout_s
                )
                answer = await self._transport.send(request)
            except TransportFailure as lost:
                return token, lost
            if answer.is_success:
                turn.is_accepted = True
                return token, answer
            error = refusal(answer, self._clock.wall())
            turn.retry_after_s = error.retry_after_s if isinstance(error, Throttled) else None
            turn.is_accepted = turn.retry_after_s is None
            return token, error

    async def _token(self, scope: RequestScope, refused: "_Refused | None") -> str:
        try:
            async with asyncio.timeout(self._remaining_s(scope)):
                return await self._tokens.bearer(scope, refused=refused.token if refused else None)
        except Unauthorized as no_other:
            if refused is not None:
                no_other.quote(refused.error)
            raise

    def _request(
        self, call: Call, scope: RequestScope, request_id: str, token: str, timeout_s: float
    ) -> OutgoingRequest:
        headers = (
            ("Authorization", f"Bearer {token}"),
            ("MS-RequestId", request_id),
            ("MS-CorrelationId", scope.correlation_id),
            *_COMMON_HEADERS,
            *_call_headers(call),
        )
        return OutgoingRequest(
            method=call.endpoint.method,
            url=self._base_url + call.url_path,
            headers=headers,
            body=call.body,
            timeout_s=min(self._remaining_s(scope), timeout_s),
        )

    def _remaining_s(self, scope: RequestScope) -> float:
        return scope.deadline - self._clock.monotonic()


@dataclass(frozen=True, slots=True)
class _Refused:
    """A token that the vendor has just refused, and how."""

    token: str | None
    error: UpstreamError


def _late(scope: RequestScope) -> TimedOut:
    late = TimedOut(
        "Partner Center did not answer before the deadline of this request",
        correlation_id=scope.correlation_id,
    )
    late.ran_out_of_time = True
    return late


def _given_up(error: UpstreamError, step: GiveUp, scope: RequestScope) -> UpstreamError:
    """Say of a silence that the request's time ended it, not the vendor."""
    if step.for_lack_of_time and isinstance(error, TimedOut) and error.status is None:
        return _late(scope)
    error.ran_out_of_time = step.for_lack_of_time
    return error


def _may_have_been_sent(error: UpstreamError) -> bool:
    is_our_throttling = isinstance(error, Throttled) and error.status is None
    return not (is_our_throttling or isinstance(error, NoToken))


def _call_headers(call: Call) -> HeaderPairs:
    if not call.headers and call.body is None:
        return _DEFAULT_LOCALE
    has_locale = any(name.lower() == "x-locale" for name, _ in call.headers)
    locale = () if has_locale else _DEFAULT_LOCALE
    return call.headers + locale + (() if call.body is None else _JSON)


def _decoded(call: Call, answer: Answer, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(answer.body)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidAnswer(
            f"Partner Center's answer to {call.endpoint.name} cannot be read:"
            f" {printable(str(error), max_chars=200)}",
            status=answer.status,
            request_id=answer.headers.get("MS-RequestId"),
            correlation_id=answer.headers.get("MS-CorrelationId"),
        ) from error
