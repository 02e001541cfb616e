"""The file that lists the customers each caller may see, by the `sub` of its token.

::

    [customers]
    "8f3a6c1e-…" = ["0c39d6d5-…", "3c95518e-…"]
    "front-office" = ["*"]
"""

import tomllib
from collections.abc import Mapping

from gateway.auth.claims import ALL_CUSTOMERS, parse_customer_ids
from gateway.settings.principals import is_principal
from gateway.settings.validators import validate_customer_id
from schema.quoting import quote

CustomersBySubject = Mapping[str, frozenset[str] | None]


def parse_customers(text: str) -> CustomersBySubject:
    """Parse the file. A caller whose `sub` is not listed sees no customers. Raises ValueError."""
    document = tomllib.loads(text)
    table = document.pop("customers", None)
    if not isinstance(table, dict) or document:
        raise ValueError('expected one table [customers] of lines such as "sub" = ["customer id"]')
    for subject in table:
        if not subject or is_principal(subject):
            raise ValueError(
                f"[customers] has {subject!r}, which is not the 'sub' of a token; write only the"
                " 'sub', and list the customers of an API key in auth.keys_file"
            )
    return {
        subject: parse_customer_ids(validate_customer_list(subject, ids))
        for subject, ids in table.items()
    }


def validate_customer_list(name: str, ids: object) -> list[str]:
    """Return a list whose entries are customer ids or `*`. Raises ValueError for anything else."""
    shown = quote(name)
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise ValueError(
            f'the customers of {shown} must be a list such as ["id"], or ["*"] for all'
        )
    try:
        return [each if each == ALL_CUSTOMERS else validate_customer_id(each) for each in ids]
    except ValueError as error:
        raise ValueError(f"the customers of {shown}: {error}") from error
