"""The refresh token of a user, in a file that only its owner can read."""

import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from gateway.credentials import SecretToken
from gateway.upstream.errors import NoToken

_MAX_BYTES: Final = 64 * 1024
_SETTING: Final = "partner.refresh_token_file"


class RefreshTokenFile:
    """Reads and replaces the token; a crash leaves the old one or the new one, never half.

    Every method raises `NoToken` with the reason and its cure.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> SecretToken:
        """Return the token, refusing a file that others could have read."""
        try:
            with self._path.open("rb") as file:
                self._check_permissions(os.fstat(file.fileno()))
                text = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise self._error(
                f"cannot be read ({error.strerror}); create it with the refresh token of the"
                " consent, owned by the gateway's user, mode 0600"
            ) from error
        token = text.decode("utf-8-sig", errors="replace").strip()
        if not token or len(text) > _MAX_BYTES or not token.isascii() or len(token.split()) > 1:
            raise self._error("must hold one refresh token and nothing else")
        return SecretToken(token)

    def replace(self, token: SecretToken) -> None:
        """Keep a rotated token: written beside the old one, flushed, then renamed over it."""
        target = self._path.resolve()  # where the file is a link, the link stays
        try:
            descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            try:
                with os.fdopen(descriptor, "w", encoding="ascii") as file:
                    file.write(token.reveal() + "\n")
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            _flush_directory(target.parent)
        except OSError as error:
            raise self._error(
                f"cannot be replaced ({error.strerror}), and the old token may stop working;"
                " let the gateway's user write to its directory"
            ) from error

    def _check_permissions(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise self._error("is not a regular file")
        if not hasattr(os, "geteuid"):
            return  # Windows has neither owners nor modes here; its access lists are not read
        if status.st_uid != os.geteuid():
            raise self._error(
                f"belongs to user {status.st_uid}, and the gateway runs as user {os.geteuid()};"
                " change its owner"
            )
        mode = stat.S_IMODE(status.st_mode)
        if mode & 0o077:
            raise self._error(f"has mode {mode:04o}, which lets others read it; chmod it 0600")

    def _error(self, text: str) -> NoToken:
        return NoToken(f"{_SETTING} {str(self._path)!r} {text}")


def _flush_directory(directory: Path) -> None:
    if os.name != "posix":
        return  # Windows opens no directories
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
