"""Builds the parts of the client from the settings."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gateway.clock import Clock
from gateway.credentials import SecretToken
from gateway.settings import PartnerSettings, ThrottleSettings
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.clouds import CLOUDS
from gateway.upstream.endpoints import UpstreamBucket
from gateway.upstream.errors import NoToken
from gateway.upstream.rate_limits import WindowLimit
from gateway.upstream.tokens.base import TokenProvider
from gateway.upstream.tokens.refresh_token_file import RefreshTokenFile
from gateway.upstream.tokens.sandbox import SandboxTokens
from gateway.upstream.tokens.static import PassThroughTokens, StaticTokens
from gateway.upstream.transport.base import Transport
from gateway.upstream.transport.proxies import ProxyConfig, load_proxy_config

if TYPE_CHECKING:
    from gateway.upstream.tokens.identity_platform import AppRegistration


def resolve_base_url(partner: PartnerSettings) -> str:
    """Return the API's base URL from the settings, else the cloud's."""
    return partner.base_url or CLOUDS[partner.cloud].base_url


def build_tokens(partner: PartnerSettings, transport: Transport, clock: Clock) -> TokenProvider:
    """Raises ValueError with the name of a setting that cannot be used."""
    match partner.auth:
        case "sandbox":
            return SandboxTokens(transport, resolve_base_url(partner), clock)
        case "static":
            return StaticTokens(SecretToken(partner.token.get_secret_value()))
        case "passthrough":
            return PassThroughTokens(secrets.token_bytes(32))
        case "app":
            return _build_app_tokens(partner, clock)
        case "app_user":
            return _build_app_user_tokens(partner, clock)


def load_proxies(partner: PartnerSettings) -> ProxyConfig:
    """Raises ValueError with the name of an environment variable that is not a proxy URL."""
    return load_proxy_config(partner.proxy.get_secret_value(), os.environ)


def check_refresh_token_file(partner: PartnerSettings) -> None:
    """Raise ValueError for a refresh token file that cannot be used."""
    if partner.refresh_token_file is None:
        return
    try:
        RefreshTokenFile(partner.refresh_token_file).read()
    except NoToken as unreadable:
        raise ValueError(str(unreadable)) from unreadable


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


def _build_app_tokens(partner: PartnerSettings, clock: Clock) -> TokenProvider:
    from gateway.upstream.tokens.identity_platform import AppTokens

    return AppTokens(_build_app_registration(partner), clock)


def _build_app_user_tokens(partner: PartnerSettings, clock: Clock) -> TokenProvider:
    from gateway.upstream.tokens.identity_platform import AppUserTokens

    # The settings require a file for `app_user`.
    file = RefreshTokenFile(cast("Path", partner.refresh_token_file))
    return AppUserTokens(_build_app_registration(partner), file, clock)


def _build_app_registration(partner: PartnerSettings) -> "AppRegistration":
    from gateway.upstream.tokens.identity_platform import AppRegistration

    return AppRegistration(
        CLOUDS[partner.cloud],
        partner.tenant_id,
        partner.client_id,
        SecretToken(partner.client_secret.get_secret_value()),
        http_client=_build_msal_session(partner),
    )


def _build_msal_session(partner: PartnerSettings) -> Any:
    """Return the HTTP session for msal. Without one, msal follows the environment's proxies."""
    if not partner.proxy.get_secret_value():
        return None
    from gateway.upstream.tokens.identity_platform import build_proxied_session

    return build_proxied_session(load_proxies(partner))
