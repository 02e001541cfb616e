from graphql import parse, validate

from resolvers.single_order_rule import SingleOrderRule, places_orders
from tests.support.upstream import cached_graph


def test_every_mutation_places_orders_but_those_about_recorded_ones() -> None:
    root = cached_graph()._schema.mutation_type
    assert root is not None
    others = {name for name, field in root.fields.items() if not places_orders(field)}
    assert others == {"settleOperation", "cancelBatch"}
    assert not [name for name in others if "SPENDS" in (root.fields[name].description or "")]


def test_aliases_and_fragments_are_counted() -> None:
    document = parse(
        """
        mutation($u: UpgradeSubscriptionInput!, $t: TransitionSubscriptionInput!) {
          first: upgradeSubscription(input: $u) { operation { id } } ...More
        }
        fragment More on Mutation { ... { transitionSubscription(input: $t) { operation { id } } } }
        """
    )
    (error,) = validate(cached_graph()._schema, document, [SingleOrderRule])
    assert error.message.startswith(
        "A document may contain one mutation with an idempotency key, not 2."
    )
    assert len(error.nodes or []) == 2
