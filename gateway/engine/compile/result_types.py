"""How the objects of a response are made: as dictionaries, or as records that encode faster.

A record is a msgspec Struct whose class knows the keys: making one takes a third of the time of a
dictionary, encoding it half. Dictionaries are for those who look into the data themselves.
"""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, ClassVar, cast

from msgspec import Struct, defstruct

# Prints the expression that makes an object of a type from expressions of its values, by response
# key. What the expression needs besides them is added to the names.
ResultType = Callable[[str, Mapping[str, str], MutableMapping[str, Any]], str]


def dictionary(typename: str, values: Mapping[str, str], names: MutableMapping[str, Any]) -> str:
    """Print a dictionary display: objects as graphql-core makes them."""
    return f"{{{', '.join(f'{key!r}: {value}' for key, value in values.items())}}}"


def record(typename: str, values: Mapping[str, str], names: MutableMapping[str, Any]) -> str:
    """Print a call of a Record's class, which `msgspec.json.encode` prints as an object."""
    name = f"Record{len(names)}"
    names[name] = _record_class(typename, tuple(values))
    return f"{name}({', '.join(values.values())})"


class ResultRecord(Struct):
    """An object of a response, which can be written to by its keys like a dictionary."""

    attribute_of: ClassVar[Mapping[str, str]]

    def __getitem__(self, key: str) -> Any:
        return getattr(self, self.attribute_of[key])

    def __setitem__(self, key: str, value: Any) -> None:
        setattr(self, self.attribute_of[key], value)


def to_plain(data: Any) -> Any:
    """Return data with dictionaries for records."""
    if isinstance(data, ResultRecord):
        return {key: to_plain(data[key]) for key in data.attribute_of}
    if isinstance(data, dict):
        return {key: to_plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [to_plain(item) for item in data]
    return data


def _record_class(typename: str, keys: tuple[str, ...]) -> type[ResultRecord]:
    # Keys may be Python's keywords, or names that mean something to classes.
    attribute_of = {key: f"f{number}" for number, key in enumerate(keys)}
    made = defstruct(
        typename,
        [(attribute, Any) for attribute in attribute_of.values()],
        bases=(ResultRecord,),
        namespace={"attribute_of": attribute_of},
        rename={attribute: key for key, attribute in attribute_of.items()},
    )
    return cast("type[ResultRecord]", made)
