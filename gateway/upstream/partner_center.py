"""Partner Center, as all requests of this process share it."""

from typing import Final

from msgspec.structs import replace

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.ids import UuidGenerator
from gateway.observability.tracing import Tracing
from gateway.settings import Settings
from gateway.upstream.catalog_cache import CatalogCaches
from gateway.upstream.client import UpstreamClient
from gateway.upstream.commands import PartnerCommands
from gateway.upstream.directory import PartnerDirectory
from gateway.upstream.factory import (
    build_client_limits,
    build_tokens,
    check_credential_files,
    load_proxies,
    resolve_base_url,
)
from gateway.upstream.scope import CallBudget, RequestScope
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.transport.base import Transport
from gateway.upstream.transport.factory import create_transport
from gateway.upstream.transport.instrumented import InstrumentedTransport, Observe

SIGN_IN: Final = "sign_in"
"""The endpoint of tokens and signing keys in metrics."""


class PartnerCenter:
    """Owns the client of Partner Center, its tokens, and the caches of the catalogs.

    Args:
        settings: the settings; ValueError names one that cannot be used.
        observe: called after every HTTP exchange.
        tracing: records calls; None if traces are off.

    Attributes:
        transport: also used by other code that sends HTTP requests; closed with the client.
    """

    def __init__(
        self,
        settings: Settings,
        observe: Observe,
        clock: Clock,
        tracing: Tracing | None = None,
    ) -> None:
        self._clock = clock
        self._tracing = tracing
        self._new_correlation_id = UuidGenerator()
        partner = settings.partner
        self._reveal_limits = settings.profile == "dev"
        check_credential_files(partner)
        transport = create_transport(
            partner.transport,
            connect_timeout_s=partner.connect_within_s,
            proxies=load_proxies(partner),
            ca_file=partner.ca_file,
        )
        self.transport: Transport = InstrumentedTransport(
            transport, SIGN_IN, observe, clock.monotonic
        )
        self.tokens: TokenProvider = build_tokens(partner, self.transport, clock)
        self.client = UpstreamClient(
            transport,
            self.tokens,
            resolve_base_url(partner),
            clock=clock,
            limits=build_client_limits(settings.throttle),
            observe_attempt=observe,
            tracing=tracing,
        )
        catalog = settings.catalog
        self._caches = CatalogCaches(
            catalog.cache_max_entries, catalog.cache_ttl_s, catalog.products_ttl_s, clock.monotonic
        )

    def create_scope(
        self, token: SecretToken | None, deadline_s: float, max_calls: int
    ) -> RequestScope:
        return RequestScope(
            identity=self.tokens.identity(token),
            token=token,
            correlation_id=self._new_correlation_id(),
            deadline=self._clock.monotonic() + deadline_s,
            budget=CallBudget(max_calls, reveal_limit=self._reveal_limits),
            trace=None if self._tracing is None else self._tracing.current(),
        )

    def with_new_deadline(self, scope: RequestScope, deadline_s: float) -> RequestScope:
        """Return a copy of `scope` that ends in `deadline_s` and shares its call budget."""
        return replace(scope, deadline=self._clock.monotonic() + deadline_s)

    def create_directory(self, scope: RequestScope) -> PartnerDirectory:
        return PartnerDirectory(self.client, scope, self._caches)

    def create_commands(self, scope: RequestScope, request_id: str) -> PartnerCommands:
        return PartnerCommands(self.client, scope, request_id)

    async def ensure_token(self, timeout_s: float) -> None:
        """Obtain the gateway's own token, without calling the API. Raises `UpstreamError`."""
        await self.tokens.get(self.create_scope(None, timeout_s, max_calls=0))
