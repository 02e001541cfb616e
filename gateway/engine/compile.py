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
                v1 = F1.complete(v1, here, 'nodes', run)
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
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from gateway.engine import leaves
from gateway.engine.complete import Complete, Objects, completer
from gateway.engine.fields import Attribute, Call, Field, Origin, Resolve, origin_of
from gateway.engine.info import FieldInfo
from gateway.engine.places import Details, Spot

if TYPE_CHECKING:
    from gateway.engine.plan import Plan

TYPENAME = "__typename"


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

    def _compiling(self, type_: GraphQLObjectType, spot: Spot) -> Complete:
        """Make what stands in for a function until the first object comes.

        Selections that no data reaches cost nothing, however often fragments repeat them.
        """

        def compile_first(value: Any, above: Any, key: Any, run: Any) -> Any:
            fields = self._plan.subfields(type_, self._details)
            function = compile_selections(self._plan, type_, fields, spot)
            self._objects[type_].function = function
            return function(value, above, key, run)

        return compile_first


def compile_selections(
    plan: "Plan", type_: GraphQLObjectType, fields: Mapping[str, Details], spot: Spot | None
) -> Complete:
    """Compile the function that runs grouped fields on an object at a spot, or on the root."""
    printer = _Printer(type_.name, spot)
    for key, details in fields.items():
        if details[0].node.name.value == TYPENAME:
            printer.constant(key, type_.name)
        else:
            field = Field(plan, type_, key, details)
            selections = Selections(plan, details)
            field.complete = completer(field.definition.type, field, selections)
            printer.field(field, selections)
    return printer.compile()


class _Printer:
    """Prints the function of one object type, field by field, and what its names stand for."""

    def __init__(self, typename: str, spot: Spot | None) -> None:
        self._function = f"complete_{typename}"
        self._here = "None" if spot is None else "(above, key, SPOT)"
        self._body: list[str] = []
        self._entries: list[str] = []
        self._names: dict[str, Any] = {**leaves.NAMES_USED, "SPOT": spot}

    def constant(self, key: str, value: str) -> None:
        """Add an entry that is the same in every object."""
        self._entries.append(f"{key!r}: {value!r}")

    def field(self, field: Field, selections: Selections) -> None:
        """Add a field: read it, complete it, report its errors."""
        number = len(self._entries)
        place = f"here, {field.key!r}"
        self._names[f"F{number}"] = field
        self._entries.append(f"{field.key!r}: v{number}")
        self._body += [
            "try:",
            *_indented(self._value(field, selections, number)),
            "except Exception as error:",
            f"    v{number} = run.fail(error, {place}, F{number})",
        ]

    def compile(self) -> Complete:
        """Turn what was printed into the function."""
        lines = [
            f"def {self._function}(source, above, key, run):",
            *_indented(
                [
                    f"here = {self._here}",
                    *self._body,
                    f"completed = {{{', '.join(self._entries)}}}",
                    "if run.unplaced:",
                    "    run.place(completed)",
                    "return completed",
                ]
            ),
        ]
        code = compile("\n".join(lines), f"<engine: {self._function}>", "exec")
        exec(code, self._names)  # noqa: S102 - names are identifiers, texts are literals
        return cast("Complete", self._names[self._function])

    def _value(self, field: Field, selections: Selections, number: int) -> list[str]:
        origin = origin_of(field)
        read = self._read(origin, number)
        later = f"F{number}.complete, here, {field.key!r}, F{number}"
        if isinstance(origin, Call) and origin.is_async:
            return [f"v{number} = run.later({read}, {later})"]
        return [f"v{number} = {read}", *self._completed(field, selections, number)]

    def _read(self, origin: Origin, number: int) -> str:
        if isinstance(origin, Attribute):
            name = origin.name
            return f"source.{name}" if origin.is_plain else f"getattr(source, {name!r})"
        self._names[f"R{number}"] = origin.function
        return f"R{number}({', '.join(self._arguments(origin, number))})"

    def _arguments(self, origin: Call | Resolve, number: int) -> Iterable[str]:
        if isinstance(origin, Resolve):
            self._names["FieldInfo"] = FieldInfo
            yield "source"
            yield f"FieldInfo(run, F{number}, here)"
        else:
            if origin.is_method:
                yield "source"
            for name in origin.source_names:
                yield f"{name}=source"
            if origin.info_name is not None:
                yield f"{origin.info_name}=F{number}.info(run, here)"
        arguments = origin.arguments
        if arguments.constant is None:
            self._names[f"A{number}"] = arguments
            yield f"**A{number}.of(run, here)"
        elif arguments.constant:
            self._names[f"A{number}"] = arguments.constant
            yield f"**A{number}"

    def _completed(self, field: Field, selections: Selections, number: int) -> list[str]:
        """Print the usual way for a type's values; all others are admitted."""
        value = f"v{number}"
        admit = f"{value} = F{number}.admit({value}, here, {field.key!r}, run)"
        usual = self._usual(get_nullable_type(field.definition.type), field, selections, number)
        if usual is None:
            return [admit]
        condition, lines = usual
        rest = "else:" if field.is_non_null else f"elif {value} is not None:"
        if lines:
            return [f"if {condition}:", *_indented(lines), rest, f"    {admit}"]
        unusual = f"not ({condition})"
        if not field.is_non_null:
            unusual += f" and {value} is not None"
        return [f"if {unusual}:", f"    {admit}"]

    def _usual(
        self, type_: GraphQLOutputType, field: Field, selections: Selections, number: int
    ) -> tuple[str, list[str]] | None:
        """Say how a type's usual values are recognised and what then is to be done with them."""
        value = f"v{number}"
        if is_list_type(type_):
            lines = [f"{value} = F{number}.complete({value}, here, {field.key!r}, run)"]
            return f"{value}.__class__ is list", lines
        if is_object_type(type_):
            return self._usual_object(selections.objects(type_, field), field, number)
        if not is_leaf_type(type_):
            return None
        enum = leaves.enum_names(type_)
        if enum is None:
            condition = leaves.check(type_, value)
            return None if condition is None else (condition, [])
        self._names[f"E{number}"], self._names[f"N{number}"] = enum
        return f"{value}.__class__ is E{number}", [f"{value} = N{number}[{value}._name_]"]

    def _usual_object(
        self, objects: Objects, field: Field, number: int
    ) -> tuple[str, list[str]]:
        value = f"v{number}"
        self._names[f"O{number}"] = objects
        self._names[f"K{number}"] = objects.known
        condition = f"{value}.__class__ in K{number}"
        if objects.may_be_cast:
            condition += f" and getattr({value}, {TYPE_CAST_ATTRIBUTE!r}, None) is None"
        return condition, [f"{value} = O{number}.function({value}, here, {field.key!r}, run)"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]
