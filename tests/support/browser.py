"""Controls the installed Chromium, which can connect to this machine only."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route, async_playwright, expect

from tests.support.waiting import HANG_TIMEOUT_S

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine; Debian: apt-get install chromium"
)

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_LOCAL_SCHEMES = {"data", "blob"}

_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A page, with its requests to other machines, which are blocked, and its errors."""

    page: Page
    external_requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def browser_tab(**context_options: Any) -> AsyncIterator[Tab]:
    """Open an empty page in a new profile. The options are those of Playwright's `new_context`."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(_QUIET), timeout=HANG_TIMEOUT_S * 1000
        )
        context = await browser.new_context(**context_options)
        context.set_default_timeout(HANG_TIMEOUT_S * 1000)
        expect.set_options(timeout=HANG_TIMEOUT_S * 1000)
        tab = Tab(await context.new_page())
        await _watch(tab)
        try:
            yield tab
        finally:
            await context.close()
            await browser.close()


async def open_graphiql(page: Page, address: str) -> None:
    """Load GraphiQL and wait until its editor shows a document."""
    await page.goto(address)
    await page.locator(".graphiql-query-editor .view-line").first.wait_for()


async def _watch(tab: Tab) -> None:
    async def keep_here(route: Route) -> None:
        if _is_local(route.request.url):
            await route.continue_()
        else:
            tab.external_requests.append(route.request.url)
            await route.abort()

    await tab.page.context.route("**/*", keep_here)
    tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.page.on(
        "console",
        lambda message: tab.errors.append(message.text) if message.type == "error" else None,
    )


def _is_local(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in _LOCAL_SCHEMES or parts.hostname in _LOOPBACK
