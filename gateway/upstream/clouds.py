"""The addresses of each cloud's API and token authority (CONTRACT 1.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

CloudName = Literal["global", "us_gov", "china"]


@dataclass(frozen=True, slots=True)
class CloudAddresses:
    """The addresses of one cloud. Tokens of one are not valid in another.

    Attributes:
        base_url: the URL of the API, without `/v1`.
        authority: the issuer of tokens, without the tenant.
        resource: the audience of tokens.
        assertion_audience: the audience of a managed identity's token that takes the place of a
            client secret (CONTRACT 1.6).
    """

    base_url: str
    authority: str
    resource: str
    assertion_audience: str


_WORLDWIDE_API: Final = "https://api.partnercenter.microsoft.com"
_CHINA_API: Final = "https://partner.partnercenterapi.microsoftonline.cn"

CLOUDS: Final[Mapping[CloudName, CloudAddresses]] = {
    "global": CloudAddresses(
        base_url=_WORLDWIDE_API,
        authority="https://login.microsoftonline.com",
        resource=_WORLDWIDE_API,
        assertion_audience="api://AzureADTokenExchange",
    ),
    "us_gov": CloudAddresses(
        base_url=_WORLDWIDE_API,
        authority="https://login.microsoftonline.us",
        resource=_WORLDWIDE_API,
        assertion_audience="api://AzureADTokenExchangeUSGov",
    ),
    "china": CloudAddresses(
        base_url=_CHINA_API,
        authority="https://login.partner.microsoftonline.cn",
        resource=_CHINA_API,
        assertion_audience="api://AzureADTokenExchangeChina",
    ),
}
