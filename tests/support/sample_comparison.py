"""Compares a vendor body with the response of the graph, member by member.

Selections are generated from the body, so a member that the graph lacks fails the test.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from gateway.upstream.models.audit_value import redact

# Words of one member that the documents and the graph write differently (CONTRACT 5, 6.7, 11).
RENAMED: Final = {"TargetSubscriptionID": "targetSubscriptionId"}
SYNONYMS: Final = {"STARTED": "IN_PROGRESS", "SEAT_REASSIGNMENT": "LICENSE_REASSIGNMENT"}
# Numbers in the samples, by graph type and member (CONTRACT 6.1 to 6.4).
NUMBERED: Final = {
    ("UpgradeError", "code", 2): "SUBSCRIPTION_STATUS_NOT_ACTIVE",
    ("UpgradeResult", "upgradeType", 1): "UPGRADE_ONLY",
    ("TransitionError", "code", 3): "CONFLICTING_SERVICE_TYPES",
    (
        "TargetSubscriptionError",
        "code",
        3,
    ): "SUBSCRIPTION_TERM_DURATION_SHORTER_THAN_SOURCE_TERM_DURATION",
}
# Members that hold a resource as text, which is shown redacted (Q37).
REDACTED: Final = {"resourceOldValue", "resourceNewValue"}
# Fields that lead to another noun, most of them by an upstream call.
LINKS: Final = {
    *("addOns", "customer", "edges", "offer", "parent", "parentSubscription", "prerequisites"),
    *("productUpgradeEligibility", "provisioningStatus", "sourceSubscription", "subscription"),
    *("subscriptions", "targetSubscription", "transitionEligibilities", "transitions", "upgrade"),
    *("customTermEndDates", "promotions", "upgradeTargets", "upgrades", "availabilities"),
}
LINKED_TYPES: Final = {"Product", "Sku", "Availability"}
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00:00)?")


class SampleComparison:
    """Generates selections for bodies of a graph's types, and compares the results."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def select(self, type_name: str, *bodies: Mapping[str, Any]) -> str:
        """Select every member of the bodies, and the raw field of each enum."""
        fields = self._fields(type_name)
        chosen: list[str] = []
        for name, values in _merge(bodies).items():
            assert name in fields, f"{type_name} has no {name}"
            kind = get_named_type(fields[name])
            if is_leaf_type(kind):
                chosen += [name, *self._raw(type_name, name)]
                continue
            inner = self.select(kind.name, *_list_objects(values)) or "__typename"
            chosen.append(f"{name} {{ {inner} }}")
        return " ".join(chosen)

    def select_all(self, type_name: str, without: frozenset[str] = frozenset()) -> str:
        """Select every field of a type, except links to other nouns."""
        chosen: list[str] = []
        for name, kind in self._fields(type_name).items():
            named = get_named_type(kind)
            if name in LINKS or name in without or named.name in {type_name, *LINKED_TYPES}:
                continue
            inner = "" if is_leaf_type(named) else self.select_all(named.name, without)
            chosen.append(f"{name} {{ {inner} }}" if inner else name)
        return " ".join(chosen)

    def assert_same(self, type_name: str, body: Mapping[str, Any], response: Any) -> None:
        """Fail unless the response has every member of the body, with its value."""
        fields = self._fields(type_name)
        for sent_name, sent in body.items():
            name = to_graph_name(sent_name)
            where = f"{type_name}.{name}"
            kind = get_named_type(fields[name])
            if is_leaf_type(kind):
                assert response[name] == self._expected(type_name, name, sent), where
                as_sent = [str(s) for s in sent] if isinstance(sent, list) else str(sent)
                assert all(response[raw] == as_sent for raw in self._raw(type_name, name)), where
                continue
            if sent is None:
                assert response[name] is None, where
                continue
            pairs = [(sent, response[name])]
            if isinstance(sent, list):
                assert len(response[name]) == len(sent), where
                pairs = list(zip(sent, response[name], strict=True))
            for inner, inner_response in pairs:
                self.assert_same(kind.name, inner, inner_response)

    def _fields(self, type_name: str) -> dict[str, GraphQLOutputType]:
        kind = self._schema.type_map[type_name]
        assert isinstance(kind, GraphQLObjectType)
        return {name: field.type for name, field in kind.fields.items()}

    def _raw(self, type_name: str, name: str) -> Iterable[str]:
        raw = f"raw{name[0].upper()}{name[1:]}"
        return [raw] if raw in self._fields(type_name) else []

    def _expected(self, type_name: str, name: str, sent: Any) -> Any:
        kind = get_named_type(self._fields(type_name)[name])
        if sent in ("", None):
            return None
        if name in REDACTED:
            return redact(sent)
        if isinstance(kind, GraphQLEnumType):
            if isinstance(sent, list):
                return [self._expected(type_name, name, item) for item in sent]
            number = (type_name, name, sent)
            return NUMBERED[number] if number in NUMBERED else _to_enum_name(sent)
        return _to_instant(sent) if kind.name == "DateTime" else sent


def to_graph_name(sent_name: str) -> str:
    """The graph's name of a member: the wire's in camelCase."""
    return RENAMED.get(sent_name) or sent_name[0].lower() + sent_name[1:]


def _merge(bodies: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    merged: dict[str, list[Any]] = {}
    for body in bodies:
        for name, value in body.items():
            merged.setdefault(to_graph_name(name), []).append(value)
    return merged


def _list_objects(values: Iterable[Any]) -> list[Mapping[str, Any]]:
    nested = [value if isinstance(value, list) else [value] for value in values if value]
    return [item for items in nested for item in items]


def _to_enum_name(sent: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", sent.strip()).upper()
    return SYNONYMS.get(words, words)


def _to_instant(sent: str) -> str:
    """Spaces gone, six fractional digits or none, in UTC."""
    match = _INSTANT.fullmatch(sent.replace(" ", ""))
    assert match is not None, sent
    fraction = (match[2] or "").ljust(6, "0")[:6]
    return match[1] + ("" if int(fraction) == 0 else f".{fraction}") + "Z"
