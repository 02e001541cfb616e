import uuid
from random import Random

from gateway.observability.correlation import CorrelationIds


def test_each_is_a_guid_of_version_4_and_another_one() -> None:
    new = CorrelationIds(Random(1))  # noqa: S311 - the same in every run
    made = [new() for _ in range(200)]
    assert len(set(made)) == 200
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in made} == {
        (4, uuid.RFC_4122)
    }
    assert all(str(uuid.UUID(each)) == each for each in made)
