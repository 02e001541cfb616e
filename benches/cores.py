"""Which core runs what, so that the measured process has one for itself."""

import contextlib
import os
from collections.abc import Iterator

Cores = frozenset[int]


def measured_and_others() -> tuple[Cores, Cores]:
    """Give the first core to what is measured, the rest to clients and upstream.

    Both share what there is where that is one core, or where cores can't be chosen.
    """
    if not hasattr(os, "sched_getaffinity"):
        return frozenset(), frozenset()
    first, *others = sorted(os.sched_getaffinity(0))
    return frozenset({first}), frozenset(others or {first})


@contextlib.contextmanager
def running_on(cores: Cores) -> Iterator[None]:
    """Keep this process, and those it starts, on these cores until the block ends."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
