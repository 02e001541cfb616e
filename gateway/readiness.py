"""Whether requests can be answered now, and as their operator means it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.auth.authenticators import Authenticator
from gateway.edge.site.probes import Readiness, ReadinessCheck, ReadinessStatus
from gateway.limits.reloadable import ReloadableLimits
from gateway.operations.admission import Admission
from gateway.operations.runtime import OperationRuntime
from gateway.persisted.documents import DocumentRegistry
from gateway.upstream.errors import UpstreamError

_TOKEN_WITHIN_S: Final = 2.0
_LAST_GOOD_ONE: Final = (
    "cannot be used; the last good one is in force; the gateway's log says what is wrong"
)


class ReadinessChecks:
    """What `/ready` tells anybody: neither addresses nor paths; no call is spent on asking.

    Args:
        token: has a token within seconds or raises UpstreamError; None where callers bring theirs.
        engine: records operations.
        admission: lets them in; None where all are.
        limits: may have a file.
        callers: known by files, or otherwise.
        documents: may be registered in a file.
    """

    def __init__(
        self,
        token: Callable[[float], Awaitable[None]] | None,
        engine: OperationRuntime,
        admission: Admission | None,
        limits: ReloadableLimits,
        callers: Authenticator,
        documents: DocumentRegistry,
    ) -> None:
        self._token = token
        self._engine = engine
        self._admission = admission
        self._limits = limits
        self._callers = callers
        self._documents = documents

    async def evaluate(self) -> Readiness:
        """Look at everything there is to look at."""
        return Readiness.from_checks(
            {
                "token": await self._token_check(),
                "operations": await self._operations_check(),
                "limits": self._limits_check(),
                "callers": self._callers_check(),
                "documents": self._documents_check(),
            }
        )

    async def _operations_check(self) -> ReadinessCheck:
        if self._engine.is_starting:
            return ReadinessCheck(ReadinessStatus.DEGRADED, "operations are starting")
        trouble = await self._engine.unavailable_reason()
        if trouble is None and self._admission is not None:
            trouble = self._admission.trouble()
        if trouble is None:
            return ReadinessCheck(ReadinessStatus.READY, "operations can be recorded")
        return ReadinessCheck(ReadinessStatus.DEGRADED, trouble)

    def _limits_check(self) -> ReadinessCheck:
        if self._limits.is_current:
            return ReadinessCheck(ReadinessStatus.READY, "the limits are as they are set")
        return ReadinessCheck(ReadinessStatus.DEGRADED, f"the file of limits {_LAST_GOOD_ONE}")

    def _callers_check(self) -> ReadinessCheck:
        if self._callers.files_are_current():
            return ReadinessCheck(ReadinessStatus.READY, "callers are known as it is set")
        return ReadinessCheck(
            ReadinessStatus.DEGRADED, f"the file of keys or of customers {_LAST_GOOD_ONE}"
        )

    def _documents_check(self) -> ReadinessCheck:
        if self._documents.file_is_current():
            return ReadinessCheck(ReadinessStatus.READY, "documents are registered as it is set")
        return ReadinessCheck(
            ReadinessStatus.DEGRADED, f"the file of registered documents {_LAST_GOOD_ONE}"
        )

    async def _token_check(self) -> ReadinessCheck:
        if self._token is None:
            return ReadinessCheck(ReadinessStatus.READY, "callers bring their own tokens")
        try:
            async with asyncio.timeout(_TOKEN_WITHIN_S):
                await self._token(_TOKEN_WITHIN_S)
        except TimeoutError:
            return ReadinessCheck(
                ReadinessStatus.DEGRADED, f"there is no token after {_TOKEN_WITHIN_S:g} s"
            )
        except UpstreamError as error:
            return ReadinessCheck(ReadinessStatus.DEGRADED, error.public_message)
        return ReadinessCheck(ReadinessStatus.READY, "there is a token")
