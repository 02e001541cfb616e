"""Writes Python functions for the selections of a plan: for one object, and for a list of them.

What the second looks like, for `offers { name billing category { rank } upgrades }`, where
`billing` is an enum and `upgrades` has an asynchronous resolver:

    def receive_Offer(items, completed, above, run):
        append = completed.append
        for source in items:
            if source.__class__ is C0 or source.__class__ in K0:
                here = (above, len(completed), SPOT)
                try:
                    v1 = source.name
                    if v1.__class__ is not str and v1 is not None:
                        v1 = F1.complete_or_defer(v1, here, 'name', run)
                except Exception as error:
                    v1 = run.fail(error, here, 'name', F1)
                try:
                    v2 = source.billing
                    if v2.__class__ is E2:
                        v2 = N2[v2._name_]
                    elif v2 is not None:
                        v2 = F2.complete_or_defer(v2, here, 'billing', run)
                except Exception as error:
                    v2 = run.fail(error, here, 'billing', F2)
                ...                             # `category` likewise, which makes a Record3 of v4
                try:
                    v5 = run.defer(R5(source, info=F5.build_info(run, here)), ...)
                except Exception as error:
                    v5 = run.fail(error, here, 'upgrades', F5)
                made = Record6(v1, v2, v3, v5)
                if run.unattached:
                    run.attach(here, made, v3)
                append(made)
            else:
                append(receive_item(source, above, len(completed), run))

The usual value of a field takes one line; `complete_or_defer` completes any
other value. Text of a document gets into the source as string literals only.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from graphql import GraphQLObjectType

from gateway.engine.compile.codegen import CodeGenerator, indented
from gateway.engine.compile.objects import ObjectCompleter
from gateway.engine.compile.result_types import dictionary
from gateway.engine.types import FieldSlot, ItemAppender, MergedFields, ValueCompleter

if TYPE_CHECKING:
    from gateway.engine.compile.plan import PlanCompiler


def compile_root(
    plan: "PlanCompiler", type_: GraphQLObjectType, fields: Mapping[str, MergedFields]
) -> ValueCompleter:
    """Compile what runs grouped fields on the root, whose object is always a dictionary."""
    printer = CodeGenerator(plan, dictionary)
    lines = [*printer.object(type_, fields, "None"), "return made"]
    return cast(ValueCompleter, printer.define("complete", type_, "source, above, key, run", lines))


def compile_object(
    plan: "PlanCompiler",
    type_: GraphQLObjectType,
    fields: Mapping[str, MergedFields],
    spot: FieldSlot,
) -> ValueCompleter:
    """Compile what runs grouped fields on one object at a spot."""
    printer = CodeGenerator(plan, plan.result_type)
    printer.names["SPOT"] = spot
    lines = [*printer.object(type_, fields, "(above, key, SPOT)"), "return made"]
    return cast(ValueCompleter, printer.define("complete", type_, "source, above, key, run", lines))


def compile_items(
    plan: "PlanCompiler",
    objects: ObjectCompleter,
    fields: Mapping[str, MergedFields],
    receive_item: ValueCompleter,
) -> ItemAppender:
    """Compile what runs grouped fields on each object of a list.

    What is not known to be an object of the type is given to `receive_item`.
    """
    printer = CodeGenerator(plan, plan.result_type)
    printer.names |= {"SPOT": objects.slot, "receive_item": receive_item}
    lines = [
        "append = completed.append",
        "for source in items:",
        f"    if {printer.is_known('source', objects, 0)}:",
        *indented(printer.object(objects.type, fields, "(above, len(completed), SPOT)"), 2),
        "        append(made)",
        "    else:",
        "        append(receive_item(source, above, len(completed), run))",
    ]
    arguments = "items, completed, above, run"
    return cast(ItemAppender, printer.define("receive", objects.type, arguments, lines))
