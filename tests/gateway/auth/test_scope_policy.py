import pytest
from graphql import OperationType
from strawberry.types import get_object_definition

from gateway.auth.caller import Caller
from gateway.auth.scope_policy import ScopePolicy
from gateway.engine import Engine
from resolvers.graph import Graph, build_graph
from resolvers.query import Query
from schema.errors import Forbidden
from schema.scopes import Scope

READ, WRITE, ADMIN = Scope.READ, Scope.WRITE, Scope.ADMIN


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build_graph()


def check(graph: Graph, text: str, scopes: set[Scope], introspection: Scope | None = ADMIN) -> None:
    operation = Engine(graph).prepare(text).operation(None)
    assert operation is not None
    policy = ScopePolicy(graph.root_scopes, introspection=introspection)
    policy.check(operation, Caller("somebody", frozenset(scopes)))


SETTLE = """
mutation { settleOperation(input: {operationId: "a", outcome: DONE, note: "n"}) { __typename } }
"""
HIDDEN = """
query Q($no: Boolean!) { ...A @include(if: $no) } fragment A on Query { throttle { limit } }
"""


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("{ __typename }", set()),
        ("{ throttle { limit } }", {READ}),
        ("{ ... on Query { ... { throttle { limit } } } }", {READ}),
        (HIDDEN, {READ}),
        ("{ ...A ...A } fragment A on Query { throttle { limit } }", {READ}),
        (SETTLE, {ADMIN}),
        ("{ __schema { description } }", {ADMIN}),
        ('{ __type(name: "Query") { name } throttle { limit } }', {ADMIN, READ}),
        ('subscription { operation(id: "a") { id } }', {READ}),
    ],
)
def test_an_operation_requires_the_scopes_of_its_root_fields(
    graph: Graph, text: str, needed: set[Scope]
) -> None:
    check(graph, text, needed)
    for missing in needed:
        with pytest.raises(Forbidden, match=f"requires the scope {missing}"):
            check(graph, text, set(Scope) - {missing})


def test_open_introspection_is_allowed_for_all_callers(graph: Graph) -> None:
    check(graph, "{ __schema { description } }", set(), introspection=None)


def test_a_field_without_a_scope_is_forbidden_for_everyone(graph: Graph) -> None:
    operation = Engine(graph).prepare("{ throttle { limit } }").operation(None)
    assert operation is not None
    policy = ScopePolicy({OperationType.QUERY: {}}, introspection=None)

    with pytest.raises(KeyError):
        policy.check(operation, Caller("somebody", frozenset(Scope)))


def test_a_root_field_without_a_scope_is_no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    (field, *_) = get_object_definition(Query, strict=True).fields
    monkeypatch.setattr(field, "directives", ())

    with pytest.raises(LookupError, match="has no @requiresScope"):
        _ = build_graph().root_scopes


def test_only_root_fields_require_scopes(graph: Graph) -> None:
    """Only root fields are checked: a scope on a nested field would have no effect."""
    printed = graph.as_str()
    roots = sum(len(fields) for fields in graph.root_scopes.values())

    assert printed.count('@requiresScope(scope: "') == roots


def test_money_is_spent_and_read_by_different_scopes(graph: Graph) -> None:
    scopes = graph.root_scopes

    reading = dict(scopes[OperationType.QUERY])
    administering = {name for name, scope in reading.items() if scope is ADMIN}
    assert administering == {
        "auditRecords",
        "webhookEventNames",
        "webhookRegistration",
        "webhookValidationEvent",
    }
    assert {reading[name] for name in reading.keys() - administering} == {READ}
    assert set(scopes[OperationType.SUBSCRIPTION].values()) == {READ}
    writing = dict(scopes[OperationType.MUTATION])
    assert writing.pop("settleOperation") is ADMIN
    assert set(writing.values()) == {WRITE}
