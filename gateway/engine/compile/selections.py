"""What a field asks of the objects that its values can be: compiled when the first one comes."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType

from gateway.engine.compile.functions import compile_items, compile_object
from gateway.engine.compile.objects import ObjectCompleter
from gateway.engine.types import FieldSlot, ItemAppender, MergedFields, ResponsePath, ValueCompleter

if TYPE_CHECKING:
    from gateway.engine.compile.plan import PlanCompiler
    from gateway.engine.run.execution import Execution


class FieldSelections:
    """What a field's merged selections ask of each object type that its values can be of.

    Selections that no data reaches cost nothing, however often fragments repeat them: functions
    are compiled when the first object comes.
    """

    __slots__ = ("_details", "_objects", "_plan")

    def __init__(self, plan: "PlanCompiler", details: MergedFields) -> None:
        self._plan = plan
        self._details = details
        self._objects: dict[GraphQLObjectType, ObjectCompleter] = {}

    def subfields(self, type_: GraphQLObjectType) -> Mapping[str, MergedFields]:
        """Return the fields that are asked of a type, by response key."""
        return self._plan.subfields(type_, self._details)

    def object_completer(self, type_: GraphQLObjectType, spot: FieldSlot) -> ObjectCompleter:
        """Return the one Objects of a type; a field's objects stand at one spot alone."""
        found = self._objects.get(type_)
        if found is None:
            found = self._objects[type_] = ObjectCompleter(
                type_, spot, self._compiling(type_, spot)
            )
        return found

    def item_appender(
        self, type_: GraphQLObjectType, spot: FieldSlot, receive_item: ValueCompleter
    ) -> ItemAppender:
        """Return the loop over a list of objects; what is no such object is received for itself."""
        compiled: ItemAppender | None = None

        def receive(
            items: Iterator[Any], completed: list[Any], here: ResponsePath, run: "Execution"
        ) -> None:
            nonlocal compiled
            if compiled is None:
                objects = self.object_completer(type_, spot)
                compiled = compile_items(self._plan, objects, self.subfields(type_), receive_item)
            compiled(items, completed, here, run)

        return receive

    def _compiling(self, type_: GraphQLObjectType, spot: FieldSlot) -> ValueCompleter:
        """Make what stands in for a function until the first object comes."""

        def compile_first(
            value: Any, above: ResponsePath | None, key: str | int, run: "Execution"
        ) -> Any:
            objects = self._objects[type_]
            if objects.function is compile_first:
                objects.function = compile_object(self._plan, type_, self.subfields(type_), spot)
            return objects.function(value, above, key, run)

        return compile_first
