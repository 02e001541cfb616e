"""Generates the Python code that resolves and completes the fields of an object.

`plan.py` shows an example. Text of a document gets into the code as string literals only.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias, cast

from graphql import (
    GraphQLLeafType,
    GraphQLNullableType,
    GraphQLObjectType,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution import Executor
from strawberry.schema import Schema
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
from gateway.engine.compile.selections import FieldSelections, SelectionCompiler
from gateway.engine.run.resolve_info import LazyResolveInfo
from gateway.engine.types import MergedFields

_TYPENAME: Final = "__typename"


@dataclass(frozen=True, slots=True)
class _FieldCode:
    """A field for which code is generated.

    Attributes:
        inlined: the fields of its object, if their code is part of the same function.
        number: distinguishes its names from those of other fields.
    """

    field: Field
    source: ValueSource
    selections: FieldSelections
    inlined: "_FieldCodes | None"
    number: int

    @property
    def value(self) -> str:
        """The name of the variable that holds the field's value."""
        return f"v{self.number}"

    @property
    def slot(self) -> str:
        """The name of the variable that holds the `Field`."""
        return f"F{self.number}"

    @property
    def needs_path(self) -> bool:
        """Whether completing the field's usual values needs the path of its object."""
        is_without_path = _is_leaf(self.field) or self.inlined is not None
        return not (is_without_path and isinstance(self.source, AttributeRead))

    def position(self, parent: "_ParentCode") -> str:
        """The arguments that give the field's position: the path of its object, and its key."""
        return f"{parent.path}, {self.field.key!r}"


_FieldCodes: TypeAlias = Mapping[str, _FieldCode | None]
"""By response key; None for `__typename`."""


@dataclass(frozen=True, slots=True)
class _ParentCode:
    """The expressions for an object whose fields are resolved, and for its path."""

    source: str
    path: str


class CodeGenerator:
    """Generates the code of one Python function.

    Attributes:
        names: the globals of the function.
    """

    def __init__(
        self, schema: Schema, compiler: SelectionCompiler, result_type: ResultType
    ) -> None:
        self._schema = schema
        self._compiler = compiler
        self._result_type = result_type
        self.names: dict[str, Any] = {"LazyResolveInfo": LazyResolveInfo, **leaves.NAMES}
        self._count = 0

    def define(
        self, verb: str, type_: GraphQLObjectType, arguments: str, lines: Iterable[str]
    ) -> Callable[..., Any]:
        """Compile a function with these lines as its body."""
        name = f"{verb}_{type_.name}"
        source = "\n".join([f"def {name}({arguments}):", *indented(lines)])
        exec(compile(source, f"<engine: {name}>", "exec"), self.names)  # noqa: S102 - names are identifiers, texts are literals
        return cast("Callable[..., Any]", self.names[name])

    def object_lines(
        self, type_: GraphQLObjectType, fields: Mapping[str, MergedFields], path: str
    ) -> list[str]:
        """Return the code that creates the response object `result` from the value `source`."""
        codes = self._field_codes(type_, fields)
        resolved = [code for code in codes.values() if code is not None]
        lines = []
        if any(code.needs_path for code in resolved):
            lines.append(f"path = {path}")
            path = "path"
        nested = [code.value for code in resolved if code.inlined is not None]
        return [
            *lines,
            *self._result_lines("result", type_, codes, _ParentCode("source", path)),
            "if execution.unattached:",
            f"    execution.attach({', '.join([path, 'result', *nested])})",
        ]

    def type_condition(self, value: str, objects: ObjectCompleter, number: int) -> str:
        """Return a Python expression: whether the class of a value is known to be of the type."""
        self.names[f"K{number}"] = objects.known_classes
        condition = f"{value}.__class__ in K{number}"
        if len(objects.known_classes) == 1:
            (self.names[f"C{number}"],) = objects.known_classes
            condition = f"({value}.__class__ is C{number} or {condition})"
        if objects.may_be_cast:
            condition += f" and getattr({value}, {TYPE_CAST_ATTRIBUTE!r}, None) is None"
        return condition

    def _field_codes(
        self, type_: GraphQLObjectType, fields: Mapping[str, MergedFields]
    ) -> _FieldCodes:
        return {
            key: None
            if merged[0].node.name.value == _TYPENAME
            else self._field_code(Field(self._schema, type_, key, merged))
            for key, merged in fields.items()
        }

    def _field_code(self, field: Field) -> _FieldCode:
        self._count += 1
        number = self._count
        source = find_value_source(field)
        selections = FieldSelections(self._compiler, field.details)
        field.complete = build_completer(field.definition.type, field, selections)
        self.names[f"F{number}"] = field
        return _FieldCode(field, source, selections, self._inline(field, selections), number)

    def _inline(self, field: Field, selections: FieldSelections) -> _FieldCodes | None:
        """Return the fields of a field's object if all of them are leaves read from attributes.

        Their code becomes part of the function around them, which saves a call. Only one level is
        inlined: with fragments in fragments the code would double with every level.
        """
        type_ = get_nullable_type(field.definition.type)
        if not isinstance(type_, GraphQLObjectType):
            return None
        fields = selections.subfields(type_)
        named = {key: m for key, m in fields.items() if m[0].node.name.value != _TYPENAME}
        inner = [Field(self._schema, type_, key, merged) for key, merged in named.items()]
        if not all(_is_leaf(f) and isinstance(find_value_source(f), AttributeRead) for f in inner):
            return None
        return self._field_codes(type_, fields)

    def _result_lines(
        self, target: str, type_: GraphQLObjectType, codes: _FieldCodes, parent: _ParentCode
    ) -> list[str]:
        """Return the lines that resolve and complete all fields and create the result object."""
        lines: list[str] = []
        for key, code in codes.items():
            if code is not None:
                failure = f"execution.fail(error, {parent.path}, {key!r}, {code.slot})"
                lines += [
                    "try:",
                    *indented(self._value_lines(code, parent)),
                    "except Exception as error:",
                    f"    {code.value} = {failure}",
                ]
        values = {k: repr(type_.name) if c is None else c.value for k, c in codes.items()}
        return [*lines, f"{target} = {self._result_type(type_.name, values, self.names)}"]

    def _value_lines(self, code: _FieldCode, parent: _ParentCode) -> list[str]:
        read = self._read_expression(code, parent)
        if isinstance(code.source, ResolverCall) and code.source.is_async:
            position = code.position(parent)
            deferred = f"execution.defer({read}, {code.slot}.complete, {position}, {code.slot})"
            return [f"{code.value} = {deferred}"]
        return [f"{code.value} = {read}", *self._completion_lines(code, parent)]

    def _read_expression(self, code: _FieldCode, parent: _ParentCode) -> str:
        source = code.source
        if isinstance(source, AttributeRead):
            if source.is_plain:
                return f"{parent.source}.{source.name}"
            return f"getattr({parent.source}, {source.name!r})"
        self.names[f"R{code.number}"] = source.function
        return f"R{code.number}({', '.join(self._call_arguments(source, code, parent))})"

    def _call_arguments(
        self, source: ResolverCall | ResolveFunction, code: _FieldCode, parent: _ParentCode
    ) -> Iterable[str]:
        number = code.number
        if isinstance(source, ResolveFunction):
            yield f"{parent.source}, LazyResolveInfo(execution, F{number}, {parent.path})"
        else:
            if source.is_method:
                yield parent.source
            yield from (f"{name}={parent.source}" for name in source.source_names)
            if source.info_name is not None:
                yield f"{source.info_name}=F{number}.build_info(execution, {parent.path})"
        arguments = source.arguments
        self.names[f"A{number}"] = arguments if arguments.constant is None else arguments.constant
        if arguments.constant is None:
            yield f"**A{number}.get(execution, {parent.path})"
        elif arguments.constant:
            yield f"**A{number}"

    def _completion_lines(self, code: _FieldCode, parent: _ParentCode) -> list[str]:
        """Return the fast completion of the type's usual values, and the general one of others."""
        field, value = code.field, code.value
        general = f"{code.slot}.complete_or_defer({value}, {code.position(parent)}, execution)"
        complete_others = f"    {value} = {general}"
        type_ = get_nullable_type(field.definition.type)
        if is_leaf_type(type_) and (condition := leaves.coercion_condition(type_, value)):
            or_null = "" if field.is_non_null else f" and {value} is not None"
            return [f"if ({condition}){or_null}:", complete_others]
        is_usual, complete_usual = self._fast_completion(type_, code, parent)
        otherwise = "else:" if field.is_non_null else f"elif {value} is not None:"
        return [f"if {is_usual}:", *indented(complete_usual), otherwise, complete_others]

    def _fast_completion(
        self, type_: GraphQLNullableType, code: _FieldCode, parent: _ParentCode
    ) -> tuple[str, list[str]]:
        """Return the condition that recognizes a type's usual values, and their completion."""
        number, value = code.number, code.value
        if is_list_type(type_):
            self.names[f"L{number}"] = build_present_completer(type_, code.field, code.selections)
            completed = f"L{number}({value}, {code.position(parent)}, execution)"
            return f"{value}.__class__ is list", [f"{value} = {completed}"]
        if isinstance(type_, GraphQLObjectType):
            return self._fast_object_completion(type_, code, parent)
        if is_leaf_type(type_):
            return self._fast_leaf_completion(type_, code)
        return "False", ["pass"]

    def _fast_leaf_completion(
        self, type_: GraphQLLeafType, code: _FieldCode
    ) -> tuple[str, list[str]]:
        number, value = code.number, code.value
        enum = leaves.enum_outputs(type_)
        if enum is None:
            self.names[f"S{number}"] = partial(Executor.complete_leaf_value, type_)
            return f"{value}.__class__ in PLAIN_CLASSES", [f"{value} = S{number}({value})"]
        self.names[f"E{number}"], self.names[f"N{number}"] = enum
        return f"{value}.__class__ is E{number}", [f"{value} = N{number}[{value}._name_]"]

    def _fast_object_completion(
        self, type_: GraphQLObjectType, code: _FieldCode, parent: _ParentCode
    ) -> tuple[str, list[str]]:
        number, value, position = code.number, code.value, code.position(parent)
        objects = code.selections.object_completer(type_, code.field)
        is_known = self.type_condition(value, objects, number)
        if code.inlined is None:
            self.names[f"O{number}"] = objects
            return is_known, [f"{value} = O{number}.function({value}, {position}, execution)"]
        inner = _ParentCode(value, f"({position}, {code.slot})")
        return is_known, self._result_lines(value, type_, code.inlined, inner)


def _is_leaf(field: Field) -> bool:
    return is_leaf_type(get_nullable_type(field.definition.type))


def indented(lines: Iterable[str], levels: int = 1) -> list[str]:
    return [f"{'    ' * levels}{line}" for line in lines]
