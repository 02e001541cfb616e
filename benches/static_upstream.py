"""Serves recorded bodies from a folder as fast as Python can, and counts what it serves.

`python -m benches.static_upstream FOLDER PORT LATENCY_MS`
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import uvicorn


class StaticUpstream:
    """Answers a path with the file that `index.json` names for it; `/count` tells how often."""

    def __init__(self, folder: Path, latency_s: float) -> None:
        self._latency_s = latency_s
        index = json.loads((folder / "index.json").read_text())
        self._bodies = {path: (folder / name).read_bytes() for path, name in index.items()}
        self._served = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request; tokens and counts are not counted."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        body = self._bodies.get(path, b"")
        if path == "/count":
            body = str(self._served).encode()
        elif not path.endswith("/token"):
            self._served += 1
            if self._latency_s:
                await asyncio.sleep(self._latency_s)
        status = 200 if body else 404
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(
        StaticUpstream(Path(sys.argv[1]), float(sys.argv[3]) / 1000),
        port=int(sys.argv[2]),
        loop="uvloop",
        http="httptools",
        lifespan="off",
        log_level="error",
        access_log=False,
    )
