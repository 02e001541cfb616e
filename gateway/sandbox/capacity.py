"""Whether a world fits into the machine's memory, even after every customer of it has changed."""

import os
from pathlib import Path
from typing import Final

from gateway.sandbox.options import SandboxOptions, WorldTooLarge

BYTES_PER_SUBSCRIPTION: Final = 700
"""With what its upgrade adds; CPython 3.11 takes 620."""
BYTES_PER_CUSTOMER: Final = 2_000
"""Without subscriptions; customers that were never changed cost nothing."""
_MEMORY_SHARE: Final = 0.5
"""Of the memory, for the world: clients and answers need some too."""
_CGROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
_GIB: Final = 2**30


def get_memory_bytes(cgroup_limit: Path = _CGROUP_LIMIT) -> int:
    """What this process may use at most: the machine's memory, or its container's if less."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = cgroup_limit.read_text("ascii").strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdecimal() else physical


def estimate_world_bytes(customers: int, subscriptions_per_customer: int) -> int:
    """What a world of this size needs when all that can be upgraded was upgraded once."""
    return customers * (BYTES_PER_CUSTOMER + subscriptions_per_customer * BYTES_PER_SUBSCRIPTION)


def check_capacity(options: SandboxOptions, available_bytes: int) -> None:
    """Raise WorldTooLarge, naming what was asked for and what would fit."""
    customers, subscriptions = options.customers, options.subscriptions_per_customer
    usable_bytes = int(available_bytes * _MEMORY_SHARE)
    needed_bytes = estimate_world_bytes(customers, subscriptions)
    if needed_bytes > usable_bytes:
        fitting = usable_bytes // estimate_world_bytes(1, subscriptions)
        raise WorldTooLarge(
            f"{customers:,} customers with {subscriptions:,} subscriptions each can need "
            f"{needed_bytes / _GIB:,.1f} GiB of memory, but the sandbox may use "
            f"{usable_bytes / _GIB:,.1f} GiB; expected at most {fitting:,} customers of this size"
        )
