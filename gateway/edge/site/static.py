"""The built pages in `gateway/static`: their templates, and the hashed files that they load."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Self

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.edge.http.compression import choose_coding
from schema.quoting import quote

BUILT_FOLDER = Path(__file__).parents[2] / "static"
LICENCES = "THIRD_PARTY_LICENSES.txt"

# A hashed name never gets other bytes, so a browser need not ask again for a year.
IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

# Named here, for a machine's own table may lack the fonts or call scripts plain text, and browsers
# refuse workers and modules of another type.
MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class BuiltPages:
    """What `make pages` built; only the files that its manifest names are served."""

    folder: Path
    hashed_names: Mapping[str, str]

    @classmethod
    def load(cls, folder: Path = BUILT_FOLDER) -> Self:
        """Read the manifest; raises FileNotFoundError where the pages were never built."""
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        return cls(folder, manifest["files"])

    def template(self, page: str) -> Template:
        """The page's HTML, in which `$name` stands where the server fills something in."""
        return Template((self.folder / f"{page}.html").read_text("utf-8"))

    def cache_control(self, name: str) -> str | None:
        """The Cache-Control of a file, None for one that is not served."""
        if name in self.hashed_names.values():
            return IMMUTABLE
        return REVALIDATE if name == LICENCES else None


def routes(pages: BuiltPages) -> list[Route]:
    """`/static/{name}` for the files of the manifest, compressed where the client takes it."""

    async def serve(request: Request) -> Response:
        name = request.path_params["name"]
        cache_control = pages.cache_control(name)
        if cache_control is None:
            raise HTTPException(404, f"No file {quote(name)} belongs to the pages of this version.")
        file = pages.folder / name
        headers = {"Cache-Control": cache_control}
        return FileResponse(file, headers=headers, media_type=MEDIA_TYPES[file.suffix])

    compressed = Middleware(GZipMiddleware, compresslevel=6)  # 9 takes half as long again for 0.3 %
    return [
        Route(
            "/static/{name}", serve, middleware=[Middleware(_NormalizeAcceptEncoding), compressed]
        )
    ]


class _NormalizeAcceptEncoding:
    """Tells the middleware behind it whether gzip is accepted: that looks for the word alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [each for each in scope["headers"] if each[0] != b"accept-encoding"]
        accepted = b",".join(
            value for name, value in scope["headers"] if name == b"accept-encoding"
        )
        if choose_coding(accepted, ["gzip"]) is not None:
            headers.append((b"accept-encoding", b"gzip"))
        await self._app({**scope, "headers": headers}, receive, send)
