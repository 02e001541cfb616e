"""The state of a sandbox, which all its requests share."""

import asyncio
from dataclasses import dataclass, field

from gateway.sandbox.assertions import AssertionVerifier
from gateway.sandbox.call_log import CallLog
from gateway.sandbox.clock import AdjustableClock
from gateway.sandbox.faults import FaultScript
from gateway.sandbox.grants import RefreshTokens
from gateway.sandbox.idempotency import IdempotencyStore
from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.quirks import WireProfile
from gateway.sandbox.response_writer import Sleep
from gateway.sandbox.throttle import Throttle
from gateway.sandbox.tokens import TokenIssuer
from gateway.sandbox.world import World


@dataclass(slots=True)
class SandboxState:
    """The mutable state of a sandbox. The control API changes parts of it."""

    world: World
    wire: WireProfile
    throttle: Throttle
    calls: CallLog
    faults: FaultScript
    idempotency: IdempotencyStore
    refresh_tokens: RefreshTokens
    token_issuer: TokenIssuer
    assertions: AssertionVerifier
    clock: AdjustableClock
    sleep: Sleep = field(default=asyncio.sleep)

    @classmethod
    def create(cls, options: SandboxOptions, clock: AdjustableClock) -> "SandboxState":
        return cls(
            world=World(options, clock()),
            wire=options.wire,
            throttle=Throttle(options.throttle),
            calls=CallLog(options.max_logged_calls),
            faults=FaultScript(),
            idempotency=IdempotencyStore(options.timings.idempotency_memory_s),
            refresh_tokens=RefreshTokens(options.credentials),
            token_issuer=TokenIssuer(options.credentials, options.seed),
            assertions=AssertionVerifier(options.assertions),
            clock=clock,
        )

    def reset(self) -> None:
        """Restore the initial state, except for the clock."""
        options = self.world.options
        self.world = World(options, self.clock())
        self.wire = options.wire
        self.throttle.configure(options.throttle)
        self.refresh_tokens = RefreshTokens(options.credentials)
        self.assertions = AssertionVerifier(options.assertions)
        self.idempotency.clear()
        self.faults.clear()
        self.calls.clear()
