"""Opens the documents that clients may name, from the settings."""

from collections.abc import Callable, Iterable

from gateway.persisted.documents import DocumentRegistry, RegisteredDocuments
from gateway.persisted.manifest import parse_document, parser_for
from gateway.settings import Settings
from gateway.settings.asked_file import AskedFile
from gateway.settings.persisted import DocumentPolicy, PersistedSettings
from gateway.settings.reloading import ReloadingFile


def build_document_registry(
    settings: Settings, own_texts: Iterable[str], monotonic: Callable[[], float]
) -> DocumentRegistry:
    """Read the registered documents, and again whenever their file has changed.

    Args:
        settings: name the file and the policy.
        own_texts: documents that the product registers itself.
        monotonic: a clock, in seconds.

    Raises:
        ValueError: the file holds no documents.
    """
    persisted = settings.persisted
    default: DocumentPolicy = "open" if settings.profile == "dev" else "mutations-registered"
    return DocumentRegistry(
        map(parse_document, own_texts),
        persisted.policy or default,
        persisted.remembered_max_characters,
        _open_file(persisted, monotonic),
    )


def _open_file(
    persisted: PersistedSettings, monotonic: Callable[[], float]
) -> AskedFile[RegisteredDocuments] | None:
    if persisted.file is None:
        return None
    parse = parser_for(persisted.file.suffix)
    try:
        watched = ReloadingFile(persisted.file, lambda text: RegisteredDocuments(parse(text)))
    except ValueError as error:
        raise ValueError(
            f"persisted.file {error}; make it with 'upgrade-gateway persisted add', or correct the"
            " setting"
        ) from error
    return AskedFile(watched, monotonic)
