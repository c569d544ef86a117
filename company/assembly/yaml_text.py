"""The text of a scenario with its comments: what was read, decided, fitted and assumed, each where it belongs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from orderup.envs.foundation.yaml_files import written_yaml

from .draft import Draft, Path

WIDTH = 116
LONG = 60
"""Letters of an item from which on a list has one in a line."""
BLOCKS = ("sites", "suppliers", "lanes", "customers", "arriving")
"""Keys whose entries stand one below the other."""


def as_yaml(draft: Draft, heading: Sequence[str]) -> str:
    """A scenario file. `heading` are comments at its top, a line or more each."""
    lines = [line for text in heading for line in _comment(text)]
    for key, value in draft.keys.items():
        lines += [*_notes(draft, (key,)), *(_block(draft, key, value) if key in BLOCKS else _plain(key, value))]
    return "\n".join(lines) + "\n"


def _block(draft: Draft, key: str, value: Any) -> Iterable[str]:
    if not value:
        return _written({key: value})
    entries = list(value.items() if isinstance(value, dict) else enumerate(value))
    said = [_notes(draft, (key, name)) for name, _ in entries]
    alike = len(entries) > 1 and all(lines == said[0] for lines in said)
    found = [*(said[0] if alike else []), f"{key}:"]
    for (name, entry), lines in zip(entries, said, strict=True):
        found += [f"  {line}" for line in lines if not alike]
        found += [f"  {line}" for line in _written({name: entry} if isinstance(value, dict) else [entry])]
    return found


def _plain(key: str, value: Any) -> list[str]:
    """A key with its value: sentences one below the other, the rest in a line where it fits."""
    stacked = not isinstance(value, (list, dict)) or any(len(str(item)) > LONG for item in value)
    return _written({key: value}, flow=False if stacked and not isinstance(value, dict) else None)


def _notes(draft: Draft, path: Path) -> list[str]:
    return [line for text in dict.fromkeys(draft.notes.get(path, ())) for line in _comment(text)]


def _comment(text: str) -> list[str]:
    """A text as comment lines; nothing in it can end a comment."""
    plain = " ".join(text.split(" ")) if text else ""
    lines = [wrapped for line in plain.splitlines() or [""] for wrapped in (textwrap.wrap(_harmless(line), WIDTH) or [""])]
    return [f"# {line}".rstrip() for line in lines]


def _harmless(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _written(value: Any, flow: bool | None = None) -> list[str]:
    return written_yaml(value, flow, WIDTH).rstrip("\n").split("\n")
