import uuid

from gateway.ids import UuidGenerator


def test_ids_are_unique_uuids_of_version_4() -> None:
    new_id = UuidGenerator()
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    read = [uuid.UUID(text) for text in ids]
    assert {(one.version, one.variant) for one in read} == {(4, uuid.RFC_4122)}
    assert list(map(str, read)) == ids


def test_random_bytes_are_drawn_for_256_ids_at_once() -> None:
    drawn: list[int] = []

    def draw(size: int) -> bytes:
        drawn.append(size)
        return bytes(size)

    new_id = UuidGenerator(draw)
    assert {new_id() for _ in range(257)} == {"00000000-0000-4000-8000-000000000000"}
    assert drawn == [4096, 4096]
