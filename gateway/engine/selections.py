"""What a field asks of the objects that its values can be: compiled when the first one comes."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType

from gateway.engine.compile import compile_items, compile_object
from gateway.engine.objects import Objects
from gateway.engine.places import Complete, Details, Place, Receive, Spot

if TYPE_CHECKING:
    from gateway.engine.execute import Run
    from gateway.engine.plan import Plan


class Selections:
    """What a field's merged selections ask of each object type that its values can be of.

    Selections that no data reaches cost nothing, however often fragments repeat them: functions
    are compiled when the first object comes.
    """

    __slots__ = ("_details", "_objects", "_plan")

    def __init__(self, plan: "Plan", details: Details) -> None:
        self._plan = plan
        self._details = details
        self._objects: dict[GraphQLObjectType, Objects] = {}

    def of(self, type_: GraphQLObjectType) -> Mapping[str, Details]:
        """Return the fields that are asked of a type, by response key."""
        return self._plan.subfields(type_, self._details)

    def objects(self, type_: GraphQLObjectType, spot: Spot) -> Objects:
        """Return the one Objects of a type; a field's objects stand at one spot alone."""
        found = self._objects.get(type_)
        if found is None:
            found = self._objects[type_] = Objects(type_, spot, self._compiling(type_, spot))
        return found

    def items(self, type_: GraphQLObjectType, spot: Spot, receive_item: Complete) -> Receive:
        """Return the loop over a list of objects; what is no such object is received for itself."""
        compiled: Receive | None = None

        def receive(items: Iterator[Any], completed: list[Any], here: Place, run: "Run") -> None:
            nonlocal compiled
            if compiled is None:
                objects = self.objects(type_, spot)
                compiled = compile_items(self._plan, objects, self.of(type_), receive_item)
            compiled(items, completed, here, run)

        return receive

    def _compiling(self, type_: GraphQLObjectType, spot: Spot) -> Complete:
        """Make what stands in for a function until the first object comes."""

        def compile_first(value: Any, above: Place | None, key: str | int, run: "Run") -> Any:
            objects = self._objects[type_]
            if objects.function is compile_first:
                objects.function = compile_object(self._plan, type_, self.of(type_), spot)
            return objects.function(value, above, key, run)

        return compile_first
