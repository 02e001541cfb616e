"""The file that says which customers a caller sees, by the `sub` of its token.

::

    [customers]
    "8f3a6c1e-…" = ["0c39d6d5-…", "3c95518e-…"]
    "front-office" = ["*"]
"""

import tomllib
from collections.abc import Mapping

from gateway.auth.claims import customers_named
from schema.quoting import quote

CustomersBySubject = Mapping[str, frozenset[str] | None]


def parse_customers(text: str) -> CustomersBySubject:
    """Read the file; whoever is not in it sees none. Raises ValueError saying what is wrong."""
    document = tomllib.loads(text)
    table = document.pop("customers", None)
    if not isinstance(table, dict) or document:
        raise ValueError('expected one table [customers] of lines such as "sub" = ["customer id"]')
    return {subject: customers_named(listed_ids(subject, ids)) for subject, ids in table.items()}


def listed_ids(name: str, ids: object) -> list[str]:
    """Return a list of ids. Raises ValueError for anything else."""
    if isinstance(ids, list) and all(isinstance(each, str) for each in ids):
        return ids
    raise ValueError(f'the customers of {quote(name)} are a list such as ["id"], or ["*"] for all')
