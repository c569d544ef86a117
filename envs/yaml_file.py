"""Reading YAML from strangers: plain data alone, no aliases, no tags, no key twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from .errors import InputError
from .files import read_bytes, user_path

LARGEST = 4_000_000
"""Bytes that a scenario file may have."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, less what lets a small file grow huge (aliases) or hides a mistake (a key twice)."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # PyYAML leaves it without types
        alias, tag = self.check_event(yaml.AliasEvent), getattr(event, "tag", None)
        if alias or tag:
            found = f"the alias *{event.anchor}" if alias else f"the tag {tag}"
            raise yaml.constructor.ConstructorError(None, None, found, event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a user's YAML file. Raises InputError when it is not there, not plain YAML, or not a mapping."""
    where = user_path(path, str(path))
    return parsed(read_bytes(where, LARGEST, "a YAML file that can be read", links=True), str(path))


def parsed(data: bytes, where: str) -> dict[str, Any]:
    """The mapping that YAML says, `where` being what it is called. Raises InputError as `read_yaml`."""
    try:
        found = yaml.load(data.decode("utf-8"), Loader=_Loader)  # _Loader is a SafeLoader
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:  # ValueError: the 13th month, 5000 digits
        raise InputError(
            where, _where(error), "plain YAML: mappings, lists, text and numbers, without aliases and tags"
        ) from None
    if not isinstance(found, dict):
        raise InputError(where, type(found).__name__, "a mapping of keys")
    return found


def _where(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem} in line {error.problem_mark.line + 1}"
    return str(error)
