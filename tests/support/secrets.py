"""Detects secrets in logs and errors."""

import re
from typing import Final

SECRET: Final = re.compile(
    r"""
    eyJ[\w-]{5,}\.[\w-]+          # a JSON Web Token, and the sandbox's own tokens
    | (?i:\bbearer\s+)(?!\[)[\w.~+/=-]{8,}
    | \b[\w.+-]+@[\w-]+(?:\.[\w-]+)+ # an e-mail address
    """,
    re.VERBOSE,
)


def assert_no_secret(text: str) -> None:
    """Fail if a text contains a token or an e-mail address."""
    found = SECRET.search(text)
    assert found is None, f"a secret is shown: …{text[max(0, found.start() - 80) : found.end()]}"
