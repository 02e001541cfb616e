import httpx
from starlette.applications import Starlette

from gateway.edge.sdl import routes


async def test_the_schema_is_text_that_a_browser_shows() -> None:
    transport = httpx.ASGITransport(Starlette(routes=routes("type Query { a: Int }")))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        response = await http.get("/schema.graphql")
    assert response.text == "type Query { a: Int }"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
