"""Records bodies of the sandbox and multiplies them to an upstream of any size."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from gateway.sandbox.app import create_sandbox
from gateway.sandbox.options import CommerceShares, SandboxOptions, ThrottleOptions
from tests.support.server import serving

Body = dict[str, Any]

OFFERS: Final = 300
UPGRADES: Final = 3
# The subscriptions of a customer share this many offers, which no other customer has.
SHARED_OFFERS: Final = 4
# The first customers of the sandbox have special data; those after them are alike.
_SPECIAL_CUSTOMERS: Final = 20
_COLLECTION: Final = {"attributes": {"objectType": "Collection"}}


@dataclass(frozen=True, slots=True)
class SampleBodies:
    """One body of each kind, as the sandbox serves it."""

    customer: Body
    subscription: Body
    upgrade: Body
    offer: Body


@dataclass(slots=True)
class RecordedUpstream:
    """The bodies by request target, and the ids for queries.

    Attributes:
        customer_ids: by number of subscriptions.
    """

    offer_ids: Sequence[str]
    customer_ids: Mapping[int, Sequence[str]]
    targets: dict[str, Body] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the files that `benches.static_upstream` serves; equal bodies share a file."""
        names: dict[int, str] = {}
        index: dict[str, str] = {}
        for target, body in self.targets.items():
            if id(body) not in names:
                names[id(body)] = f"{len(names)}.json"
                (folder / names[id(body)]).write_text(json.dumps(body, separators=(",", ":")))
            index[target] = names[id(body)]
        (folder / "index.json").write_text(json.dumps(index))


async def _read_samples() -> SampleBodies:
    options = SandboxOptions(
        customers=_SPECIAL_CUSTOMERS + 1,
        shares=CommerceShares(legacy_license=1.0, new_commerce=0.0, legacy_azure=0.0),
        throttle=ThrottleOptions(enabled=False),
    )
    sandbox = create_sandbox(options)
    headers = {"Authorization": f"Bearer {sandbox.options.credentials.developer_token}"}
    async with serving(sandbox) as url, httpx.AsyncClient(base_url=url, headers=headers) as client:

        async def read(path: str) -> Body:
            body: Body = (await client.get(path)).raise_for_status().json()
            return body

        customer = (await read("/v1/customers"))["items"][-1]
        path = f"/v1/customers/{customer['id']}"
        subscription = (await read(f"{path}/subscriptions"))["items"][0]
        upgrade = (await read(f"{path}/subscriptions/{subscription['id']}/upgrades"))["items"][0]
        return SampleBodies(await read(path), subscription, upgrade, upgrade["targetOffer"])


def multiply(
    samples: SampleBodies, customers: Mapping[int, int], *, smaller_pages: Sequence[int] = ()
) -> RecordedUpstream:
    """Build an upstream from samples.

    Args:
        samples: the bodies to copy, with other ids.
        customers: the number of customers, by their number of subscriptions.
        smaller_pages: sizes of pages of offers that are served besides the page of all offers.
    """
    offers = [{**samples.offer, "id": _guid("offer", number).upper()} for number in range(OFFERS)]
    upstream = RecordedUpstream(
        [offer["id"] for offer in offers],
        {
            size: [_guid("customer", size, n) for n in range(many)]
            for size, many in customers.items()
        },
    )
    upstream.targets |= {f"/v1/offers/{offer['id']}": offer for offer in offers}
    upstream.targets["/v1/offers"] = _collection(offers)
    for size in smaller_pages:
        upstream.targets[f"/v1/offers?size={size}"] = _collection(offers[:size])
    upgrades = _collection(
        [{**samples.upgrade, "targetOffer": offer} for offer in offers[:UPGRADES]]
    )
    for size, ids in upstream.customer_ids.items():
        for number, customer_id in enumerate(ids):
            first = number * SHARED_OFFERS % OFFERS
            held = offers[first : first + SHARED_OFFERS]
            upstream.targets |= _customer(samples, customer_id, held, size, upgrades)
    return upstream


def _customer(
    samples: SampleBodies, customer_id: str, offers: Sequence[Body], size: int, upgrades: Body
) -> Iterator[tuple[str, Body]]:
    """Yield the targets and bodies of one customer."""
    path = f"/v1/customers/{customer_id}"
    subscriptions = [
        {
            **samples.subscription,
            "id": _guid(customer_id, number),
            "offerId": offers[number % len(offers)]["id"],
        }
        for number in range(size)
    ]
    yield path, {**samples.customer, "id": customer_id}
    yield f"{path}/subscriptions", _collection(subscriptions)
    for subscription in subscriptions:
        yield f"{path}/subscriptions/{subscription['id']}/upgrades", upgrades


def _collection(items: Sequence[Body]) -> Body:
    return {"totalCount": len(items), "items": items, **_COLLECTION}


def _guid(*names: object) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, repr(names)))


async def record_upstream(
    customers: Mapping[int, int], *, smaller_pages: Sequence[int] = ()
) -> RecordedUpstream:
    """Start a sandbox, record samples and multiply them."""
    return multiply(await _read_samples(), customers, smaller_pages=smaller_pages)
