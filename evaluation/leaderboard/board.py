"""A board: its tasks, the traces that everybody may look at, and the seal of those that nobody has seen."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from orderup.envs.autonomy.autonomy import PLANNER, Autonomy
from orderup.envs.catalogue import load_autonomy, load_scenario
from orderup.envs.demand.file import FileDemand
from orderup.envs.foundation.errors import InputError, UnknownName
from orderup.envs.foundation.files import read_bytes
from orderup.envs.foundation.sealed_files import digest
from orderup.envs.foundation.shipped_configs import config_folder, list_configs
from orderup.envs.foundation.validation import Count, Keys, Seed, validated
from orderup.envs.foundation.yaml_files import read_yaml
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..studies.study import check_once

KIND = "leaderboards"
NAME = r"[a-z][a-z0-9_]{0,59}"
LONGEST_SEAL = 4096
"""Bytes of the file that a sealed seed is in."""


class BoardTask(Keys):
    """A scenario at a level of autonomy."""

    name: str = Field(pattern=f"^{NAME}$")
    scenario: str = Field(description="By its name")
    autonomy: str = Field(description="Preset: what deciders know is what it shows them, and nothing else")
    optimum: float | None = Field(None, gt=0, description="Least cost per period in the long run, where it is known [money]")
    source: str = Field("", description="Of the optimum")

    @cached_property
    def loaded(self) -> tuple[Scenario, Autonomy]:
        """Both. Raises InputError for what there is not."""
        return load_scenario(self.scenario), load_autonomy(self.autonomy)

    @property
    def information(self) -> str:
        """The class of what its deciders may know: the widest that any of them sees."""
        autonomy = self.loaded[1]
        return autonomy.visibility_of((PLANNER,)) if autonomy.has_planner else autonomy.visibility

    @property
    def digest(self) -> str:
        """Of everything that the task is; another scenario or level is another task."""
        scenario, autonomy = self.loaded
        return digest([scenario.model_dump(mode="json", by_alias=True), autonomy.model_dump(mode="json")])


class Board(Keys):
    """Tasks that entries are compared on."""

    name: str = Field(pattern=f"^{NAME}$")
    version: Count = Field(description="A change of any task is another version")
    description: str = ""
    tasks: Annotated[list[BoardTask], Field(min_length=1)]
    episodes: Annotated[int, Field(ge=20, le=100_000)] = Field(200, description="Traces of each task")
    reference: str = Field("base_stock", description="Entry whose costs others' are told beside, over all tasks")
    seed: Seed = Field(description="Of the traces that everybody may look at")
    sealed: str | None = Field(
        None,
        pattern=r"^[0-9a-f]{64}$",
        description="SHA-256 of the file that holds the seed of those that nobody has seen; whoever keeps the board has it",
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        check_once("tasks", [task.name for task in self.tasks])
        if self.seed < FIRST_HELD_OUT_SEED:
            raise InputError("seed", self.seed, f"one that no training draws from, at least {FIRST_HELD_OUT_SEED}")
        for number, task in enumerate(self.tasks):
            try:
                scenario, _ = task.loaded
            except InputError as error:
                raise error.under(f"tasks[{number}]") from None
            if any(isinstance(entry.demand, FileDemand) for entry in scenario.customers):
                raise InputError(
                    f"tasks[{number}].scenario", task.scenario, "one whose demand is drawn: traces that can be new"
                )
        return self

    @property
    def digest(self) -> str:
        """Of the whole board, its scenarios included: an entry is of exactly one."""
        about = self.model_dump(mode="json", exclude={"description"})
        return digest({**about, "tasks": [task.digest for task in self.tasks], "optima": [task.optimum for task in self.tasks]})

    def task(self, name: str) -> BoardTask:
        """One of them. Raises InputError for one that there is not."""
        found = {task.name: task for task in self.tasks}
        if name not in found:
            raise UnknownName("task", name, found)
        return found[name]

    def unsealed(self, path: Path) -> int:
        """The seed in a file, if it is the file that the board was sealed with. Raises InputError where it is not."""
        data = read_bytes(path, LONGEST_SEAL, "the file that the board's seed is sealed in")
        if self.sealed is None:
            raise InputError("sealed", str(path), f"nothing: {self.name} has no sealed traces")
        if hashlib.sha256(data).hexdigest() != self.sealed:
            raise InputError("sealed", str(path), f"the file whose SHA-256 is {self.sealed}")
        first = data.split(maxsplit=1)[0] if data.split() else b""
        if not first.isdigit() or int(first) < FIRST_HELD_OUT_SEED:
            raise InputError(
                "sealed", str(path), f"a seed of at least {FIRST_HELD_OUT_SEED}, then anything that cannot be guessed"
            )
        return int(first)


def load_board(given: Any) -> Board:
    """A board by its name, or from a YAML file. Raises InputError for what is none."""
    if isinstance(given, str) and given in list_configs(KIND):
        path = config_folder(KIND) / f"{given}.yaml"
    elif isinstance(given, str | Path) and str(given).endswith((".yaml", ".yml")):
        path = Path(given)
    else:
        raise UnknownName("board", given, (*list_configs(KIND), "a YAML file"))
    return validated(Board, read_yaml(path), str(path))
