import json
from dataclasses import fields

import pytest
from graphql import build_schema, parse, validate
from graphql.execution.values import get_variable_values
from graphql.language import OperationDefinitionNode

from gateway.edge.site.examples import ExampleDocument, ExampleIds, example_documents
from gateway.edge.site.landing import EXAMPLE_QUERY
from resolvers.graph import build_graph

IDS = ExampleIds(
    customer_id="legacy-customer",
    azure_customer_id="azure-customer",
    upgrading_customer_id="upgrading-customer",
    new_commerce_customer_id="new-commerce-customer",
    running_upgrade_id="running-upgrade",
    upgradable_subscription_id="upgradable-subscription",
    target_offer_id="target-offer",
    new_commerce_subscription_id="new-commerce-subscription",
    target_catalog_item_id="target-item",
    renewal_customer_id="renewal-customer",
    renewable_subscription_id="renewable-subscription",
)
GRAPH = build_schema(build_graph().as_str())


def operation(example: ExampleDocument) -> OperationDefinitionNode:
    definition = parse(example.query).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return definition


@pytest.mark.parametrize("example", example_documents(IDS), ids=lambda example: example.title)
def test_an_example_is_valid_in_the_graph(example: ExampleDocument) -> None:
    assert validate(GRAPH, parse(example.query)) == []
    definitions = operation(example).variable_definitions or ()
    values = get_variable_values(GRAPH, definitions, json.loads(example.variables or "{}"))
    assert not isinstance(values, list), values


def test_tab_names_are_unique() -> None:
    names = [getattr(operation(example).name, "value", "") for example in example_documents(IDS)]
    assert all(names)
    assert len(set(names)) == len(names)


def test_the_examples_query_the_given_ids() -> None:
    variables = [json.loads(example.variables or "{}") for example in example_documents(IDS)]
    used = json.dumps(variables)
    assert [f.name for f in fields(IDS) if json.dumps(getattr(IDS, f.name)) not in used] == []


def test_without_ids_only_generic_examples_are_shown() -> None:
    titles = [example.title for example in example_documents(None)]
    assert titles == ["Customers and their upgrades", "The offer catalog"]


def test_the_landing_page_example_is_valid_in_the_graph() -> None:
    assert validate(GRAPH, parse(EXAMPLE_QUERY)) == []
