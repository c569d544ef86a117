"""Scenarios and levels of autonomy by name, path, mapping or object."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from .autonomy import Autonomy
from .errors import InputError, UnknownName
from .schema import Scenario
from .validation import validated
from .yaml_file import read_yaml

S = TypeVar("S", Scenario, Autonomy)


def config_folder(kind: str) -> Path:
    """Folder of the configurations of one kind (`scenarios`, `autonomy`, `agents`, `studies`) that come with the project."""
    return Path(str(files("orderup"))) / "configs" / kind


def list_configs(kind: str) -> list[str]:
    """Names of the configurations of one kind."""
    return sorted(path.stem for path in config_folder(kind).glob("*.yaml"))


def list_scenarios() -> list[str]:
    """Names of the scenarios that come with the project."""
    return list_configs("scenarios")


def list_autonomy() -> list[str]:
    """Names of the levels of autonomy that come with the project."""
    return list_configs("autonomy")


def load_scenario(scenario: str | Path | Mapping[str, Any] | Scenario) -> Scenario:
    """A scenario from its name, the path of its YAML file, its keys, or itself. Raises InputError when it cannot be."""
    return _load(scenario, Scenario, "scenario", "scenarios")


def load_autonomy(autonomy: str | Path | Mapping[str, Any] | Autonomy) -> Autonomy:
    """A level of autonomy, likewise; a mapping with `type` is the level of that name with other keys changed.

    Such a level is called after what was changed: `hybrid_soe[band=0.5]`.
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
    """All levels that one entry stands for: lists among the keys of a mapping with `type` are swept, the last key fastest."""
    if isinstance(given, (list, tuple)):
        return [level for entry in given for level in each_autonomy(entry)]
    if not (isinstance(given, Mapping) and "type" in given):
        return [load_autonomy(given)]
    values = [value if isinstance(value, (list, tuple)) else [value] for value in given.values()]
    return [load_autonomy(dict(zip(given, chosen, strict=True))) for chosen in itertools.product(*values)]


def _short(value: Any) -> str:
    return "…" if isinstance(value, (dict, list)) else str(value)


def _load(given: Any, model: type[S], key: str, kind: str) -> S:
    if isinstance(given, model):
        return given
    if isinstance(given, Mapping):
        loaded = validated(model, dict(given), key)
    elif isinstance(given, Path) or (isinstance(given, str) and given.endswith((".yaml", ".yml"))):
        loaded = validated(model, read_yaml(Path(given)), str(given))
    elif isinstance(given, str):
        return _shipped(given, model, key, kind)
    else:
        raise InputError(key, given, f"a name, a YAML path, a mapping, or {model.__name__}")
    if loaded.name in list_configs(kind) and loaded != _shipped(loaded.name, model, key, kind):
        raise InputError(f"{key}.name", loaded.name, f"another name: a different {key} of this name comes with the project")
    return loaded


def _shipped(name: str, model: type[S], key: str, kind: str) -> S:
    if name not in list_configs(kind):
        raise UnknownName(key, name, list_configs(kind))
    path = config_folder(kind) / f"{name}.yaml"
    return validated(model, read_yaml(path), path.name)


def changed(scenario: Scenario, **keys: Any) -> Scenario:
    """The scenario with some of its keys changed, checked again as a whole."""
    return validated(Scenario, {**scenario.model_dump(by_alias=True), **keys}, scenario.name)


def with_data(scenario: Scenario, path: str | Path) -> Scenario:
    """The scenario with its recorded demand read from the file at `path`. Raises InputError for one that has none."""
    given = {} if scenario.data is None else scenario.data.model_dump()
    return changed(scenario, data={**given, "path": str(path)})


__all__ = [
    "changed",
    "config_folder",
    "each_autonomy",
    "list_autonomy",
    "list_configs",
    "list_scenarios",
    "load_autonomy",
    "load_scenario",
    "with_data",
]
