"""GraphiQL for browsers, at the same address that answers everybody else's GraphQL requests."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.edge.examples import ExampleDocument
from gateway.edge.static import BuiltPages

JSON_TYPES = ("application/graphql-response+json", "application/json")

# Characters that could end the script element or open another; JSON knows them by number as well.
HARMLESS_IN_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


Examples = Callable[[], Awaitable[Sequence[ExampleDocument]]]
"""Asked for each page that is opened: the world behind the gateway may have changed."""


class GraphiQL:
    """Wraps the GraphQL app: a browser that opens its address gets the page, all else goes through.

    What varies is a JSON data block, which browsers never run: a content security policy needs no
    exception for the page's own HTML.
    """

    def __init__(
        self,
        graph: ASGIApp,
        pages: BuiltPages,
        examples: Examples,
        endpoint: str = "graphql",
    ) -> None:
        self._graph = graph
        self._template = pages.template("graphiql")
        self._examples = examples
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, or hand the request on untouched."""
        if not opened_in_browser(scope):
            await self._graph(scope, receive, send)
            return
        examples = [asdict(example) for example in await self._examples()]
        page_data = data_block({"endpoint": self._endpoint, "examples": examples})
        page = self._template.substitute(page_data=page_data)
        headers = {"Cache-Control": "no-cache", "Vary": "Accept"}
        await HTMLResponse(page, headers=headers)(scope, receive, send)


def data_block(data: object) -> str:
    """JSON that stays data wherever it stands inside an HTML script element."""
    return json.dumps(data, ensure_ascii=False).translate(HARMLESS_IN_HTML)


def opened_in_browser(scope: Scope) -> bool:
    """True for a GET whose Accept names HTML and prefers it to JSON; `*/*` alone is a program."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
        return False
    weights = accept_weights(", ".join(Headers(scope=scope).getlist("accept")))
    json_weight = max(weights.get(media_type, 0.0) for media_type in JSON_TYPES)
    return weights.get("text/html", 0.0) > json_weight


def accept_weights(accept: str) -> dict[str, float]:
    """Each media type that an Accept header names, with its weight (RFC 9110, section 12.4.2)."""
    weights: dict[str, float] = {}
    for item in accept.split(","):
        media_type, *parameters = (part.strip().lower() for part in item.split(";"))
        weights[media_type] = _weight(parameters)
    return weights


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return _number(value)
    return 1.0


def _number(text: str) -> float:
    """An unreadable weight counts as none, rather than failing a request over a header's detail."""
    try:
        return float(text)
    except ValueError:
        return 0.0
