from collections.abc import AsyncIterator

import pytest

from tests.support.issuer import Issuer
from tests.support.server import serving


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """An issuer that is served over HTTP."""
    made = Issuer()
    async with serving(made) as url:
        made.url = url
        yield made
