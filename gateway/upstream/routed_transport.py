"""A transport that asks some hosts through a proxy and the others without."""

from collections.abc import Callable

from gateway.upstream.proxies import Proxies
from gateway.upstream.transport import Answer, NotSent, OutgoingRequest, Transport


class RoutedTransport:
    """Sends each request by the transport of its proxy.

    Args:
        direct: sends what goes through none.
        proxies: decide by a request's URL.
        open_through: opens a transport through a proxy, when it is first needed.
    """

    def __init__(
        self, direct: Transport, proxies: Proxies, open_through: Callable[[str], Transport]
    ) -> None:
        self._direct = direct
        self._proxies = proxies
        self._open_through = open_through
        self._by_proxy: dict[str, Transport] = {}
        self._by_origin: dict[str, Transport] = {}  # few: the vendor's and the issuers'

    async def send(self, request: OutgoingRequest) -> Answer:
        """Exchange `request` for an answer of any status; raises `TransportFailure`."""
        scheme, _, rest = request.url.partition("://")
        origin = f"{scheme}://{rest.partition('/')[0]}"
        transport = self._by_origin.get(origin)
        if transport is None:
            transport = self._by_origin[origin] = self._choose(origin)
        return await transport.send(request)

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in (self._direct, *self._by_proxy.values()):
            await transport.aclose()

    def _choose(self, origin: str) -> Transport:
        try:
            proxy = self._proxies.find(origin)
        except ValueError:
            raise NotSent("the address or a header is malformed") from None
        if proxy is None:
            return self._direct
        if proxy not in self._by_proxy:
            self._by_proxy[proxy] = self._open_through(proxy)
        return self._by_proxy[proxy]
