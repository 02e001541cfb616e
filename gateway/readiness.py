"""The checks behind `/ready`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.auth.authenticators import Authenticator
from gateway.edge.site.probes import Readiness, ReadinessCheck, ReadinessStatus
from gateway.limits.reloadable import ReloadableLimits
from gateway.operations.policy.admission import AdmissionControl
from gateway.operations.runtime import OperationRuntime
from gateway.persisted.documents import DocumentRegistry
from gateway.upstream.errors import UpstreamError

_TOKEN_TIMEOUT_S: Final = 2.0


class ReadinessChecks:
    """Checks every dependency without calling Partner Center.

    The details are public: they contain neither addresses nor paths.

    Args:
        have_token: obtains a token within seconds or raises UpstreamError; None if callers send
            their own tokens.
        admission: the purchase policy; None if there is none.
    """

    def __init__(
        self,
        have_token: Callable[[float], Awaitable[None]] | None,
        operations: OperationRuntime,
        admission: AdmissionControl | None,
        limits: ReloadableLimits,
        authenticator: Authenticator,
        documents: DocumentRegistry,
    ) -> None:
        self._have_token = have_token
        self._operations = operations
        self._admission = admission
        self._limits = limits
        self._authenticator = authenticator
        self._documents = documents

    async def evaluate(self) -> Readiness:
        return Readiness.from_checks(
            {
                "token": await self._check_token(),
                "operations": await self._check_operations(),
                "limits": _check_file("limits file", is_current=self._limits.is_current),
                "callers": _check_file(
                    "file of API keys or customers",
                    is_current=self._authenticator.files_are_current(),
                ),
                "documents": _check_file(
                    "file of registered documents", is_current=self._documents.file_is_current()
                ),
            }
        )

    async def _check_token(self) -> ReadinessCheck:
        if self._have_token is None:
            return ReadinessCheck(ReadinessStatus.READY, "callers send their own tokens")
        try:
            async with asyncio.timeout(_TOKEN_TIMEOUT_S):
                await self._have_token(_TOKEN_TIMEOUT_S)
        except TimeoutError:
            text = f"the token issuer did not respond within {_TOKEN_TIMEOUT_S:g} s"
            return ReadinessCheck(ReadinessStatus.DEGRADED, text)
        except UpstreamError as error:
            return ReadinessCheck(ReadinessStatus.DEGRADED, error.public_message)
        return ReadinessCheck(ReadinessStatus.READY, "the gateway has a token for Partner Center")

    async def _check_operations(self) -> ReadinessCheck:
        if self._operations.is_starting:
            return ReadinessCheck(ReadinessStatus.DEGRADED, "operations are starting")
        reason = await self._operations.unavailable_reason()
        if reason is None and self._admission is not None:
            reason = self._admission.unavailable_reason()
        if reason is None:
            return ReadinessCheck(ReadinessStatus.READY, "operations can be recorded")
        return ReadinessCheck(ReadinessStatus.DEGRADED, reason)


def _check_file(name: str, *, is_current: bool) -> ReadinessCheck:
    if is_current:
        return ReadinessCheck(ReadinessStatus.READY, f"the {name} is in effect, or none is set")
    text = f"the {name} is invalid; its last valid version is in effect (see the gateway's log)"
    return ReadinessCheck(ReadinessStatus.DEGRADED, text)
