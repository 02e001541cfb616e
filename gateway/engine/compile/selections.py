"""Selections on the objects of a field, which are compiled when the first object arrives."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from graphql import GraphQLObjectType

from gateway.engine.compile.objects import ObjectCompleter
from gateway.engine.run.execution import Execution
from gateway.engine.types import (
    FieldSlot,
    ItemAppender,
    MergedFields,
    ResponsePath,
    ValueCompleter,
)


class SelectionCompiler(Protocol):
    """Compiles selections; implemented by `plan.PlanCompiler`, which imports this module."""

    def subfields(
        self, type_: GraphQLObjectType, fields: MergedFields
    ) -> Mapping[str, MergedFields]: ...

    def compile_object(
        self, type_: GraphQLObjectType, fields: Mapping[str, MergedFields], slot: FieldSlot
    ) -> ValueCompleter: ...

    def compile_items(
        self,
        objects: ObjectCompleter,
        fields: Mapping[str, MergedFields],
        complete_item: ValueCompleter,
    ) -> ItemAppender: ...


class FieldSelections:
    """The merged selections of a field, for each object type that its values can have.

    Selections that no object reaches are never compiled, however often fragments repeat them.
    """

    __slots__ = ("_compiler", "_completers", "_fields")

    def __init__(self, compiler: SelectionCompiler, fields: MergedFields) -> None:
        self._compiler = compiler
        self._fields = fields
        self._completers: dict[GraphQLObjectType, ObjectCompleter] = {}

    def subfields(self, type_: GraphQLObjectType) -> Mapping[str, MergedFields]:
        """Return the fields that are selected on an object type, by response key."""
        return self._compiler.subfields(type_, self._fields)

    def object_completer(self, type_: GraphQLObjectType, slot: FieldSlot) -> ObjectCompleter:
        """Return the completer of an object type; all objects of a field share one slot."""
        found = self._completers.get(type_)
        if found is None:
            function = self._compile_later(type_, slot)
            found = self._completers[type_] = ObjectCompleter(type_, slot, function)
        return found

    def item_appender(
        self, type_: GraphQLObjectType, slot: FieldSlot, complete_item: ValueCompleter
    ) -> ItemAppender:
        """Return the function that completes a list of objects in a loop.

        `complete_item` completes the items that are not known to be of the type.
        """
        compiled: ItemAppender | None = None

        def append_items(
            items: Iterator[Any], completed: list[Any], path: ResponsePath, execution: Execution
        ) -> None:
            nonlocal compiled
            if compiled is None:
                objects = self.object_completer(type_, slot)
                fields = self.subfields(type_)
                compiled = self._compiler.compile_items(objects, fields, complete_item)
            compiled(items, completed, path, execution)

        return append_items

    def _compile_later(self, type_: GraphQLObjectType, slot: FieldSlot) -> ValueCompleter:
        """Return a function that compiles itself when it is called for the first time."""

        def compile_first(
            value: Any, parent: ResponsePath | None, key: str | int, execution: Execution
        ) -> Any:
            objects = self._completers[type_]
            if objects.function is compile_first:
                fields = self.subfields(type_)
                objects.function = self._compiler.compile_object(type_, fields, slot)
            return objects.function(value, parent, key, execution)

        return compile_first
