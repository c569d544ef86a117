"""Pydantic models whose complaints name the key's whole path, what was found and what would be accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from .errors import InputError, UnknownName

M = TypeVar("M", bound=BaseModel)


class Keys(BaseModel):
    """A block of YAML keys: frozen, and an unknown key is refused together with the one that was probably meant."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = {field.alias or name: field for name, field in cls.model_fields.items()}
            for key, value in data.items():
                field = known.get(key) or cls.model_fields.get(key)
                if field is None:
                    raise UnknownName("", str(key), known)
                if isinstance(value, bool) and _is_numeric(field.annotation):
                    raise InputError(str(key), value, "a number")
        return data


def _is_numeric(annotation: Any) -> bool:
    """Whether a key takes numbers and not truth values, which Python counts among them."""
    kinds = {annotation, *get_args(annotation)}
    return bool(kinds & {int, float}) and bool not in kinds


def validated(model: type[M], data: Any, key: str = "") -> M:
    """`model` made from plain data. Raises InputError with the path of every offending key, `key` being where `data` stands."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        complain(error, key)


def complain(error: ValidationError, key: str = "") -> NoReturn:
    """Raise pydantic's findings as one InputError."""
    first, *others = [_as_input_error(problem).under(key) for problem in error.errors()]
    raise InputError(first.key, first.found, first.accepted, [*first.others, *map(str, others)]) from None


def _as_input_error(problem: Any) -> InputError:
    path = _path(problem["loc"])
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return cause.under(path)
    accepted = "this key, which has no default" if problem["type"] == "missing" else problem["msg"]
    return InputError(path, "nothing" if problem["type"] == "missing" else problem["input"], accepted)


def _path(location: tuple[int | str, ...]) -> str:
    """`('lanes', 2, 'from')` as `lanes[2].from`; the names pydantic gives to a union's members are left out."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not (part in _UNION_MEMBERS or part.startswith(("dict[", "function-", "list["))):
            path += f".{part}" if path else part
    return path


_UNION_MEMBERS = {"float", "int", "str", "bool"}
