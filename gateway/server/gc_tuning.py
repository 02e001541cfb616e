"""How often Python looks for garbage in a process that serves."""

import contextlib
import gc
from collections.abc import Iterator
from typing import Final

# Objects made before the youngest are looked at. An answer makes thousands and leaves no cycles,
# so that Python's own 700 has it look several times in an answer and find nothing: a tenth to a
# third of the CPU time of nested queries.
_YOUNG_THRESHOLD: Final = 10_000


@contextlib.contextmanager
def gc_disabled_imports() -> Iterator[None]:
    """Load code in this block: it is never looked at, neither meanwhile nor later.

    Looking meanwhile would find hardly any garbage, in some 280 attempts.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def tune_for_serving() -> None:
    """Look for garbage seldom, and never again in what is there now: code, settings, schema."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_THRESHOLD)
