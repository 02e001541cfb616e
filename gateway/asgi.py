"""The words of ASGI that Starlette's types have no name for."""

from typing import TypeAlias

Header: TypeAlias = tuple[bytes, bytes]
"""A name in lower case and a value."""
