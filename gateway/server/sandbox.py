"""`sandbox`: the sandbox alone, for whoever develops against Partner Center."""

from collections.abc import Callable

from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.sandbox.options import SandboxOptions
from gateway.server import uvicorn_runner
from gateway.server.listener import listener_url, open_listener
from gateway.settings import SandboxSettings, SettingsError


def serve_sandbox(
    host: str, port: int, options: SandboxOptions, announce: Callable[[Sandbox, str], None]
) -> None:
    """Serve a new world until a signal comes; announces the sandbox and its address."""
    with open_listener(host, port, "--port or UPGRADE_GATEWAY_SANDBOX__PORT") as listener:
        sandbox = create_sandbox(options)
        announce(sandbox, listener_url(listener))
        uvicorn_runner.serve_until_signal(sandbox, listener)


def sandbox_options(settings: SandboxSettings) -> SandboxOptions:
    """Fit the settings to the sandbox, which knows none; WrongSettings when it refuses them."""
    try:
        return SandboxOptions(
            customers=settings.customers,
            subscriptions_per_customer=settings.subscriptions,
            seed=settings.seed,
        )
    except ValueError as error:
        raise SettingsError(f"the sandbox cannot be made: {error}") from error
