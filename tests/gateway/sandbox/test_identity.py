import pytest

from gateway.sandbox.identity import find_index, guid, guid_for_index, is_guid, seeded_random


@pytest.mark.parametrize("index", [0, 1, 9_999, 2**32 - 1])
def test_an_index_can_be_decoded_from_its_guid(index: int) -> None:
    text = guid_for_index(7, index)
    assert is_guid(text)
    assert find_index(7, text) == index
    assert find_index(7, text.upper()) == index


def test_other_guids_have_no_index() -> None:
    assert find_index(7, guid_for_index(8, 3)) is None
    assert find_index(7, guid("anything")) is None


def test_customer_guids_are_unique() -> None:
    assert len({guid_for_index(1, index) for index in range(2_000)}) == 2_000


def test_guids_have_the_form_of_version_4() -> None:
    text = guid("a", 1)
    assert text[14] == "4"
    assert text[19] in "89ab"
    assert guid_for_index(1, 5)[14] == "4"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("d0ef9c0c-6137-49c0-8f27-2debcbe335ee", True),
        ("D0EF9C0C-6137-49C0-8F27-2DEBCBE335EE", True),
        ("d0ef9c0c613749c08f272debcbe335ee", False),
        ("d0ef9c0c-6137-49c0-8f27-2debcbe335eg", False),
        ("", False),
    ],
)
def test_only_hexadecimal_digits_with_dashes_are_a_guid(text: str, expected: bool) -> None:
    assert is_guid(text) is expected


def test_the_same_parts_give_the_same_random_numbers() -> None:
    assert seeded_random("x", 1).random() == seeded_random("x", 1).random()
    assert seeded_random("x", 1).random() != seeded_random("x", 2).random()
