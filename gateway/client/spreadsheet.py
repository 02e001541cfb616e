"""Text in tables that people open in a spreadsheet."""


def escape_cell(text: str) -> str:
    """Keep a spreadsheet from running text that a caller chose, such as an idempotency key."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
