"""Pages of customers, built from the vendor's pages."""

from typing import Any

import pytest

from resolvers.customer_pages import CursorPosition, customer_connection, position_after
from resolvers.ports.directory import Continuation, CustomersKey, CustomersPage
from resolvers.request_loaders import RequestLoaders
from schema.customer import CustomerConnection
from schema.errors import InvalidInput
from schema.pagination import encode_cursor
from tests.support.directory import StubDirectory, guid, make_partial_customer
from tests.support.empty_ports import empty_ports

NEXT = Continuation("/customers?size=4&seekOperation=Next", (("MS-ContinuationToken", "a/80/="),))


def vendor(total: int) -> StubDirectory:
    """Return a directory that lists customers in pages of four, whatever size is requested."""

    def page(key: CustomersKey) -> CustomersPage:
        start = 0 if key.continuation is None else int(key.continuation.uri)
        numbers = range(start, min(start + 4, total))
        rest = Continuation(str(start + 4), NEXT.headers) if start + 4 < total else None
        return CustomersPage([make_partial_customer(n) for n in numbers], rest)

    return StubDirectory(customers=page)


async def read_page(
    directory: StubDirectory, first: int, after: str | None = None, starts: str | None = None
) -> CustomerConnection:
    return await customer_connection(RequestLoaders(directory, empty_ports), first, after, starts)


def ids(page: CustomerConnection) -> list[str]:
    return [node.id for node in page.nodes]


async def test_pages_follow_each_other_to_the_end() -> None:
    directory, found, after = vendor(10), [], None
    while True:
        page = await read_page(directory, 4, after)
        found += ids(page)
        if not page.page_info.has_next_page:
            break
        after = page.page_info.end_cursor
    assert found == [guid(n) for n in range(10)]
    assert directory.count_calls("customers") == 3


@pytest.mark.parametrize("index", range(4))
async def test_a_page_can_continue_after_any_node(index: int) -> None:
    directory = vendor(10)
    page = await read_page(directory, 4)
    rest = await read_page(directory, 4, page.edges()[index].cursor)
    assert ids(rest)[0] == guid(index + 1)
    assert rest.page_info.has_previous_page


async def test_a_vendor_page_longer_than_requested_is_split() -> None:
    directory = vendor(4)
    first = await read_page(directory, 3)
    second = await read_page(directory, 3, first.page_info.end_cursor)
    assert (ids(first), ids(second)) == ([guid(n) for n in range(3)], [guid(3)])
    assert (first.page_info.has_next_page, second.page_info.has_next_page) == (True, False)


async def test_the_page_after_the_last_customer_is_empty() -> None:
    directory = vendor(4)
    page = await read_page(directory, 4)
    assert page.page_info.end_cursor
    end = await read_page(directory, 4, page.page_info.end_cursor)
    assert ids(end) == []
    assert not end.page_info.has_next_page
    assert end.page_info.start_cursor is end.page_info.end_cursor is None


async def test_a_continuation_is_requested_with_its_link_and_filter() -> None:
    directory = vendor(10)
    page = await read_page(directory, 4, starts="Cont")
    await read_page(directory, 2, page.page_info.end_cursor, starts="CONT")
    keys = [key for _, key in directory.calls]
    assert keys == [
        CustomersKey(4, "Cont", None),
        CustomersKey(2, "CONT", Continuation("4", NEXT.headers)),
    ]


async def test_a_cursor_of_another_filter_is_refused() -> None:
    directory = vendor(10)
    page = await read_page(directory, 4, starts="Cont")
    with pytest.raises(InvalidInput, match="for the same arguments"):
        await read_page(directory, 4, page.page_info.end_cursor)


@pytest.mark.parametrize(
    "position",
    [
        None,
        3,
        "place",
        [4],
        [4, 0, None],
        ["4", None],
        [-1, None],
        [501, None],
        [-1, ["uri", []]],
        [0, []],
        [0, ["uri"]],
        [0, ["uri", [["name"]]]],
        [0, ["uri", [["name", 1]]]],
        [0, [1, []]],
        {"skip": 4},
    ],
    ids=str,
)
async def test_a_cursor_without_a_position_is_refused(position: Any) -> None:
    cursor = encode_cursor(["customers", ""], position)
    with pytest.raises(InvalidInput, match="cursor of a page of customers"):
        await read_page(vendor(10), 4, cursor)


def test_the_position_after_the_last_node_is_the_start_of_the_next_page() -> None:
    page = CustomersPage([make_partial_customer(0), make_partial_customer(1)], NEXT)
    assert position_after(page, CursorPosition(), 0) == CursorPosition(1)
    assert position_after(page, CursorPosition(), 1) == CursorPosition(0, NEXT)
    assert position_after(
        CustomersPage(page.customers, None), CursorPosition(), 1
    ) == CursorPosition(2)


async def test_an_empty_page_with_a_link_can_be_continued() -> None:
    page = await read_page(StubDirectory(customers=lambda _: CustomersPage([], NEXT)), 4)
    assert (ids(page), page.page_info.has_next_page) == ([], True)
    assert page.page_info.end_cursor is not None
