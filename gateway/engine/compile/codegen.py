"""Prints Python that makes the object of a response; `compile.py` shows what comes of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import (
    GraphQLLeafType,
    GraphQLNullableType,
    GraphQLObjectType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution import Executor
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

from gateway.engine.compile import leaves
from gateway.engine.compile.completers import build_completer, build_present_completer
from gateway.engine.compile.fields import (
    AttributeRead,
    Field,
    ResolveFunction,
    ResolverCall,
    ValueSource,
    find_value_source,
)
from gateway.engine.compile.objects import ObjectCompleter
from gateway.engine.compile.result_types import ResultType
from gateway.engine.run.resolve_info import LazyResolveInfo
from gateway.engine.types import MergedFields

if TYPE_CHECKING:
    from gateway.engine.compile.plan import PlanCompiler
    from gateway.engine.compile.selections import FieldSelections

_TYPENAME: Final = "__typename"


@dataclass(frozen=True, slots=True)
class _FieldCode:
    """A field that is being printed.

    Attributes:
        origin: where its value comes from.
        inlined: the fields of its object, where they are written into the function around it.
        number: tells its names from those of other fields.
    """

    field: Field
    origin: ValueSource
    selections: "FieldSelections"
    inlined: "_Entries | None"
    number: int

    @property
    def value(self) -> str:
        """The variable for its value."""
        return f"v{self.number}"

    @property
    def spot(self) -> str:
        """The name of the field in the function."""
        return f"F{self.number}"

    @property
    def needs_place(self) -> bool:
        """Whether usual values need the place of the object around them."""
        is_inside = _is_leaf(self.field) or self.inlined is not None
        return not (is_inside and isinstance(self.origin, AttributeRead))

    def place(self, around: "_ObjectCode") -> str:
        """Print the first two members of its place."""
        return f"{around.place}, {self.field.key!r}"


# By response key; None is `__typename`.
_Entries = Mapping[str, _FieldCode | None]


@dataclass(frozen=True, slots=True)
class _ObjectCode:
    """The object that fields are printed for: expressions for it and for its place."""

    source: str
    place: str


class CodeGenerator:
    """Prints one function.

    Attributes:
        names: what the names in it stand for.
    """

    def __init__(self, plan: "PlanCompiler", shape: ResultType) -> None:
        self._plan = plan
        self._shape = shape
        self.names: dict[str, Any] = {"LazyResolveInfo": LazyResolveInfo, **leaves.NAMES}
        self._count = 0

    def define(
        self, verb: str, type_: GraphQLObjectType, arguments: str, lines: Iterable[str]
    ) -> Callable[..., Any]:
        """Turn lines into a function."""
        name = f"{verb}_{type_.name}"
        source = "\n".join([f"def {name}({arguments}):", *indented(lines)])
        exec(compile(source, f"<engine: {name}>", "exec"), self.names)  # noqa: S102 - names are identifiers, texts are literals
        return cast("Callable[..., Any]", self.names[name])

    def object(
        self, type_: GraphQLObjectType, fields: Mapping[str, MergedFields], place: str
    ) -> list[str]:
        """Print what makes `made` of `source`."""
        entries = self._entries(type_, fields)
        printed = [entry for entry in entries.values() if entry is not None]
        lines = []
        if any(entry.needs_place for entry in printed):
            lines.append(f"here = {place}")
            place = "here"
        inside = [entry.value for entry in printed if entry.inlined is not None]
        return [
            *lines,
            *self._made("made", type_, entries, _ObjectCode("source", place)),
            "if run.unattached:",
            f"    run.attach({', '.join([place, 'made', *inside])})",
        ]

    def is_known(self, value: str, objects: ObjectCompleter, number: int) -> str:
        """Print the condition that a value is an object of a type for certain."""
        self.names[f"K{number}"] = objects.known_classes
        condition = f"{value}.__class__ in K{number}"
        if len(objects.known_classes) == 1:
            (self.names[f"C{number}"],) = objects.known_classes
            condition = f"({value}.__class__ is C{number} or {condition})"
        if objects.may_be_cast:
            condition += f" and getattr({value}, {TYPE_CAST_ATTRIBUTE!r}, None) is None"
        return condition

    def _entries(self, type_: GraphQLObjectType, fields: Mapping[str, MergedFields]) -> _Entries:
        return {
            key: None
            if details[0].node.name.value == _TYPENAME
            else self._entry(Field(self._plan, type_, key, details))
            for key, details in fields.items()
        }

    def _entry(self, field: Field) -> _FieldCode:
        self._count += 1
        number = self._count
        origin, selections = find_value_source(field), self._plan.selections(field.details)
        field.complete = build_completer(field.definition.type, field, selections)
        self.names[f"F{number}"] = field
        return _FieldCode(field, origin, selections, self._inlined(field, selections), number)

    def _inlined(self, field: Field, selections: "FieldSelections") -> _Entries | None:
        """Return the fields of a field's object where they are leaves read from attributes alone.

        Such an object is written into the function around it, which saves a call. Looking one
        level ahead is safe: fragments within fragments multiply with every level.
        """
        type_ = get_nullable_type(field.definition.type)
        if not isinstance(type_, GraphQLObjectType):
            return None
        fields = selections.subfields(type_)
        named = {k: d for k, d in fields.items() if d[0].node.name.value != _TYPENAME}
        read = [Field(self._plan, type_, key, details) for key, details in named.items()]
        if not all(_is_leaf(f) and isinstance(find_value_source(f), AttributeRead) for f in read):
            return None
        return self._entries(type_, fields)

    def _made(
        self, target: str, type_: GraphQLObjectType, entries: _Entries, around: _ObjectCode
    ) -> list[str]:
        """Print what makes the object of a response: read, complete, report, field by field."""
        lines: list[str] = []
        for key, entry in entries.items():
            if entry is not None:
                lines += [
                    "try:",
                    *indented(self._value(entry, around)),
                    "except Exception as error:",
                    f"    {entry.value} = run.fail(error, {around.place}, {key!r}, {entry.spot})",
                ]
        values = {k: repr(type_.name) if e is None else e.value for k, e in entries.items()}
        return [*lines, f"{target} = {self._shape(type_.name, values, self.names)}"]

    def _value(self, entry: _FieldCode, around: _ObjectCode) -> list[str]:
        read = self._read(entry, around)
        if isinstance(entry.origin, ResolverCall) and entry.origin.is_async:
            place = entry.place(around)
            later = f"run.defer({read}, {entry.spot}.complete, {place}, {entry.spot})"
            return [f"{entry.value} = {later}"]
        return [f"{entry.value} = {read}", *self._completed(entry, around)]

    def _read(self, entry: _FieldCode, around: _ObjectCode) -> str:
        origin = entry.origin
        if isinstance(origin, AttributeRead):
            name, source = origin.name, around.source
            return f"{source}.{name}" if origin.is_plain else f"getattr({source}, {name!r})"
        self.names[f"R{entry.number}"] = origin.function
        return f"R{entry.number}({', '.join(self._arguments(origin, entry, around))})"

    def _arguments(
        self, origin: ResolverCall | ResolveFunction, entry: _FieldCode, around: _ObjectCode
    ) -> Iterable[str]:
        number, source, here = entry.number, around.source, around.place
        if isinstance(origin, ResolveFunction):
            yield f"{source}, LazyResolveInfo(run, F{number}, {here})"
        else:
            if origin.is_method:
                yield source
            yield from (f"{name}={source}" for name in origin.source_names)
            if origin.info_name is not None:
                yield f"{origin.info_name}=F{number}.build_info(run, {here})"
        arguments = origin.arguments
        self.names[f"A{number}"] = arguments if arguments.constant is None else arguments.constant
        if arguments.constant is None:
            yield f"**A{number}.get(run, {here})"
        elif arguments.constant:
            yield f"**A{number}"

    def _completed(self, entry: _FieldCode, around: _ObjectCode) -> list[str]:
        """Print the usual way for a type's values; all others are admitted."""
        field, value = entry.field, entry.value
        admit = f"    {value} = {entry.spot}.complete_or_defer({value}, {entry.place(around)}, run)"
        type_ = get_nullable_type(field.definition.type)
        if is_leaf_type(type_) and (unusual := leaves.coercion_condition(type_, value)) is not None:
            or_null = "" if field.is_non_null else f" and {value} is not None"
            return [f"if ({unusual}){or_null}:", admit]
        condition, lines = self._usual(type_, entry, around)
        rest = "else:" if field.is_non_null else f"elif {value} is not None:"
        return [f"if {condition}:", *indented(lines), rest, admit]

    def _usual(
        self, type_: GraphQLNullableType, entry: _FieldCode, around: _ObjectCode
    ) -> tuple[str, list[str]]:
        """Say how a type's usual values are recognised, and print what is done with them."""
        number, value, place = entry.number, entry.value, entry.place(around)
        if is_list_type(type_):
            self.names[f"L{number}"] = build_present_completer(type_, entry.field, entry.selections)
            return f"{value}.__class__ is list", [f"{value} = L{number}({value}, {place}, run)"]
        if isinstance(type_, GraphQLObjectType):
            return self._usual_object(type_, entry, around)
        if is_leaf_type(type_):
            return self._usual_leaf(type_, entry)
        return "False", ["pass"]

    def _usual_leaf(self, type_: GraphQLLeafType, entry: _FieldCode) -> tuple[str, list[str]]:
        number, value = entry.number, entry.value
        enum = leaves.enum_outputs(type_)
        if enum is None:
            self.names[f"S{number}"] = partial(Executor.complete_leaf_value, type_)
            return f"{value}.__class__ in VALUES", [f"{value} = S{number}({value})"]
        self.names[f"E{number}"], self.names[f"N{number}"] = enum
        return f"{value}.__class__ is E{number}", [f"{value} = N{number}[{value}._name_]"]

    def _usual_object(
        self, type_: GraphQLObjectType, entry: _FieldCode, around: _ObjectCode
    ) -> tuple[str, list[str]]:
        number, value, place = entry.number, entry.value, entry.place(around)
        objects = entry.selections.object_completer(type_, entry.field)
        condition = self.is_known(value, objects, number)
        if entry.inlined is None:
            self.names[f"O{number}"] = objects
            return condition, [f"{value} = O{number}.function({value}, {place}, run)"]
        inside = _ObjectCode(value, f"({place}, {entry.spot})")
        return condition, self._made(value, type_, entry.inlined, inside)


def _is_leaf(field: Field) -> bool:
    return is_leaf_type(get_nullable_type(field.definition.type))


def indented(lines: Iterable[str], levels: int = 1) -> list[str]:
    """Move lines to the right, into a block."""
    return [f"{'    ' * levels}{line}" for line in lines]
