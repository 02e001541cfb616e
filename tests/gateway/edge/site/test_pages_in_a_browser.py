"""The built pages in a real browser, with a stub graph; the journeys use the real one."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import fields
from urllib.parse import urlencode

import pytest
from graphql import build_schema, graphql
from playwright.async_api import expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from gateway.edge.browsers.security_headers import SecurityHeaders
from gateway.edge.site import landing, probes, static
from gateway.edge.site.examples import ExampleDocument, ExampleIds, example_documents
from gateway.edge.site.graphiql import GraphiQLPage
from gateway.edge.site.probes import Readiness, ReadinessCheck, ReadinessStatus
from tests.support.browser import browser_tab, needs_chromium, open_graphiql
from tests.support.server import serving

pytestmark = [pytest.mark.browser, needs_chromium]

GRAPH = build_schema('''
type Query {
  customers(first: Int): Customers!
}
type Customers { nodes: [Customer!]! }
"""A company that buys through the partner."""
type Customer {
  id: ID!
  companyName: String
}
''')
ROOT = {"customers": {"nodes": [{"id": "first-customer", "companyName": "Contoso"}]}}
# GraphiQL stores its tabs with a delay. `wait_for_function` would need `unsafe-eval`.
STORED_TABS = """new Promise((resolve) => {
  const poll = () => {
    const stored = localStorage.getItem('graphiql:tabState');
    stored === null ? setTimeout(poll, 20) : resolve(stored);
  };
  poll();
})"""
QUERY = "query Mine {\n  customers {\n    nodes {\n      id\n    }\n  }\n}"


async def response(request: Request) -> Response:
    body = await request.json()
    result = await graphql(GRAPH, body["query"], ROOT, operation_name=body.get("operationName"))
    return JSONResponse(result.formatted)


def pages_with_ids(prefix: str) -> list[BaseRoute]:
    """GraphiQL of a gateway whose sandbox has ids that start with `prefix`."""
    built = static.BuiltPages.load()
    ids = ExampleIds(**{each.name: f"{prefix}-{each.name}" for each in fields(ExampleIds)})

    async def examples() -> list[ExampleDocument]:
        return example_documents(ids)

    page = GraphiQLPage(built, examples, endpoint="/graphql")
    return [
        *static.routes(built),
        Route("/graphql", page, methods=["GET"]),
        Route("/graphql", response, methods=["POST"]),
    ]


@pytest.fixture
def checks() -> dict[str, ReadinessCheck]:
    return {"Partner Center": ReadinessCheck(ReadinessStatus.READY, "responded in 12 ms")}


@pytest.fixture
async def gateway(checks: Mapping[str, ReadinessCheck]) -> AsyncIterator[str]:
    async def readiness() -> Readiness:
        return Readiness.from_checks(checks)

    routes = [
        *pages_with_ids("first"),
        Mount("/later", routes=pages_with_ids("later")),
        *landing.routes(static.BuiltPages.load(), version="1.2.3", upstream="a stub"),
        *probes.routes(readiness),
    ]
    async with serving(
        Starlette(routes=routes, middleware=[Middleware(SecurityHeaders)])
    ) as address:
        yield address


async def test_graphiql_runs_completes_and_documents_under_a_strict_policy(gateway: str) -> None:
    async with browser_tab(color_scheme="dark") as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql?{urlencode({'query': QUERY})}#docs")
        editor = page.locator(".graphiql-query-editor")
        await expect(editor.locator(".monaco-editor").first).to_have_class(re.compile("vs-dark"))

        await page.get_by_role("link", name="Customer", exact=True).click()
        await expect(page.get_by_text("A company that buys through the partner.")).to_be_visible()

        await editor.locator(".view-line").get_by_text("id", exact=True).click()
        await page.keyboard.press("Control+Enter")
        await expect(
            page.get_by_label("Result Window").get_by_text("first-customer")
        ).to_be_visible()

        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Control+Space")
        await expect(page.get_by_role("option", name=re.compile("companyName"))).to_be_visible()
    assert tab.external_requests == []
    assert tab.errors == []


async def test_an_example_opens_in_its_own_tab(gateway: str) -> None:
    async with browser_tab() as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql?{urlencode({'query': QUERY})}")
        await page.get_by_role("button", name="Show Examples").click()
        await page.get_by_role("button", name="Partial data").click()
        await expect(page.get_by_role("tab", name="PartialData")).to_have_count(2)
        await expect(page.get_by_role("tab", name="Mine")).to_have_count(1)
    assert tab.errors == []


async def test_stored_examples_are_replaced_by_those_of_the_running_sandbox(gateway: str) -> None:
    async with browser_tab() as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql")
        await open_graphiql(page, f"{gateway}/later/graphql")
        stored = await page.evaluate(STORED_TABS)
    assert "later-customer" in stored
    assert "first-customer" not in stored


async def test_tabs_of_the_user_are_kept(gateway: str) -> None:
    async with browser_tab() as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql?{urlencode({'query': QUERY})}")
        assert "Mine" in await page.evaluate(STORED_TABS)
        await open_graphiql(page, f"{gateway}/later/graphql")
        await expect(page.get_by_role("tab")).to_have_text(["Mine"])
    assert tab.errors == []


async def test_the_landing_page_shows_current_health(
    gateway: str, checks: dict[str, ReadinessCheck]
) -> None:
    async with browser_tab() as tab:
        await tab.page.goto(gateway)
        await expect(tab.page.get_by_text("Ready to serve requests.")).to_be_visible()
        await expect(tab.page.get_by_text("responded in 12 ms")).to_be_visible()

        checks["token"] = ReadinessCheck(ReadinessStatus.DEGRADED, "expires in 3 minutes")
        await tab.page.reload()
        await expect(tab.page.get_by_text("expires in 3 minutes")).to_be_visible()
    assert tab.external_requests == []
    assert tab.errors == []
