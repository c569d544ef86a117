"""Pydantic models that take nothing for what it is not, and whose complaints name the key, what was found and what would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, ClassVar, NoReturn, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError, model_validator
from pydantic_core import CoreSchema

from .errors import InputError, UnknownName

M = TypeVar("M", bound=BaseModel)

LARGEST = 1e12
"""Amounts, prices and factors are no larger, so that sums of their products and squares stay finite."""
LARGEST_COUNT = 10**9
"""Nor are whole numbers, unless their key says so."""
LONGEST_NAME = 100

Seed = Annotated[int, Field(ge=0, lt=2**64)]
"""Of a random number generator."""
Count = Annotated[int, Field(ge=1, le=1_000_000)]
"""How many of something are simulated, drawn or tried."""
Periods = Annotated[int, Field(ge=1, le=10_000)]
"""How far somebody looks back or ahead."""
Width = Annotated[int, Field(ge=1, le=10_000)]
"""Of a layer of a network."""
Hidden = Annotated[list[Width], Field(max_length=20)]
"""Of several layers."""
Workers = Annotated[int, Field(ge=1, le=1024)]
"""Processes side by side."""
Steps = Annotated[int, Field(ge=1, le=10**11)]
"""Periods to simulate in a whole training, over all copies."""


def _printable(name: str) -> str:
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable() and name == name.strip()):
        raise InputError("", name, f"a name of 1 to {LONGEST_NAME} characters that can be printed, without spaces at its ends")
    return name


Name = Annotated[str, AfterValidator(_printable)]
"""What something is called, in any language."""


STRICT = ("float", "int", "bool", "str")
"""What pydantic would convert from something else."""


def _nodes(schema: Any, cls: type[BaseModel]) -> Iterator[dict[str, Any]]:
    """The parts of a core schema that are about single values, other models' left out: these have seen to their own."""
    if isinstance(schema, dict):
        if schema.get("type") == "model" and schema["cls"] is not cls:
            return
        if schema.get("type") in STRICT:
            yield schema
        for name, part in schema.items():
            if name not in ("default", "metadata"):
                yield from _nodes(part, cls)
    elif isinstance(schema, (list, tuple)):
        for part in schema:
            yield from _nodes(part, cls)


def _make_strict(node: dict[str, Any], limited: bool) -> None:
    node["strict"] = True
    largest = {"float": LARGEST, "int": LARGEST_COUNT}.get(node["type"])
    if not limited or largest is None:
        return
    if not node.keys() & {"le", "lt"}:
        node["le"] = largest
    if not node.keys() & {"ge", "gt"}:
        node["ge"] = -largest


class Keys(BaseModel):
    """A block of YAML keys: frozen, and an unknown key is refused together with the one that was probably meant.

    Nothing is converted: a whole number does for a number, and that is all. Numbers whose key sets no limit of its own are at
    most LARGEST, whole ones LARGEST_COUNT.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    other_words: ClassVar[Mapping[str, str]] = {}
    """What else keys may be called."""
    limited: ClassVar[bool] = True
    """Whether those limits hold, which they do not where numbers may be infinite either."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema, limited = handler(source), cls.limited and not cls.model_config.get("allow_inf_nan")
        for node in _nodes(schema, cls):
            _make_strict(node, limited)
        return schema

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        if cls.other_words:
            data = {cls.other_words.get(str(key), key): value for key, value in _once(data, cls.other_words)}
        known = _by_key(cls)
        for key in data:
            if key not in known and key not in cls.model_fields:
                raise UnknownName("", str(key), known)
        return {key: _plain(value) for key, value in data.items()}


@cache
def _by_key(cls: type[BaseModel]) -> dict[str, Any]:
    """The fields by the keys that they have in files."""
    return {field.alias or name: field for name, field in cls.model_fields.items()}


def _once(data: Mapping[Any, Any], other_words: Mapping[str, str]) -> Iterator[tuple[Any, Any]]:
    """The keys and their values. Raises InputError for one that is given by both of its names."""
    for key, value in data.items():
        if key in other_words and other_words[key] in data:
            raise InputError(other_words[key], f"{key} too", "one of the two: they are the same")
        yield key, value


class Stored(Keys):
    """A block of keys that the project itself has written, with numbers of any size."""

    limited: ClassVar[bool] = False


def _plain(value: Any) -> Any:
    """NumPy's numbers, alone or in a list, as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)) and any(isinstance(item, np.generic) for item in value):
        return [_plain(item) for item in value]
    return value


def validated(model: type[M], data: Any, key: str = "") -> M:
    """`model` made from plain data. Raises InputError with the path of every offending key, `key` being where `data` stands."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        complain(error, key)


def complain(error: ValidationError, key: str = "") -> NoReturn:
    """Raise pydantic's findings as one InputError."""
    first, *others = [found.under(key) for found in _complaints(error.errors())]
    raise InputError(first.key, first.found, first.accepted, [*first.more, *others]) from None


def _complaints(problems: Sequence[Any]) -> list[InputError]:
    """Of a key that may hold several kinds of values, what is wrong with the kind it holds; if it is none, all it may be."""
    several = [bool(problem["loc"]) and problem["type"] in WANTED and _is_member(problem["loc"][-1]) for problem in problems]
    found = [_as_input_error(problem) for problem in problems]
    others = [one for one, unlike in zip(found, several, strict=True) if not unlike]
    kinds: dict[str, list[InputError]] = {}
    for one, unlike in zip(found, several, strict=True):
        if unlike and not any(other.key == one.key or other.key.startswith((f"{one.key}.", f"{one.key}[")) for other in others):
            kinds.setdefault(one.key, []).append(one)
    merged = [InputError(key, each[0].found, ", or ".join(one.accepted for one in each)) for key, each in kinds.items()]
    return [*others, *merged]


def _as_input_error(problem: Any) -> InputError:
    path, kind, found = _path(problem["loc"]), problem["type"], problem["input"]
    cause = problem.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return cause.under(path)
    if kind == "missing":
        return InputError(path, "nothing", "this key, which has no default")
    return InputError(path, found, f"{WANTED.get(kind, problem['msg'])}{_hint(kind, found)}")


WANTED = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping",
}
"""Pydantic's kinds of complaint in plain words."""


def _hint(kind: str, found: Any) -> str:
    if kind == "string_type" and isinstance(found, (bool, int, float)):
        return f", which stands in quotes: '{str(found).lower() if isinstance(found, bool) else found}'"
    if kind in ("int_type", "float_type") and isinstance(found, str):
        return ", in plain digits and without quotes"
    if kind in ("int_type", "int_from_float") and isinstance(found, float) and found.is_integer() and abs(found) < LARGEST:
        return f", written as {found:.0f}"
    return ""


_MEMBERS = {"float", "int", "str", "bool", "[key]"}
_LONGER_MEMBERS = ("constrained-", "dict[", "list[", "function-")
"""How pydantic calls, or begins to call, the members of a union, and a mapping's key."""


def _is_member(part: int | str) -> bool:
    return part in _MEMBERS or (isinstance(part, str) and part.startswith(_LONGER_MEMBERS))


def _path(location: tuple[int | str, ...]) -> str:
    """`('lanes', 2, 'from')` as `lanes[2].from`; the names pydantic gives to a union's members are left out."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not _is_member(part):
            path += f".{part}" if path else part
    return path
