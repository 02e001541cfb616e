"""Checks the tokens that are set."""


def validate_token(text: str, name: str = "") -> str:
    """Return a token without outer whitespace.

    Args:
        text: what was set.
        name: what set it, for the error's text.

    Raises:
        ValueError: no header could carry it; quotes nothing of it.
    """
    token = text.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        expected = "expected the token alone, without 'Bearer', spaces or line breaks"
        raise ValueError(f"{name}: {expected}" if name else expected)
    return token
