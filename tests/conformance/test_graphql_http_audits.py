"""Runs the server audits of the npm package `graphql-http` in Node."""

from gateway.app import create_app
from gateway.settings import HttpSettings, PartnerSettings, Settings
from tests.support.node import needs_node, run_node
from tests.support.server import serving

pytestmark = needs_node

STATIC = PartnerSettings.model_validate({"auth": "static", "token": "abc"})


async def test_every_audit_passes_with_legacy_statuses() -> None:
    settings = Settings(partner=STATIC, http=HttpSettings(statuses="legacy"))
    async with serving(create_app(settings)) as address:
        audits = await run_node("audits.mjs", f"{address}/graphql")
    failed = [audit for audit in audits if audit["status"] != "ok"]
    assert failed == []
    assert len(audits) == 61
