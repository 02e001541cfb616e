"""Sandboxes with a clock that stands still."""

import time

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.options import SandboxOptions


def frozen_clock_sandbox(options: SandboxOptions | None = None) -> Sandbox:
    """Create a sandbox whose clock advances only on request."""
    now = time.time()
    return create_sandbox(options, clock=lambda: now)
