"""Reads and writes the file of registered documents, a manifest of Apollo's client tools.

Sources: the format `apollo-persisted-query-manifest`, version 1, which
`@apollo/generate-persisted-query-manifest` writes: one operation a document, named by an id; and
the object of texts by their hashes that GraphQL Code Generator's client preset
(`persistedDocuments`) and the Relay compiler (`persistConfig.file`) write.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import msgspec
from graphql import GraphQLError, OperationDefinitionNode, parse

from gateway.engine import Engine, InvalidDocument
from gateway.settings.reloading import read_text
from schema.errors import LimitExceeded
from schema.quoting import quote

_FORMAT: Final = "apollo-persisted-query-manifest"


class ManifestError(ValueError):
    """The file is not a manifest or a document; the text names the file."""


class RegisteredDocument(msgspec.Struct, frozen=True):
    """A document that clients may send by its id.

    Attributes:
        id: the hexadecimal SHA-256 of the text, or another id that the manifest defines.
        name: the name of its operation.
        type: the type of its operation.
        body: the text.
    """

    id: str
    name: str
    type: Literal["query", "mutation", "subscription"]
    body: str


class _Manifest(msgspec.Struct, frozen=True):
    format: Literal["apollo-persisted-query-manifest"]
    version: Literal[1]
    operations: list[RegisteredDocument]


def read_documents(file: Path) -> list[RegisteredDocument]:
    """Read a manifest, or a `.graphql` file of one operation. Raises ManifestError, OSError."""
    try:
        return parser_for(file.suffix)(read_text(file))
    except ValueError as error:
        raise ManifestError(f"'{file}': {error}") from error


def parser_for(suffix: str) -> Callable[[str], list[RegisteredDocument]]:
    """Return the parser for a file's suffix: a manifest for `.json`, otherwise one operation."""
    return parse_manifest if suffix == ".json" else lambda text: [parse_document(text)]


def parse_manifest(text: str) -> list[RegisteredDocument]:
    """Parse a manifest. Raises ValueError."""
    try:
        texts = msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError:
        return _parse_apollo_manifest(text)
    return (
        [_parse_with_id(*each) for each in texts.items()] if texts else _parse_apollo_manifest(text)
    )


def _parse_with_id(id: str, text: str) -> RegisteredDocument:
    try:
        return msgspec.structs.replace(parse_document(text), id=id)
    except ValueError as error:
        raise ValueError(f"document {quote(id)}: {error}") from error


def _parse_apollo_manifest(text: str) -> list[RegisteredDocument]:
    try:
        documents = msgspec.json.decode(text, type=_Manifest).operations
    except msgspec.DecodeError as error:
        raise ValueError(
            f"it is neither a manifest of persisted documents ({_FORMAT}, version 1) nor an"
            f" object that maps hashes to documents: {error}"
        ) from error
    ids = [document.id for document in documents]
    if doubled := sorted({each for each in ids if ids.count(each) > 1}):
        raise ValueError(f"several documents have the id {quote(doubled[0])}")
    return documents


def write_manifest(file: Path, documents: Sequence[RegisteredDocument]) -> None:
    """Write a manifest, sorted so that its diffs are small."""
    sorted_documents = sorted(documents, key=lambda document: (document.name, document.id))
    manifest = _Manifest(_FORMAT, 1, sorted_documents)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")


def parse_document(text: str) -> RegisteredDocument:
    """Parse a document; its hash is its id. Raises ValueError unless it has one named operation."""
    try:
        definitions = parse(text).definitions
    except GraphQLError as error:
        raise ValueError(error.message) from error
    operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
    if len(operations) != 1:
        raise ValueError(f"it has {len(operations)} operations; expected one in each file")
    (operation,) = operations
    if operation.name is None:
        raise ValueError(f"its {operation.operation.value} has no name; add a name")
    return RegisteredDocument(
        hash_document(text), operation.name.value, operation.operation.value, text
    )


def hash_document(text: str) -> str:
    """Return the hexadecimal SHA-256 of a document."""
    return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class InvalidRegistration:
    """A registered document that the engine rejects, and the reason."""

    document: RegisteredDocument
    reason: str


def find_invalid(
    documents: Iterable[RegisteredDocument], engine: Engine
) -> Iterator[InvalidRegistration]:
    """Yield the documents that do not fit the schema or exceed its limits."""
    for document in documents:
        try:
            engine.prepare(document.body)
        except (InvalidDocument, LimitExceeded) as error:
            yield InvalidRegistration(document, str(error))
