"""Checks that a world fits into memory, even after all its customers have changed."""

import os
from pathlib import Path
from typing import Final

from gateway.sandbox.options import SandboxOptions, WorldTooLarge

BYTES_PER_SUBSCRIPTION: Final = 700
"""Includes the subscription that an upgrade adds. Measured: 620 bytes with CPython 3.11."""
BYTES_PER_CUSTOMER: Final = 2_000
"""A changed customer without subscriptions. Customers that never changed are not kept."""
_MEMORY_SHARE: Final = 0.5  # the rest is for requests, responses and their clients
_CGROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
_GIB: Final = 2**30


def get_memory_bytes(cgroup_limit: Path = _CGROUP_LIMIT) -> int:
    """Return the memory of the machine, or the limit of the container if that is lower."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = cgroup_limit.read_text("ascii").strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdecimal() else physical


def estimate_world_bytes(customers: int, subscriptions_per_customer: int) -> int:
    """Estimate the memory for all customers once each subscription was upgraded."""
    return customers * (BYTES_PER_CUSTOMER + subscriptions_per_customer * BYTES_PER_SUBSCRIPTION)


def check_capacity(options: SandboxOptions, available_bytes: int) -> None:
    """Raise WorldTooLarge if the customers of these options may exceed the memory."""
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
