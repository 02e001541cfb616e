"""Whether the issuer of callers' tokens gives its keys."""

from gateway.auth.errors import SigningKeysUnavailable
from gateway.auth.oidc_discovery import OidcDiscovery
from gateway.doctor.findings import Finding, Outcome, Step
from gateway.settings import AuthSettings
from gateway.upstream.transport.base import Transport


async def check_issuers(auth: AuthSettings, transport: Transport) -> list[Finding]:
    """Ask for the keys; nothing to say where no tokens are taken."""
    if not auth.accepts_jwts:
        return []
    return [
        await _check_issuer(OidcDiscovery(transport, issuer, url, auth.jwks_timeout_s))
        for issuer, url in auth.jwks_urls.items()
    ]


async def _check_issuer(issuer: OidcDiscovery) -> Finding:
    try:
        found = await issuer.fetch_keys()
    except SigningKeysUnavailable as trouble:
        cure = "check auth.issuer and auth.jwks_url, name resolution, proxies and firewalls"
        return Finding(Step.ISSUER, Outcome.FAILED, str(trouble), cure)
    return Finding(
        Step.ISSUER, Outcome.PASSED, f"{found.size} signing keys of {issuer.issuer} read"
    )
