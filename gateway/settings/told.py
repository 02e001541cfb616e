"""What is wrong with a file that is a part of the settings by itself."""

from pydantic import ValidationError


def told(error: OSError | ValueError) -> str:
    """Name every wrong member and what was expected; nothing that came is shown."""
    if not isinstance(error, ValidationError):
        return str(error)
    return "; ".join(
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()
    )
