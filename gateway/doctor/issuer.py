"""Whether the issuer of callers' tokens gives its keys."""

from gateway.auth.issuer import Issuer
from gateway.auth.unauthenticated import KeysUnavailable
from gateway.doctor.findings import Finding, Outcome, Step
from gateway.settings import AuthSettings
from gateway.upstream.transport import Transport


async def examine_issuer(auth: AuthSettings, transport: Transport) -> list[Finding]:
    """Ask for the keys; nothing to say where no tokens are taken."""
    if not auth.takes_tokens:
        return []
    return [
        await _examine(Issuer(transport, issuer, url, auth.jwks_timeout_s))
        for issuer, url in auth.jwks_urls.items()
    ]


async def _examine(issuer: Issuer) -> Finding:
    try:
        found = await issuer.keys()
    except KeysUnavailable as trouble:
        cure = "check auth.issuer and auth.jwks_url, name resolution, proxies and firewalls"
        return Finding(Step.ISSUER, Outcome.FAILED, str(trouble), cure)
    return Finding(
        Step.ISSUER, Outcome.PASSED, f"{found.size} signing keys of {issuer.issuer} read"
    )
