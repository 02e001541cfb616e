"""The start page at `/`: version, health, and links to everything else."""

import json
import shlex
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.edge.site.static import BuiltPages

EXAMPLE_QUERY = (
    "{ customers(first: 3) { nodes { companyProfile { companyName } subscriptions { nodes "
    "{ friendlyName upgrades { isEligible targetOffer { name } } } } } } }"
)


def example_command(origin: str) -> str:
    """Return a curl command for a POSIX shell that queries the gateway at `origin`."""
    body = json.dumps({"query": EXAMPLE_QUERY})
    url = shlex.quote(f"{origin.rstrip('/')}/graphql")
    return f"curl {url} \\\n  -H 'content-type: application/json' \\\n  -d {shlex.quote(body)}"


def routes(pages: BuiltPages, *, version: str, upstream: str) -> list[Route]:
    """Build the route; `upstream` is the address of Partner Center or the sandbox."""
    template = pages.template("landing")

    async def landing(request: Request) -> Response:
        page = template.substitute(
            version=escape(version),
            upstream=escape(upstream),
            example_command=escape(example_command(str(request.base_url))),
        )
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    return [Route("/", landing)]
