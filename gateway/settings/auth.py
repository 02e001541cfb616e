"""Who may use the gateway, and how callers prove who they are."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from gateway.settings.section import SettingsSection
from gateway.settings.validators import validate_token_url
from schema.scopes import ALL_SCOPES

AuthMode = Literal["none", "jwt", "keys", "jwt_or_keys"]

# A public key verifies these and cannot make them; with HS256 whoever verifies could also sign.
ASYMMETRIC: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)


def _join_words(given: object) -> object:
    """Take a list, which TOML may hold, as its words."""
    if isinstance(given, list) and all(isinstance(each, str) for each in given):
        return " ".join(given)
    return " ".join(given.split()) if isinstance(given, str) else given


WordList = Annotated[str, BeforeValidator(_join_words)]
"""Words separated by spaces; a list of them is taken too."""


class AuthSettings(SettingsSection):
    """Callers: how they prove who they are, and what they may do."""

    mode: AuthMode = Field(
        "none",
        description="How callers prove who they are; `none` trusts all, and only on loopback",
    )
    issuer: WordList = Field(
        "", description="`iss` of tokens, the OIDC issuer's URL as it prints it; one or several"
    )
    audience: WordList = Field(
        "", description="`aud` of tokens: what the issuer calls this gateway; one or several"
    )
    client_as_audience: bool = Field(
        False,
        description=(
            "Accept tokens without `aud`, such as Amazon Cognito's, whose `client_id` or `azp` is"
            " in `auth.audience`"
        ),
    )
    algorithms: WordList = Field(
        "RS256", description="Signatures that are accepted, separated by spaces; asymmetric only"
    )
    leeway_s: float = Field(
        30.0, ge=0, le=300, description="Seconds by which clocks may differ, for `exp` and `nbf`"
    )
    jwks_url: WordList = Field(
        "",
        description=(
            "Where signing keys are: one URL for all issuers, or one for each in the order of"
            " `auth.issuer`; none: where the issuer's metadata says"
        ),
    )
    jwks_timeout_s: float = Field(5.0, gt=0, description="Seconds a fetch of signing keys may take")
    jwks_ttl_s: float = Field(
        600.0, gt=0, description="Seconds after which signing keys are fetched anew"
    )
    scopes_claim: WordList = Field(
        "scope",
        min_length=1,
        description=(
            "Claims that hold a caller's scopes, as text or a list; one or several, such as"
            " `scp roles`, and with a path into objects, such as `realm_access.roles`"
        ),
    )
    scopes_prefix: WordList = Field(
        "",
        description=(
            "What may stand before a scope in a token, such as `api://<application id>/`; one or"
            " several"
        ),
    )
    default_scopes: WordList = Field(
        "", description="Scopes that every accepted token has, separated by spaces"
    )
    customers_claim: str = Field(
        "",
        description=(
            "Claim that holds the ids of the customers a caller is limited to; may be a path, as"
            " in `auth.scopes_claim`"
        ),
    )
    customers_file: Path | None = Field(
        None, description="TOML file that maps callers to their customers; read anew when changed"
    )
    keys_file: Path | None = Field(
        None, description="TOML file of API keys, hashed; read anew when changed"
    )

    @property
    def accepts_jwts(self) -> bool:
        """Whether a JWT is accepted."""
        return self.mode in ("jwt", "jwt_or_keys")

    @property
    def accepts_api_keys(self) -> bool:
        """Whether an API key is accepted."""
        return self.mode in ("keys", "jwt_or_keys")

    @property
    def issuers(self) -> tuple[str, ...]:
        """Every issuer, once."""
        return tuple(dict.fromkeys(self.issuer.split()))

    @property
    def jwks_urls(self) -> Mapping[str, str]:
        """Where the keys of each issuer are; empty where its metadata says it."""
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
            raise ValueError(f"auth.mode is '{self.mode}', which needs {_join_names(missing)}")
        optional = (
            *("jwks_url", "client_as_audience", "scopes_prefix"),
            *("default_scopes", "customers_claim", "customers_file"),
        )
        usable = {*needed, *(optional if self.accepts_jwts else ())}
        given = ("issuer", "audience", "keys_file", *optional)
        if unused := [name for name in given if getattr(self, name) and name not in usable]:
            raise ValueError(
                f"auth.mode is '{self.mode}', which does not use {_join_names(unused)};"
                " choose another auth.mode or leave that out"
            )
        if len(self.jwks_url.split()) not in (0, 1, len(self.issuers)):
            raise ValueError(
                "auth.jwks_url holds another number of URLs than auth.issuer; set one for all"
                " issuers, or one for each"
            )
        if self.customers_claim and self.customers_file:
            raise ValueError(
                "auth.customers_claim and auth.customers_file both say whose customers a caller"
                " sees; leave one of them out"
            )
        return self

    def _required_settings(self) -> list[str]:
        tokens = ["issuer", "audience"] if self.accepts_jwts else []
        return [*tokens, "keys_file"] if self.accepts_api_keys else tokens


def _require_known(names: str, known: Collection[str]) -> str:
    """Return the names with one space between them; raises ValueError for one not known."""
    given = names.split()
    if not set(known).issuperset(given):
        raise ValueError(f"expected some of {', '.join(sorted(known))}, separated by spaces")
    return " ".join(given)


def _join_names(names: list[str]) -> str:
    return " and ".join(f"auth.{name}" for name in names)
