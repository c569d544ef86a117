"""Scenarios and levels of autonomy by name, path, mapping or object."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from .autonomy.autonomy import Autonomy
from .demand.service import ServiceTarget
from .foundation.errors import InputError, UnknownName
from .foundation.garbage_collection import collection_waits
from .foundation.shipped_configs import config_folder, list_autonomy, list_configs, list_scenarios
from .foundation.validation import validated
from .foundation.yaml_files import read_yaml
from .generators import expanded
from .scenario.card import Hypothesis
from .scenario.scenario import Scenario

S = TypeVar("S", Scenario, Autonomy)

WORDS = {"description", "source", "assumptions", "period", "card", "small"}
"""The keys that are only about a scenario or an autonomy level; with others in their place it is played the same."""
SMALL = "-small"
"""What comes after the name of a scenario to ask for its small version."""
WHOSE = frozenset({"name", "visibility", "sites", "lanes", "customers", "generator"})
"""Keys of which a scenario or an autonomy level that is written out has at least one."""
LONGEST_NAME = 100
"""Characters of a name that is made up for changed keys."""


def load_scenario(scenario: str | Path | Mapping[str, Any] | Scenario) -> Scenario:
    """A scenario from its name, the path of its YAML file, its keys, or itself. Raises InputError when it cannot be.

    `<name>-small` is a version of it for quick tests, where it has one. A mapping with `type` is the scenario of that name or
    path with other keys, and is called after them: `{type: owmr, horizon: 50}` is `owmr_horizon_50`. Keys of mappings are
    changed one by one, lists as a whole, and a key that is null is taken away.
    """
    if isinstance(scenario, Mapping) and "type" in scenario:
        changes = {key: value for key, value in scenario.items() if key != "type"}
        keys = _keys(scenario["type"])[0]
        scenario = patched({**keys, "name": _called(str(keys.get("name")), changes)}, changes, kept=True)
        return _load(scenario, Scenario, "scenario", "scenarios", whole="small" in changes)
    return _load(scenario, Scenario, "scenario", "scenarios")


def load_autonomy(autonomy: str | Path | Mapping[str, Any] | Autonomy) -> Autonomy:
    """A level of autonomy, likewise; a mapping with `type` is the level of that name with other keys changed.

    Such an autonomy level is called after what was changed: `hybrid_soe[band=0.5]`.
    """
    if isinstance(autonomy, Mapping) and "type" in autonomy:
        preset = load_autonomy(autonomy["type"])
        keys = {key: value for key, value in autonomy.items() if key != "type"}
        shown = ",".join(f"{key}={_short(value)}" for key, value in keys.items() if key not in ("name", "description"))
        name = keys.pop("name", f"{preset.name}[{shown}]" if shown else preset.name)
        same = not keys and name == preset.name
        return preset if same else validated(Autonomy, {**preset.model_dump(), **keys, "name": name}, "autonomy")
    return _load(autonomy, Autonomy, "autonomy", "autonomy")


def each_autonomy(given: Any) -> list[Autonomy]:
    """All autonomy levels of one entry: lists among the keys of a mapping with `type` are swept, the last key fastest."""
    if isinstance(given, (list, tuple)):
        if any(isinstance(entry, (list, tuple)) and not entry for entry in given):
            raise InputError("autonomy", list(given), "at least one autonomy level in each list")
        return [autonomy for entry in given for autonomy in each_autonomy(entry)]
    if not (isinstance(given, Mapping) and "type" in given):
        return [load_autonomy(given)]
    for key, value in given.items():
        if isinstance(value, (list, tuple)) and not value:
            raise InputError(f"autonomy.{key}", list(value), "at least one value")
    values = [value if isinstance(value, (list, tuple)) else [value] for value in given.values()]
    return [load_autonomy(dict(zip(given, chosen, strict=True))) for chosen in itertools.product(*values)]


def _short(value: Any) -> str:
    return "…" if isinstance(value, (dict, list)) else str(value)


def patched(keys: Mapping[str, Any], changes: Mapping[str, Any], kept: bool = False) -> dict[str, Any]:
    """The keys with changes: mappings key by key, lists as a whole, null to take a key away (JSON Merge Patch, RFC 7396).

    With `kept` a null for a key that is not there stays, for whoever reads the keys to say whether there is such a key.
    """
    found = dict(keys)
    for key, value in changes.items():
        if value is None and (key in found or not kept):
            found.pop(key, None)
        elif isinstance(value, Mapping):
            below = found.get(key)
            found[key] = patched(below if isinstance(below, Mapping) else {}, value, kept)
        else:
            found[key] = value
    return found


def contents(asked: Scenario | Autonomy) -> dict[str, Any]:
    """A scenario or an autonomy level as plain data, without words that are only about it and keys left at their default.

    So a key that a later version adds changes nothing for those that do not use it.
    """
    return asked.model_dump(mode="json", by_alias=True, exclude=WORDS, exclude_defaults=True)


def _called(name: str, changes: Mapping[str, Any]) -> str:
    """What a scenario with changed keys is called, unless they say."""
    told = (f"{path}_{_short(value)}" for path, value in _leaves(changes))
    made = re.sub(r"[^a-z0-9_]+", "_", "_".join([name, *told]).lower())
    return made[:LONGEST_NAME].strip("_")


def _leaves(changes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The innermost keys, and what they are changed to."""
    for key, value in changes.items():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield str(key), value


def _load(given: Any, model: type[S], key: str, kind: str, whole: bool = True) -> S:
    """A scenario or an autonomy level; of a scenario that is `whole`, the small version is tried too."""
    make = _checked if whole else _made
    if isinstance(given, model):
        return given
    if isinstance(given, Mapping):
        _check_of_something(given, key)
        loaded = make(model, dict(given), key)
    elif _is_path(given):
        loaded = make(model, read_yaml(Path(given)), str(given))
    elif isinstance(given, str):
        return _shipped(given, model, key, kind)
    else:
        raise InputError(key, given, f"a name, a YAML path, a mapping, or {model.__name__}")
    if loaded.name in list_configs(kind) and contents(loaded) != contents(_shipped(loaded.name, model, key, kind)):
        raise InputError(f"{key}.name", loaded.name, f"another name: a different {key} of this name comes with the project")
    return loaded


def _check_of_something(given: Mapping[str, Any], key: str) -> None:
    """Raises InputError for keys of which nobody has said whose they are."""
    if given and not WHOSE & set(given):
        example, value = next(iter(given.items()))
        raise InputError(key, dict(given), f"what these are keys of, too: {key}=<name> {key}.{example}={value}")


def _made(model: type[S], keys: dict[str, Any], where: str) -> S:
    with collection_waits():
        made = validated(model, expanded(keys, where) if model is Scenario else keys, where)
    if isinstance(made, Scenario):
        _check_card(made, where)
    return made


def _checked(model: type[S], keys: dict[str, Any], where: str) -> S:
    """What the keys of somebody's own make, their small version being possible too."""
    made = _made(model, keys, where)
    small: dict[str, Any] = getattr(made, "small", {})
    if small and ("generator" in keys or "generator" not in small):
        _made(Scenario, patched({**keys, "small": {}}, small, kept=True), f"{where}.small")
    return made


def _check_card(scenario: Scenario, where: str) -> None:
    """Refuse a card that names levels, scenarios or keys which are not there. Raises InputError."""
    for number, expected in enumerate(() if scenario.card is None else scenario.card.hypotheses):
        key = f"{where}.card.hypotheses[{number}]"
        for name, autonomy in (("better", expected.better), ("worse", expected.worse)):
            if autonomy not in list_autonomy() and not _is_path(autonomy):
                raise UnknownName(f"{key}.{name}", autonomy, list_autonomy())
        other = expected.against
        if isinstance(other, str) and not _is_path(other) and other.removesuffix(SMALL) not in list_scenarios():
            raise UnknownName(f"{key}.against", other, list_scenarios())
        _check_variants(scenario, expected, key)


def _check_variants(scenario: Scenario, expected: Hypothesis, where: str) -> None:
    """Refuse changes of keys that leave no scenario. Raises InputError."""
    played, part = scenario, "within"
    try:
        if expected.within is not None:
            played = varied(scenario, expected.within)
        part = "against"
        if isinstance(expected.against, Mapping):
            varied(played, expected.against)
    except InputError as error:
        raise error.moved("scenario", f"{where}.{part}") from None


def _is_path(given: Any) -> bool:
    return isinstance(given, Path) or (isinstance(given, str) and given.endswith((".yaml", ".yml")))


def _shipped(name: str, model: type[S], key: str, kind: str) -> S:
    if model is Scenario:
        keys, where = _keys(name)
        return _made(model, keys, where)
    if name not in list_configs(kind):
        raise UnknownName(key, name, list_configs(kind))
    path = config_folder(kind) / f"{name}.yaml"
    return validated(model, read_yaml(path), path.name)


def _keys(given: Any) -> tuple[dict[str, Any], str]:
    """The keys of a scenario that is named, or in a file, and what to call where they stand."""
    if _is_path(given):
        return read_yaml(Path(given)), str(given)
    if not isinstance(given, str):
        raise InputError("scenario", given, "a name, or a YAML path")
    name = given.removesuffix(SMALL)
    small, known = name != given, list_scenarios()
    if name not in known:
        raise UnknownName("scenario", given, _with_small_version() if small else known)
    path = config_folder("scenarios") / f"{name}.yaml"
    keys = read_yaml(path)
    return (_small(keys, given) if small else keys), path.name


def _small(keys: dict[str, Any], given: str) -> dict[str, Any]:
    """The small version of a scenario's keys. Raises InputError where it has none."""
    if "small" not in keys:
        raise InputError("scenario", given, f"a small version that there is: {', '.join(_with_small_version())}")
    return patched({**keys, "name": f"{keys['name']}_small", "small": {}}, keys["small"], kept=True)


def _with_small_version() -> list[str]:
    each = {name: read_yaml(config_folder("scenarios") / f"{name}.yaml") for name in list_scenarios()}
    return [f"{name}{SMALL}" for name, keys in each.items() if "small" in keys]


def changed(scenario: Scenario, **keys: Any) -> Scenario:
    """The scenario with some of its keys changed, checked again as a whole."""
    return validated(Scenario, {**scenario.model_dump(by_alias=True), **keys}, scenario.name)


def varied(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """The scenario with changes as `load_scenario` takes them, called after them and without the words about the other."""
    keys = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=WORDS)
    name = _called(scenario.name, changes)
    return _made(Scenario, patched({**keys, "name": name}, changes, kept=True), "scenario")


def promised(scenario: Scenario, service: Any) -> Scenario:
    """The scenario with `service`, as customers have it, in place of all its shortage costs, and called after that.

    Raises InputError for what is no target.
    """
    wanted = validated(ServiceTarget, service, "service")
    keys = scenario.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=WORDS)
    given = wanted.model_dump(mode="json", exclude_none=True)
    for entry in keys["customers"]:
        entry.pop("shortage", None)
        entry["service"] = given
    share = given[wanted.kind]
    told = f"{wanted.kind}_{share:g}" if isinstance(share, float) else wanted.kind
    name = re.sub(r"[^a-z0-9_]+", "_", f"{scenario.name}_{told}".lower())[:LONGEST_NAME].strip("_")
    return _made(Scenario, {**keys, "name": name, "description": scenario.description}, "service")


def with_data(scenario: Scenario, path: str | Path) -> Scenario:
    """The scenario with its recorded demand read from the file at `path`. Raises InputError for one that has none."""
    given = {} if scenario.data is None else scenario.data.model_dump()
    return changed(scenario, data={**given, "path": str(path)})


__all__ = [
    "changed",
    "config_folder",
    "contents",
    "each_autonomy",
    "list_autonomy",
    "list_configs",
    "list_scenarios",
    "load_autonomy",
    "load_scenario",
    "patched",
    "promised",
    "varied",
    "with_data",
]
