"""The bodies that the vendor's documents print; see `tests/samples/README.md`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent.parent / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One half of a documented exchange; `status` is None where the document prints none."""

    id: str
    kind: str
    status: int | None
    method: str | None
    path: str | None
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@cache
def samples() -> dict[str, Sample]:
    """All of them, by id."""
    index = json.loads((FOLDER / "index.json").read_text())
    return {entry["id"]: _sample(entry) for entry in index["samples"]}


def _sample(entry: dict[str, Any]) -> Sample:
    body = b"" if entry["body"] is None else (FOLDER / entry["body"]).read_bytes()
    return Sample(
        entry["id"],
        entry["kind"],
        entry.get("status"),
        entry.get("method"),
        entry.get("path"),
        entry["headers"],
        body,
    )
