"""The file that says which customers a caller sees, by the `sub` of its token.

::

    [customers]
    "8f3a6c1e-…" = ["0c39d6d5-…", "3c95518e-…"]
    "front-office" = ["*"]
"""

import tomllib
from collections.abc import Mapping

from gateway.auth.claims import ALL_CUSTOMERS, parse_customer_ids
from gateway.settings.customer_ids import validate_customer_id
from gateway.settings.principals import is_principal
from schema.quoting import quote

CustomersBySubject = Mapping[str, frozenset[str] | None]


def parse_customers(text: str) -> CustomersBySubject:
    """Read the file; whoever is not in it sees none. Raises ValueError saying what is wrong."""
    document = tomllib.loads(text)
    table = document.pop("customers", None)
    if not isinstance(table, dict) or document:
        raise ValueError('expected one table [customers] of lines such as "sub" = ["customer id"]')
    for subject in table:
        if not subject or is_principal(subject):
            raise ValueError(
                f"[customers] has {subject!r}, which no token has as its sub; write the sub alone,"
                " and the customers of an API key into auth.keys_file"
            )
    return {
        subject: parse_customer_ids(validate_customer_list(subject, ids))
        for subject, ids in table.items()
    }


def validate_customer_list(name: str, ids: object) -> list[str]:
    """Return a list of ids, or of `*`. Raises ValueError for anything else."""
    shown = quote(name)
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise ValueError(f'the customers of {shown} are a list such as ["id"], or ["*"] for all')
    try:
        return [each if each == ALL_CUSTOMERS else validate_customer_id(each) for each in ids]
    except ValueError as error:
        raise ValueError(f"the customers of {shown}: {error}") from error
