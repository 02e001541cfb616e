"""SQLAlchemy, loaded when operations start, while reads are answered already.

Whatever is named before `preload` has ended is loaded there and then.
"""

import gc
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlalchemy

__all__ = ["LazyModule", "preload", "sqlalchemy"]

# How long a request waits for its turn beside the loading; with Python's own 5 ms, the some twenty
# turns that a response takes would be a tenth of a second.
_TURN_S: Final = 0.0002


class LazyModule(ModuleType):
    """Stands for a module that is imported when something in it is first named."""

    def __getattr__(self, name: str) -> Any:
        """Find it in the module itself; of many threads Python lets one load it."""
        found = getattr(import_module(self.__name__), name)
        setattr(self, name, found)
        return found


if not TYPE_CHECKING:
    sqlalchemy = LazyModule("sqlalchemy")


def preload() -> None:
    """Load it, in a thread of its own; takes a fifth of a second the first time."""
    if "sqlalchemy" in sys.modules:
        return
    turn_s = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        import_module(sqlalchemy.__name__)
    finally:
        sys.setswitchinterval(turn_s)
    gc.freeze()  # code is no garbage: never look for it there
