"""The GraphiQL page, which browsers get at the GraphQL path."""

import json
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Final
from urllib.parse import parse_qsl

from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from gateway.edge.browsers.security_headers import SecurityHeaders
from gateway.edge.http.content_negotiation import ContentNegotiator
from gateway.edge.site.examples import ExampleDocument
from gateway.edge.site.static import BuiltPages

_NONCE_BYTES: Final = 16
# Characters that could end the script element or open another one, as JSON escapes.
_ESCAPES: Final = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})

LoadExamples = Callable[[], Awaitable[Sequence[ExampleDocument]]]
"""Called for each page, because the data behind the gateway may have changed."""


class GraphiQLPage:
    """The ASGI app of the page.

    Variable data is in a JSON block, which browsers never execute, so that the content security
    policy needs no exception for inline scripts. The editor creates style elements; they carry a
    nonce.
    """

    def __init__(
        self, pages: BuiltPages, load_examples: LoadExamples, endpoint: str = "graphql"
    ) -> None:
        self._template = pages.template("graphiql")
        self._load_examples = load_examples
        self._endpoint = endpoint
        self._negotiator = ContentNegotiator()

    def is_preferred(self, scope: Scope) -> bool:
        """Whether the Accept header names HTML with at least the weight of JSON; `*/*` does not.

        A URL with a document is a GraphQL request, unless a browser opens it: the page then shows
        the document in its editor.
        """
        accept = b", ".join(value for name, value in scope["headers"] if name == b"accept")
        accepted = self._negotiator.negotiate(accept)
        return accepted.is_browser if _names_document(scope) else accepted.accepts_html

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        examples = [asdict(example) for example in await self._load_examples()]
        page_data = json_data_block({"endpoint": self._endpoint, "examples": examples})
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        page = self._template.substitute(page_data=page_data, nonce=nonce)
        # Not cached, because a nonce must be used once.
        response = HTMLResponse(page, headers={"Cache-Control": "no-store", "Vary": "Accept"})
        await SecurityHeaders(response, style_nonce=nonce)(scope, receive, send)


def _names_document(scope: Scope) -> bool:
    pairs = parse_qsl(scope["query_string"].decode("latin-1"))
    return any(name in ("query", "documentId", "extensions") for name, _ in pairs)


def json_data_block(data: object) -> str:
    """Return JSON that cannot end the HTML script element around it."""
    return json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
