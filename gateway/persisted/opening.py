"""Opens the documents that clients may name, from the settings."""

from gateway.persisted import manifest
from gateway.persisted.documents import Documents
from gateway.settings import Settings
from gateway.settings.persisted import DocumentPolicy


def open_documents(settings: Settings) -> Documents:
    """Read the registered documents. Raises ValueError where their file holds none."""
    persisted = settings.persisted
    default: DocumentPolicy = "open" if settings.profile == "dev" else "mutations-registered"
    try:
        registered = manifest.read(persisted.file) if persisted.file else []
    except OSError as error:
        raise ValueError(
            f"persisted.file '{persisted.file}' cannot be read ({error.strerror}); make it with"
            " 'upgrade-gateway persisted add', or correct the setting"
        ) from error
    return Documents(registered, persisted.policy or default, persisted.remembered_max_characters)
