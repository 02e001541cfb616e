"""Sends GraphQL requests to a gateway over HTTP.

::

    ClientError
    ├── GatewayUnreachable   nothing was sent, or the server is not a gateway
    ├── NoResponse           sent, and the gateway did not respond
    ├── CredentialRejected   401, 403
    └── ErrorResponse        top-level errors
        └── InputRejected    INVALID_INPUT
"""

import contextlib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import httpx
import msgspec

from gateway.settings.masking import mask_secrets, mask_url
from gateway.settings.validators import validate_token, validate_url_credentials

_PATH: Final = "/graphql"
_RESPONSE_TIMEOUT_S: Final = 90.0
# Longer than the interval of keep-alives in a stream.
_STREAM_TIMEOUT_S: Final = 60.0
_UNAUTHORIZED: Final = (401, 403)
_SERVER_ERROR: Final = 500
# Raised before the first byte of a request is sent.
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


class ClientError(Exception):
    """A request failed. The text says why and what to do."""


class GatewayUnreachable(ClientError):
    """There is no gateway at the URL."""


class NoResponse(ClientError):
    """The request was sent and may have taken effect, but there was no response."""


class CredentialRejected(ClientError):
    """The gateway does not accept the credential, or the credential lacks a required scope."""


class ErrorResponse(ClientError):
    """The gateway's response has GraphQL errors."""


class InputRejected(ErrorResponse):
    """The gateway's response says that an argument is invalid."""


class _GraphQLErrorBody(msgspec.Struct, frozen=True):
    message: str
    extensions: dict[str, Any] = {}


class _ResponseBody(msgspec.Struct, frozen=True):
    """A GraphQL response. A body without data and errors is not one."""

    data: dict[str, Any] | None = None
    errors: list[_GraphQLErrorBody] = []


_RESPONSE_BODY: Final = msgspec.json.Decoder(_ResponseBody)


@contextlib.contextmanager
def connect(url: str, credential: str = "") -> Iterator["GatewayClient"]:
    """Open a client. A user name and password in the URL are sent as basic authentication.

    SSL_CERT_FILE and SSL_CERT_DIR name certificate authorities to trust. Raises ClientError.
    """
    url = url.strip().rstrip("/").removesuffix(_PATH)
    try:
        validate_url_credentials(url)
        http = httpx.Client(base_url=url, verify=_build_ssl_context(), trust_env=False)
    except httpx.InvalidURL:  # its text quotes parts of the URL
        raise _invalid_url(url, "expected a URL such as http://127.0.0.1:8000") from None
    except ValueError as unclear:
        raise _invalid_url(url, str(unclear)) from None
    with http:
        yield GatewayClient(http, credential)


def _build_ssl_context() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError too
        raise ClientError(
            f"cannot read certificates from SSL_CERT_FILE or SSL_CERT_DIR ({error})"
        ) from error


def _invalid_url(url: str, expected: str) -> ClientError:
    return ClientError(f"--url or UPGRADE_GATEWAY_URL is '{mask_url(url)}': {expected}")


class GatewayClient:
    """A client of one gateway, with one credential.

    Args:
        http: the HTTP client, whose base URL is the gateway's.
        credential: a JWT or an API key; empty for no credential.

    Raises:
        ClientError: the credential cannot be sent.
    """

    def __init__(self, http: httpx.Client, credential: str = "") -> None:
        try:
            token = validate_token(credential, "--token or UPGRADE_GATEWAY_TOKEN")
        except ValueError as unusable:
            raise ClientError(str(unusable)) from None
        if token and http.base_url.userinfo:
            raise ClientError(
                "--url or UPGRADE_GATEWAY_URL contains a user name, and --token or"
                " UPGRADE_GATEWAY_TOKEN is set too; a request can carry only one credential,"
                " so remove one of them"
            )
        self._http = http
        self._secrets = [token]
        self._masked_url = mask_url(str(http.base_url))
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def execute(self, document: str, variables: Mapping[str, object]) -> dict[str, Any]:
        """Run a query or mutation and return its data. Raises ClientError."""
        try:
            response = self._http.post(
                _PATH,
                json={"query": document, "variables": variables},
                headers=self._headers,
                timeout=_RESPONSE_TIMEOUT_S,
            )
        except UnicodeEncodeError as error:
            raise ClientError(
                "an argument contains bytes that are not UTF-8; pass all arguments in UTF-8"
            ) from error
        except httpx.HTTPError as error:
            raise self._transport_error(error) from error
        content = self._decode(response)
        if content.errors or content.data is None:
            raise _error_from_response(response.status_code, content.errors, self._secrets)
        return content.data

    def _transport_error(self, error: httpx.HTTPError) -> ClientError:
        reason = mask_secrets(str(error), self._secrets) or type(error).__name__
        if not isinstance(error, _NEVER_SENT):
            return NoResponse(f"{self._masked_url} did not respond to the request: {reason}")
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            return GatewayUnreachable(
                f"the certificate of {self._masked_url} is not trusted ({reason}); if a private CA"
                " signed it, set SSL_CERT_FILE to the CA's certificate"
            )
        return GatewayUnreachable(
            f"cannot reach a gateway at {self._masked_url} ({reason}); start one with"
            " 'upgrade-gateway serve', or set its URL with --url"
        )

    def subscribe(self, document: str, variables: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """Yield the data of a subscription's events until the stream ends for any reason.

        Yields nothing if the stream cannot be opened; `execute` then reports the reason.
        """
        with (
            contextlib.suppress(httpx.HTTPError),
            self._http.stream(
                "POST",
                _PATH,
                json={"query": document, "variables": variables},
                headers={**self._headers, "Accept": "text/event-stream"},
                timeout=_STREAM_TIMEOUT_S,
            ) as response,
        ):
            if response.headers.get("Content-Type", "").startswith("text/event-stream"):
                yield from _parse_events(response.iter_lines())

    def _decode(self, response: httpx.Response) -> _ResponseBody:
        content = _decode_body(response.content)
        if content.data or content.errors:
            return content
        if response.status_code in _UNAUTHORIZED:
            raise CredentialRejected(f"{self._masked_url} rejected the credential; check --token")
        kind = response.headers.get("Content-Type", "no content type").partition(";")[0]
        if response.status_code >= _SERVER_ERROR:
            raise NoResponse(
                f"{self._masked_url} responded with {response.status_code} and {kind} instead of a"
                " GraphQL response; the gateway or a proxy in front of it failed or is stopping"
            )
        raise GatewayUnreachable(
            f"{self._masked_url} responded with {response.status_code} and {kind} instead of a"
            " GraphQL response, so it is not a gateway; set the gateway's URL with --url"
        )


def _parse_events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the data of events, up to the first without data. Each event has one data line."""
    for line in lines:
        name, _, text = line.partition(":")
        if name != "data":
            continue
        content = _decode_body(text.encode())
        if content.errors or not content.data:
            return
        yield content.data


def _decode_body(text: bytes) -> _ResponseBody:
    try:
        return _RESPONSE_BODY.decode(text)
    except (msgspec.MsgspecError, ValueError):
        return _ResponseBody()


def _error_from_response(
    status: int, errors: list[_GraphQLErrorBody], secrets: list[str]
) -> ClientError:
    text = mask_secrets("\n".join(error.message for error in errors), secrets)
    codes = {error.extensions.get("code") for error in errors}
    if status in _UNAUTHORIZED or codes & {"UNAUTHENTICATED", "FORBIDDEN"}:
        return CredentialRejected(
            f"{text}\nCheck the credential in --token or UPGRADE_GATEWAY_TOKEN."
        )
    if "PERSISTED_QUERY_REQUIRED" in codes:
        return ErrorResponse(
            f"{text}\nThe gateway accepts only the documents of its own version. Install the"
            " version of this command that matches the gateway."
        )
    if "INTERNAL" in codes:
        return NoResponse(text)
    return InputRejected(text) if codes == {"INVALID_INPUT"} else ErrorResponse(text)
