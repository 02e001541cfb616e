"""Builds the GraphQL apps of all protocols from the settings."""

import asyncio
import secrets
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.types import ASGIApp

from gateway.auth.authenticators import Authenticator
from gateway.clock import Clock
from gateway.edge.browsers.cors import Preflight
from gateway.edge.browsers.origins import AllowedOrigins
from gateway.edge.cancellation.credential_monitor import CredentialMonitor
from gateway.edge.cancellation.draining import Draining
from gateway.edge.http.batching import BatchRequestHandler
from gateway.edge.http.body import BodyReader
from gateway.edge.http.compression import ResponseCompressor
from gateway.edge.http.graphql_over_http import GraphQLOverHTTP, HttpConfig
from gateway.edge.http.http_executor import HttpExecutor
from gateway.edge.http.incoming_request import RequestReader
from gateway.edge.http.response_encoder import ResponseEncoder
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


@dataclass(frozen=True, slots=True)
class GraphQLApps:
    """The ASGI apps at the GraphQL path, by protocol."""

    http: ASGIApp
    websocket: ASGIApp


def build_graphql_apps(
    settings: Settings,
    pipeline: RequestPipeline,
    limits: ReloadableLimits,
    authenticator: Authenticator,
    draining: Draining,
    clock: Clock,
) -> GraphQLApps:
    """Build the apps; limits on a caller's connections and subscriptions span all protocols."""
    streams, reveals_values = settings.streams, settings.profile == "dev"
    connections = ConcurrencyLimit(Limit("connections", streams.max_connections, reveals_values))
    subscriptions = ConcurrencyLimit(
        Limit("subscriptions", streams.max_subscriptions, reveals_values)
    )
    running = Limit("running", streams.max_running, reveals_values)
    streaming = StreamExecutor(pipeline, subscriptions)
    credential_monitor = CredentialMonitor(authenticator, clock)
    config = StreamConfig(streams.keep_alive_s, asyncio.sleep, draining, credential_monitor)
    origins = AllowedOrigins(settings.http.allowed_origins.split())
    encoder = _build_encoder(settings, pipeline)
    new_token = partial(secrets.token_urlsafe, _TOKEN_BYTES)
    return GraphQLApps(
        GraphQLOverHTTP(
            HttpConfig(origins, Preflight(settings.http.allowed_headers.split()), draining),
            authenticator,
            RequestReader(BodyReader(lambda: limits.current.bodies)),
            SseSingleConnection(streaming, connections, running, config, new_token),
            HttpExecutor(
                pipeline, streaming, BatchRequestHandler(settings.http.max_batch), encoder, config
            ),
            encoder,
        ),
        GraphQLOverWebSocket(
            streaming,
            authenticator,
            WebSocketConfig(
                origins,
                connections,
                streams.init_within_s,
                lambda: limits.current.bodies.size.maximum,
                running,
                draining,
                credential_monitor,
            ),
        ),
    )


def _build_encoder(settings: Settings, pipeline: RequestPipeline) -> ResponseEncoder:
    statuses = LegacyStatuses() if settings.http.statuses == "legacy" else DraftStatuses()
    return ResponseEncoder(
        statuses,
        ResponseCompressor(settings.http.compress_from_bytes),
        pipeline.observer.on_error,
    )
