"""SQLAlchemy, loaded in the background when operations start, while reads are served already.

If something of it is used before `preload` has ended, it is loaded at that moment.
"""

import gc
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlalchemy

__all__ = ["LazyModule", "preload", "sqlalchemy"]

# While SQLAlchemy loads, requests get the interpreter lock after this time. A response takes about
# 20 switches, which with Python's default of 5 ms would add a tenth of a second.
_SWITCH_INTERVAL_S: Final = 0.0002


class LazyModule(ModuleType):
    """A module that is imported when one of its attributes is first used."""

    def __getattr__(self, name: str) -> Any:
        """Import the module; Python lets one thread do so at a time."""
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


if not TYPE_CHECKING:
    sqlalchemy = LazyModule("sqlalchemy")


def preload() -> None:
    """Import SQLAlchemy. Takes about 0.2 s the first time, so call it in a thread."""
    if "sqlalchemy" in sys.modules:
        return
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    try:
        import_module(sqlalchemy.__name__)
    finally:
        sys.setswitchinterval(interval_s)
    gc.freeze()  # modules are never garbage: exclude them from collections
