"""Joins what answers at the GraphQL address, from the settings."""

import asyncio
import secrets
from functools import partial
from typing import Final

from gateway.auth.authenticators import Authenticator
from gateway.clock import Clock
from gateway.edge.browsers.cors import Preflight
from gateway.edge.browsers.origins import AllowedOrigins
from gateway.edge.cancellation.credential_monitor import CredentialMonitor
from gateway.edge.cancellation.draining import Draining
from gateway.edge.endpoint import GraphQLEndpoint
from gateway.edge.http.batching import BatchRequestHandler
from gateway.edge.http.body import BodyReader
from gateway.edge.http.compression import ResponseCompressor
from gateway.edge.http.graphql_over_http import GraphQLOverHTTP, HttpConfig
from gateway.edge.http.sse import StreamConfig
from gateway.edge.http.sse_single_connection import SseSingleConnection
from gateway.edge.http.statuses import DraftStatuses, LegacyStatuses
from gateway.edge.pipeline import RequestPipeline
from gateway.edge.streaming import StreamExecutor
from gateway.edge.websocket.connection import WebSocketConfig
from gateway.edge.websocket.graphql_over_websocket import GraphQLOverWebSocket
from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from gateway.limits.reloadable import ReloadableLimits
from gateway.settings import Settings

_TOKEN_BYTES: Final = 24


def build_graphql_app(
    settings: Settings,
    pipeline: RequestPipeline,
    limits: ReloadableLimits,
    authenticator: Authenticator,
    draining: Draining,
    clock: Clock,
) -> GraphQLEndpoint:
    """Join the protocols; what a caller may hold is counted over all of them."""
    bounds, are_told = settings.streams, settings.profile == "dev"
    connections = ConcurrencyLimit(Limit("connections", bounds.max_connections, are_told))
    subscriptions = ConcurrencyLimit(Limit("subscriptions", bounds.max_subscriptions, are_told))
    running = Limit("running", bounds.max_running, are_told)
    streaming = StreamExecutor(pipeline, subscriptions)
    credential_monitor = CredentialMonitor(authenticator, clock)
    streams = StreamConfig(bounds.keep_alive_s, asyncio.sleep, draining, credential_monitor)
    new_token = partial(secrets.token_urlsafe, _TOKEN_BYTES)
    origins = AllowedOrigins(settings.http.allowed_origins.split())
    return GraphQLEndpoint(
        GraphQLOverHTTP(
            pipeline,
            streaming,
            SseSingleConnection(streaming, connections, running, streams, new_token),
            authenticator,
            _http_rules(settings, limits, origins, streams),
        ),
        GraphQLOverWebSocket(
            streaming,
            authenticator,
            WebSocketConfig(
                origins,
                connections,
                bounds.init_within_s,
                lambda: limits.current.bodies.size.maximum,
                running,
                draining,
                credential_monitor,
            ),
        ),
    )


def _http_rules(
    settings: Settings, limits: ReloadableLimits, origins: AllowedOrigins, streams: StreamConfig
) -> HttpConfig:
    http = settings.http
    return HttpConfig(
        origins=origins,
        preflight=Preflight(http.allowed_headers.split()),
        bodies=BodyReader(lambda: limits.current.bodies),
        batches=BatchRequestHandler(http.max_batch),
        statuses=LegacyStatuses() if http.statuses == "legacy" else DraftStatuses(),
        compression=ResponseCompressor(http.compress_from_bytes),
        streams=streams,
    )
