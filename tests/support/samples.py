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
    return {row["id"]: _sample(row) for row in index["samples"]}


def _sample(row: dict[str, Any]) -> Sample:
    body = b"" if row["body"] is None else (FOLDER / row["body"]).read_bytes()
    return Sample(
        row["id"],
        row["kind"],
        row.get("status"),
        row.get("method"),
        row.get("path"),
        row["headers"],
        body,
    )
