"""Random valid documents over any schema."""

import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    parse,
    validate,
)

MAX_FIELDS = 60


@dataclass(slots=True)
class RandomDocument:
    """A document with its variables."""

    text: str
    variables: dict[str, Any] = field(default_factory=dict)


class DocumentWriter:
    """Generates documents with aliases, fragments, conditions, arguments, variables, duplicates.

    Args:
        schema: the schema for which the documents are valid.
        values: the values to use, by name of the argument or of the type.
    """

    def __init__(
        self, schema: GraphQLSchema, seed: int, values: dict[str, list[Any]] | None = None
    ) -> None:
        self._schema = schema
        self._random = random.Random(seed)  # noqa: S311 - the same documents every time
        self._values = values or {}

    def document(self) -> RandomDocument:
        """Generate documents until one is valid, and return that."""
        while True:
            document = self._attempt()
            if not validate(self._schema, parse(document.text)):
                return document

    def _attempt(self) -> RandomDocument:
        self._fields_left = self._random.randrange(1, MAX_FIELDS)
        self._variables: dict[str, tuple[str, Any]] = {}
        self._fragments: dict[str, str] = {}
        is_mutation = self._schema.mutation_type is not None and self._chance(0.1)
        root = self._schema.mutation_type if is_mutation else self._schema.query_type
        assert root is not None
        selections = self._selections(root, 0)
        definitions = ", ".join(f"${n}: {kind}" for n, (kind, _) in self._variables.items())
        head = f"{'mutation' if is_mutation else 'query'} Named"
        head += f"({definitions})" if definitions else ""
        text = "\n".join([f"{head} {selections}", *self._fragments.values()])
        given = {name: value for name, (_, value) in self._variables.items()}
        return RandomDocument(text, {n: v for n, v in given.items() if v is not Ellipsis})

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _selections(self, type_: GraphQLNamedType, depth: int) -> str:
        count = self._random.choice([1, 2, 3, 4, 6])
        written = [self._selection(type_, depth) for _ in range(count)]
        if self._chance(0.2):
            written.append(self._random.choice(written))  # a duplicate that is merged
        return "{ " + " ".join([*written, "__typename"] if self._chance(0.2) else written) + " }"

    def _selection(self, type_: GraphQLNamedType, depth: int) -> str:
        if depth < 8 and self._chance(0.15):
            return self._fragment(type_, depth)
        if isinstance(type_, GraphQLUnionType):
            return self._fragment(type_, depth) if depth < 8 else "__typename"
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        return self._field(type_, depth)

    def _field(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        self._fields_left -= 1
        fields = {
            name: definition
            for name, definition in type_.fields.items()
            if (self._fields_left > 0 and depth < 6)
            or not is_composite_type(get_named_type(definition.type))
        }
        if not fields:
            return "__typename"
        name = self._random.choice(list(fields))
        definition = fields[name]
        alias = self._random.choice(["", "", "", f"alias{self._random.randrange(99)}: "])
        written = f"{alias}{name}{self._arguments(definition)}{self._condition()}"
        named = get_named_type(definition.type)
        return (
            f"{written} {self._selections(named, depth + 1)}"
            if is_composite_type(named)
            else written
        )

    def _fragment(self, type_: GraphQLNamedType, depth: int) -> str:
        on = self._random.choice(self._overlapping(type_))
        if self._chance(0.5):
            condition = f" on {on.name}" if on is not type_ or self._chance(0.5) else ""
            return f"...{condition}{self._condition()} {self._selections(on, depth + 1)}"
        reusable = [n for n, text in self._fragments.items() if f" on {on.name} " in text]
        if reusable and self._chance(0.5):
            return f"...{self._random.choice(reusable)}{self._condition()}"
        selections = self._selections(on, depth + 1)
        name = f"Fragment{len(self._fragments)}"
        self._fragments[name] = f"fragment {name} on {on.name} {selections}"
        return f"...{name}{self._condition()}"

    def _overlapping(self, type_: GraphQLNamedType) -> list[GraphQLNamedType]:
        if isinstance(type_, GraphQLObjectType):
            return [type_, *type_.interfaces]
        assert isinstance(type_, GraphQLInterfaceType | GraphQLUnionType)
        possible = list(self._schema.get_possible_types(type_))
        return [type_, *possible, *(i for object_ in possible for i in object_.interfaces)]

    def _condition(self) -> str:
        if not self._chance(0.1):
            return ""
        name = self._random.choice(["skip", "include"])
        truth = self._random.choice([True, False])
        if self._chance(0.5):
            return f" @{name}(if: {str(truth).lower()})"
        variable = f"truth{self._random.randrange(3)}"
        if variable not in self._variables:
            default = self._random.choice(["", "", " = true"])
            is_given = not default or self._chance(0.5)
            kind = f"Boolean{default}" if default else "Boolean!"
            self._variables[variable] = (kind, truth if is_given else ...)
        return f" @{name}(if: ${variable})"

    def _arguments(self, definition: GraphQLField) -> str:
        written = [
            f"{name}: {self._argument(name, argument)}"
            for name, argument in definition.args.items()
            if is_required_argument(argument) or self._chance(0.4)
        ]
        return f"({', '.join(written)})" if written else ""

    def _argument(self, name: str, argument: GraphQLArgument) -> str:
        if self._chance(0.3):
            variable = f"v{len(self._variables)}"
            is_given = is_non_null_type(argument.type) or self._chance(0.8)
            value = self._value(name, argument.type) if is_given else ...
            self._variables[variable] = (str(argument.type), value)
            return f"${variable}"
        return self._literal(argument.type, self._value(name, argument.type))

    def _value(self, name: str, type_: GraphQLInputType) -> Any:
        """Choose a value, as in JSON."""
        if not is_non_null_type(type_) and self._chance(0.1):
            return None
        nullable = get_nullable_type(type_)
        if name in self._values:
            return self._random.choice(self._values[name])
        if is_list_type(nullable):
            return [self._value("", nullable.of_type) for _ in range(self._random.randrange(3))]
        if isinstance(nullable, GraphQLEnumType):
            return self._random.choice(list(nullable.values))
        if isinstance(nullable, GraphQLInputObjectType):
            return {
                member: self._value(member, definition.type)
                for member, definition in nullable.fields.items()
                if is_non_null_type(definition.type) or self._chance(0.5)
            }
        named = get_named_type(nullable)
        return self._random.choice(self._values.get(named.name, _SCALARS.get(named.name, ["a"])))

    def _literal(  # noqa: PLR0911 - one for each kind of value
        self, type_: GraphQLInputType, value: Any
    ) -> str:
        """Format a value as a GraphQL literal."""
        if value is None:
            return "null"
        nullable = get_nullable_type(type_)
        if isinstance(nullable, GraphQLEnumType):
            return str(value)
        if is_list_type(nullable) and isinstance(value, list):
            return f"[{', '.join(self._literal(nullable.of_type, item) for item in value)}]"
        if isinstance(nullable, GraphQLInputObjectType):
            members = nullable.fields
            written = (f"{n}: {self._literal(members[n].type, v)}" for n, v in value.items())
            return f"{{{', '.join(written)}}}"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{n}: {v}" for n, v in value.items()) + "}"
        if isinstance(value, bool):
            return str(value).lower()
        return f'"{value}"' if isinstance(value, str) else str(value)


_SCALARS: dict[str, list[Any]] = {
    "Int": [0, 1, 2, 3, 4, 5],
    "Float": [0.5, 2, -1.25],
    "String": ["a", "azure", ""],
    "ID": ["id", "7"],
    "Boolean": [True, False],
    "Date": ["2026-01-31"],
    "DateTime": ["2026-01-31T12:00:00Z"],
    "JSON": [{"a": 1}, 5, "text"],
}
