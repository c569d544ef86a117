"""The configurations that come with the project: where they are, and their names, without reading any of them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def config_folder(kind: str) -> Path:
    """Folder of the configurations of one kind (`scenarios`, `autonomy`, `agents`, `studies`) that come with the project."""
    return Path(str(files("orderup"))) / "configs" / kind


def list_configs(kind: str) -> list[str]:
    """Names of the configurations of one kind."""
    return sorted(path.stem for path in config_folder(kind).iterdir() if path.suffix == ".yaml")


def list_scenarios() -> list[str]:
    """Names of the scenarios that come with the project."""
    return list_configs("scenarios")


def list_autonomy() -> list[str]:
    """Names of the levels of autonomy that come with the project."""
    return list_configs("autonomy")
