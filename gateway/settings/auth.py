"""How callers are authenticated, and what they may do."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from gateway.settings.sections import SettingsSection
from gateway.settings.validators import validate_token_url
from schema.scopes import ALL_SCOPES

AuthMode = Literal["none", "jwt", "keys", "jwt_or_keys"]

# With a symmetric algorithm such as HS256, anyone who can verify a token can also forge one.
ASYMMETRIC: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)


def _join_words(given: object) -> object:
    """Join a list, which a TOML file may have, into one text."""
    if isinstance(given, list) and all(isinstance(each, str) for each in given):
        return " ".join(given)
    return " ".join(given.split()) if isinstance(given, str) else given


WordList = Annotated[str, BeforeValidator(_join_words)]
"""Words separated by spaces. A list of them is accepted too."""


class AuthSettings(SettingsSection):
    """How callers are authenticated, and what they may do."""

    mode: AuthMode = Field(
        "none",
        description=(
            "How callers are authenticated. `none` trusts everyone and is allowed on loopback only"
        ),
    )
    issuer: WordList = Field(
        "",
        description="`iss` of accepted tokens: the exact URL of the OIDC issuer; one or several",
    )
    audience: WordList = Field(
        "",
        description="`aud` of accepted tokens: the issuer's name for this gateway; one or several",
    )
    client_as_audience: bool = Field(
        False,
        description=(
            "Accept tokens without `aud`, such as Amazon Cognito's, if their `client_id` or `azp`"
            " is in `auth.audience`"
        ),
    )
    algorithms: WordList = Field(
        "RS256", description="Accepted signature algorithms, separated by spaces; asymmetric only"
    )
    leeway_s: float = Field(
        30.0,
        ge=0,
        le=300,
        description="Clock difference in seconds that is tolerated for `exp` and `nbf`",
    )
    jwks_url: WordList = Field(
        "",
        description=(
            "URL of the signing keys: one for all issuers, or one for each in the order of"
            " `auth.issuer`. Default: the URL in the issuer's metadata"
        ),
    )
    jwks_timeout_s: float = Field(
        5.0, gt=0, description="Timeout in seconds for fetching signing keys"
    )
    jwks_ttl_s: float = Field(
        600.0, gt=0, description="Seconds after which signing keys are fetched again"
    )
    scopes_claim: WordList = Field(
        "scope",
        min_length=1,
        description=(
            "Claims with the scopes of a caller, as text or a list. One or several, such as"
            " `scp roles`; may be a path into an object, such as `realm_access.roles`"
        ),
    )
    scopes_prefix: WordList = Field(
        "",
        description=(
            "Prefixes that are removed from the scopes in a token, such as"
            " `api://<application id>/`; one or several"
        ),
    )
    default_scopes: WordList = Field(
        "", description="Scopes that every accepted token grants, separated by spaces"
    )
    customers_claim: str = Field(
        "",
        description=(
            "Claim with the ids of the customers that a caller may see; may be a path, as in"
            " `auth.scopes_claim`"
        ),
    )
    customers_file: Path | None = Field(
        None, description="TOML file that maps callers to customers; reloaded when it changes"
    )
    keys_file: Path | None = Field(
        None, description="TOML file of hashed API keys; reloaded when it changes"
    )

    @property
    def accepts_jwts(self) -> bool:
        return self.mode in ("jwt", "jwt_or_keys")

    @property
    def accepts_api_keys(self) -> bool:
        return self.mode in ("keys", "jwt_or_keys")

    @property
    def issuers(self) -> tuple[str, ...]:
        """All issuers, without duplicates."""
        return tuple(dict.fromkeys(self.issuer.split()))

    @property
    def jwks_urls(self) -> Mapping[str, str]:
        """Map each issuer to the URL of its keys, or to "" if its metadata name the URL."""
        urls = self.jwks_url.split()
        if len(urls) == len(self.issuers):
            return dict(zip(self.issuers, urls, strict=True))
        return dict.fromkeys(self.issuers, self.jwks_url)

    @field_validator("issuer", "jwks_url")
    @classmethod
    def _validate_urls(cls, urls: str) -> str:
        return " ".join(map(validate_token_url, urls.split()))

    @field_validator("algorithms")
    @classmethod
    def _validate_algorithms(cls, names: str) -> str:
        return _require_known(names, ASYMMETRIC) or "RS256"

    @field_validator("default_scopes")
    @classmethod
    def _validate_scopes(cls, names: str) -> str:
        return _require_known(names, ALL_SCOPES)

    @model_validator(mode="after")
    def _validate_mode(self) -> Self:
        needed = self._required_settings()
        if missing := [name for name in needed if not getattr(self, name)]:
            raise ValueError(f"auth.mode is '{self.mode}', which requires {_join_names(missing)}")
        optional = (
            *("jwks_url", "client_as_audience", "scopes_prefix"),
            *("default_scopes", "customers_claim", "customers_file"),
        )
        usable = {*needed, *(optional if self.accepts_jwts else ())}
        given = ("issuer", "audience", "keys_file", *optional)
        if unused := [name for name in given if getattr(self, name) and name not in usable]:
            raise ValueError(
                f"auth.mode is '{self.mode}', which does not use {_join_names(unused)};"
                " choose another auth.mode or remove that setting"
            )
        if len(self.jwks_url.split()) not in (0, 1, len(self.issuers)):
            raise ValueError(
                "auth.jwks_url and auth.issuer have different numbers of URLs; set one key URL for"
                " all issuers, or one for each"
            )
        if self.customers_claim and self.customers_file:
            raise ValueError(
                "auth.customers_claim and auth.customers_file are both set; a caller's customers"
                " come from one of them, so remove the other"
            )
        return self

    def _required_settings(self) -> list[str]:
        tokens = ["issuer", "audience"] if self.accepts_jwts else []
        return [*tokens, "keys_file"] if self.accepts_api_keys else tokens


def _require_known(names: str, known: Collection[str]) -> str:
    """Normalize the spaces between names. Raises ValueError for an unknown one."""
    given = names.split()
    if not set(known).issuperset(given):
        raise ValueError(f"expected one or more of {', '.join(sorted(known))}, separated by spaces")
    return " ".join(given)


def _join_names(names: list[str]) -> str:
    return " and ".join(f"auth.{name}" for name in names)
