"""Formats incremental delivery: the parts of a response to `@defer` and `@stream`.

Source: the GraphQL working group's format of 2023, as graphql-core implements it: `pending`,
`incremental`, `completed`. Each part also has the members that clients of the 2022 format read: its
label and its full path, which ends in the index of the first item for parts of a list. @urql/core 6
reads that path in both formats.
"""

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any, Final, TypeAlias

from graphql import GraphQLError
from graphql.execution import (
    InitialIncrementalExecutionResult,
    SubsequentIncrementalExecutionResult,
)
from graphql.execution.types import (
    CompletedResult,
    IncrementalResult,
    IncrementalStreamResult,
    PendingResult,
)

from gateway.edge.error_codes import format_errors

FRAME_TYPES: Final = (InitialIncrementalExecutionResult, SubsequentIncrementalExecutionResult)
IncrementalFrame = InitialIncrementalExecutionResult | SubsequentIncrementalExecutionResult
Path: TypeAlias = Sequence[str | int]


class IncrementalDelivery:
    """Formats the frames of one request; later frames refer to earlier ones by id."""

    def __init__(self, correlation_id: str) -> None:
        self._correlation_id = correlation_id
        self._pending: dict[str, PendingResult] = {}
        self._next_index: dict[str, int] = {}  # of each streamed list, by id

    def format_frame(self, frame: IncrementalFrame) -> dict[str, Any]:
        """Return the members of a frame's response, except `data` and `errors`."""
        announced = frame.pending or ()
        self._pending.update((each.id, each) for each in announced)
        data = _FrameData()
        delivery: dict[str, Any] = {"hasNext": frame.has_next}
        if announced:
            delivery["pending"] = [each.formatted for each in announced]
        if isinstance(frame, SubsequentIncrementalExecutionResult):
            if frame.incremental:
                delivery["incremental"] = [
                    self._format_piece(each, data) for each in frame.incremental
                ]
            if frame.completed:
                delivery["completed"] = [self._format_completed(each) for each in frame.completed]
        else:
            data.add((), frame.data)
        for each in announced:
            self._next_index.setdefault(each.id, data.length_at(each.path))
        return delivery

    def _format_piece(self, piece: IncrementalResult, data: "_FrameData") -> dict[str, Any]:
        piece.errors = self._format_errors(piece.errors)
        announced = self._pending[piece.id]
        formatted: dict[str, Any] = {**piece.formatted}
        path = [*announced.path, *(piece.sub_path or ())]
        if isinstance(piece, IncrementalStreamResult):
            index = self._next_index.get(piece.id)
            if index is None:  # this frame announced it
                index = data.length_at(path)
            self._next_index[piece.id] = index + len(piece.items)
            for offset, item in enumerate(piece.items):
                data.add((*path, index + offset), item)
            path.append(index)
        else:
            data.add(path, piece.data)
        formatted["path"] = path
        if announced.label is not None:
            formatted["label"] = announced.label
        return formatted

    def _format_completed(self, completed: CompletedResult) -> dict[str, Any]:
        completed.errors = self._format_errors(completed.errors)
        return {**completed.formatted}

    def _format_errors(self, errors: Sequence[GraphQLError] | None) -> list[GraphQLError] | None:
        return format_errors(errors, self._correlation_id) if errors else None


class _FrameData:
    """The data of one frame by path; the first items of a streamed list are among them."""

    def __init__(self) -> None:
        self._values: dict[tuple[str | int, ...], list[Any]] = {}

    def add(self, path: Path, value: Any) -> None:
        """Add a value of the frame; several values may have the same path."""
        self._values.setdefault(tuple(path), []).append(value)

    def length_at(self, path: Path) -> int:
        """Return the length of the list at a path; 0 if there is no list."""
        for depth in range(len(path) + 1):
            for value in self._values.get(tuple(path[:depth]), ()):
                try:
                    found = reduce(operator.getitem, path[depth:], value)
                except (LookupError, TypeError):
                    continue
                if isinstance(found, list):
                    return len(found)
        return 0
