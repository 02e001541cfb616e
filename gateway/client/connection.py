"""Asking a gateway over HTTP.

::

    ClientProblem
    ├── Unreachable         nobody answers, or nobody who speaks GraphQL
    ├── CredentialRefused   401, 403
    └── RequestRefused      top-level errors
        └── InputRefused    BAD_INPUT
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import httpx
import msgspec

from gateway.settings.addresses import check_credentials
from gateway.settings.masking import masked, masked_url
from gateway.settings.tokens import checked_token

_LONGEST_ANSWER_S: Final = 90.0
# A stream that lives shows it more often than this.
_LONGEST_SILENCE_S: Final = 60.0
_UNAUTHORIZED: Final = (401, 403)


class ClientProblem(Exception):
    """A request came to nothing; the text says why and what to do."""


class Unreachable(ClientProblem):
    """No gateway answers there."""


class CredentialRefused(ClientProblem):
    """The gateway does not know the caller, or does not let it do this."""


class RequestRefused(ClientProblem):
    """The gateway answered with errors."""


class InputRefused(RequestRefused):
    """An argument is not what it should be."""


class _Error(msgspec.Struct, frozen=True):
    message: str
    extensions: dict[str, Any] = {}


class _Content(msgspec.Struct, frozen=True):
    """An answer in GraphQL; one without data and errors is none."""

    data: dict[str, Any] | None = None
    errors: list[_Error] = []


_CONTENT: Final = msgspec.json.Decoder(_Content)


@contextlib.contextmanager
def connected(url: str, credential: str = "") -> Iterator["Connection"]:
    """Connect to the gateway at a URL; a user name and a password in it are for a proxy.

    Raises ClientProblem.
    """
    url = url.strip()
    try:
        check_credentials(url)
        http = httpx.Client(base_url=url, trust_env=False)
    except httpx.InvalidURL:  # whose text quotes parts of it
        raise _wrong_url(url, "expected a URL such as http://127.0.0.1:8000") from None
    except ValueError as unclear:
        raise _wrong_url(url, str(unclear)) from None
    with http:
        yield Connection(http, credential)


def _wrong_url(url: str, expected: str) -> ClientProblem:
    return ClientProblem(f"--url or GATEWAY_URL is '{masked_url(url)}': {expected}")


class Connection:
    """A gateway, and as whom it is asked.

    Args:
        http: with the gateway's address as its base URL.
        credential: a JWT or an API key; empty where none is asked for.

    Raises:
        ClientProblem: the credential cannot be sent.
    """

    def __init__(self, http: httpx.Client, credential: str = "") -> None:
        try:
            token = checked_token(credential, "--token or GATEWAY_TOKEN")
        except ValueError as unusable:
            raise ClientProblem(str(unusable)) from None
        if token and http.base_url.userinfo:
            raise ClientProblem(
                "--url or GATEWAY_URL holds a user name, and --token or GATEWAY_TOKEN a credential;"
                " a request can carry one of them: leave the other out"
            )
        self._http = http
        self._secrets = [token]
        self._shown_url = masked_url(str(http.base_url))
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, document: str, variables: Mapping[str, object]) -> dict[str, Any]:
        """Return the data of a document's answer. Raises ClientProblem."""
        try:
            answer = self._http.post(
                "/graphql",
                json={"query": document, "variables": variables},
                headers=self._headers,
                timeout=_LONGEST_ANSWER_S,
            )
        except httpx.HTTPError as error:
            reason = masked(str(error), self._secrets)
            raise Unreachable(
                f"no gateway answers at {self._shown_url} ({reason}); start one with"
                " `upgrade-gateway serve`, or say where it is with --url"
            ) from error
        content = self._content(answer)
        if content.errors or content.data is None:
            raise _refusal(answer.status_code, content.errors, self._secrets)
        return content.data

    def follow(self, document: str, variables: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """Yield the data of a subscription's answers until its stream ends, whatever ended it.

        Where there is no such stream it yields nothing; why, `ask` finds out.
        """
        with (
            contextlib.suppress(httpx.HTTPError),
            self._http.stream(
                "POST",
                "/graphql",
                json={"query": document, "variables": variables},
                headers={**self._headers, "Accept": "text/event-stream"},
                timeout=_LONGEST_SILENCE_S,
            ) as answer,
        ):
            if answer.headers.get("Content-Type", "").startswith("text/event-stream"):
                yield from _data_in(answer.iter_lines())

    def _content(self, answer: httpx.Response) -> _Content:
        content = _read(answer.content)
        if content.data or content.errors:
            return content
        if answer.status_code in _UNAUTHORIZED:
            raise CredentialRefused(f"{self._shown_url} refuses the credential; see --token")
        kind = answer.headers.get("Content-Type", "no content type").partition(";")[0]
        raise Unreachable(
            f"{self._shown_url} answered {answer.status_code} with {kind} where GraphQL was"
            " expected; it is no gateway: say where one is with --url"
        )


def _data_in(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Read events up to the first that has no data; the gateway prints one on a line."""
    for line in lines:
        name, _, text = line.partition(":")
        if name != "data":
            continue
        content = _read(text.encode())
        if content.errors or not content.data:
            return
        yield content.data


def _read(text: bytes) -> _Content:
    try:
        return _CONTENT.decode(text)
    except (msgspec.MsgspecError, ValueError):
        return _Content()


def _refusal(status: int, errors: list[_Error], secrets: list[str]) -> ClientProblem:
    text = masked("\n".join(error.message for error in errors), secrets)
    codes = {error.extensions.get("code") for error in errors}
    if status in _UNAUTHORIZED or codes & {"UNAUTHENTICATED", "FORBIDDEN"}:
        return CredentialRefused(f"{text}\ncheck the credential, --token or GATEWAY_TOKEN")
    return InputRefused(text) if codes == {"BAD_INPUT"} else RequestRefused(text)
