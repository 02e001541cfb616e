import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, get_named_type

from resolvers.graph import build_graph
from schema.billing import BillingCycle, parse_billing_cycle
from tests.support.upstream import cached_graph


def test_no_argument_can_be_none_or_unknown() -> None:
    taken = set()
    for kind in cached_graph()._schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            taken |= {get_named_type(field.type) for field in kind.fields.values()}
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            arguments = (field.args.values() for field in kind.fields.values())
            taken |= {get_named_type(each.type) for listed in arguments for each in listed}
    enums = {kind for kind in taken if isinstance(kind, GraphQLEnumType)}
    assert {kind.name for kind in enums} == {
        "BillingCycleInput",
        "EligibilityType",
        "OperationKindInput",
        "OperationStateInput",
        "SettledOutcome",
        "SubscriptionStatusInput",
        "TargetSegmentInput",
        "TransitionTypeInput",
        "UpgradeTypeInput",
    }
    assert not [kind.name for kind in enums if {"NONE", "UNKNOWN"} & kind.values.keys()]


@pytest.mark.parametrize(
    ("input_name", "output_name"),
    [
        ("BillingCycleInput", "BillingCycle"),
        ("OperationKindInput", "OperationKind"),
        ("OperationStateInput", "OperationState"),
        ("SubscriptionStatusInput", "SubscriptionStatus"),
        ("TransitionTypeInput", "TransitionType"),
        ("UpgradeTypeInput", "UpgradeType"),
    ],
)
def test_an_input_enum_has_the_other_values_of_its_output_enum(
    input_name: str, output_name: str
) -> None:
    types = cached_graph()._schema.type_map
    accepted, returned = types[input_name], types[output_name]
    assert isinstance(accepted, GraphQLEnumType)
    assert isinstance(returned, GraphQLEnumType)
    assert set(accepted.values) == set(returned.values) - {"NONE", "UNKNOWN"}


@pytest.mark.parametrize("value", ["NONE", "UNKNOWN"])
async def test_a_value_that_cannot_be_ordered_is_an_error_that_names_it(value: str) -> None:
    document = (
        'mutation { upgradeSubscription(input: {idempotencyKey: "k", customerId: "c",'
        f' subscriptionId: "s", targetOfferId: "o", upgradeType: {value}}}) {{ userErrors '
        "{ code } } }"
    )
    result = await build_graph().execute(document)
    assert result.errors
    assert f"Value '{value}' does not exist in 'UpgradeTypeInput' enum" in result.errors[0].message


@pytest.mark.parametrize(
    ("raw", "cycle"),
    [
        (None, None),
        ("monthly", BillingCycle.MONTHLY),
        ("one_time", BillingCycle.ONE_TIME),
        ("OneTime", BillingCycle.ONE_TIME),
        ("weekly", BillingCycle.UNKNOWN),
        ("", BillingCycle.UNKNOWN),
    ],
)
def test_a_recorded_billing_cycle_is_read_in_every_spelling(
    raw: str | None, cycle: BillingCycle | None
) -> None:
    assert parse_billing_cycle(raw) is cycle
