"""Whether registered documents still fit the graph."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.engine import Engine, InvalidDocument
from gateway.persisted.manifest import RegisteredDocument
from schema.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class InvalidRegistration:
    """A document that would be refused, and why."""

    document: RegisteredDocument
    reason: str


def find_invalid(
    documents: Iterable[RegisteredDocument], engine: Engine
) -> Iterator[InvalidRegistration]:
    """Find the documents that the engine refuses."""
    for document in documents:
        try:
            engine.prepare(document.body)
        except (InvalidDocument, LimitExceeded) as refused:
            yield InvalidRegistration(document, str(refused))
