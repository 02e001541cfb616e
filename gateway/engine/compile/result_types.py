"""The two kinds of objects that a response can consist of: dictionaries and records.

A record is a msgspec Struct with a class for each set of keys. Creating one takes a third of the
time of creating a dictionary, encoding one half. Dictionaries suit callers that read the data.
"""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, ClassVar, TypeAlias, cast

from msgspec import Struct, defstruct

ResultType: TypeAlias = Callable[[str, Mapping[str, str], MutableMapping[str, Any]], str]
"""Returns the expression that creates an object of a type.

The arguments are the type's name, the expression for each response key, and the names that the
generated code may use, to which the function adds its own.
"""


def dictionary(typename: str, values: Mapping[str, str], names: MutableMapping[str, Any]) -> str:
    """Return code that creates an object as a dictionary, as graphql-core does."""
    return f"{{{', '.join(f'{key!r}: {value}' for key, value in values.items())}}}"


def record(typename: str, values: Mapping[str, str], names: MutableMapping[str, Any]) -> str:
    """Return code that creates an object as a ResultRecord, which `msgspec.json.encode` encodes."""
    name = f"Record{len(names)}"
    names[name] = _record_class(typename, tuple(values))
    return f"{name}({', '.join(values.values())})"


class ResultRecord(Struct):
    """An object of a response. Its values are read and written by key, as in a dictionary."""

    attribute_of: ClassVar[Mapping[str, str]]

    def __getitem__(self, key: str) -> Any:
        return getattr(self, self.attribute_of[key])

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, self.attribute_of[key], value)


def to_plain(data: Any) -> Any:
    """Convert records to dictionaries, at every level."""
    if isinstance(data, ResultRecord):
        return {key: to_plain(data[key]) for key in data.attribute_of}
    if isinstance(data, dict):
        return {key: to_plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [to_plain(item) for item in data]
    return data


def _record_class(typename: str, keys: tuple[str, ...]) -> type[ResultRecord]:
    # Keys may be keywords of Python, or names with a meaning in classes.
    attribute_of = {key: f"f{number}" for number, key in enumerate(keys)}
    created = defstruct(
        typename,
        [(attribute, Any) for attribute in attribute_of.values()],
        bases=(ResultRecord,),
        namespace={"attribute_of": attribute_of},
        rename={attribute: key for key, attribute in attribute_of.items()},
    )
    return cast("type[ResultRecord]", created)
