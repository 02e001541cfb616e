"""What is wrong with a file that is a part of the settings by itself."""

from pydantic import ValidationError

from schema.quoting import shorten


def describe(error: OSError | ValueError) -> str:
    """Name every wrong member and what was expected; nothing that came is shown."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(f"{_join_path(each['loc'])}: {each['msg']}" for each in error.errors())


def _join_path(path: tuple[int | str, ...]) -> str:
    return shorten(".".join(str(part) for part in path))
