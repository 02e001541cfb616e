"""Builds the registry of documents from the settings."""

from collections.abc import Callable, Iterable
from typing import Final

from gateway.persisted.documents import DocumentRegistry, RegisteredDocuments
from gateway.persisted.manifest import parse_document, parser_for
from gateway.settings import Settings
from gateway.settings.reloading import ReloadingFile
from gateway.settings.sections import DocumentPolicy, PersistedSettings

_CHECK_INTERVAL_S: Final = 1.0


def build_document_registry(
    settings: Settings, own_texts: Iterable[str], monotonic: Callable[[], float]
) -> DocumentRegistry:
    """Build the registry, with the documents in the file that the settings name.

    Args:
        settings: the settings of the gateway.
        own_texts: documents that the gateway registers itself.
        monotonic: a clock, in seconds.

    Raises:
        ValueError: the file is not a manifest.
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
) -> ReloadingFile[RegisteredDocuments] | None:
    if persisted.file is None:
        return None
    parse = parser_for(persisted.file.suffix)
    try:
        return ReloadingFile(
            persisted.file,
            lambda text: RegisteredDocuments(parse(text)),
            check_interval_s=_CHECK_INTERVAL_S,
            monotonic=monotonic,
        )
    except ValueError as error:
        raise ValueError(
            f"persisted.file {error}; create it with 'upgrade-gateway persisted add', or correct"
            " the setting"
        ) from error
