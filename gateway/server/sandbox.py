"""Serves the sandbox without a gateway."""

from collections.abc import Callable

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.options import SandboxOptions
from gateway.server import uvicorn_runner
from gateway.server.listener import listener_url, open_listener
from gateway.settings import SandboxSettings, SettingsError


def serve_sandbox(
    host: str, port: int, options: SandboxOptions, announce: Callable[[Sandbox, str], None]
) -> None:
    """Serve a new sandbox until a signal. Calls `announce` with the sandbox and its URL."""
    with open_listener(host, port, "--port or UPGRADE_GATEWAY_SANDBOX__PORT") as listener:
        sandbox = create_sandbox(options)
        announce(sandbox, listener_url(listener))
        uvicorn_runner.serve_until_signal(sandbox, listener)


def sandbox_options(settings: SandboxSettings) -> SandboxOptions:
    """Build the options of the sandbox. Raises SettingsError if they are invalid."""
    try:
        return SandboxOptions(
            customers=settings.customers,
            subscriptions_per_customer=settings.subscriptions,
            seed=settings.seed,
        )
    except ValueError as error:
        raise SettingsError(f"the sandbox cannot be created: {error}") from error
