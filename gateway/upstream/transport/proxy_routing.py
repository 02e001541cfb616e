"""A transport that sends requests to some hosts through a proxy."""

from collections.abc import Callable

from gateway.upstream.transport.base import (
    BurstTransport,
    ConnectFailed,
    GetSender,
    HeaderPairs,
    OutgoingRequest,
    Transport,
    UpstreamResponse,
)
from gateway.upstream.transport.proxies import ProxyConfig


class ProxyRoutingTransport:
    """Sends each request through its proxy or directly.

    Args:
        direct: the transport for requests without a proxy.
        proxies: chooses the proxy of a URL.
        create_proxied: creates the transport of a proxy when it is first needed.
    """

    def __init__(
        self, direct: Transport, proxies: ProxyConfig, create_proxied: Callable[[str], Transport]
    ) -> None:
        self._direct = direct
        self._proxies = proxies
        self._create_proxied = create_proxied
        self._by_proxy: dict[str, Transport] = {}
        self._by_origin: dict[str, Transport] = {}  # few: the vendor's and those of issuers

    async def send(self, request: OutgoingRequest) -> UpstreamResponse:
        return await self._transport_to(request.url).send(request)

    def prepare_gets(self, base_url: str, headers: HeaderPairs) -> GetSender | None:
        try:
            transport = self._transport_to(base_url)
        except ConnectFailed:
            return None
        if not isinstance(transport, BurstTransport):
            return None
        return transport.prepare_gets(base_url, headers)

    async def aclose(self) -> None:
        for transport in (self._direct, *self._by_proxy.values()):
            await transport.aclose()

    def _transport_to(self, url: str) -> Transport:
        scheme, _, rest = url.partition("://")
        origin = f"{scheme}://{rest.partition('/')[0]}"
        transport = self._by_origin.get(origin)
        if transport is None:
            transport = self._by_origin[origin] = self._select(origin)
        return transport

    def _select(self, origin: str) -> Transport:
        try:
            proxy = self._proxies.find_proxy(origin)
        except ValueError:
            raise ConnectFailed("the URL or a header is malformed") from None
        if proxy is None:
            return self._direct
        if proxy not in self._by_proxy:
            self._by_proxy[proxy] = self._create_proxied(proxy)
        return self._by_proxy[proxy]
