"""Renders `docs/errors.md` from the error codes in the source."""

from collections.abc import Iterable
from typing import Final

from gateway.edge.error_codes import MEANINGS
from schema.user_errors import UserErrorCode, decide_retry

_HEAD: Final = """# Error codes

Made by `upgrade-gateway schema errors`.

## Refusals of mutations and previews

`userErrors` of a payload, and `failure` of an operation, have a `code`. `retry` says how to ask
again once the reason is gone: `SAME_KEY`, `NEW_KEY`, `AFTER_SETTLEMENT` or `NONE`. It depends on
whether an operation is recorded: that keeps its answer, and has used its idempotency key up.

"""
_TOP_LEVEL: Final = """
## Errors of a request

`errors[].extensions.code`, always with a `correlationId`, by which the gateway's log tells more.

"""


def render_error_codes() -> str:
    codes = [code for code in UserErrorCode if code is not UserErrorCode.UNKNOWN]
    refusals = (
        (
            f"`{code.name}`",
            _description(code),
            f"`{decide_retry(code, is_recorded=False).name}`",
            f"`{decide_retry(code, is_recorded=True).name}`",
        )
        for code in codes
    )
    names = ("code", "meaning", "`retry` without an operation", "`retry` of an operation")
    top_level = ((f"`{code}`", meaning) for code, meaning in MEANINGS.items())
    return _HEAD + _table(names, refusals) + _TOP_LEVEL + _table(("code", "meaning"), top_level)


def _description(code: UserErrorCode) -> str:
    definition = UserErrorCode.__strawberry_definition__  # type: ignore[attr-defined]
    found = next(value for value in definition.values if value.name == code.name)
    return str(found.description)


def _table(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(names)
    lines = [head, ["---"] * len(head), *map(list, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
