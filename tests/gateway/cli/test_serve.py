import asyncio
import json
import shlex
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.gateway.cli.processes import run, running
from tests.support.sockets import PROTOCOL
from tests.support.waiting import HANG_TIMEOUT_S, eventually, is_ready

RUNNING_UPGRADE = """subscription {
  productUpgradeStatus(upgradeId: "%s", request: {customerId: "%s"}) { status }
}"""
FREE_PORTS = {"UPGRADE_GATEWAY_PORT": "0", "UPGRADE_GATEWAY_SANDBOX__PORT": "0"}
ADDRESSES = ("Gateway", "sandbox")


def read_customers(url: str) -> httpx.Response:
    body = {"query": "{ customers(first: 2) { nodes { id } } }"}
    return httpx.post(f"{url}/graphql", json=body, timeout=HANG_TIMEOUT_S)


def test_serve_responds_from_its_sandbox_until_a_signal_comes() -> None:
    with running("serve", "--sandbox", **FREE_PORTS) as gateway:
        url, sandbox = gateway.address("Gateway"), gateway.address("sandbox")
        response = read_customers(url)
        calls = httpx.get(f"{sandbox}/_sandbox/calls", timeout=HANG_TIMEOUT_S).json()["calls"]
        ended = gateway.end(signal.SIGTERM)
    assert len(response.json()["data"]["customers"]["nodes"]) == 2
    assert "server" not in response.headers
    assert len(calls) == 1
    assert (ended.code, ended.err) == (0, "")


def test_the_command_that_serve_prints_works_as_it_stands() -> None:
    with running("serve", "--sandbox", "--workers", "2", **FREE_PORTS) as gateway:
        command = gateway.announced.partition("curl")[2].partition("\n\n")[0]
        arguments = shlex.split(command.replace("\\\n", " "))
        body = arguments[arguments.index("-d") + 1]
        headers = {"content-type": "application/json"}
        response = httpx.post(arguments[0], content=body, headers=headers, timeout=HANG_TIMEOUT_S)
        ended = gateway.end(signal.SIGTERM)
    assert len(response.json()["data"]["customers"]["nodes"]) == 3
    assert ended.code == 0
    assert "Traceback" not in ended.err


def test_metrics_of_workers_are_those_of_all() -> None:
    with running("serve", "--sandbox", "--workers", "2", **FREE_PORTS) as gateway:
        url = gateway.address("Gateway")
        for _ in range(20):  # each on a connection of its own, so that both workers answer
            assert read_customers(url).status_code == 200
        counted = [httpx.get(f"{url}/metrics", timeout=HANG_TIMEOUT_S).text for _ in range(5)]
        ended = gateway.end(signal.SIGTERM)
    labels = 'operation="unregistered",outcome="ok",type="query"'
    line = f"upgrade_gateway_request_duration_seconds_count{{{labels}}} 20.0"
    assert [line in text for text in counted] == [True] * 5
    assert all("upgrade_gateway_upstream_in_flight 0.0" in text for text in counted)
    assert ended.code == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_hangup_ends_it_as_a_termination_does(workers: str) -> None:
    with running("serve", "--sandbox", "--workers", workers, **FREE_PORTS) as gateway:
        url, sandbox = gateway.address("Gateway"), gateway.address("sandbox")
        held = {"kind": "hold", "operation": "list_customers"}
        httpx.post(
            f"{sandbox}/_sandbox/faults", json=held, timeout=HANG_TIMEOUT_S
        ).raise_for_status()
        with ThreadPoolExecutor() as pool:
            answering = pool.submit(read_customers, url)
            read_calls = partial(asyncio.to_thread, httpx.get, f"{sandbox}/_sandbox/calls")
            asyncio.run(eventually(read_calls, lambda calls: bool(calls.json()["in_flight"])))
            gateway.send(signal.SIGHUP)
            httpx.post(f"{sandbox}/_sandbox/faults/release", timeout=HANG_TIMEOUT_S)
            response = answering.result()
        ended = gateway.ended()
    assert len(response.json()["data"]["customers"]["nodes"]) == 2
    assert ended.code == 0
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_gateway_on_a_port_of_its_own_has_a_sandbox_of_its_own(workers: str) -> None:
    command = ("serve", "--sandbox", "--workers", workers, "--port", "0")
    with running(*command) as first, running(*command, "--sandbox-port", "0") as second:
        addresses = {each.address(name) for each in (first, second) for name in ADDRESSES}
        responses = [read_customers(each.address("Gateway")) for each in (first, second)]
        codes = [each.end(signal.SIGTERM).code for each in (first, second)]
    assert len(addresses) == 4
    assert not any(each.endswith(":8001") for each in addresses)
    assert [len(each.json()["data"]["customers"]["nodes"]) for each in responses] == [2, 2]
    assert codes == [0, 0]


def test_the_sandbox_takes_the_port_that_it_is_given() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = run("serve", "--sandbox", "--port", "0", "--sandbox-port", port)
    assert (ended.code, ended.out) == (1, "")
    assert f"port {port} of 127.0.0.1 is in use" in ended.err
    with running("serve", "--sandbox", "--port", "0", "--sandbox-port", port) as gateway:
        assert gateway.address("sandbox") == f"http://127.0.0.1:{port}"


def test_a_port_in_use_stops_the_start_with_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ended = run("serve", "--sandbox", "--port", port)
    assert (ended.code, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert line.startswith(f"upgrade-gateway: port {port} of 127.0.0.1 is in use")
    assert line.endswith("choose another port with --port or UPGRADE_GATEWAY_PORT")


def test_the_variables_of_a_kubernetes_service_are_ignored_with_one_line() -> None:
    service = {
        "UPGRADE_GATEWAY_DB_PORT": "tcp://10.0.0.2:5432",
        "UPGRADE_GATEWAY_SERVICE_HOST": "10.0.0.1",
    }
    with running("serve", "--sandbox", **FREE_PORTS, **service) as gateway:
        ended = gateway.end(signal.SIGTERM)
    lines = [json.loads(line) for line in ended.err.splitlines()]
    assert [line["variables"] for line in lines if "variables" in line] == [list(service)]


def test_an_unknown_setting_stops_the_start() -> None:
    ended = run("serve", UPGRADE_GATEWAY_PARTNER__AUHT="app")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        "upgrade-gateway: UPGRADE_GATEWAY_PARTNER__AUHT is not a setting;"
        " did you mean UPGRADE_GATEWAY_PARTNER__AUTH?\n"
    )


def test_sandbox_serves_alone_for_clients_for_the_doctor_and_for_a_gateway() -> None:
    with running("sandbox", "--port", "0", "--customers", "15", "--seed", "3") as sandbox:
        url = sandbox.address("sandbox")
        headers = {"Authorization": "Bearer sandbox"}
        response = httpx.get(f"{url}/v1/customers", headers=headers, timeout=HANG_TIMEOUT_S)
        doctor = run("doctor", UPGRADE_GATEWAY_PARTNER__BASE_URL=url)
        with running("serve", "--port", "0", UPGRADE_GATEWAY_PARTNER__BASE_URL=url) as gateway:
            readiness = f"{gateway.address('Gateway')}/ready"
            read_ready = partial(asyncio.to_thread, httpx.get, readiness, timeout=HANG_TIMEOUT_S)
            asyncio.run(eventually(read_ready, is_ready))
            assert gateway.end(signal.SIGINT).code == 0
        ended = sandbox.end(signal.SIGINT)
    assert len(response.json()["items"]) == 15
    assert (ended.code, ended.err) == (0, "")
    assert (doctor.code, doctor.err) == (0, "")
    assert [line.split()[0] for line in doctor.out.splitlines()] == ["ok"] * 12


@pytest.mark.parametrize(
    ("customers", "words"),
    [("4000000000", "GiB"), ("3", "customers is 3; expected 15")],
    ids=["too large", "too small"],
)
def test_a_world_that_cannot_be_is_refused_before_it_is_served(customers: str, words: str) -> None:
    ended = run("sandbox", "--port", "0", "--customers", customers)
    assert (ended.code, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert words in line


def test_a_signal_sends_streams_away_to_come_back() -> None:
    with running("serve", "--sandbox", **FREE_PORTS) as gateway:
        url, sandbox = gateway.address("Gateway"), gateway.address("sandbox")
        examples = httpx.get(f"{sandbox}/_sandbox/examples", timeout=HANG_TIMEOUT_S).json()
        subscription = RUNNING_UPGRADE % (
            examples["running_product_upgrade_id"],
            examples["running_product_upgrade_customer_id"],
        )
        address = f"{url.replace('http', 'ws')}/graphql"
        socket = connect(address, subprotocols=[PROTOCOL], open_timeout=HANG_TIMEOUT_S)
        headers = {"Accept": "text/event-stream"}
        with (
            socket,
            httpx.stream(
                "POST",
                f"{url}/graphql",
                json={"query": subscription},
                headers=headers,
                timeout=HANG_TIMEOUT_S,
            ) as stream,
        ):
            lines = stream.iter_lines()
            first = next(line for line in lines if line.startswith("data:"))
            ended = gateway.end(signal.SIGTERM)
            rest = [line for line in lines if line]
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=HANG_TIMEOUT_S)
    assert "IN_PROGRESS" in first
    assert rest == ["retry: 1000"]
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert ended.code == 0
