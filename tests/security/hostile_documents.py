"""Documents that are small to send but expensive, each with the limit that rejects it."""

from dataclasses import dataclass
from typing import Final

_CUSTOMER: Final = 'customer(id: "00000000-0000-4000-8000-000000000001")'


@dataclass(frozen=True, slots=True)
class HostileDocument:
    """A document, and what rejects it.

    Attributes:
        rule: the limit; "syntax" or "cycle" for GraphQL errors; None if no limit is exceeded, so
            that it is validated like any other document.
    """

    name: str
    text: str
    rule: str | None


def _fan_out(levels: int) -> str:
    """Each fragment spreads the next one twice, which expands to 2 to the power of `levels`."""
    links = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return "\n".join(["{ ...F0 }", *links, f"fragment F{levels} on Query {{ __typename }}"])


def _nested_duplicates(levels: int) -> str:
    """Each level selects the same field twice."""
    body = "id"
    for _ in range(levels):
        body = f"addOns {{ {body} }} addOns {{ {body} }}"
    return f'{{ subscription(customerId: "a", id: "b") {{ {body} }} }}'


def _inline_product(levels: int) -> str:
    """Two inline fragments at each level."""
    body = "id"
    for _ in range(levels):
        body = f"... on Customer {{ {body} }} ... on Customer {{ {body} }}"
    return f"{{ {_CUSTOMER} {{ {body} }} }}"


def _many_operations(count: int) -> str:
    """Many operations that all spread one large fragment."""
    operations = [f"query Q{number} {{ ...F }}" for number in range(count)]
    return "\n".join([*operations, "fragment F on Query { " + "__typename " * 400 + "}"])


def _chain(levels: int) -> str:
    links = [f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(levels)]
    return "\n".join(["{ ...F0 }", *links, f"fragment F{levels} on Query {{ __typename }}"])


def _long_cycle(length: int) -> str:
    links = [f"fragment F{n} on Query {{ ...F{(n + 1) % length} }}" for n in range(length)]
    return "\n".join(["{ ...F0 }", *links])


def _introspection(levels: int) -> str:
    body = "name"
    for _ in range(levels):
        body = f"fields {{ type {{ {body} }} }}"
    return f"{{ __schema {{ types {{ {body} }} }} }}"


HOSTILE_DOCUMENTS: Final[tuple[HostileDocument, ...]] = (
    HostileDocument("fragment fan-out of 95 levels", _fan_out(95), "selections"),
    HostileDocument(
        "fragment fan-out that is not spread",
        _fan_out(95).replace("{ ...F0 }", "{ __typename }", 1),
        None,
    ),
    HostileDocument("nested duplicates", _nested_duplicates(8), "selections"),
    HostileDocument("inline fragment product", _inline_product(7), None),
    HostileDocument("deep fields", "{" + "a{" * 150 + "a" + "}" * 151, "depth"),
    HostileDocument("fields deeper than the parser allows", "{" + "a{" * 900, "depth"),
    HostileDocument("wide duplicates", f"{{ {_CUSTOMER} {{ {'id ' * 490} }} }}", None),
    HostileDocument(
        "wide duplicates with arguments",
        f"{{ {_CUSTOMER} {{ {'subscriptions(first: 1) { totalCount } ' * 160} }} }}",
        None,
    ),
    HostileDocument(
        "unknown fields", "{" + "".join(f" custumer{n}" for n in range(10)) + "}", None
    ),
    HostileDocument(
        "unknown fields in a field",
        f"{{ {_CUSTOMER} {{ {' '.join(f'subscription{n}' for n in range(480))} }} }}",
        None,
    ),
    HostileDocument(
        "alias flood", "{" + " ".join(f"a{n}: __typename" for n in range(300)) + "}", "root_fields"
    ),
    HostileDocument(
        "alias flood in a field",
        f"{{ {_CUSTOMER} {{ {' '.join(f'a{n}: id' for n in range(300))} }} }}",
        "aliases",
    ),
    HostileDocument(
        "directive flood", "{ __typename" + " @include(if: true)" * 250 + "}", "directives"
    ),
    HostileDocument("unknown directive flood", "{ __typename" + " @x" * 900 + "}", "directives"),
    HostileDocument(
        "directives on the operation", "query" + " @x" * 900 + " { __typename }", "directives"
    ),
    HostileDocument("token bomb", "{" + " a" * 45_000 + "}", "tokens"),
    HostileDocument("comment bomb", "#\n" * 45_000 + "{ __typename }", "tokens"),
    HostileDocument("white space", " " * 90_000 + "{ __typename }", None),
    HostileDocument("long string", '{ node(nodeId: "' + "x" * 90_000 + '") { nodeId } }', None),
    HostileDocument(
        "longer string", '{ node(nodeId: "' + "x" * 200_000 + '") { nodeId } }', "characters"
    ),
    HostileDocument("long name", "{ " + "a" * 90_000 + " }", None),
    HostileDocument(
        "deep list", "{ node(nodeId: " + "[" * 150 + "]" * 150 + ") { nodeId } }", "value_depth"
    ),
    HostileDocument("list deeper than the parser allows", "{ a(b: " + "[" * 990, "depth"),
    HostileDocument(
        "a number of 5,000 digits",
        "{ customers(first: " + "9" * 5_000 + ") { a } }",
        "number_length",
    ),
    HostileDocument(
        "5,000 digits in a default value",
        "query ($a: [Float] = [{a: " + "9" * 5_000 + "}]) { a }",
        "number_length",
    ),
    HostileDocument(
        "deep object", "{ a(b: " + "{c: " * 100 + "1" + "}" * 100 + ") }", "value_depth"
    ),
    HostileDocument(
        "a fragment that spreads itself", "{ ...F } fragment F on Query { ...F }", "cycle"
    ),
    HostileDocument("a long cycle of fragments", _long_cycle(200), "cycle"),
    HostileDocument("a long chain of fragments", _chain(200), None),
    HostileDocument("many operations, one fragment", _many_operations(20), "selections"),
    HostileDocument(
        "many operations",
        " ".join(f"query Q{n} {{ __typename }}" for n in range(300)),
        "operations",
    ),
    HostileDocument(
        "many variables",
        "query (" + " ".join(f"$v{n}: Int" for n in range(450)) + ") { __typename }",
        None,
    ),
    HostileDocument(
        "one variable in many places",
        "query ($f: Int!) { "
        + _CUSTOMER
        + " { "
        + "subscriptions(first: $f) { totalCount } " * 150
        + "} }",
        None,
    ),
    HostileDocument("deep introspection", _introspection(8), "introspection_depth"),
    HostileDocument("introspection within its limit", _introspection(6), None),
    HostileDocument("not closed", "{ customers { nodes { id", "syntax"),
    HostileDocument(
        "many types that do not exist",
        " ".join(f"... on T{n} {{ a }}" for n in range(240)).join(["{", "}"]),
        "root_fields",
    ),
)
