"""Asking a gateway over HTTP.

::

    ClientProblem
    ├── Unreachable         nothing was sent, or to no gateway
    ├── Unanswered          sent, and the gateway did not answer
    ├── CredentialRefused   401, 403
    └── RequestRefused      top-level errors
        └── InputRefused    INVALID_INPUT
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
# A stream that lives shows it more often than this.
_STREAM_TIMEOUT_S: Final = 60.0
_UNAUTHORIZED: Final = (401, 403)
_SERVER_ERROR: Final = 500
# Raised before the first byte of a request leaves.
_NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


class ClientError(Exception):
    """A request came to nothing; the text says why and what to do."""


class GatewayUnreachable(ClientError):
    """No gateway answers there."""


class NoResponse(ClientError):
    """The request was sent and may have taken effect; no answer of the gateway came."""


class CredentialRejected(ClientError):
    """The gateway does not know the caller, or does not let it do this."""


class ErrorResponse(ClientError):
    """The gateway answered with errors."""


class InputRejected(ErrorResponse):
    """An argument is not what it should be."""


class _GraphQLErrorBody(msgspec.Struct, frozen=True):
    message: str
    extensions: dict[str, Any] = {}


class _ResponseBody(msgspec.Struct, frozen=True):
    """An answer in GraphQL; one without data and errors is none."""

    data: dict[str, Any] | None = None
    errors: list[_GraphQLErrorBody] = []


_RESPONSE_BODY: Final = msgspec.json.Decoder(_ResponseBody)


@contextlib.contextmanager
def connect(url: str, credential: str = "") -> Iterator["GatewayClient"]:
    """Connect to the gateway at a URL; a user name and a password in it are for a proxy.

    SSL_CERT_FILE and SSL_CERT_DIR name certificate authorities to trust. Raises ClientProblem.
    """
    url = url.strip().rstrip("/").removesuffix(_PATH)
    try:
        validate_url_credentials(url)
        http = httpx.Client(base_url=url, verify=_build_ssl_context(), trust_env=False)
    except httpx.InvalidURL:  # whose text quotes parts of it
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
            f"SSL_CERT_FILE or SSL_CERT_DIR names no certificates that can be read ({error})"
        ) from error


def _invalid_url(url: str, expected: str) -> ClientError:
    return ClientError(f"--url or UPGRADE_GATEWAY_URL is '{mask_url(url)}': {expected}")


class GatewayClient:
    """A gateway, and as whom it is asked.

    Args:
        http: with the gateway's address as its base URL.
        credential: a JWT or an API key; empty where none is asked for.

    Raises:
        ClientProblem: the credential cannot be sent.
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
        """Return the data of a document's answer. Raises ClientProblem."""
        try:
            answer = self._http.post(
                _PATH,
                json={"query": document, "variables": variables},
                headers=self._headers,
                timeout=_RESPONSE_TIMEOUT_S,
            )
        except UnicodeEncodeError as error:
            raise ClientError("an argument is not UTF-8 text; correct its encoding") from error
        except httpx.HTTPError as error:
            raise self._transport_error(error) from error
        content = self._decode(answer)
        if content.errors or content.data is None:
            raise _error_from_response(answer.status_code, content.errors, self._secrets)
        return content.data

    def _transport_error(self, error: httpx.HTTPError) -> ClientError:
        reason = mask_secrets(str(error), self._secrets) or type(error).__name__
        if not isinstance(error, _NEVER_SENT):
            return NoResponse(
                f"{self._masked_url} did not answer the request it was sent: {reason}"
            )
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            return GatewayUnreachable(
                f"the certificate of {self._masked_url} is not trusted ({reason}); if a private CA"
                " signed it, name the file of that CA's certificate in SSL_CERT_FILE"
            )
        return GatewayUnreachable(
            f"no gateway answers at {self._masked_url} ({reason}); start one with"
            " `upgrade-gateway serve`, or say where it is with --url"
        )

    def subscribe(self, document: str, variables: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """Yield the data of a subscription's answers until its stream ends, whatever ended it.

        Where there is no such stream it yields nothing; why, `ask` finds out.
        """
        with (
            contextlib.suppress(httpx.HTTPError),
            self._http.stream(
                "POST",
                _PATH,
                json={"query": document, "variables": variables},
                headers={**self._headers, "Accept": "text/event-stream"},
                timeout=_STREAM_TIMEOUT_S,
            ) as answer,
        ):
            if answer.headers.get("Content-Type", "").startswith("text/event-stream"):
                yield from _parse_events(answer.iter_lines())

    def _decode(self, answer: httpx.Response) -> _ResponseBody:
        content = _decode_body(answer.content)
        if content.data or content.errors:
            return content
        if answer.status_code in _UNAUTHORIZED:
            raise CredentialRejected(f"{self._masked_url} refuses the credential; see --token")
        kind = answer.headers.get("Content-Type", "no content type").partition(";")[0]
        if answer.status_code >= _SERVER_ERROR:
            raise NoResponse(
                f"{self._masked_url} answered {answer.status_code} with {kind} where GraphQL was"
                " expected; the gateway or a proxy before it has failed or is stopping"
            )
        raise GatewayUnreachable(
            f"{self._masked_url} answered {answer.status_code} with {kind} where GraphQL was"
            " expected; it is no gateway: say where one is with --url"
        )


def _parse_events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Read events up to the first that has no data; the gateway prints one on a line."""
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
        return CredentialRejected(f"{text}\ncheck the credential, --token or UPGRADE_GATEWAY_TOKEN")
    if "PERSISTED_QUERY_REQUIRED" in codes:
        return ErrorResponse(
            f"{text}\na gateway knows the documents of its own version of this command: use the"
            " version that the gateway has"
        )
    if "INTERNAL" in codes:
        return NoResponse(text)
    return InputRejected(text) if codes == {"INVALID_INPUT"} else ErrorResponse(text)
