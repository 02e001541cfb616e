"""The four queries of the benches, and their variables."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benches.load import build_post
from benches.upstream_bodies import RecordedUpstream

HERE: Final = Path(__file__).parent
# Equal concurrent reads are coalesced, so each connection reads its own market, customer or offers.
COUNTRIES: Final = tuple(
    re.findall("..", "USATAUBEBGBRCACHCLCOCYCZDEDKEEESFIFRGBGRHRHUIEINISITJPLTLULVMTNL")
)
SUBSCRIPTIONS: Final = 20


@dataclass(frozen=True, slots=True)
class BenchQuery:
    """A query with the variables of its requests.

    Attributes:
        name: the name of its file without the extension.
        description: what it reads.
        variables: returns the variables of different requests.
    """

    name: str
    description: str
    variables: Callable[[RecordedUpstream], Sequence[Mapping[str, Any]]]

    def text(self, folder: Path = HERE) -> str:
        """Read the document from a folder; other servers may need other documents."""
        return (folder / f"{self.name}.graphql").read_text()

    def build_requests(
        self, upstream: RecordedUpstream, url: str, folder: Path = HERE
    ) -> list[bytes]:
        text = self.text(folder)
        return [build_request(url, text, variables) for variables in self.variables(upstream)]


def build_request(url: str, text: str, variables: Mapping[str, Any]) -> bytes:
    return build_post(url, json.dumps({"query": text, "variables": variables}).encode())


def _offers(upstream: RecordedUpstream) -> Sequence[Mapping[str, Any]]:
    return [{"id": offer_id} for offer_id in upstream.offer_ids[:64]]


def _customers(upstream: RecordedUpstream) -> Sequence[Mapping[str, Any]]:
    return [{"id": customer_id} for customer_id in upstream.customer_ids[SUBSCRIPTIONS]]


def _countries(upstream: RecordedUpstream) -> Sequence[Mapping[str, Any]]:
    return [{"country": country} for country in COUNTRIES]


FLAT: Final = BenchQuery("q1", "one offer", _offers)
NESTED: Final = BenchQuery(
    "q2", "customer → 20 subscriptions → 3 upgrades each → offers", _customers
)
WIDE: Final = BenchQuery("q3", "300 offers of 17 fields", _countries)
SHARED: Final = BenchQuery("q4", "20 subscriptions that share 4 offers", _customers)
QUERIES: Final = (FLAT, NESTED, WIDE, SHARED)
