"""How often Python looks for garbage in a process that serves."""

import gc
from typing import Final

# Objects made before the youngest are looked at. An answer makes thousands and leaves no cycles,
# so that Python's own 700 has it look several times in an answer and find nothing: a tenth to a
# third of the CPU time of nested queries.
_YOUNG_OBJECTS: Final = 10_000


def look_seldom() -> None:
    """Look for garbage seldom, and never again in what is there now: code, settings, schema."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)
