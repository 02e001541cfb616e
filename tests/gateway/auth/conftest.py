from collections.abc import AsyncIterator

import pytest

from tests.support.issuer import OidcIssuer
from tests.support.server import serving


@pytest.fixture
async def issuer() -> AsyncIterator[OidcIssuer]:
    """An issuer that is served over HTTP."""
    made = OidcIssuer()
    async with serving(made) as url:
        made.url = url
        yield made
