"""Creates the HTTP client that the settings name."""

import ssl
from functools import partial
from pathlib import Path
from typing import Final, Literal

import httpx

from gateway.upstream.transport.base import DEFAULT_CONNECT_TIMEOUT_S, Transport
from gateway.upstream.transport.proxies import ProxyConfig
from gateway.upstream.transport.proxy_routing import ProxyRoutingTransport

TransportKind = Literal["auto", "asyncio", "httpx"]

_NO_PROXIES: Final = ProxyConfig()


def create_transport(
    kind: TransportKind,
    *,
    connect_timeout_s: float = DEFAULT_CONNECT_TIMEOUT_S,
    proxies: ProxyConfig = _NO_PROXIES,
    ca_file: Path | None = None,
) -> Transport:
    """Create the transport. `auto` means `asyncio`; requests through a proxy always use HTTPX.

    Raises ValueError if the file of certificate authorities cannot be used.
    """
    create_tls_context = partial(_create_tls_context, ca_file)
    if ca_file is not None:
        create_tls_context()  # now, not for the first request
    create_httpx = partial(_create_httpx, connect_timeout_s, create_tls_context)
    if kind == "httpx":
        direct = create_httpx(None)
    else:
        from gateway.upstream.transport.asyncio_transport import AsyncioTransport

        direct = AsyncioTransport(
            connect_timeout_s=connect_timeout_s, create_tls_context=create_tls_context
        )
    if not proxies:
        return direct
    return ProxyRoutingTransport(direct, proxies, create_httpx)


def _create_tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Trust the authorities in the file besides certifi's, or those of `SSL_CERT_FILE`."""
    context = httpx.create_ssl_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # ssl.SSLError too
            raise ValueError(
                f"partner.ca_file '{ca_file}' cannot be read as PEM"
                f" ({error.strerror or error}). Expected certificates of authorities."
            ) from error
    return context


def _create_httpx(
    connect_timeout_s: float, create_tls_context: partial[ssl.SSLContext], proxy: str | None
) -> Transport:
    from gateway.upstream.transport.httpx_transport import HttpxTransport

    return HttpxTransport(
        connect_timeout_s=connect_timeout_s, proxy=proxy, tls_context=create_tls_context()
    )
