"""Documents that are small to send and dear to look at, each with the rule that stops it.

`None` is for those that keep every limit: they are validated like any other document.
"""

from dataclasses import dataclass
from typing import Final

_CUSTOMER: Final = 'customer(id: "00000000-0000-4000-8000-000000000001")'


@dataclass(frozen=True, slots=True)
class Hostile:
    """One document.

    Attributes:
        rule: which limit refuses it; "syntax" or "cycle" for what is no document at all.
    """

    name: str
    text: str
    rule: str | None


def _fan_out(levels: int) -> str:
    """Each fragment spreads the next one twice: 2 to the power of the levels."""
    links = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return "\n".join(["{ ...F0 }", *links, f"fragment F{levels} on Query {{ __typename }}"])


def _nested_duplicates(levels: int) -> str:
    """Each level asks for the same field twice, by way of the add-ons of add-ons."""
    body = "id"
    for _ in range(levels):
        body = f"addOns {{ {body} }} addOns {{ {body} }}"
    return f'{{ subscription(customerId: "a", id: "b") {{ {body} }} }}'


def _inline_product(levels: int) -> str:
    """Inline fragments in inline fragments, two at each level."""
    body = "id"
    for _ in range(levels):
        body = f"... on Customer {{ {body} }} ... on Customer {{ {body} }}"
    return f"{{ {_CUSTOMER} {{ {body} }} }}"


def _many_operations(count: int) -> str:
    """Operations that all spread one large fragment."""
    operations = [f"query Q{number} {{ ...F }}" for number in range(count)]
    return "\n".join([*operations, "fragment F on Query { " + "__typename " * 400 + "}"])


def _chain(levels: int) -> str:
    """A long chain of fragments, without any fan-out."""
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


HOSTILE: Final[tuple[Hostile, ...]] = (
    Hostile("fragment fan-out of 95 levels", _fan_out(95), "selections"),
    Hostile(
        "fragment fan-out nobody spreads",
        _fan_out(95).replace("{ ...F0 }", "{ __typename }", 1),
        None,
    ),
    Hostile("nested duplicates", _nested_duplicates(8), "selections"),
    Hostile("inline fragment product", _inline_product(7), None),
    Hostile("deep fields", "{" + "a{" * 150 + "a" + "}" * 151, "depth"),
    Hostile("deeper than the parser goes", "{" + "a{" * 900, "depth"),
    Hostile("wide duplicates", f"{{ {_CUSTOMER} {{ {'id ' * 490} }} }}", None),
    Hostile(
        "wide duplicates with arguments",
        f"{{ {_CUSTOMER} {{ {'subscriptions(first: 1) { totalCount } ' * 160} }} }}",
        None,
    ),
    Hostile("unknown fields", "{" + "".join(f" custumer{n}" for n in range(10)) + "}", None),
    Hostile(
        "unknown fields in a field",
        f"{{ {_CUSTOMER} {{ {' '.join(f'subscription{n}' for n in range(480))} }} }}",
        None,
    ),
    Hostile(
        "alias flood", "{" + " ".join(f"a{n}: __typename" for n in range(300)) + "}", "root_fields"
    ),
    Hostile(
        "alias flood in a field",
        f"{{ {_CUSTOMER} {{ {' '.join(f'a{n}: id' for n in range(300))} }} }}",
        "aliases",
    ),
    Hostile("directive flood", "{ __typename" + " @include(if: true)" * 250 + "}", "directives"),
    Hostile("unknown directive flood", "{ __typename" + " @x" * 900 + "}", "directives"),
    Hostile("directives on the operation", "query" + " @x" * 900 + " { __typename }", "directives"),
    Hostile("token bomb", "{" + " a" * 45_000 + "}", "tokens"),
    Hostile("comment bomb", "#\n" * 45_000 + "{ __typename }", "tokens"),
    Hostile("white space", " " * 90_000 + "{ __typename }", None),
    Hostile("long string", '{ node(nodeId: "' + "x" * 90_000 + '") { nodeId } }', None),
    Hostile("longer string", '{ node(nodeId: "' + "x" * 200_000 + '") { nodeId } }', "characters"),
    Hostile("long name", "{ " + "a" * 90_000 + " }", None),
    Hostile(
        "deep list", "{ node(nodeId: " + "[" * 150 + "]" * 150 + ") { nodeId } }", "value_depth"
    ),
    Hostile("list deeper than the parser goes", "{ a(b: " + "[" * 990, "depth"),
    Hostile(
        "a number of 5,000 digits",
        "{ customers(first: " + "9" * 5_000 + ") { a } }",
        "number_length",
    ),
    Hostile(
        "5,000 digits by default",
        "query ($a: [Float] = [{a: " + "9" * 5_000 + "}]) { a }",
        "number_length",
    ),
    Hostile("deep object", "{ a(b: " + "{c: " * 100 + "1" + "}" * 100 + ") }", "value_depth"),
    Hostile("a fragment that spreads itself", "{ ...F } fragment F on Query { ...F }", "cycle"),
    Hostile("a long cycle of fragments", _long_cycle(200), "cycle"),
    Hostile("a long chain of fragments", _chain(200), None),
    Hostile("many operations, one fragment", _many_operations(20), "selections"),
    Hostile(
        "many operations",
        " ".join(f"query Q{n} {{ __typename }}" for n in range(300)),
        "operations",
    ),
    Hostile(
        "many variables",
        "query (" + " ".join(f"$v{n}: Int" for n in range(450)) + ") { __typename }",
        None,
    ),
    Hostile(
        "one variable in many places",
        "query ($f: Int!) { "
        + _CUSTOMER
        + " { "
        + "subscriptions(first: $f) { totalCount } " * 150
        + "} }",
        None,
    ),
    Hostile("deep introspection", _introspection(8), "introspection_depth"),
    Hostile("introspection within its bound", _introspection(6), None),
    Hostile("not closed", "{ customers { nodes { id", "syntax"),
    Hostile(
        "many types that do not exist",
        " ".join(f"... on T{n} {{ a }}" for n in range(240)).join(["{", "}"]),
        "root_fields",
    ),
)
