"""`serve`: the gateway, with a sandbox of its own if one is wanted."""

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
from gateway.settings import Settings, SettingsError
from gateway.settings.kubernetes import find_service_variables
from gateway.settings.validators import NO_PROXY, is_loopback

LOG: Final = structlog.get_logger("gateway.server")

_SANDBOX_PORT_OPTIONS: Final = (
    "--sandbox-port or UPGRADE_GATEWAY_SANDBOX__PORT, where 0 takes a free one"
)


@dataclass(frozen=True, slots=True)
class ServedGateway:
    """What is being served, and the upstream; the sandbox is there when it is embedded."""

    url: str
    upstream_url: str
    sandbox: Sandbox | None = None


@dataclass(frozen=True, slots=True)
class AppFactory:
    """Makes the app in a process that was not there when the settings were read."""

    settings: Settings

    def __call__(self) -> GatewayApp:
        """Set the process up and join the parts; WrongSettings when they do not fit each other."""
        drain_on_hangup()  # a worker is sent what its terminal sends to all
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
    """Serve until a signal comes.

    Args:
        settings: refused with WrongSettings when they would let strangers in.
        announce: called when connections are accepted.
        with_sandbox: whether the upstream is a sandbox, started in this process.
        workers: processes of the gateway; the sandbox stays in this one.
    """
    require_auth_off_loopback(settings)
    cure = "--port or UPGRADE_GATEWAY_PORT"
    with (
        open_listener(settings.host, settings.port, cure) as listener,
        _started_upstream(settings, with_sandbox=with_sandbox) as (usable, sandbox),
    ):
        make_app = AppFactory(usable)
        app = make_app()  # for workers too: what does not fit is said here, and once
        if ignored := find_service_variables(os.environ):
            LOG.info("ignored the variables of Kubernetes Services", variables=ignored)
        bounds = uvicorn_runner.ServerLimits(
            shutdown_grace_s=settings.operations.shutdown_grace_s,
            max_message_bytes=settings.limits.max_body_bytes,
            keep_alive_s=settings.http.keep_alive_s,
        )
        announce(ServedGateway(listener_url(listener), usable.partner.base_url, sandbox))
        if workers == 1:
            uvicorn_runner.serve_draining(app, listener, bounds)
        else:
            uvicorn_runner.serve_workers(make_app, listener, bounds, workers=workers)


def require_auth_off_loopback(settings: Settings) -> None:
    """Raise WrongSettings when others than this machine's users could ask without being known."""
    if settings.auth.mode == "none" and not is_loopback(settings.host):
        raise SettingsError(
            f"host is '{settings.host}', which other machines reach, and auth.mode is 'none', which"
            " asks nobody who they are; listen on 127.0.0.1, or set auth.mode to 'jwt', 'keys' or"
            " 'jwt_or_keys' (docs/guides/access.md)"
        )


def with_embedded_sandbox(settings: Settings, sandbox_url: str, folder: str) -> Settings:
    """Return the settings with an embedded sandbox as their upstream.

    Its world ends with the process, so its operations are kept in a folder that does too, unless
    a database is set.
    """
    partner = settings.partner
    if partner.auth in ("app", "app_user"):
        raise SettingsError(
            f"partner.auth is '{partner.auth}', whose tokens an embedded sandbox does not know;"
            " leave --sandbox out or set partner.auth to 'sandbox'"
        )
    own = {"", f"http://127.0.0.1:{settings.sandbox.port}"}
    if partner.base_url not in own:
        raise SettingsError(
            f"partner.base_url is '{partner.base_url}', and --sandbox starts another upstream;"
            " leave one of them out"
        )
    # In this process: the environment's proxies are for what is elsewhere.
    embedded = {"base_url": sandbox_url, "proxy": SecretStr(NO_PROXY)}
    changes: dict[str, object] = {"partner": partner.model_copy(update=embedded)}
    if "database_url" not in settings.model_fields_set:
        changes["database_url"] = f"sqlite:///{folder}/operations.db"
    return settings.model_copy(update=changes)


def choose_sandbox_port(settings: Settings) -> int:
    """Return 0, for a free port, when the gateway's own port is set and the sandbox's is not.

    Two gateways on one machine differ in their own port, and must not share the default of the
    sandbox's.
    """
    has_default = "port" not in settings.sandbox.model_fields_set
    is_second = "port" in settings.model_fields_set
    return 0 if has_default and is_second else settings.sandbox.port


@contextlib.contextmanager
def _started_upstream(
    settings: Settings, *, with_sandbox: bool
) -> Iterator[tuple[Settings, Sandbox | None]]:
    """Start a sandbox if one is wanted; yields settings that lead to the upstream."""
    if not with_sandbox:
        if settings.partner.base_url.endswith(":0"):
            raise SettingsError(
                "sandbox.port is 0, which does not say where the sandbox is; set"
                " partner.base_url to its address, or add --sandbox"
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
