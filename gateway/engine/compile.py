"""Writes one Python function for each object type and selection of a plan.

What such a function looks like, for `{ name nodes { id } upgrades }` where `upgrades` has an
asynchronous resolver:

    def complete_Customer(source, above, key, run):
        here = (above, key, SPOT)
        try:
            v0 = source.name
            if not (v0.__class__ is str) and v0 is not None:
                v0 = F0.admit(v0, here, 'name', run)
        except Exception as error:
            v0 = run.fail(error, here, 'name', F0)
        try:
            v1 = source.nodes
            if v1.__class__ is list:
                v1 = L1(v1, here, 'nodes', run)
            elif v1 is not None:
                v1 = F1.admit(v1, here, 'nodes', run)
        except Exception as error:
            v1 = run.fail(error, here, 'nodes', F1)
        try:
            v2 = run.later(R2(source, info=F2.info(run, here)), F2.complete, here, 'upgrades', F2)
        except Exception as error:
            v2 = run.fail(error, here, 'upgrades', F2)
        completed = {'name': v0, 'nodes': v1, 'upgrades': v2}
        if run.unplaced:
            run.place(completed)
        return completed

Each field is one line on the way that values usually take; `admit` is the way that every value
can take. Text of a document gets into the source as string literals only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import (
    GraphQLNullableType,
    GraphQLObjectType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from gateway.engine import leaves
from gateway.engine.complete import completer, completer_of_present
from gateway.engine.fields import Attribute, Call, Field, Origin, Resolve, origin_of
from gateway.engine.info import FieldInfo
from gateway.engine.objects import Objects
from gateway.engine.places import Complete, Details, Place, Spot

if TYPE_CHECKING:
    from gateway.engine.execute import Run
    from gateway.engine.plan import Plan

_TYPENAME: Final = "__typename"


class Selections:
    """What a field's merged selections ask of each object type that its values can be of."""

    __slots__ = ("_details", "_objects", "_plan")

    def __init__(self, plan: "Plan", details: Details) -> None:
        self._plan = plan
        self._details = details
        self._objects: dict[GraphQLObjectType, Objects] = {}

    def objects(self, type_: GraphQLObjectType, spot: Spot) -> Objects:
        """Return the one Objects of a type; a field's objects stand at one spot alone."""
        found = self._objects.get(type_)
        if found is None:
            found = self._objects[type_] = Objects(type_, spot, self._compiling(type_, spot))
        return found

    def attributes_of(self, type_: GraphQLObjectType) -> Mapping[str, Details] | None:
        """Return what is asked of a type where that is leaves read from attributes alone.

        Such an object is written into the function around it, which saves a call. Looking one
        level ahead is safe: fragments within fragments multiply with every level.
        """
        fields = self._plan.subfields(type_, self._details)
        for key, details in fields.items():
            if details[0].node.name.value != _TYPENAME:
                field = Field(self._plan, type_, key, details)
                is_leaf = is_leaf_type(get_nullable_type(field.definition.type))
                if not is_leaf or not isinstance(origin_of(field), Attribute):
                    return None
        return fields

    def _compiling(self, type_: GraphQLObjectType, spot: Spot) -> Complete:
        """Make what stands in for a function until the first object comes.

        Selections that no data reaches cost nothing, however often fragments repeat them.
        """

        def compile_first(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
            objects = self._objects[type_]
            if objects.function is compile_first:
                fields = self._plan.subfields(type_, self._details)
                objects.function = compile_selections(self._plan, type_, fields, spot)
            return objects.function(value, above, key, run)

        return compile_first


def compile_selections(
    plan: "Plan", type_: GraphQLObjectType, fields: Mapping[str, Details], spot: Spot | None
) -> Complete:
    """Compile the function that runs grouped fields on an object at a spot, or on the root."""
    return _Printer(plan).function(type_, fields, spot)


class _Printer:
    """Prints one function and keeps what the names in it stand for."""

    def __init__(self, plan: "Plan") -> None:
        self._plan = plan
        self._names: dict[str, Any] = {"FieldInfo": FieldInfo, **leaves.NAMES_USED}
        self._count = 0

    def function(
        self, type_: GraphQLObjectType, fields: Mapping[str, Details], spot: Spot | None
    ) -> Complete:
        """Print the function of an object type and turn it into one."""
        self._names["SPOT"] = spot
        name = f"complete_{type_.name}"
        lines = [
            f"def {name}(source, above, key, run):",
            f"    here = {'None' if spot is None else '(above, key, SPOT)'}",
            *_indented(self._object("completed", type_, fields, "source", "here")),
            "    return completed",
        ]
        exec(compile("\n".join(lines), f"<engine: {name}>", "exec"), self._names)  # noqa: S102 - names are identifiers, texts are literals
        return cast(Complete, self._names[name])

    def _object(
        self,
        target: str,
        type_: GraphQLObjectType,
        fields: Mapping[str, Details],
        source: str,
        here: str,
    ) -> list[str]:
        """Print what makes the dictionary of an object: read, complete, report, field by field."""
        lines: list[str] = []
        entries: list[str] = []
        for key, details in fields.items():
            if details[0].node.name.value == _TYPENAME:
                entries.append(f"{key!r}: {type_.name!r}")
                continue
            number = self._number()
            field = Field(self._plan, type_, key, details)
            printed = _PrintedField(field, Selections(self._plan, details), number, source, here)
            entries.append(f"{key!r}: v{number}")
            lines += [
                "try:",
                *_indented(self._value(printed)),
                "except Exception as error:",
                f"    v{number} = run.fail(error, {here}, {key!r}, F{number})",
            ]
        return [
            *lines,
            f"{target} = {{{', '.join(entries)}}}",
            "if run.unplaced:",
            f"    run.place({target})",
        ]

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _value(self, printed: "_PrintedField") -> list[str]:
        field, number = printed.field, printed.number
        field.complete = completer(field.definition.type, field, printed.selections)
        self._names[f"F{number}"] = field
        origin = origin_of(field)
        read = self._read(origin, printed)
        if isinstance(origin, Call) and origin.is_async:
            return [
                f"v{number} = run.later({read}, F{number}.complete, {printed.place}, F{number})"
            ]
        return [f"v{number} = {read}", *self._completed(printed)]

    def _read(self, origin: Origin, printed: "_PrintedField") -> str:
        if isinstance(origin, Attribute):
            name, source = origin.name, printed.source
            return f"{source}.{name}" if origin.is_plain else f"getattr({source}, {name!r})"
        self._names[f"R{printed.number}"] = origin.function
        return f"R{printed.number}({', '.join(self._arguments(origin, printed))})"

    def _arguments(self, origin: Call | Resolve, printed: "_PrintedField") -> Iterable[str]:
        number, source, here = printed.number, printed.source, printed.here
        if isinstance(origin, Resolve):
            yield f"{source}, FieldInfo(run, F{number}, {here})"
        else:
            if origin.is_method:
                yield source
            yield from (f"{name}={source}" for name in origin.source_names)
            if origin.info_name is not None:
                yield f"{origin.info_name}=F{number}.info(run, {here})"
        arguments = origin.arguments
        self._names[f"A{number}"] = arguments if arguments.constant is None else arguments.constant
        if arguments.constant is None:
            yield f"**A{number}.of(run, {here})"
        elif arguments.constant:
            yield f"**A{number}"

    def _completed(self, printed: "_PrintedField") -> list[str]:
        """Print the usual way for a type's values; all others are admitted."""
        field, value = printed.field, printed.value
        admit = f"    {value} = F{printed.number}.admit({value}, {printed.place}, run)"
        condition, lines = self._usual(get_nullable_type(field.definition.type), printed)
        if lines:
            rest = "else:" if field.is_non_null else f"elif {value} is not None:"
            return [f"if {condition}:", *_indented(lines), rest, admit]
        or_null = "" if field.is_non_null else f" and {value} is not None"
        return [f"if not ({condition}){or_null}:", admit]

    def _usual(self, type_: GraphQLNullableType, printed: "_PrintedField") -> tuple[str, list[str]]:
        """Say how a type's usual values are recognised, and print what is done with them."""
        number, value = printed.number, printed.value
        if is_list_type(type_):
            complete = completer_of_present(type_, printed.field, printed.selections)
            self._names[f"L{number}"] = complete
            lines = [f"{value} = L{number}({value}, {printed.place}, run)"]
            return f"{value}.__class__ is list", lines
        if isinstance(type_, GraphQLObjectType):
            return self._usual_object(type_, printed)
        if not is_leaf_type(type_):
            return "False", []
        enum = leaves.enum_names(type_)
        if enum is None:
            return leaves.check(type_, value), []
        self._names[f"E{number}"], self._names[f"N{number}"] = enum
        return f"{value}.__class__ is E{number}", [f"{value} = N{number}[{value}._name_]"]

    def _usual_object(
        self, type_: GraphQLObjectType, printed: "_PrintedField"
    ) -> tuple[str, list[str]]:
        field, number, value = printed.field, printed.number, printed.value
        objects = printed.selections.objects(type_, field)
        self._names[f"O{number}"], self._names[f"K{number}"] = objects, objects.known
        condition = f"{value}.__class__ in K{number}"
        if objects.may_be_cast:
            condition += f" and getattr({value}, {TYPE_CAST_ATTRIBUTE!r}, None) is None"
        inlined = printed.selections.attributes_of(type_)
        if inlined is None:
            return condition, [f"{value} = O{number}.function({value}, {printed.place}, run)"]
        return condition, self._object(
            value, type_, inlined, value, f"({printed.place}, F{number})"
        )


@dataclass(frozen=True, slots=True)
class _PrintedField:
    """A field that is being printed.

    Attributes:
        number: tells its names from those of other fields.
        source: the expression for the object that it is read from.
        here: the expression for that object's place.
    """

    field: Field
    selections: Selections
    number: int
    source: str
    here: str

    @property
    def value(self) -> str:
        """The variable for its value."""
        return f"v{self.number}"

    @property
    def place(self) -> str:
        """The first two members of its place."""
        return f"{self.here}, {self.field.key!r}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]
