"""GraphiQL for browsers, at the same address that answers everybody else's GraphQL requests."""

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Final
from urllib.parse import parse_qsl

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.edge.browsers.security_headers import SecurityHeaders
from gateway.edge.http.content_negotiation import ContentNegotiator
from gateway.edge.site.examples import ExampleDocument
from gateway.edge.site.static import BuiltPages

_NONCE_BYTES: Final = 16
_READING: Final = ("GET", "HEAD")

# Characters that could end the script element or open another; JSON knows them by number as well.
HARMLESS_IN_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


LoadExamples = Callable[[], Awaitable[Sequence[ExampleDocument]]]
"""Asked for each page that is opened: the world behind the gateway may have changed."""


class GraphiQLPage:
    """Wraps the GraphQL app: a browser that opens its address gets the page, all else goes through.

    What varies is a JSON data block, which browsers never run: a content security policy needs no
    exception for the page's own HTML. The editor makes style elements; they carry a nonce.
    """

    def __init__(
        self,
        graph: ASGIApp,
        pages: BuiltPages,
        examples: LoadExamples,
        endpoint: str = "graphql",
    ) -> None:
        self._graph = graph
        self._template = pages.template("graphiql")
        self._examples = examples
        self._endpoint = endpoint
        self._negotiator = ContentNegotiator()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, or hand the request on untouched."""
        if (
            scope["type"] != "http"
            or scope["method"] not in _READING
            or not self._prefers_page(scope)
        ):
            await self._graph(scope, receive, send)
            return
        examples = [asdict(example) for example in await self._examples()]
        page_data = json_data_block({"endpoint": self._endpoint, "examples": examples})
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        page = self._template.substitute(page_data=page_data, nonce=nonce)
        # Kept by nobody: the nonce is for one time.
        response = HTMLResponse(page, headers={"Cache-Control": "no-store", "Vary": "Accept"})
        await SecurityHeaders(response, style_nonce=nonce)(scope, receive, send)

    def _prefers_page(self, scope: Scope) -> bool:
        """Whether Accept names HTML as readily as JSON; `*/*` alone is a program.

        A link with a document is answered by the graph, unless a browser opens it: the page shows
        the document in its editor.
        """
        accept = b", ".join(value for name, value in scope["headers"] if name == b"accept")
        accepted = self._negotiator.negotiate(accept)
        return accepted.is_browser if _names_document(scope) else accepted.accepts_html


def _names_document(scope: Scope) -> bool:
    pairs = parse_qsl(scope["query_string"].decode("latin-1"))
    return any(name in ("query", "documentId", "extensions") for name, _ in pairs)


def json_data_block(data: object) -> str:
    """JSON that stays data wherever it stands inside an HTML script element."""
    return json.dumps(data, ensure_ascii=False).translate(HARMLESS_IN_HTML)
