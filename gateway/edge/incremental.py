"""What `@defer` and `@stream` put off, as it is delivered.

Source: graphql-core's incremental delivery, the working group's format of 2023: `pending`,
`incremental`, `completed`. Each piece also names its whole path and its label, by which clients
of the format before know it.
"""

from collections.abc import Sequence
from typing import Any, Final

from graphql import GraphQLError
from graphql.execution import (
    InitialIncrementalExecutionResult,
    SubsequentIncrementalExecutionResult,
)
from graphql.execution.types import CompletedResult, IncrementalResult, PendingResult

from gateway.edge.failures import present

FRAMES: Final = (InitialIncrementalExecutionResult, SubsequentIncrementalExecutionResult)
Frame = InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult


class Deliveries:
    """Prints the frames of one request; later ones refer to what earlier ones announced."""

    def __init__(self, correlation_id: str) -> None:
        self._correlation_id = correlation_id
        self._pending: dict[str, PendingResult] = {}

    def printed(self, frame: Frame) -> dict[str, Any]:
        """Return what a frame has besides data and errors of its own."""
        self._pending.update((each.id, each) for each in frame.pending or ())
        delivery: dict[str, Any] = {"hasNext": frame.has_next}
        if frame.pending:
            delivery["pending"] = [each.formatted for each in frame.pending]
        if isinstance(frame, SubsequentIncrementalExecutionResult):
            if frame.incremental:
                delivery["incremental"] = [self._piece(each) for each in frame.incremental]
            if frame.completed:
                delivery["completed"] = [self._completed(each) for each in frame.completed]
        return delivery

    def _piece(self, piece: IncrementalResult) -> dict[str, Any]:
        piece.errors = self._presented(piece.errors)
        announced = self._pending[piece.id]
        printed: dict[str, Any] = {**piece.formatted}
        printed["path"] = [*announced.path, *(piece.sub_path or ())]
        if announced.label is not None:
            printed["label"] = announced.label
        return printed

    def _completed(self, completed: CompletedResult) -> dict[str, Any]:
        completed.errors = self._presented(completed.errors)
        return {**completed.formatted}

    def _presented(self, errors: Sequence[GraphQLError] | None) -> list[GraphQLError] | None:
        return present(errors, self._correlation_id) if errors else None
