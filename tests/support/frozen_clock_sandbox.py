"""Sandboxes whose time passes when a test lets it pass."""

import time

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.options import SandboxOptions


def frozen_clock_sandbox(options: SandboxOptions | None = None) -> Sandbox:
    """Create one whose clock stands still until it is advanced, however long a test takes."""
    now = time.time()
    return create_sandbox(options, clock=lambda: now)
