"""Blocks of keys that name their kind: `{type: poisson, mean: 10}` becomes an object of the class registered as `poisson`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, BeforeValidator, PlainSerializer

from .errors import InputError
from .registry import Registry
from .validation import validated


def typed(registry: Registry[Any], shorthand: str | None = None) -> BeforeValidator:
    """Turn `{type: name, …}` into an object of the class registered as `name`; a bare value is the field of `shorthand`."""

    def parse(value: Any) -> Any:
        if isinstance(value, BaseModel):
            return value
        if shorthand and isinstance(value, (int, float)) and not isinstance(value, bool):
            value = {"type": shorthand, "value": value}
        if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
            raise InputError("", value, f"a mapping with `type`: one of {', '.join(registry)}, or package.module:Class")
        fields = {key: item for key, item in value.items() if key != "type"}
        return validated(registry.find(value["type"], "type"), fields)

    return BeforeValidator(parse)


def written(registry: Registry[Any]) -> PlainSerializer:
    """Turn such an object back into its keys, `type` among them."""
    return PlainSerializer(
        lambda process: {"type": registry.name_of(type(process)), **process.model_dump(mode="json", by_alias=True)}
    )
