"""Runs all checks: Partner Center, the database, token issuers and files."""

from typing import TYPE_CHECKING

from gateway.auth.errors import SigningKeysUnavailable
from gateway.auth.oidc_discovery import OidcDiscovery
from gateway.clock import SystemClock
from gateway.doctor.files import check_files
from gateway.doctor.findings import Finding, Outcome, Report, Step, report_invalid_settings
from gateway.doctor.partner_center import check_partner_center
from gateway.operations.store.base import StoreUnavailable
from gateway.operations.store.factory import build_store
from gateway.operations.store.health import StoreTimeouts
from gateway.settings import AuthSettings, Settings
from gateway.upstream.factory import load_proxies
from gateway.upstream.transport.base import Transport
from gateway.upstream.transport.factory import create_transport

if TYPE_CHECKING:
    from gateway.credentials import SecretToken


async def run_checks(
    settings: Settings, caller: "SecretToken | None", customer_id: str | None
) -> Report:
    """Run every check. `caller` is a caller's token, if tokens are passed through."""
    partner = settings.partner
    try:
        transport = create_transport(
            partner.transport,
            connect_timeout_s=partner.connect_within_s,
            proxies=load_proxies(partner),
            ca_file=partner.ca_file,
        )
    except ValueError as error:
        return report_invalid_settings(str(error))
    try:
        report = await check_partner_center(
            partner, transport, SystemClock(), caller=caller, customer_id=customer_id
        )
        store = await check_store(settings)
        issuers = await check_issuers(settings.auth, transport)
        findings = (*report.findings, store, *issuers, *check_files(settings))
        return Report([each.masked(settings.secrets) for each in findings])
    finally:
        await transport.aclose()


async def check_store(settings: Settings) -> Finding:
    """Open the database without changing it. The text of an error includes the remedy."""
    timeouts = StoreTimeouts.from_setting(settings.operations.store_timeout_s)
    try:
        store = build_store(settings.database_url, timeouts)
    except ValueError as error:
        return Finding(Step.STORE, Outcome.FAILED, "database_url is invalid", str(error))
    try:
        await store.dry_run()
    except StoreUnavailable as error:
        # Errors of databases may have several lines.
        return Finding(Step.STORE, Outcome.FAILED, " ".join(str(error).split()))
    finally:
        await store.close()
    return Finding(Step.STORE, Outcome.PASSED, "operations can be recorded")


async def check_issuers(auth: AuthSettings, transport: Transport) -> list[Finding]:
    """Fetch the signing keys of each issuer. Returns no findings if JWTs are not accepted."""
    if not auth.accepts_jwts:
        return []
    return [
        await _check_issuer(OidcDiscovery(transport, issuer, url, auth.jwks_timeout_s))
        for issuer, url in auth.jwks_urls.items()
    ]


async def _check_issuer(issuer: OidcDiscovery) -> Finding:
    try:
        found = await issuer.fetch_keys()
    except SigningKeysUnavailable as error:
        remedy = "Check auth.issuer, auth.jwks_url, DNS, proxies and firewalls."
        return Finding(Step.ISSUER, Outcome.FAILED, str(error), remedy)
    return Finding(
        Step.ISSUER, Outcome.PASSED, f"read {found.size} signing keys of {issuer.issuer}"
    )
