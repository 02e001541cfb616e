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
    """Reads and replaces the refresh token. A crash leaves the old token or the new one.

    All methods raise `NoToken` with the reason and what to do.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> SecretToken:
        """Return the token. Raises NoToken if other users could read the file."""
        try:
            with self._path.open("rb") as file:
                self._check_permissions(os.fstat(file.fileno()))
                text = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise self._error(
                f"cannot be read ({error.strerror}). Create it with the refresh token from the"
                " consent, owned by the gateway's user, mode 0600."
            ) from error
        token = text.decode("utf-8-sig", errors="replace").strip()
        if not token or len(text) > _MAX_BYTES or not token.isascii() or len(token.split()) > 1:
            raise self._error("must contain one refresh token and nothing else.")
        return SecretToken(token)

    def replace(self, token: SecretToken) -> None:
        """Write a new token to a temporary file, flush it, and rename it over the old one."""
        target = self._path.resolve()  # a symbolic link stays one
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
                f"cannot be replaced ({error.strerror}), and the old token may stop working."
                " Let the gateway's user write to the directory."
            ) from error

    def _check_permissions(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise self._error("is not a regular file.")
        if not hasattr(os, "geteuid"):
            return  # Windows has access lists instead of owners and modes; they are not checked
        if status.st_uid != os.geteuid():
            raise self._error(
                f"belongs to user {status.st_uid}, but the gateway runs as user {os.geteuid()}."
                " Change the owner."
            )
        mode = stat.S_IMODE(status.st_mode)
        if mode & 0o077:
            raise self._error(f"has mode {mode:04o}, so others can read it. Set its mode to 0600.")

    def _error(self, text: str) -> NoToken:
        return NoToken(f"{_SETTING} {str(self._path)!r} {text}")


def _flush_directory(directory: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open directories
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
