from starlette.applications import Starlette

from gateway.sandbox.app import create_sandbox
from gateway.upstream.sandbox_examples import SandboxExamples
from gateway.upstream.transport.httpx_transport import HttpxTransport
from tests.support.server import serving
from tests.support.waiting import HANG_TIMEOUT_S


async def test_a_sandbox_returns_ids_of_its_data() -> None:
    sandbox = create_sandbox()
    transport = HttpxTransport(connect_timeout_s=HANG_TIMEOUT_S)
    async with serving(sandbox) as address:
        known = await SandboxExamples(transport, address, HANG_TIMEOUT_S)()
    await transport.aclose()

    assert known is not None
    assert known["customer_id"] == sandbox.world.examples.customer_id


async def test_the_examples_are_requested_once() -> None:
    transport = HttpxTransport(connect_timeout_s=HANG_TIMEOUT_S)
    async with serving(create_sandbox()) as address:
        examples = SandboxExamples(transport, address, HANG_TIMEOUT_S)
        known = await examples()

    assert await examples() == known
    await transport.aclose()


async def test_another_server_returns_no_ids() -> None:
    transport = HttpxTransport(connect_timeout_s=HANG_TIMEOUT_S)
    async with serving(Starlette()) as address:
        assert await SandboxExamples(transport, address, HANG_TIMEOUT_S)() is None
    assert await SandboxExamples(transport, address, HANG_TIMEOUT_S)() is None
    await transport.aclose()
