"""YAML from strangers, and back: plain data alone, no aliases, no tags, no key twice, and nothing taken for what it is not.

What a plain word means follows the core schema of YAML 1.2, less what makes a number of a code, a clock or a date: `3:20`,
`0310`, `0x1F`, `1_2` and `2024-05-01` are text, as are `yes`, `no`, `on` and `off`. Thousands may be parted: `3_000_000`.
"""

from __future__ import annotations

import re
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from .errors import InputError
from .files import read_bytes, user_path

LARGEST = 4_000_000
"""Bytes that a scenario file may have."""
REMEMBERED = 64_000
"""Bytes of a file up to which what it says is kept: reading it takes longer than all else that is done to load a scenario."""


PLAIN = {
    "null": ("~nN", r"~|null|Null|NULL|"),
    "bool": ("tTfF", r"true|True|TRUE|false|False|FALSE"),
    "int": ("-+0123456789", r"[-+]?(?:0|[1-9][0-9]*|[1-9][0-9]{0,2}(?:_[0-9]{3})+)"),
    "float": (
        "-+0123456789.",
        r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*|(?=[eE]))|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    ),
    "merge": ("<", "<<"),
}
"""What is not text when it stands without quotes: the letters it begins with, and how it is written."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, less what lets a small file grow huge (aliases) or hides a mistake (a key twice)."""

    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # PyYAML's own follow YAML 1.1

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


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper, which puts into quotes what either version of YAML would take for something else than text."""

    yaml_implicit_resolvers = {letter: [*rules] for letter, rules in yaml.SafeDumper.yaml_implicit_resolvers.items()}


for _kind, (_letters, _pattern) in PLAIN.items():
    for _class in (_Loader, _Dumper):
        _starts = [*_letters, *([""] if _kind == "null" else [])]
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(rf"(?:{_pattern})\Z"), _starts)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a user's YAML file. Raises InputError when it is not there, not plain YAML, or not a mapping."""
    where = user_path(path, str(path))
    return parsed(read_bytes(where, LARGEST, "a YAML file that can be read", links=True), str(path))


def parsed(data: bytes, where: str) -> dict[str, Any]:
    """The mapping that YAML says, `where` being what it is called. Raises InputError as `read_yaml`."""
    try:
        found = deepcopy(_remembered(data)) if len(data) <= REMEMBERED else _read(data)
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:  # ValueError: 5000 digits
        raise InputError(
            where, _where(error), "plain YAML: mappings, lists, text and numbers, without aliases and tags"
        ) from None
    if not isinstance(found, dict):
        raise InputError(where, type(found).__name__, "a mapping of keys")
    return found


def _read(data: bytes) -> Any:
    return yaml.load(data.decode("utf-8"), Loader=_Loader)  # _Loader is a SafeLoader


_remembered = lru_cache(maxsize=128)(_read)


def value_of(text: str) -> Any:
    """What a single value says, written as in a file: 7, abc, [a, b], {a: 1}. Raises ValueError where it is no plain YAML.

    >>> value_of("{A: 0.98, B: 0310}")
    {'A': 0.98, 'B': '0310'}
    """
    try:
        return _read(text.encode())
    except (yaml.YAMLError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(_where(error)) from None


def written_yaml(data: Any, flow: bool | None = False, width: int = 80) -> str:
    """Plain data as YAML that `read_yaml` reads back as it was, and other readers too.

    In `flow` lists and mappings stand in a line, in brackets; None: the innermost ones do. Lines have up to `width` letters.
    """
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=flow, width=width))


def _where(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"{error.problem} in line {error.problem_mark.line + 1}"
    return str(error)
