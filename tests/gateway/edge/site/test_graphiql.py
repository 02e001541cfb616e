import json
import re

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.edge.allowed_hosts import AllowedHosts
from gateway.edge.app import GatewayApp
from gateway.edge.cancellation.draining import Draining
from gateway.edge.factory import GraphQLApps
from gateway.edge.site.examples import ExampleDocument
from gateway.edge.site.graphiql import GraphiQLPage
from gateway.edge.site.static import BuiltPages

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
JAVA_8 = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
EXAMPLE = ExampleDocument("A title", "A text", "query A { a }", '{"b": "</script><!-- & $x"}')


async def examples() -> list[ExampleDocument]:
    return [EXAMPLE]


graph = PlainTextResponse("from the graph")


def app(graph: ASGIApp = graph) -> GatewayApp:
    page = GraphiQLPage(BuiltPages.load(), examples)
    draining = Draining(lambda: 0.0)
    return GatewayApp(AllowedHosts(None), GraphQLApps(graph, graph), page, Starlette(), draining)


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app()), base_url="http://gateway")


@pytest.mark.parametrize(
    ("method", "accept", "gets_the_page"),
    [
        ("GET", CHROME, True),
        ("HEAD", CHROME, True),
        ("GET", "text/html", True),
        ("GET", "TEXT/HTML; level=1", True),
        ("GET", "text/html;q=0.9, application/json;q=0.8", True),
        ("GET", "*/*", False),
        ("GET", "application/json", False),
        ("GET", "application/graphql-response+json, text/html;q=0.9", False),
        ("GET", "text/html;q=0", False),
        ("GET", "text/html;q=much", True),
        ("GET", "text/html,*/*", True),
        ("GET", "*/*, text/html", True),
        ("GET", "text/html, application/json", True),
        ("GET", "text/*, */*;q=.1", True),
        ("GET", "", False),
        ("GET", "application/json, text/plain, */*", False),
        ("POST", "text/html,*/*", False),
        ("POST", CHROME, False),
    ],
    ids=[
        "browser", "head", "html", "case-and-parameters", "prefers-html",
        "curl", "json", "prefers-json", "refuses-html", "unreadable-weight", "as-readily",
        "as-readily-later", "as-readily-as-json", "any-text", "empty", "axios", "post-as-readily",
        "post",
    ],
)  # fmt: skip
async def test_only_clients_that_accept_html_get_the_page(
    method: str, accept: str, gets_the_page: bool
) -> None:
    async with client() as http:
        response = await http.request(method, "/graphql", headers={"accept": accept})
    assert response.headers["content-type"].startswith("text/html") is gets_the_page


@pytest.mark.parametrize(
    ("accept", "parameter", "gets_the_page"),
    [
        (CHROME, "query", True),
        ("text/html", "query", True),
        (JAVA_8, "query", False),
        ("text/html,*/*", "query", False),
        ("text/html,*/*", "documentId", False),
        ("text/html,*/*", "extensions", False),
        ("text/html,*/*", "other", True),
    ],
)
async def test_a_url_with_a_document_is_a_page_only_for_browsers(
    accept: str, parameter: str, gets_the_page: bool
) -> None:
    async with client() as http:
        response = await http.get("/graphql", params={parameter: "x"}, headers={"accept": accept})
    assert response.headers["content-type"].startswith("text/html") is gets_the_page


async def test_caches_keep_page_and_responses_apart() -> None:
    async with client() as http:
        response = await http.get("/graphql", headers={"accept": CHROME})
    assert response.headers["vary"] == "Accept"


async def test_examples_cannot_end_the_data_block_of_the_page() -> None:
    async with client() as http:
        page = (await http.get("/graphql", headers={"accept": CHROME})).text
    block = re.search(r'<script type="application/json" id="page-data"[^>]*>(.*?)</script>', page)
    assert block
    assert json.loads(block[1]) == {
        "endpoint": "graphql",
        "examples": [
            {
                "title": "A title",
                "description": "A text",
                "query": "query A { a }",
                "variables": EXAMPLE.variables,
            }
        ],
    }


async def test_websockets_reach_the_graphql_app() -> None:
    reached: list[Scope] = []

    async def socket_graph(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope)

    async def nothing() -> Message:
        raise AssertionError("the page reads nothing from a socket")

    async def refuse(message: Message) -> None:
        raise AssertionError(f"the page sends nothing to a socket: {message}")

    scope = {"type": "websocket", "path": "/graphql", "headers": [(b"accept", b"text/html")]}
    await app(socket_graph)(scope, nothing, refuse)
    assert reached == [scope]
