"""The doctor's findings about the issuer of callers' tokens."""

from typing import Any

import pytest

from gateway.doctor.findings import Outcome, Step
from gateway.doctor.run import check_issuers
from gateway.settings import AuthSettings
from gateway.upstream.transport.httpx_transport import HttpxTransport
from tests.support.issuer import AUDIENCE, OidcIssuer
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S


async def found(**auth: Any) -> dict[Step, tuple[Outcome, str]]:
    settings = AuthSettings.model_validate({"jwks_timeout_s": HANG_TIMEOUT_S, **auth})
    transport = HttpxTransport(connect_timeout_s=HANG_TIMEOUT_S)
    try:
        findings = await check_issuers(settings, transport)
    finally:
        await transport.aclose()
    return {finding.step: (finding.outcome, finding.detail) for finding in findings}


async def test_where_no_tokens_are_taken_there_is_nothing_to_test() -> None:
    assert await found() == {}


@pytest.mark.parametrize("is_down", [False, True], ids=["it answers", "it is down"])
async def test_the_issuers_keys_are_fetched(is_down: bool) -> None:
    issuer = OidcIssuer()
    issuer.is_down = is_down
    async with serving(issuer) as issuer.url:
        findings = await found(mode="jwt", issuer=issuer.url, audience=AUDIENCE)
    outcome, detail = findings[Step.ISSUER]
    assert outcome == (Outcome.FAILED if is_down else Outcome.PASSED)
    assert ("returned status 503" if is_down else "1 signing keys of http") in detail
