"""Joins what answers at the GraphQL address, from the settings."""

import asyncio
import secrets
from functools import partial
from typing import Final

from gateway.auth.authenticators import Authenticator
from gateway.edge.browsers.cors import Preflight
from gateway.edge.browsers.origins import Origins
from gateway.edge.endpoint import GraphQLEndpoint
from gateway.edge.http.batching import Batches
from gateway.edge.http.body import BodyReader
from gateway.edge.http.compression import Compression
from gateway.edge.http.graphql_over_http import GraphQLOverHTTP, Rules
from gateway.edge.http.single_connection import SingleConnection
from gateway.edge.http.sse import StreamRules
from gateway.edge.http.statuses import DraftStatuses, LegacyStatuses
from gateway.edge.lifetimes.draining import Draining
from gateway.edge.lifetimes.recognition import Recognition
from gateway.edge.pipeline import Pipeline
from gateway.edge.streaming import Streaming
from gateway.edge.websocket.connection import WebSocketRules
from gateway.edge.websocket.graphql_over_websocket import GraphQLOverWebSocket
from gateway.limits.concurrency import ConcurrencyLimit
from gateway.limits.limit import Limit
from gateway.limits.reloadable import ReloadableLimits
from gateway.settings import Settings
from gateway.upstream.clock import Clock

_TOKEN_BYTES: Final = 24


def open_endpoint(
    settings: Settings,
    pipeline: Pipeline,
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
    streaming = Streaming(pipeline, subscriptions)
    recognition = Recognition(authenticator, clock)
    streams = StreamRules(bounds.keep_alive_s, asyncio.sleep, draining, recognition)
    new_token = partial(secrets.token_urlsafe, _TOKEN_BYTES)
    origins = Origins(settings.http.allowed_origins.split())
    return GraphQLEndpoint(
        GraphQLOverHTTP(
            pipeline,
            streaming,
            SingleConnection(streaming, connections, running, streams, new_token),
            authenticator,
            _http_rules(settings, limits, origins, streams),
        ),
        GraphQLOverWebSocket(
            streaming,
            authenticator,
            WebSocketRules(
                origins,
                connections,
                bounds.init_within_s,
                lambda: limits.current.bodies.size.maximum,
                running,
                draining,
                recognition,
            ),
        ),
    )


def _http_rules(
    settings: Settings, limits: ReloadableLimits, origins: Origins, streams: StreamRules
) -> Rules:
    http = settings.http
    return Rules(
        origins=origins,
        preflight=Preflight(http.allowed_headers.split()),
        bodies=BodyReader(lambda: limits.current.bodies),
        batches=Batches(http.max_batch),
        statuses=LegacyStatuses() if http.statuses == "legacy" else DraftStatuses(),
        compression=Compression(http.compress_from_bytes),
        streams=streams,
    )
