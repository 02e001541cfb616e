"""A property that creates a data loader at its first use."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

L = TypeVar("L")


class lazy_loader(Generic[L]):  # noqa: N801 - used like functools.cached_property
    """A property that calls its method once, caches the result, and appends it to `created`.

    `functools.cached_property` takes a lock before Python 3.12, which costs more than a loader.
    """

    def __init__(self, create: Callable[[Any], L]) -> None:
        self._create = create
        self._name = create.__name__
        self.__doc__ = create.__doc__

    def __get__(self, loaders: Any, owner: type | None = None) -> L:
        """Called only once for each object: the cached value then hides this descriptor."""
        created = loaders.__dict__[self._name] = self._create(loaders)
        loaders.created.append(created)
        return created
