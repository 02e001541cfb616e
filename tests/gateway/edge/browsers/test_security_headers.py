import re

import httpx
import pytest

from tests.support.edge_app import app_with, client_for

HTML = {"accept": "text/html"}


async def got(path: str) -> httpx.Response:
    async with client_for(app_with()) as client:
        return await client.get(path, headers=HTML)


@pytest.mark.parametrize("path", ["/", "/graphql", "/live", "/static/nothing", "/schema.graphql"])
async def test_every_page_has_a_strict_content_security_policy(path: str) -> None:
    headers = (await got(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_every_graphiql_page_has_a_new_nonce() -> None:
    pages = [await got("/graphql") for _ in range(2)]
    nonces = [re.search("nonce-([^']+)", page.headers["content-security-policy"]) for page in pages]
    assert all(
        nonce and f'nonce="{nonce[1]}"' in page.text
        for nonce, page in zip(nonces, pages, strict=True)
    )
    assert len({nonce[1] for nonce in nonces if nonce}) == 2
    assert pages[0].headers["cache-control"] == "no-store"
