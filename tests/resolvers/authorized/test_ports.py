"""Authorized ports beyond the tenant matrix: pages, and access to other customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import strawberry

from resolvers.authorized.batches import AuthorizedBatches
from resolvers.authorized.directory import AuthorizedDirectory
from resolvers.authorized.operations import AuthorizedOperations
from resolvers.ports.batches import Batches
from resolvers.ports.directory import Continuation, CustomersKey
from resolvers.ports.operations import Operations, OperationsKey, OperationsPage
from schema.batch import BatchLinesPage, UpgradeBatchLine
from schema.errors import Forbidden, InvalidInput, LimitExceeded, NotFound
from schema.keys import BatchLinesKey
from schema.operation import OperationState, UpgradeOperation
from schema.operation_kind import OperationKind
from schema.order import OperationOrder
from tests.support.directory import StubDirectory, guid, make_full_customer

MINE = guid(1)
MY_CUSTOMERS = frozenset({guid(1), guid(2), guid(3)})


def number(customer_id: str) -> int:
    return int(customer_id[-12:])


def limited(**responses: Any) -> tuple[AuthorizedDirectory, StubDirectory]:
    responses.setdefault("customer", lambda customer_id: make_full_customer(number(customer_id)))
    inner = StubDirectory(**responses)
    return AuthorizedDirectory(inner, MY_CUSTOMERS), inner


async def test_a_page_of_customers_continues_after_its_last_one() -> None:
    directory, inner = limited()

    first = await directory.customers(CustomersKey(2))
    assert first.continuation is not None
    second = await directory.customers(CustomersKey(2, continuation=first.continuation))

    assert [each.id for each in first.customers] == [guid(1), guid(2)]
    assert [each.id for each in second.customers] == [guid(3)]
    assert second.continuation is None
    assert inner.count_calls("customer") == 3


async def test_a_cursor_of_an_unrestricted_caller_is_refused() -> None:
    directory, inner = limited()
    foreign = Continuation("/v1/customers?seekOperation=Next", ())

    with pytest.raises(InvalidInput, match="Start again without it"):
        await directory.customers(CustomersKey(2, continuation=foreign))
    assert inner.calls == []


async def test_a_forged_cursor_leads_to_no_other_customer() -> None:
    directory, _ = limited()

    page = await directory.customers(
        CustomersKey(9, continuation=Continuation(f"behind:{guid(2)}", ()))
    )

    assert [each.id for each in page.customers] == [guid(3)]


async def test_customers_are_found_by_a_prefix_of_their_name() -> None:
    def named(customer_id: str) -> Any:
        customer = make_full_customer(number(customer_id))
        customer.company_profile.company_name = f"{'Abc' if customer_id == MINE else 'xyz'} Ltd"
        return customer

    directory, _ = limited(customer=named)

    page = await directory.customers(CustomersKey(9, "aB"))

    assert [each.id for each in page.customers] == [MINE]


@pytest.mark.parametrize("gone", [NotFound("gone"), Forbidden("not the partner's")])
async def test_a_customer_that_is_gone_is_left_out(gone: Exception) -> None:
    def found(customer_id: str) -> Any:
        if customer_id == guid(2):
            raise gone
        return make_full_customer(number(customer_id))

    directory, _ = limited(customer=found)

    page = await directory.customers(CustomersKey(9))

    assert [each.id for each in page.customers] == [guid(1), guid(3)]


@pytest.mark.parametrize("failure", [Forbidden("consent is missing"), LimitExceeded("too much")])
async def test_an_error_of_all_customers_is_raised(failure: Exception) -> None:
    directory, _ = limited(customer=failure)

    with pytest.raises(type(failure)):
        await directory.customers(CustomersKey(9))


async def test_an_unexpected_error_is_raised_although_others_were_found() -> None:
    def found(customer_id: str) -> Any:
        if customer_id == guid(2):
            raise LimitExceeded("too much")
        return make_full_customer(number(customer_id))

    directory, _ = limited(customer=found)

    with pytest.raises(LimitExceeded):
        await directory.customers(CustomersKey(9))


async def test_ids_are_case_insensitive_and_errors_quote_the_requested_id() -> None:
    customers = frozenset({"abcdef00-0000-4000-8000-000000000001"})
    inner = StubDirectory(customer=make_full_customer(1))
    directory = AuthorizedDirectory(inner, customers)

    await directory.customer("ABCDEF00-0000-4000-8000-000000000001")
    with pytest.raises(Forbidden, match=r"no access to customer 'x{80}'…"):
        await directory.customer("x" * 500)
    assert inner.count_calls("customer") == 1


def operation(index: int, customer_id: str) -> UpgradeOperation:
    now = datetime.fromtimestamp(0, UTC)
    return UpgradeOperation(
        id=strawberry.ID(f"operation-{index}"),
        kind=OperationKind.UPGRADE_SUBSCRIPTION,
        state=OperationState.DONE,
        idempotency_key=f"key-{index}",
        order=OperationOrder(customer_id=strawberry.ID(customer_id)),
        request_id="request",
        principal="somebody",
        created_at=now,
        updated_at=now,
    )


@dataclass
class Recorded:
    """Pages of operations and lines, as both ports return them."""

    operations: Sequence[UpgradeOperation]

    async def list_page(self, key: OperationsKey) -> OperationsPage:
        start = 0 if key.after is None else key.after[0]
        chosen = self.operations[start : start + key.first]
        positions = [(start + n, each.id) for n, each in enumerate(chosen, 1)]
        return OperationsPage(chosen, positions, start + key.first < len(self.operations))

    async def list_lines(self, key: BatchLinesKey) -> BatchLinesPage:
        chosen = self.operations[key.after_number : key.after_number + key.first]
        lines = [
            UpgradeBatchLine(number=key.after_number + n, operation=each)
            for n, each in enumerate(chosen, 1)
        ]
        return BatchLinesPage(lines, key.after_number + key.first < len(self.operations))


# Every third operation is for a customer of the caller.
MIXED = [operation(n, guid(1) if n % 3 == 0 else guid(9)) for n in range(9)]
OTHERS = [operation(n, guid(9)) for n in range(4)]


@pytest.mark.parametrize("first", [1, 2, 3, 4, 50])
async def test_pages_of_operations_are_as_full_as_they_can_be(first: int) -> None:
    operations = AuthorizedOperations(cast("Operations", Recorded(MIXED)), MY_CUSTOMERS)
    seen: list[str] = []
    key = OperationsKey(first)
    while True:
        page = await operations.list_page(key)
        seen += [each.id for each in page.operations]
        if not page.has_next:
            break
        assert len(page.operations) == first
        key = OperationsKey(first, page.positions[-1])

    assert seen == ["operation-0", "operation-3", "operation-6"]


@pytest.mark.parametrize("first", [1, 2, 3, 4, 50])
async def test_pages_of_lines_are_as_full_as_they_can_be(first: int) -> None:
    batches = AuthorizedBatches(cast("Batches", Recorded(MIXED)), MY_CUSTOMERS)
    seen: list[int] = []
    key = BatchLinesKey("batch", first)
    while True:
        page = await batches.list_lines(key)
        seen += [line.number for line in page.lines]
        if not page.has_next:
            break
        assert len(page.lines) == first
        key = BatchLinesKey("batch", first, page.lines[-1].number)

    assert seen == [1, 4, 7]


async def test_a_page_without_own_operations_has_no_next_page() -> None:
    recorded = Recorded(OTHERS)
    operations = AuthorizedOperations(cast("Operations", recorded), MY_CUSTOMERS)
    batches = AuthorizedBatches(cast("Batches", recorded), MY_CUSTOMERS)

    assert await operations.list_page(OperationsKey(2)) == OperationsPage([], [], has_next=False)
    assert await batches.list_lines(BatchLinesKey("batch", 2)) == BatchLinesPage([], False)
