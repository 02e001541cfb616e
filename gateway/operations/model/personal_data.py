"""The names and e-mail addresses in license errors, in stored JSON."""

import json
from typing import Any, Final

_DELETED: Final = "(deleted)"


def without_personal_data(column: str) -> str:
    """Remove names and addresses from the JSON of a stored result or step."""
    document = json.loads(column)
    bodies = [each for each in _objects(document) if isinstance(each.get("body"), str)]
    changed = [each for each in bodies if _clean_body(each)]
    return json.dumps(document, ensure_ascii=False) if changed else column


def _clean_body(holder: dict[str, Any]) -> bool:
    """Clean a response of the vendor, whose members may be written in any case."""
    try:
        body = json.loads(holder["body"])
    except ValueError:
        return False
    errors = [
        error
        for each in _objects(body)
        for name, value in each.items()
        if name.lower() == "licenseerrors" and isinstance(value, list)
        for error in value
        if isinstance(error, dict)
    ]
    personal = [_take_personal(error) for error in errors]
    if not any(personal):
        return False
    # The vendor's texts may repeat them.
    text = json.dumps(body, ensure_ascii=False)
    for value in sorted({value for each in personal for value in each}, key=len, reverse=True):
        text = text.replace(json.dumps(value, ensure_ascii=False)[1:-1], _DELETED)
    holder["body"] = text
    return True


def _take_personal(error: dict[str, Any]) -> list[str]:
    names = [name for name in error if name.lower() in {"name", "email"}]
    values = [error.pop(name) for name in names]
    return [value for value in values if isinstance(value, str) and value]


def _objects(document: Any) -> list[dict[str, Any]]:
    """Return all objects of a JSON document."""
    found, remaining = [], [document]
    while remaining:
        each = remaining.pop()
        if isinstance(each, dict):
            found.append(each)
            remaining.extend(each.values())
        elif isinstance(each, list):
            remaining.extend(each)
    return found
