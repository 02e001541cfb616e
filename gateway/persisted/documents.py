"""Finds the document of a request, and checks that it may run."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from cachetools import LRUCache
from graphql import GraphQLError, OperationType, parse

from gateway.persisted.errors import (
    PersistedQueryNotFound,
    PersistedQueryNotSupported,
    PersistedQueryRequired,
)
from gateway.persisted.manifest import RegisteredDocument, hash_document
from gateway.persisted.normalization import normalize
from gateway.settings.reloading import ReloadingFile
from gateway.settings.sections import DocumentPolicy
from schema.errors import InvalidInput

NO_DOCUMENT: Final = (
    'The request has no GraphQL document. Send it as `query`, such as "{ __typename }".'
)
_SHA256_PREFIX: Final = "sha256:"
_APQ_VERSION: Final = 1
_MAX_EQUIVALENT_CHARACTERS: Final = 1_000_000


class RegisteredDocuments:
    """The documents that clients may always run.

    Attributes:
        texts: the documents by the ids that clients send.
    """

    def __init__(self, documents: Iterable[RegisteredDocument]) -> None:
        self.texts = {document.id: document.body for document in documents}
        self._known = frozenset(self.texts.values())
        self._normalized = frozenset(filter(None, map(_normalize_text, self._known)))
        # Texts with the same content as a registered document in another layout.
        self._equivalent: LRUCache[str, str] = LRUCache(_MAX_EQUIVALENT_CHARACTERS, len)

    def has_text(self, text: str) -> bool:
        """Whether exactly this text is registered, or was found equivalent earlier.

        Parses nothing.
        """
        return text in self._known or text in self._equivalent

    def __contains__(self, text: str) -> bool:
        if self.has_text(text):
            return True
        if _normalize_text(text) not in self._normalized:
            return False
        if len(text) <= self._equivalent.maxsize:
            self._equivalent[text] = text
        return True


class DocumentRegistry:
    """Finds documents that clients send by id or hash: registered ones, and those cached earlier.

    Sources: `documentId` of the GraphQL-over-HTTP draft, appendix A; Apollo's automatic persisted
    queries, version 1.

    Args:
        registered: documents that are always registered, in addition to those in the file.
        policy: which documents must be registered.
        remembered_max_characters: the size of the cache of automatic persisted queries; with 0
            clients are told that the gateway does not support them.
        file: the registered documents; None if no file is set.
    """

    def __init__(
        self,
        registered: Iterable[RegisteredDocument],
        policy: DocumentPolicy,
        remembered_max_characters: int,
        file: ReloadingFile[RegisteredDocuments] | None = None,
    ) -> None:
        self._registered = RegisteredDocuments(registered)
        self._file = file
        self._policy = policy
        self._remembered: LRUCache[str, str] = LRUCache(remembered_max_characters, len)

    def resolve(
        self, query: str | None, document_id: str | None, extensions: Mapping[str, Any] | None
    ) -> str:
        """Return the text of the document that a request contains or identifies.

        Raises InvalidInput, PersistedQueryNotFound, PersistedQueryNotSupported.
        """
        if query and document_id is None and not extensions:
            return query
        named = _requested_id(document_id, extensions)
        if named is None:
            if not query:
                raise InvalidInput(NO_DOCUMENT)
            return query
        if query is None:
            return self._find(named)
        if document_id is not None:
            raise InvalidInput("The request has both `documentId` and `query`. Send one of them.")
        if hash_document(query) != named:
            raise InvalidInput(
                "extensions.persistedQuery.sha256Hash is not the SHA-256 of `query`."
            )
        return query

    def remember(self, text: str, extensions: Mapping[str, Any] | None) -> None:
        """Cache a valid document that was sent with its hash."""
        named = _requested_id(None, extensions)
        if named is not None and len(text) <= self._remembered.maxsize:
            self._remembered[named] = text

    def check_policy(self, text: str, operation_type: OperationType) -> None:
        """Raise PersistedQueryRequired if the document must be registered, but is not."""
        must_be_registered = self._policy == "registered" or (
            self._policy == "mutations-registered" and operation_type is OperationType.MUTATION
        )
        if must_be_registered and not self._is_registered(text):
            which = "documents" if self._policy == "registered" else "mutations"
            raise PersistedQueryRequired(
                f"Only registered {which} may run, and this one is not registered (layout and"
                " `__typename` do not matter). Register it, and send its id as `documentId`."
            )

    def is_registered_as(self, text: str) -> bool:
        """Whether this text is registered, or was found equivalent to a registered one."""
        if self._registered.has_text(text):
            return True
        return self._file is not None and self._file.current().has_text(text)

    def file_is_current(self) -> bool:
        """Whether the file's present content is in use. True if no file is set."""
        return self._file is None or self._file.is_current

    def _is_registered(self, text: str) -> bool:
        return text in self._registered or (self._file is not None and text in self._file.current())

    def _find(self, named: str) -> str:
        in_file = {} if self._file is None else self._file.current().texts
        text = self._registered.texts.get(named) or in_file.get(named)
        text = text or self._remembered.get(named)
        if text is not None:
            return text
        if not self._remembered.maxsize:
            raise PersistedQueryNotSupported
        raise PersistedQueryNotFound


def _normalize_text(text: str) -> str | None:
    """Return the normalized document; None for a syntax error."""
    try:
        return normalize(parse(text, no_location=True))
    except GraphQLError:
        return None


def _requested_id(document_id: str | None, extensions: Mapping[str, Any] | None) -> str | None:
    """Return the id or hash in a request; None if it has neither."""
    if document_id is not None:
        return document_id.removeprefix(_SHA256_PREFIX)
    if not extensions or (persisted := extensions.get("persistedQuery")) is None:
        return None
    if not isinstance(persisted, Mapping) or persisted.get("version") != _APQ_VERSION:
        raise InvalidInput('extensions.persistedQuery must be {"version": 1, "sha256Hash": "…"}.')
    named = persisted.get("sha256Hash")
    if not isinstance(named, str):
        raise InvalidInput(
            "extensions.persistedQuery.sha256Hash must be a string, the SHA-256 of the query."
        )
    return named.lower()
