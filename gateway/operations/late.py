"""DBOS and what belongs to it: loaded when operations start, while reads are answered already.

It is nearly half of all code that the gateway loads. What is named before `load` has ended is
loaded there and then.
"""

import gc
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import dbos
    import sqlalchemy
    from dbos import _migration as migrations

__all__ = ["Late", "dbos", "load", "migrations", "sqlalchemy"]

# How long a request waits for its turn beside the loading; with Python's own 5 ms, the some twenty
# turns that an answer takes would be a tenth of a second.
_TURN_S: Final = 0.0002


class Late(ModuleType):
    """Stands for a module that is imported when something in it is first named."""

    def __getattr__(self, name: str) -> Any:
        """Find it in the module itself; of many threads Python lets one load it."""
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)
        return found


if not TYPE_CHECKING:
    dbos = Late("dbos")
    sqlalchemy = Late("sqlalchemy")
    migrations = Late("dbos._migration")


def load() -> None:
    """Load all of it, in a thread of its own; takes a good part of a second the first time."""
    if "dbos" in sys.modules:
        return
    turn_s = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        for each in (dbos, sqlalchemy, migrations):
            import_module(each.__name__)
    finally:
        sys.setswitchinterval(turn_s)
    gc.freeze()  # code is no garbage: never look for it there
