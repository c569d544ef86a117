"""One place for each addition: classes found by the name their decorator gave them, or by a dotted path from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from .errors import InputError, UnknownName
from .imports import imported

T = TypeVar("T")


class Registry(Generic[T]):
    """Names for the classes of one kind.

    `kind` is the word used in messages ("demand"). A name is either registered here with the decorator `register`, or
    written `package.module:Class`, which imports the class from the user's own project.
    """

    def __init__(self, kind: str, base: type[T]) -> None:
        self.kind, self.base = kind, base
        self._classes: dict[str, type[T]] = {}

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        """Class decorator: make the class known as `name`. Raises ValueError when the name is taken."""

        def add(cls: type[T]) -> type[T]:
            if name in self._classes:
                raise ValueError(f"{self.kind} {name!r} is registered twice: {self._classes[name]} and {cls}")
            self._classes[name] = cls
            return cls

        return add

    def __getitem__(self, name: str) -> type[T]:
        return self.find(name)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._classes))

    def classes(self) -> Iterator[type[T]]:
        """The registered classes, in the order in which they were."""
        return iter(self._classes.values())

    def find(self, name: str, key: str | None = None) -> type[T]:
        """The class called `name`; `key` is where it was written, for the message of the InputError."""
        key = self.kind if key is None else key
        if ":" in name:
            return self._imported(name, key)
        if name not in self._classes:
            raise UnknownName(key, name, self._classes)
        return self._classes[name]

    def name_of(self, cls: type[T]) -> str:
        """The name a class goes by: its registered one, or its dotted path."""
        for name, known in self._classes.items():
            if known is cls:
                return name
        return f"{cls.__module__}:{cls.__qualname__}"

    def _imported(self, path: str, key: str) -> type[T]:
        found = imported(path, key)
        if not (isinstance(found, type) and issubclass(found, self.base)):
            raise InputError(key, path, f"a subclass of {self.base.__module__}.{self.base.__qualname__}")
        return found
