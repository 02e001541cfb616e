"""GraphiQL after `make run`, without an account and without a network."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from graphql import build_schema
from playwright.async_api import expect

from gateway.app import create_app
from resolvers.graph import build_graph
from tests.support.browser import browser_tab, needs_chromium, open_graphiql
from tests.support.frozen_clock_sandbox import frozen_clock_sandbox
from tests.support.long_timeouts import long_timeout_settings
from tests.support.server import serving

pytestmark = [pytest.mark.browser, needs_chromium]

# Monaco draws the lines in view alone; GraphiQL leaves it in a global, where all of them are.
RESPONSE = """
() => globalThis.__MONACO.editor.getModels()
  .find((model) => model.uri.path.endsWith('response.json')).getValue()
"""


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[str]:
    sandbox = frozen_clock_sandbox()
    async with serving(sandbox) as upstream:
        database_url = f"sqlite:///{tmp_path}/operations.db"
        given = {"partner": {"base_url": upstream}, "database_url": database_url}
        settings = long_timeout_settings(given)
        async with serving(create_app(settings)) as address:
            yield address


def described(name: str) -> str:
    """Return the first sentence of a type's description."""
    description = build_schema(build_graph().as_str()).type_map[name].description
    assert description
    return description.split(".")[0]


async def test_the_first_tab_shows_what_can_be_upgraded_and_why_the_rest_cannot(
    gateway: str,
) -> None:
    async with browser_tab() as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql")
        await expect(page.get_by_role("tab").first).to_contain_text("CustomersWithUpgrades")

        await page.locator(".graphiql-query-editor .view-line").get_by_text("nodes").first.click()
        await page.keyboard.press("Control+Enter")
        window = page.get_by_label("Result Window")
        await expect(window.get_by_text("companyName").first).to_be_visible()
        response = await page.evaluate(RESPONSE)

        await page.get_by_role("button", name="Show Documentation Explorer").click()
        await page.get_by_role("link", name="Customer", exact=True).click()
        await expect(page.get_by_text(described("Customer"))).to_be_visible()

        await page.locator(".graphiql-query-editor .view-line").get_by_text("nodes").first.click()
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Control+Space")
        await expect(page.get_by_role("option", name=re.compile("^companyProfile"))).to_be_visible()
    assert '"isEligible": true' in response
    assert '"isEligible": false' in response
    assert '"rawCode"' in response
    assert '"errors"' not in response
    assert tab.external_requests == []
    assert tab.errors == []


async def test_a_subscription_shows_each_state_as_it_comes(gateway: str) -> None:
    async with browser_tab() as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql")
        await page.get_by_role("tab", name="FollowUpgrade").click()
        editor = page.locator(".graphiql-query-editor .view-line")
        await editor.get_by_text("lineItems").first.click()
        await page.keyboard.press("Control+Enter")
        window = page.get_by_label("Result Window")
        await expect(window.get_by_text("productUpgradeStatus").first).to_be_visible()
        response = await page.evaluate(RESPONSE)
        await expect(page.get_by_role("button", name="Stop query")).to_be_visible()
    assert '"status"' in response
    assert '"errors"' not in response
    assert tab.errors == []


async def test_the_keyboard_works_before_any_click(gateway: str) -> None:
    async with browser_tab() as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql")
        await expect(page.locator(".graphiql-query-editor .monaco-editor.focused")).to_be_visible()
        await page.keyboard.press("Control+Enter")
        window = page.get_by_label("Result Window")
        await expect(window.get_by_text("companyName").first).to_be_visible()
    assert tab.errors == []


async def test_ctrl_enter_runs_the_tab_that_was_clicked(gateway: str) -> None:
    async with browser_tab() as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql")
        await page.get_by_role("tab", name="CatalogOffers").click()
        await page.keyboard.press("Control+Enter")
        window = page.get_by_label("Result Window")
        await expect(window.get_by_text("offerCategories").first).to_be_visible()
    assert tab.errors == []


async def test_the_example_that_buys_says_so_and_buys_nothing_unchanged(gateway: str) -> None:
    async with browser_tab() as tab:
        page = tab.page
        await open_graphiql(page, f"{gateway}/graphql")
        await page.get_by_role("tab", name="BuyUpgrade").click()
        editor = page.locator(".graphiql-query-editor")
        await expect(editor.get_by_text("STEP 2 of 2: THIS SPENDS MONEY.")).to_be_visible()
        await page.keyboard.press("Control+Enter")
        window = page.get_by_label("Result Window")
        await expect(window.get_by_text("INVALID_INPUT").first).to_be_visible()
        response = await page.evaluate(RESPONSE)
    assert '"operation": null' in response
    assert "previewToken" in response
    assert tab.errors == []
