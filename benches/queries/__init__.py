"""The documents that benches ask, and whom they ask about."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benches.bodies import Upstream
from benches.load import post

HERE: Final = Path(__file__).parent
# Equal calls of several requests at a time are sent upstream once, so every connection has a
# market, a customer or offers of its own.
COUNTRIES: Final = tuple(
    re.findall("..", "USATAUBEBGBRCACHCLCOCYCZDEDKEEESFIFRGBGRHRHUIEINISITJPLTLULVMTNL")
)
SUBSCRIPTIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Question:
    """A document and its variables for each connection.

    Attributes:
        name: that of its file, without the ending.
        asks: what it is about, in a few words.
        variables: makes the variables of different requests.
    """

    name: str
    asks: str
    variables: Callable[[Upstream], Sequence[Mapping[str, Any]]]

    def text(self, folder: Path = HERE) -> str:
        """Read the document; other servers may need other words for it."""
        return (folder / f"{self.name}.graphql").read_text()

    def requests(self, upstream: Upstream, url: str, folder: Path = HERE) -> list[bytes]:
        """Write the whole HTTP requests."""
        text = self.text(folder)
        return [requested(url, text, variables) for variables in self.variables(upstream)]


def requested(url: str, text: str, variables: Mapping[str, Any]) -> bytes:
    """Write the whole HTTP request of one document."""
    return post(url, json.dumps({"query": text, "variables": variables}).encode())


def _offers(upstream: Upstream) -> Sequence[Mapping[str, Any]]:
    return [{"id": offer_id} for offer_id in upstream.offer_ids[:64]]


def _customers(upstream: Upstream) -> Sequence[Mapping[str, Any]]:
    return [{"id": customer_id} for customer_id in upstream.customer_ids[SUBSCRIPTIONS]]


def _countries(upstream: Upstream) -> Sequence[Mapping[str, Any]]:
    return [{"country": country} for country in COUNTRIES]


FLAT: Final = Question("q1", "one offer", _offers)
NESTED: Final = Question("q2", "customer → 20 subscriptions → 3 upgrades each → offers", _customers)
WIDE: Final = Question("q3", "300 offers of 17 fields", _countries)
SHARED: Final = Question("q4", "20 subscriptions that share 4 offers", _customers)
QUESTIONS: Final = (FLAT, NESTED, WIDE, SHARED)
