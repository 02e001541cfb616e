"""A gateway with a short lease, so that other replicas take over soon when it is suspended.

Run as a program with the seconds of the lease as its argument. Settings come from the environment.
"""

import os
import sys
from functools import partial
from typing import Any

import typer

import gateway.families.write_services
from gateway.operations.runtime import OperationRuntime
from gateway.operations.store.factory import build_store
from gateway.server.gateway import serve_gateway
from gateway.settings import load_settings

if __name__ == "__main__":
    lease_s = float(sys.argv[1])
    module: Any = gateway.families.write_services
    module.build_store = partial(build_store, lease_s=lease_s)
    module.OperationRuntime = partial(OperationRuntime, renew_every_s=lease_s / 10)
    serve_gateway(load_settings(os.environ), lambda started: typer.echo(started.url))
