import html
import json
import shlex

import httpx
from graphql import parse
from starlette.applications import Starlette

from gateway.edge.site.landing import example_command, routes
from gateway.edge.site.static import BuiltPages


async def landing_page(upstream: str = "the embedded sandbox") -> str:
    app = Starlette(routes=routes(BuiltPages.load(), version="1.2.3", upstream=upstream))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        return (await http.get("/")).text


async def test_the_page_names_the_upstream_and_an_example_command() -> None:
    page = await landing_page()
    assert "Version 1.2.3, connected to the embedded sandbox." in page
    assert html.escape(example_command("http://127.0.0.1:8000/")) in page


async def test_values_are_escaped() -> None:
    assert "&lt;script&gt;" in await landing_page("<script>")


def test_the_example_command_is_one_shell_command_with_a_valid_document() -> None:
    command = shlex.split(example_command("http://127.0.0.1:8000/").replace("\\\n", ""))
    assert command[:2] == ["curl", "http://127.0.0.1:8000/graphql"]
    body = json.loads(command[command.index("-d") + 1])
    assert len(parse(body["query"]).definitions) == 1


def test_a_hostile_host_cannot_add_words_to_the_command() -> None:
    command = shlex.split(example_command("http://h; rm -rf x/").replace("\\\n", ""))
    assert command[1] == "http://h; rm -rf x/graphql"
