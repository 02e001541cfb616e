"""Builds the parts of the client from the settings."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, cast

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.settings import PartnerSettings, ThrottleSettings
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.clouds import CLOUDS
from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.errors import NoToken
from gateway.upstream.rate_limits import WindowLimit
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.tokens.client_credential import (
    ClientCredential,
    ClientSecret,
    ClientSecretFile,
    FederatedToken,
    read_credential_file,
)
from gateway.upstream.tokens.refresh_token_file import RefreshTokenFile
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.tokens.static import (
    PassThroughTokens,
    StaticTokenFile,
    StaticTokens,
)
from gateway.upstream.transport.base import Transport
from gateway.upstream.transport.proxies import ProxyConfig, load_proxy_config

if TYPE_CHECKING:
    from gateway.upstream.tokens.identity_platform import AppRegistration


def resolve_base_url(partner: PartnerSettings) -> str:
    """Return the base URL of the API: the one in the settings, or that of the cloud."""
    return partner.base_url or CLOUDS[partner.cloud].base_url


def build_tokens(partner: PartnerSettings, transport: Transport, clock: Clock) -> TokenProvider:
    """Build the source of tokens. Raises ValueError with the name of an unusable setting."""
    match partner.auth:
        case "sandbox":
            return SandboxTokens(transport, resolve_base_url(partner), clock)
        case "static":
            if partner.token_file is not None:
                return StaticTokenFile(partner.token_file)
            return StaticTokens(SecretToken(partner.token.get_secret_value()))
        case "passthrough":
            return PassThroughTokens(secrets.token_bytes(32))
        case "app":
            return _build_app_tokens(partner, transport, clock)
        case "app_user":
            return _build_app_user_tokens(partner, transport, clock)


def load_proxies(partner: PartnerSettings) -> ProxyConfig:
    """Read the proxies. Raises ValueError with the name of a variable that is not a proxy URL."""
    return load_proxy_config(partner.proxy.get_secret_value(), os.environ)


def check_credential_files(partner: PartnerSettings) -> None:
    """Raise ValueError if a file has a credential that cannot be used."""
    try:
        if partner.refresh_token_file is not None:
            RefreshTokenFile(partner.refresh_token_file).read()
        if partner.token_file is not None:
            read_credential_file(partner.token_file, "partner.token_file")
        if partner.client_secret_file is not None:
            read_credential_file(partner.client_secret_file, "partner.client_secret_file")
        if partner.federated_token_file is not None:
            read_credential_file(partner.federated_token_file, "partner.federated_token_file")
        if partner.certificate_file is not None:
            from gateway.upstream.tokens.certificate import read_certificate

            read_certificate(partner.certificate_file)
    except NoToken as unusable:
        raise ValueError(str(unusable)) from unusable


def build_client_limits(throttle: ThrottleSettings) -> ClientLimits:
    reads = throttle.customer_reads_per_minute
    return ClientLimits(
        max_in_flight=throttle.max_in_flight,
        max_attempts=throttle.max_attempts,
        max_retry_after_s=throttle.max_retry_after_s,
        rate_limits={}
        if reads is None
        else {UpstreamBucket.CUSTOMER_READS: WindowLimit(reads, 60.0)},
    )


def _build_app_tokens(
    partner: PartnerSettings, transport: Transport, clock: Clock
) -> TokenProvider:
    from gateway.upstream.tokens.identity_platform import AppTokens

    return AppTokens(_build_app_registration(partner, clock), transport, clock)


def _build_app_user_tokens(
    partner: PartnerSettings, transport: Transport, clock: Clock
) -> TokenProvider:
    from gateway.upstream.tokens.identity_platform import AppUserTokens

    # The settings require a file for `app_user`.
    file = RefreshTokenFile(cast("Path", partner.refresh_token_file))
    return AppUserTokens(_build_app_registration(partner, clock), file, transport, clock)


def _build_app_registration(partner: PartnerSettings, clock: Clock) -> "AppRegistration":
    from gateway.upstream.tokens.identity_platform import AppRegistration

    cloud = CLOUDS[partner.cloud]
    return AppRegistration(
        partner.authority or cloud.authority,
        cloud.resource,
        partner.tenant_id,
        partner.client_id,
        build_client_credential(partner, clock),
    )


def build_client_credential(partner: PartnerSettings, clock: Clock) -> ClientCredential:
    """Build the client credential of the settings, which require exactly one."""
    if partner.certificate_file is not None:
        from gateway.upstream.tokens.certificate import ClientCertificate

        return ClientCertificate(
            partner.certificate_file, partner.certificate_algorithm, partner.client_id, clock
        )
    if partner.federated_token_file is not None:
        return FederatedToken(partner.federated_token_file)
    if partner.managed_identity:
        from gateway.upstream.tokens.managed_identity import ManagedIdentity

        audience = CLOUDS[partner.cloud].assertion_audience
        return ManagedIdentity(partner.managed_identity, audience, os.environ)
    if partner.client_secret_file is not None:
        return ClientSecretFile(partner.client_secret_file)
    return ClientSecret(SecretToken(partner.client_secret.get_secret_value()))
