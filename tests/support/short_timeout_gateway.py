"""A gateway whose timeout for responses to writes is two seconds.

Run as a program; settings come from the environment.
"""

import os
from dataclasses import replace
from typing import Any

import typer

import gateway.upstream.partner_center
from gateway.server.gateway import serve_gateway
from gateway.settings import ThrottleSettings, load_settings
from gateway.upstream.client_limits import ClientLimits
from gateway.upstream.factory import build_client_limits


def build_short_timeout_limits(throttle: ThrottleSettings) -> ClientLimits:
    return replace(build_client_limits(throttle), write_timeout_s=2.0)


if __name__ == "__main__":
    module: Any = gateway.upstream.partner_center
    module.build_client_limits = build_short_timeout_limits
    serve_gateway(load_settings(os.environ), lambda started: typer.echo(started.url))
