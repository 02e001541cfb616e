from pathlib import Path
from typing import Final

import pytest
from graphql import GraphQLObjectType, build_schema, get_named_type

import schema
from gateway.upstream.models.base import to_datetime
from tests.support.upstream import ScriptedResponse, graph_over

GRAPH: Final = build_schema((Path(schema.__file__).parent / "schema.graphql").read_text())
# Types whose dates are the gateway's own.
OWN: Final = {
    "OperationOrder",
    "UpgradeOperation",
    "UpgradeAttempt",
    "UpgradeBatch",
    "UpgradePreview",
}

GUID: Final = "eebd1b55-5360-4438-a11d-5c06918c3014"


@pytest.mark.parametrize("value", [None, "", "soon"])
def test_text_that_is_not_a_date_is_null(value: str | None) -> None:
    assert to_datetime(value) is None


def test_each_vendor_date_has_a_raw_field() -> None:
    lonely = [
        f"{name}.{field}"
        for name, kind in GRAPH.type_map.items()
        if isinstance(kind, GraphQLObjectType) and name not in OWN
        for field, described in kind.fields.items()
        if get_named_type(described.type).name == "DateTime"
        and f"raw{field[0].upper()}{field[1:]}" not in kind.fields
    ]
    assert lonely == []


async def test_an_unparsable_date_is_null_and_its_raw_field_has_the_text() -> None:
    sent = {
        "id": "s",
        "creationDate": "2019-03-04 09:12:41Z",
        "commitmentEndDate": "end of term",
        "effectiveStartDate": 1551690761000,
        "refundOptions": [{"type": "Full", "expiresAfter": "never"}],
    }
    document = """{ subscription(customerId: "@", id: "@") {
      creationDate rawCreationDate commitmentEndDate rawCommitmentEndDate
      effectiveStartDate rawEffectiveStartDate refundOptions { expiresAt rawExpiresAt }
    } }"""
    async with graph_over({"get_subscription": ScriptedResponse(sent)}) as graph:
        data = await graph.data(document.replace("@", GUID))
    assert data["subscription"] == {
        "creationDate": "2019-03-04T09:12:41Z",
        "rawCreationDate": "2019-03-04 09:12:41Z",
        "commitmentEndDate": None,
        "rawCommitmentEndDate": "end of term",
        "effectiveStartDate": "2019-03-04T09:12:41Z",
        "rawEffectiveStartDate": "1551690761000",
        "refundOptions": [{"expiresAt": None, "rawExpiresAt": "never"}],
    }
