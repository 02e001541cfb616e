"""The requests and responses of the handlers in `routes`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.sandbox.catalog import COUNTRIES, LOCALES, Market
from gateway.sandbox.errors import invalid_input_error, malformed_value_error
from gateway.sandbox.tokens import Caller
from gateway.sandbox.world import World

_DEFAULT_LOCALE: Final = "en-US"
_MAX_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class HandlerRequest:
    """A request to a handler in `routes`. Names in `query` and `headers` are in lower case."""

    caller: Caller
    now_s: float
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    def parse_json(self) -> dict[str, Any]:
        """Parse the body as a JSON object and change its member names to lower case (Q2).

        Raises VendorError for any other body.
        """
        try:
            body = json.loads(self.body)
        except ValueError:
            raise invalid_input_error("the body is not JSON") from None
        if not isinstance(body, dict):
            raise invalid_input_error("the body is not a JSON object")
        lowered: dict[str, Any] = _lowercase_names(body)
        return lowered

    def parse_locale(self) -> str:
        """Read the locale of `X-Locale`, `en-US` if it is missing (G19). Raises VendorError."""
        requested = self.headers.get("x-locale", "").strip() or _DEFAULT_LOCALE
        locale = next((each for each in LOCALES if each.lower() == requested.lower()), None)
        if locale is None:
            raise malformed_value_error("X-Locale", requested, f"one of {', '.join(LOCALES)}")
        return locale

    def parse_market(self) -> Market:
        """Read country and locale. Raises VendorError if either is unknown."""
        country = self.query.get("country", "")
        if not country:
            raise invalid_input_error("the query parameter country is missing")
        if country.upper() not in COUNTRIES:
            raise malformed_value_error("country", country, f"one of {', '.join(COUNTRIES)}")
        return Market(country.upper(), self.parse_locale())

    def parse_whole_number(self, name: str, default: int) -> int:
        """Read a query parameter. Raises VendorError if it is not a whole number from 0."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not text.isdecimal() or len(text) > _MAX_DIGITS:
            raise malformed_value_error(name, text, "a whole number")
        return int(text)


@dataclass(frozen=True, slots=True)
class HandlerResponse:
    """The response of a handler in `routes`. `body` is None if there is none."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    repeats_ids: bool = False
    """Q44: whether each tracing id is sent twice, separated by a comma."""


Handler = Callable[[World, HandlerRequest], HandlerResponse]


def _lowercase_names(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.lower(): _lowercase_names(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_lowercase_names(each) for each in value]
    return value
