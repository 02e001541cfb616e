"""Serves the gateway, optionally with an embedded sandbox."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import structlog
from pydantic import SecretStr

from gateway.app import create_app
from gateway.edge.app import GatewayApp
from gateway.observability import logs
from gateway.sandbox.app import Sandbox, create_sandbox
from gateway.server import uvicorn_runner
from gateway.server.gc_tuning import tune_for_serving
from gateway.server.listener import listener_url, open_listener
from gateway.server.sandbox import sandbox_options
from gateway.server.signals import drain_on_hangup
from gateway.server.tls import TlsFiles
from gateway.settings import Settings, SettingsError
from gateway.settings.kubernetes import find_service_variables
from gateway.settings.validators import NO_PROXY, is_loopback

LOG: Final = structlog.get_logger("gateway.server")

_SANDBOX_PORT_OPTIONS: Final = (
    "--sandbox-port or UPGRADE_GATEWAY_SANDBOX__PORT, where 0 picks a free one"
)


@dataclass(frozen=True, slots=True)
class ServedGateway:
    """The URLs of a running gateway and of its upstream.

    `sandbox` is None unless it is embedded.
    """

    url: str
    upstream_url: str
    sandbox: Sandbox | None = None


@dataclass(frozen=True, slots=True)
class AppFactory:
    """Builds the app in a worker process."""

    settings: Settings

    def __call__(self) -> GatewayApp:
        """Set up the process and build the app. Raises SettingsError if settings conflict."""
        drain_on_hangup()  # workers receive the signals of their terminal
        logs.configure(self.settings.log_level, secrets=self.settings.secrets)
        try:
            app = create_app(self.settings)
        except ValueError as error:
            raise SettingsError(str(error)) from error
        tune_for_serving()
        return app


def serve_gateway(
    settings: Settings,
    announce: Callable[[ServedGateway], None],
    *,
    with_sandbox: bool = False,
    workers: int = 1,
) -> None:
    """Serve until a signal.

    Args:
        settings: SettingsError is raised if they would allow unauthenticated access from other
            machines.
        announce: called once connections are accepted.
        with_sandbox: whether to start a sandbox in this process as the upstream.
        workers: the number of gateway processes. The sandbox stays in this one.
    """
    require_auth_off_loopback(settings)
    tls = TlsFiles.from_settings(settings.http)
    remedy = "--port or UPGRADE_GATEWAY_PORT"
    with (
        open_listener(settings.host, settings.port, remedy) as listener,
        _started_upstream(settings, with_sandbox=with_sandbox) as (usable, sandbox),
    ):
        make_app = AppFactory(usable)
        app = make_app()  # for workers too, so that errors are reported once, here
        if ignored := find_service_variables(os.environ):
            LOG.info("ignored variables of Kubernetes Services", variables=ignored)
        limits = uvicorn_runner.ServerLimits(
            shutdown_grace_s=settings.operations.shutdown_grace_s,
            max_message_bytes=settings.limits.max_body_bytes,
            keep_alive_s=settings.http.keep_alive_s,
        )
        url = listener_url(listener, is_tls=tls is not None)
        announce(ServedGateway(url, usable.partner.base_url, sandbox))
        if workers == 1:
            uvicorn_runner.serve_draining(app, listener, limits, tls)
        else:
            uvicorn_runner.serve_workers(make_app, listener, limits, tls, workers=workers)


def require_auth_off_loopback(settings: Settings) -> None:
    """Raise SettingsError if other machines could send requests without authentication."""
    if settings.auth.mode == "none" and not is_loopback(settings.host):
        raise SettingsError(
            f"host is '{settings.host}', which other machines can reach, and auth.mode is 'none',"
            " which accepts everyone; listen on 127.0.0.1, or set auth.mode to 'jwt', 'keys' or"
            " 'jwt_or_keys' (docs/guides/access.md)"
        )


def with_embedded_sandbox(settings: Settings, sandbox_url: str, folder: str) -> Settings:
    """Return the settings with an embedded sandbox as the upstream.

    The sandbox's data ends with the process. The operations database is therefore in a temporary
    folder, unless a database is set.
    """
    partner = settings.partner
    if partner.auth in ("app", "app_user"):
        raise SettingsError(
            f"partner.auth is '{partner.auth}', whose tokens the embedded sandbox does not accept;"
            " remove --sandbox, or set partner.auth to 'sandbox'"
        )
    own = {"", f"http://127.0.0.1:{settings.sandbox.port}"}
    if partner.base_url not in own:
        raise SettingsError(
            f"partner.base_url is '{partner.base_url}', but --sandbox starts another upstream;"
            " remove that setting or --sandbox"
        )
    # The sandbox is in this process, so a proxy from the environment must not be used.
    embedded = {"base_url": sandbox_url, "proxy": SecretStr(NO_PROXY)}
    changes: dict[str, object] = {"partner": partner.model_copy(update=embedded)}
    if "database_url" not in settings.model_fields_set:
        changes["database_url"] = f"sqlite:///{folder}/operations.db"
    return settings.model_copy(update=changes)


def choose_sandbox_port(settings: Settings) -> int:
    """Return the port for the embedded sandbox; 0 picks a free one.

    It is 0 if only the gateway's port is set: several gateways on one machine have different ports,
    and only one of their sandboxes could use the default port.
    """
    has_default = "port" not in settings.sandbox.model_fields_set
    is_second = "port" in settings.model_fields_set
    return 0 if has_default and is_second else settings.sandbox.port


@contextlib.contextmanager
def _started_upstream(
    settings: Settings, *, with_sandbox: bool
) -> Iterator[tuple[Settings, Sandbox | None]]:
    """Start the sandbox, if requested. Yields settings that point at the upstream."""
    if not with_sandbox:
        if settings.partner.base_url.endswith(":0"):
            raise SettingsError(
                "sandbox.port is 0, so the sandbox's address is unknown; set partner.base_url to"
                " that address, or add --sandbox"
            )
        yield settings, None
        return
    options = sandbox_options(settings.sandbox)
    with (
        open_listener(
            "127.0.0.1", choose_sandbox_port(settings), _SANDBOX_PORT_OPTIONS
        ) as listener,
        tempfile.TemporaryDirectory(prefix="upgrade-gateway-") as folder,
    ):
        settings = with_embedded_sandbox(settings, listener_url(listener), folder)
        sandbox = create_sandbox(options)
        with uvicorn_runner.serve_in_thread(sandbox, listener):
            yield settings, sandbox
