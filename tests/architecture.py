"""The rooms of the house, from below to above, and who imports whom: for the test that holds their order, and for the docs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ROOMS = {
    "envs": (
        "foundation",
        "recording",
        "numerics",
        "demand",
        "forecasts",
        "events",
        "generators",
        "scenario",
        "flows",
        "making",
        "mechanisms",
        "network",
        "physics",
        "trace",
        "autonomy",
        "information",
        "authority",
        "books",
        "",
        "describe",
        "rendering",
        "api",
    ),
    "company": (
        "tables",
        "record",
        "layouts",
        "cleaning",
        "fitting",
        "masters",
        "assembly",
        "",
    ),
    "agents": (
        "",
        "exact",
        "exact.serial",
        "exact.structures",
        "networks",
        "learning",
        "gradients",
        "sales",
        "prospects",
        "levels",
        "levels.search",
        "optima",
        "rules",
        "rules.dual_sourcing",
        "forecasting",
        "planning.programs",
        "planning",
        "runs",
        "universal.features",
        "universal",
        "training",
        "pathwise",
        "ppo",
    ),
    "evaluation": (
        "statistics",
        "measures",
        "running",
        "comparison",
        "bounds",
        "tables",
        "page",
        "deciding",
        "past",
        "report",
        "answering",
        "league",
        "",
        "studies.execution",
        "studies",
        "atlas",
        "advising",
        "leaderboard",
    ),
}
"""Sub-packages, from below to above; "" stands for the modules of the package itself."""


def modules() -> dict[str, Path]:
    """Every module of the packages by its dotted name: `envs.physics.dynamics`; packages by their own."""
    found = {}
    for top in ROOMS:
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room_of(module: str) -> str:
    """`envs.physics` of `envs.physics.dynamics`; a package's `__init__` is in its own room."""
    return module if modules_cached()[module].name == "__init__.py" else module.rpartition(".")[0]


@cache
def modules_cached() -> dict[str, Path]:
    """The same, read once."""
    return modules()


def imported(module: str) -> Iterator[str]:
    """The modules that a module imports: at the top, inside functions, and for their types alone."""
    yield from imports_of(module, modules_cached()[module], modules_cached())


def imports_of(module: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """The same of a module in a file, where the modules that are `known` may be those of another tree."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level:
            base = [*package[: len(package) - node.level + 1], *(node.module.split(".") if node.module else [])]
        elif (node.module or "").startswith("orderup."):
            base = (node.module or "").split(".")[1:]
        else:
            continue
        for alias in node.names:
            inside = ".".join([*base, alias.name])
            found = inside if inside in known else ".".join(base)
            if found in known and found != module:
                yield found


def order() -> dict[str, int]:
    """How high each room of each package stands."""
    return {f"{top}.{room}".rstrip("."): number for top, rooms in ROOMS.items() for number, room in enumerate(rooms)}
