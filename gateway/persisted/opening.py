"""Opens the documents that clients may name, from the settings."""

from collections.abc import Callable, Iterable

from gateway.persisted.documents import Documents, RegisteredDocuments
from gateway.persisted.manifest import parse_as, registered
from gateway.settings import Settings
from gateway.settings.asked_file import AskedFile
from gateway.settings.persisted import DocumentPolicy, PersistedSettings
from gateway.settings.reloading import ReloadingFile


def open_documents(
    settings: Settings, own_texts: Iterable[str], monotonic: Callable[[], float]
) -> Documents:
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
    return Documents(
        map(registered, own_texts),
        persisted.policy or default,
        persisted.remembered_max_characters,
        _file(persisted, monotonic),
    )


def _file(
    persisted: PersistedSettings, monotonic: Callable[[], float]
) -> AskedFile[RegisteredDocuments] | None:
    if persisted.file is None:
        return None
    parse = parse_as(persisted.file.suffix)
    try:
        watched = ReloadingFile(persisted.file, lambda text: RegisteredDocuments(parse(text)))
    except ValueError as error:
        raise ValueError(
            f"persisted.file {error}; make it with 'upgrade-gateway persisted add', or correct the"
            " setting"
        ) from error
    return AskedFile(watched, monotonic)
