"""Whether callers could be known: the issuer's keys, and the files of keys and customers."""

from collections.abc import Callable
from pathlib import Path

from gateway.auth.api_keys import parse_keys
from gateway.auth.customers_file import parse_customers
from gateway.auth.issuer import Issuer
from gateway.auth.unauthenticated import KeysUnavailable
from gateway.doctor.findings import Finding, Outcome, Step
from gateway.settings import AuthSettings
from gateway.upstream.transport import Transport


async def examine_callers(auth: AuthSettings, transport: Transport) -> list[Finding]:
    """Test what `auth.mode` needs, one finding each; none where nobody is asked."""
    findings = [await _issuer(auth, transport)] if auth.takes_tokens else []
    files: tuple[tuple[Step, Path | None, Callable[[str], object]], ...] = (
        (Step.KEYS_FILE, auth.keys_file, parse_keys),
        (Step.CUSTOMERS_FILE, auth.customers_file, parse_customers),
    )
    return [*findings, *(_file(step, path, parse) for step, path, parse in files if path)]


async def _issuer(auth: AuthSettings, transport: Transport) -> Finding:
    issuer = Issuer(transport, auth.issuer, auth.jwks_url, auth.jwks_timeout_s)
    try:
        found = await issuer.keys()
    except KeysUnavailable as trouble:
        cure = "check auth.issuer and auth.jwks_url, name resolution, proxies and firewalls"
        return Finding(Step.ISSUER, Outcome.FAILED, str(trouble), cure)
    return Finding(Step.ISSUER, Outcome.PASSED, f"{len(found.keys)} signing keys read")


def _file(step: Step, path: Path, parse: Callable[[str], object]) -> Finding:
    try:
        parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        detail, cure = f"'{path}' cannot be read ({error.strerror})", "correct its path or rights"
        return Finding(step, Outcome.FAILED, detail, cure)
    except ValueError as error:
        return Finding(step, Outcome.FAILED, f"'{path}': {error}", "see docs/access.md")
    return Finding(step, Outcome.PASSED, f"'{path}' read")
