import hashlib
import json
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gateway.edge.site.static import BUILT_FOLDER, IMMUTABLE, BuiltPages, routes

LARGEST_COMMITTED_FILE_BYTES = 1_500_000
SOURCES = Path(__file__).parents[4] / "pages"


def client(pages: BuiltPages) -> httpx.AsyncClient:
    app = Starlette(routes=routes(pages))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


@pytest.fixture
def built() -> BuiltPages:
    return BuiltPages.load()


@pytest.fixture
def small_pages(tmp_path: Path) -> BuiltPages:
    manifest = {"files": {"page.js": "page-1A2B3C4D.js"}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "page-1A2B3C4D.js").write_text("export {};" * 200)
    (tmp_path / "secret.txt").write_text("not for serving")
    (tmp_path / "THIRD_PARTY_LICENSES.txt").write_text("MIT")
    return BuiltPages.load(tmp_path)


async def test_a_hashed_file_is_immutable(small_pages: BuiltPages) -> None:
    async with client(small_pages) as http:
        response = await http.get("/static/page-1A2B3C4D.js")
    assert response.headers["cache-control"] == IMMUTABLE
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["content-encoding"] == "gzip"
    assert response.text.startswith("export {};")


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("gzip, deflate, br, zstd", "gzip"),
        ("zstd, gzip;q=0.5", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("gzip;q=.5, identity", None),
        ("zstd", None),
    ],
)
async def test_a_file_is_compressed_if_accepted(
    small_pages: BuiltPages, accepted: str, expected: str | None
) -> None:
    async with client(small_pages) as http:
        headers = {"accept-encoding": accepted}
        response = await http.get("/static/page-1A2B3C4D.js", headers=headers)
    assert response.headers.get("content-encoding") == expected
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.text.startswith("export {};")


async def test_the_licences_are_revalidated(small_pages: BuiltPages) -> None:
    async with client(small_pages) as http:
        response = await http.get("/static/THIRD_PARTY_LICENSES.txt")
    assert response.text == "MIT"
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["secret.txt", "page.js", "manifest.json", "..%2fsecret.txt", "%2fetc%2fpasswd", ""],
    ids=["unlisted", "logical-name", "manifest", "parent", "absolute", "folder"],
)
async def test_files_outside_the_manifest_are_not_served(
    small_pages: BuiltPages, path: str
) -> None:
    async with client(small_pages) as http:
        response = await http.get(f"/static/{path}")
    assert response.status_code == 404


async def test_every_file_of_the_manifest_is_served_with_its_own_type(built: BuiltPages) -> None:
    async with client(built) as http:
        for name in built.hashed_names.values():
            response = await http.get(f"/static/{name}")
            assert response.status_code == 200, name
            assert response.content == (built.folder / name).read_bytes(), name


def test_the_folder_contains_the_manifests_files_and_the_pages() -> None:
    manifest = json.loads((BUILT_FOLDER / "manifest.json").read_text("utf-8"))
    pages = {"graphiql.html", "landing.html", "manifest.json", "THIRD_PARTY_LICENSES.txt"}
    assert {file.name for file in BUILT_FOLDER.iterdir()} == pages | set(manifest["files"].values())


def test_no_built_file_is_too_large_to_commit() -> None:
    sizes = {file.name: file.stat().st_size for file in BUILT_FOLDER.iterdir()}
    assert max(sizes.values()) < LARGEST_COMMITTED_FILE_BYTES, sizes


def test_the_pages_were_built_from_the_committed_sources() -> None:
    """Fails after a change in pages/ until `make pages` was run; see pages/sources.mjs."""
    names = [
        *("package.json", "package-lock.json"),
        *(file.name for file in SOURCES.glob("*.mjs")),
        *(f"graphiql/{file.name}" for file in (SOURCES / "graphiql").iterdir()),
        *(f"landing/{file.name}" for file in (SOURCES / "landing").iterdir()),
    ]
    digest = hashlib.sha256()
    for name in sorted(names):
        digest.update(name.encode() + b"\0" + (SOURCES / name).read_bytes() + b"\0")
    manifest = json.loads((BUILT_FOLDER / "manifest.json").read_text("utf-8"))
    assert manifest["sources"] == digest.hexdigest()


class OutsideAndInline(HTMLParser):
    """Collects what a strict content security policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = given.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.found.append(f"<{tag}> inline")
        self.found += [f"{tag} {name}" for name in given if name == "style" or name[:2] == "on"]
        addresses = {name: given[name] or "" for name in ("src", "href") if name in given}
        self.found += [f"{tag} {address}" for address in addresses.values() if "//" in address]


@pytest.mark.parametrize("page", ["graphiql", "landing"])
def test_a_page_has_no_inline_code_and_no_external_urls(page: str) -> None:
    checker = OutsideAndInline()
    checker.feed((BUILT_FOLDER / f"{page}.html").read_text("utf-8"))
    assert checker.found == []
