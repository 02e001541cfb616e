"""The certificate with which the gateway serves TLS itself."""

import ssl
from dataclasses import dataclass

from gateway.settings import HttpSettings, SettingsError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """One PEM file with the certificate and its issuers, and one with the key.

    The key has no passphrase.
    """

    certificate: str
    key: str

    @classmethod
    def from_settings(cls, http: HttpSettings) -> "TlsFiles | None":
        """Return the files that the settings name; None if they name none.

        Raises SettingsError if the files cannot be used.
        """
        if http.tls_certificate_file is None:
            return None
        certificate = str(http.tls_certificate_file)
        files = cls(certificate, str(http.tls_key_file or certificate))
        try:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(files.certificate, files.key, password=_reject_passphrase)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise SettingsError(
                f"http.tls_certificate_file '{files.certificate}' and http.tls_key_file"
                f" '{files.key}' cannot be used ({getattr(error, 'strerror', None) or error});"
                " expected a certificate and its key as PEM, without a passphrase"
            ) from error
        return files


def _reject_passphrase() -> str:
    """Prevent OpenSSL from asking for a passphrase on the terminal."""
    raise ValueError("the key has a passphrase")
