"""Command lines of options: `--demand sales.csv --strict -o network.yaml`, or the same as `demand=sales.csv`.

For commands whose values are mostly files and words, which are taken as they stand: nothing in them is quoted or taken apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from orderup.cli import table_of
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.validation import Keys
from orderup.envs.foundation.yaml_files import value_of


def options(arguments: Sequence[str], model: type[Keys], short: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The keys of a model that a command line gives; `short` says which key `-o` is. Keys with dots nest.

    Raises UnknownName for a key that the model does not have, and InputError for one given twice or without a value.
    """
    found: dict[str, Any] = {}
    for key, text in _pairs(arguments, model, short or {}):
        path = key.replace("-", "_").split(".")
        if path[0] not in model.model_fields:
            raise UnknownName("option", key, [name.replace("_", "-") for name in model.model_fields])
        block = found
        for part in path[:-1]:
            block = block.setdefault(part, {})
            if not isinstance(block, dict):
                raise InputError(key, text, f"nothing below {part}, which has a value already")
        if path[-1] in block:
            raise InputError(key, "given twice", "every option once")
        block[path[-1]] = text if len(path) > 1 else _value(text, model.model_fields[path[0]].annotation, key)
    return found


def usage(model: type[Keys], examples: Sequence[str]) -> str:
    """Help for a command of options: what it does, examples, and each option with its kind, default and meaning."""
    keys = table_of(model, lambda name: f"--{name.replace('_', '-')}")
    heading = [(model.__doc__ or "").strip().splitlines()[0], "", *(f"  {example}" for example in examples), ""]
    return "\n".join([*heading, "Options (kind, default, meaning):", *keys, "", "Options may be written key=value too."])


def _pairs(arguments: Sequence[str], model: type[Keys], short: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        key, equals, text = argument.lstrip("-").partition("=") if argument.startswith("--") else argument.partition("=")
        if argument.startswith("-") and not argument.startswith("--"):
            if argument not in short:
                raise UnknownName("option", argument, [*short, *(f"--{name.replace('_', '-')}" for name in model.model_fields)])
            key, equals = short[argument], ""
        elif not argument.startswith("--") and not equals:
            raise InputError("option", argument, "--key value, or key=value")
        if equals:
            yield key, text
        elif _is_flag(model, key) and not (rest and rest[0].lower() in ("true", "false")):
            yield key, "true"
        elif rest and not (rest[0].startswith("--") or rest[0] in short):
            yield key, rest.pop(0)
        else:
            raise InputError(f"--{key}", "nothing after it", "a value")


def _is_flag(model: type[Keys], key: str) -> bool:
    field = model.model_fields.get(key.replace("-", "_"))
    return field is not None and field.annotation is bool


def _value(text: str, annotation: Any, key: str) -> Any:
    """A text as what its key wants: words as they are, lists at their commas (in brackets if it may be one), the rest YAML."""
    kinds = set(_kinds(annotation))
    if list in kinds and (str not in kinds or text.startswith("[")):
        return [part.strip().strip("'\"") for part in text.removeprefix("[").removesuffix("]").split(",")]
    if str in kinds and not kinds & {dict, float, int}:
        return text
    try:
        return value_of(text)
    except ValueError:
        raise InputError(key, text, "a value, a list [a, b] or a mapping {a: 1, b: 2}") from None


def _kinds(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif origin is not None and (origin is Union or str(origin) == "<class 'types.UnionType'>"):
        for inner in get_args(annotation):
            yield from _kinds(inner)
    elif origin is not None:
        yield str if "Literal" in str(origin) else origin
    else:
        yield annotation
