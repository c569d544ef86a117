"""The keys of a pydantic model as a table: what each is called, of which type it is, its default, its meaning and its unit."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from orderup.envs.foundation.registry import Registry
from orderup.envs.foundation.validation import Keys

UNIT = re.compile(r"\s*\[((?:money|units?|periods?|volume|weight|kg|hours?|usual|mean|mean demands?)\b[^\[\]]*)\]")
"""As descriptions have it, in brackets."""
HEADINGS = ("key", "type", "default", "meaning", "unit")
T = TypeVar("T", bound=Keys)


class KeyRow(NamedTuple):
    """A row of such a table."""

    key: str
    type: str
    default: str
    meaning: str
    unit: str


def key_rows(model: type[Keys], links: Mapping[type, str] | None = None) -> list[KeyRow]:
    """A row for every key; `links` are the places where the kinds that keys may hold are described."""
    return [_row(field.alias or name, field, links or {}) for name, field in model.model_fields.items()]


def _row(key: str, field: FieldInfo, links: Mapping[type, str]) -> KeyRow:
    meaning = field.description or ""
    unit = UNIT.search(meaning)
    return KeyRow(
        f"`{key}`",
        type_words(field.annotation, links),
        _default(field),
        escaped(UNIT.sub("", meaning)).replace("|", "\\|"),
        unit[1] if unit else "",
    )


def type_words(annotation: Any, links: Mapping[type, str]) -> str:
    """A type in a reader's words: `number`, `list of text`, `own or team`; models are linked."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_words(inner[0], links)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (Union, types.UnionType):
        known = dict.fromkeys(type_words(item, links) for item in inner if item is not type(None))
        return " or ".join(known)
    if origin is dict:
        return f"mapping to {type_words(inner[1], links)}"
    if origin is tuple:
        return f"[{', '.join(type_words(item, links) for item in inner)}]"
    if origin is list:
        return f"list of {type_words(inner[0], links)}"
    if annotation in links:
        return f"[{annotation.__name__}]({links[annotation]})"
    return WORDS.get(annotation, getattr(annotation, "__name__", "anything"))


WORDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    dict: "mapping",
    Any: "anything",
}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True) if field.default_factory is None else "…"
    if isinstance(value, Keys):
        return "its defaults"
    if value is None or value in ("", {}, []):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def models_in(annotation: Any) -> Iterator[type[Keys]]:
    """The models that a key may hold."""
    if isinstance(annotation, type) and issubclass(annotation, Keys):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def table(rows: list[KeyRow]) -> str:
    """The rows as Markdown, without a column that is empty in all of them."""
    shown = [number for number, _ in enumerate(HEADINGS) if any(row[number] for row in rows)]
    lines = [[HEADINGS[number] for number in shown], ["---"] * len(shown), *([row[number] for number in shown] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def described(model: type[Keys], links: Mapping[type, str] | None = None) -> str:
    """What a model's docstring says, and its table."""
    rows = key_rows(model, links)
    text = prose(model)
    return f"{text}\n\n{table(rows)}\n" if rows else f"{text}\n"


def prose(cls: type) -> str:
    """A class's docstring, for a page."""
    return escaped(inspect.cleandoc(cls.__doc__ or ""))


def escaped(text: str) -> str:
    """The text without anything that a page would take for HTML."""
    parts = text.split("`")
    return "`".join(part if number % 2 else part.replace("<", "&lt;") for number, part in enumerate(parts))


def registered(registry: Registry[T], links: Mapping[type, str] | None = None, level: int = 3) -> str:
    """Every class of a registry: a heading with its name, what it is, and its keys."""
    parts = [f"{'#' * level} `{name}`\n\n{described(registry[name], links)}" for name in registry]
    return "\n".join(parts)
