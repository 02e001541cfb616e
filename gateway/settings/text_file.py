from pathlib import Path


def read_text(file: Path) -> str:
    """Read a UTF-8 file, without the byte order mark that some editors on Windows write.

    Raises OSError, or ValueError for another encoding.
    """
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.object[error.start]:#04x} at position {error.start}"
        raise ValueError(f"expected text in UTF-8, found {reason}; save it as UTF-8") from error
