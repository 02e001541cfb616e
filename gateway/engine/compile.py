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
                        v1 = F1.admit(v1, here, 'name', run)
                except Exception as error:
                    v1 = run.fail(error, here, 'name', F1)
                try:
                    v2 = source.billing
                    if v2.__class__ is E2:
                        v2 = N2[v2._name_]
                    elif v2 is not None:
                        v2 = F2.admit(v2, here, 'billing', run)
                except Exception as error:
                    v2 = run.fail(error, here, 'billing', F2)
                ...                             # `category` likewise, which makes a Record3 of v4
                try:
                    v5 = run.later(R5(source, info=F5.info(run, here)), F5.complete, here, ...)
                except Exception as error:
                    v5 = run.fail(error, here, 'upgrades', F5)
                made = Record6(v1, v2, v3, v5)
                if run.unplaced:
                    run.place(here, made, v3)
                append(made)
            else:
                append(receive_item(source, above, len(completed), run))

Each field is one line on the way that values usually take; `admit` is the way that every value
can take. Text of a document gets into the source as string literals only.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from graphql import GraphQLObjectType

from gateway.engine.objects import Objects
from gateway.engine.places import Complete, Details, Receive, Spot
from gateway.engine.printer import Printer, indented
from gateway.engine.shapes import dictionary

if TYPE_CHECKING:
    from gateway.engine.plan import Plan


def compile_root(plan: "Plan", type_: GraphQLObjectType, fields: Mapping[str, Details]) -> Complete:
    """Compile what runs grouped fields on the root, whose object is always a dictionary."""
    printer = Printer(plan, dictionary)
    lines = [*printer.object(type_, fields, "None"), "return made"]
    return cast(Complete, printer.define("complete", type_, "source, above, key, run", lines))


def compile_object(
    plan: "Plan", type_: GraphQLObjectType, fields: Mapping[str, Details], spot: Spot
) -> Complete:
    """Compile what runs grouped fields on one object at a spot."""
    printer = Printer(plan, plan.shape)
    printer.names["SPOT"] = spot
    lines = [*printer.object(type_, fields, "(above, key, SPOT)"), "return made"]
    return cast(Complete, printer.define("complete", type_, "source, above, key, run", lines))


def compile_items(
    plan: "Plan", objects: Objects, fields: Mapping[str, Details], receive_item: Complete
) -> Receive:
    """Compile what runs grouped fields on each object of a list.

    What is not known to be an object of the type is given to `receive_item`.
    """
    printer = Printer(plan, plan.shape)
    printer.names |= {"SPOT": objects.spot, "receive_item": receive_item}
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
    return cast(Receive, printer.define("receive", objects.type, arguments, lines))
