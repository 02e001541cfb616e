"""Asking a gateway over HTTP.

::

    ClientProblem
    ├── Unreachable         nobody answers, or nobody who speaks GraphQL
    ├── CredentialRefused   401, 403
    └── RequestRefused      top-level errors
"""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import httpx

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


class Connection:
    """A gateway, and as whom it is asked.

    Args:
        http: with the gateway's address as its base URL.
        credential: a JWT or an API key; empty where none is asked for.
    """

    def __init__(self, http: httpx.Client, credential: str = "") -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {credential}"} if credential else {}

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
            raise Unreachable(
                f"no gateway answers at {self._http.base_url} ({error}); start one with"
                " `upgrade-gateway serve`, or say where it is with --url"
            ) from error
        content = self._content(answer)
        errors = content.get("errors")
        if errors:
            _refuse(answer.status_code, errors)
        data: dict[str, Any] = content["data"]
        return data

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

    def _content(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            content = answer.json()
        except ValueError:
            content = None
        if isinstance(content, dict) and ("data" in content or "errors" in content):
            return content
        if answer.status_code in _UNAUTHORIZED:
            raise CredentialRefused(f"{self._http.base_url} refuses the credential; see --token")
        raise Unreachable(
            f"{self._http.base_url} answered {answer.status_code} and no GraphQL; is it a gateway?"
        )


def _data_in(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Read events up to the first that has no data; the gateway prints one on a line."""
    for line in lines:
        name, _, text = line.partition(":")
        if name != "data":
            continue
        content = json.loads(text) if text.strip() else {}
        if content.get("errors") or not content.get("data"):
            return
        yield content["data"]


def _refuse(status: int, errors: list[dict[str, Any]]) -> None:
    text = "\n".join(str(error.get("message")) for error in errors)
    codes = {error.get("extensions", {}).get("code") for error in errors}
    if status in _UNAUTHORIZED or codes & {"UNAUTHENTICATED", "FORBIDDEN"}:
        raise CredentialRefused(f"{text}\ncheck the credential, --token or GATEWAY_TOKEN")
    raise RequestRefused(text)
