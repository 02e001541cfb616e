"""Assigns CPU cores, so that the measured process has one for itself."""

import contextlib
import os
from collections.abc import Iterator

Cores = frozenset[int]


def assign_cores() -> tuple[Cores, Cores]:
    """Return the core of the measured process, and those of clients and upstream.

    They are the same if there is one core, and empty if the system cannot pin processes.
    """
    if not hasattr(os, "sched_getaffinity"):
        return frozenset(), frozenset()
    first, *others = sorted(os.sched_getaffinity(0))
    return frozenset({first}), frozenset(others or {first})


@contextlib.contextmanager
def pinned_to(cores: Cores) -> Iterator[None]:
    """Pin this process, and those that it starts, to cores during the block."""
    if not cores:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
