"""Shortens input for messages, logs and headers. Input can be as long as a request."""

import re
from typing import Final

MAX_QUOTED_CHARS: Final = 80
MAX_MESSAGE_CHARS: Final = 1000

# graphql-core's: names in single quotes, and values to the end of the message.
_QUOTED_NAME: Final = re.compile(rf"""(?<!\w)(['"])([^'"]{{{MAX_QUOTED_CHARS}}})[^'"]+\1(?!\w)""")
_QUOTED_VALUE: Final = re.compile(
    rf"(\bfound: |(?<!invalid )\bvalue: )(.{{{MAX_QUOTED_CHARS}}}).+", re.DOTALL
)


def quote(value: object) -> str:
    """Return the `repr` of a value, shortened to 80 characters."""
    is_cut = isinstance(value, str) and len(value) > MAX_QUOTED_CHARS
    shown = repr(value[:MAX_QUOTED_CHARS] if isinstance(value, str) else value)
    if len(shown) > MAX_QUOTED_CHARS + 2:  # escapes, or what is no text
        shown, is_cut = shown[: MAX_QUOTED_CHARS + 2], True
    return f"{shown}…" if is_cut else shown


def shorten(text: str, max_chars: int = MAX_QUOTED_CHARS) -> str:
    """Cut off the end of a text that is too long."""
    return text if len(text) <= max_chars else f"{text[: max_chars - 1]}…"


def shorten_middle(text: str, max_chars: int) -> str:
    """Cut out the middle of a text whose ends both matter, such as a stack trace."""
    if len(text) <= max_chars:
        return text
    half = (max_chars - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def shorten_message(message: str) -> str:
    """Shorten the names and values that a library's error message quotes."""
    if len(message) <= MAX_QUOTED_CHARS:
        return message
    cut = _QUOTED_VALUE.sub(r"\1\2…", _QUOTED_NAME.sub(r"\1\2…\1", message))
    return shorten_middle(cut, MAX_MESSAGE_CHARS)
