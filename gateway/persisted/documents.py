"""Which document a request means, and whether it may run."""

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
from gateway.settings.asked_file import AskedFile
from gateway.settings.persisted import DocumentPolicy
from schema.errors import InvalidInput

NO_DOCUMENT: Final = 'No GraphQL document came; send it as `query`, e.g. "{ __typename }".'
_SHA256_PREFIX: Final = "sha256:"
_APQ_VERSION: Final = 1
_MAX_EQUIVALENT_CHARACTERS: Final = 1_000_000


class RegisteredDocuments:
    """What may always run.

    Attributes:
        texts: by the names that clients use.
    """

    def __init__(self, documents: Iterable[RegisteredDocument]) -> None:
        self.texts = {document.id: document.body for document in documents}
        self._known = frozenset(self.texts.values())
        self._normalized = frozenset(filter(None, map(_normalize_text, self._known)))
        # Texts that clients print otherwise than they are registered.
        self._equivalent: LRUCache[str, str] = LRUCache(_MAX_EQUIVALENT_CHARACTERS, len)

    def __contains__(self, text: str) -> bool:
        if text in self._known or text in self._equivalent:
            return True
        if _normalize_text(text) not in self._normalized:
            return False
        if len(text) <= self._equivalent.maxsize:
            self._equivalent[text] = text
        return True


class DocumentRegistry:
    """The registered documents and those remembered from requests.

    Sources: `documentId` of the GraphQL-over-HTTP draft, appendix A; Apollo's automatic persisted
    queries, version 1.

    Args:
        registered: what may always run, whatever the file says.
        policy: what may run besides; `mutations-registered` lets any query and subscription run.
        remembered_max_characters: how much text of automatic persisted queries is kept; with 0
            clients are told that there are none.
        file: holds what may always run, too; None where no file is set.
    """

    def __init__(
        self,
        registered: Iterable[RegisteredDocument],
        policy: DocumentPolicy,
        remembered_max_characters: int,
        file: AskedFile[RegisteredDocuments] | None = None,
    ) -> None:
        self._registered = RegisteredDocuments(registered)
        self._file = file
        self._policy = policy
        self._remembered: LRUCache[str, str] = LRUCache(remembered_max_characters, len)

    def resolve(
        self, query: str | None, document_id: str | None, extensions: Mapping[str, Any] | None
    ) -> str:
        """Raises InvalidInput, PersistedQueryNotFound, PersistedQueryNotSupported."""
        named = _requested_id(document_id, extensions)
        if named is None:
            if not query:
                raise InvalidInput(NO_DOCUMENT)
            return query
        if query is None:
            return self._find(named)
        if document_id is not None:
            raise InvalidInput("The document comes twice: send `documentId` or `query`, not both.")
        if hash_document(query) != named:
            raise InvalidInput("sha256Hash is not the SHA-256 of the query that came with it.")
        return query

    def remember(self, text: str, extensions: Mapping[str, Any] | None) -> None:
        """Keep a document that came with its hash, once it has proved to be valid."""
        named = _requested_id(None, extensions)
        if named is not None and len(text) <= self._remembered.maxsize:
            self._remembered[named] = text

    def check_policy(self, text: str, operation_type: OperationType) -> None:
        """Raise PersistedQueryRequired where a document has to be registered and is not."""
        must_be_registered = self._policy == "registered" or (
            self._policy == "mutations-registered" and operation_type is OperationType.MUTATION
        )
        if must_be_registered and not self._is_registered(text):
            which = "documents" if self._policy == "registered" else "mutations"
            raise PersistedQueryRequired(
                f"Only registered {which} run here, and no registered one asks for the same as this"
                " (layout and `__typename` aside). Have this one registered, and send its id as"
                " `documentId`."
            )

    def file_is_current(self) -> bool:
        """Whether what the file says now is used, if there is one."""
        return self._file is None or self._file.is_current()

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
    """Return what a document asks for; None of a text that is none, which never runs."""
    try:
        return normalize(parse(text, no_location=True))
    except GraphQLError:
        return None


def _requested_id(document_id: str | None, extensions: Mapping[str, Any] | None) -> str | None:
    """Return the id or the hash that a request names its document by."""
    if document_id is not None:
        return document_id.removeprefix(_SHA256_PREFIX)
    if not extensions or (persisted := extensions.get("persistedQuery")) is None:
        return None
    if not isinstance(persisted, Mapping) or persisted.get("version") != _APQ_VERSION:
        raise InvalidInput('extensions.persistedQuery is {"version": 1, "sha256Hash": "…"}.')
    named = persisted.get("sha256Hash")
    if not isinstance(named, str):
        raise InvalidInput("extensions.persistedQuery.sha256Hash is a text: the query's SHA-256.")
    return named.lower()
