from graphql import parse, validate

from resolvers.single_purchase_rule import SinglePurchaseRule, is_purchase
from tests.support.upstream import cached_graph


def test_the_mutations_that_place_orders_are_those_that_say_so() -> None:
    root = cached_graph()._schema.mutation_type
    assert root is not None
    placing = {name for name, field in root.fields.items() if is_purchase(field)}
    saying = {
        name
        for name, field in root.fields.items()
        if (field.description or "").startswith("SPENDS MONEY.")
    }
    assert placing == saying
    assert {"upgradeSubscription", "upgradeSubscriptions", "requestProductUpgrade"} < placing
    assert "settleOperation" not in placing


def test_aliases_and_fragments_are_counted() -> None:
    document = parse(
        """
        mutation($u: UpgradeSubscriptionInput!, $t: TransitionSubscriptionInput!) {
          first: upgradeSubscription(input: $u) { operation { id } } ...More
        }
        fragment More on Mutation { ... { transitionSubscription(input: $t) { operation { id } } } }
        """
    )
    (error,) = validate(cached_graph()._schema, document, [SinglePurchaseRule])
    assert error.message.startswith("A document may contain one mutation that spends money, not 2.")
    assert len(error.nodes or []) == 2
