"""Runs: a folder for each training, with what was asked for, where it came from, how it went, and the policy."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, PrivateAttr

from orderup.envs.autonomy import Autonomy
from orderup.envs.errors import InputError
from orderup.envs.files import write_text
from orderup.envs.information import Information
from orderup.envs.policy import Context, Decision
from orderup.envs.schema import Scenario
from orderup.envs.validation import Keys, validated
from orderup.envs.yaml_file import read_yaml

from . import checkpoint
from .base import Agent, agents
from .network_policy import NetworkPolicy
from .provenance import provenance

CONFIG, PROVENANCE, METRICS = "config.yaml", "provenance.json", "metrics.csv"
CURVES = "events.out.tfevents.*"
"""What TensorBoard reads."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Config(Keys):
    """What was asked for, everything resolved; `config.yaml` of a run."""

    format: Literal[1] = 1
    scenario: Scenario
    autonomy: Autonomy
    agent: dict[str, Any] = Field(description="The learner: its `type` and all its keys")
    seed: int


@agents.register("trained")
class Trained(Agent):
    """What a run has learnt, by the means of its actions."""

    run: str = Field(description="The run's folder")
    _policy: NetworkPolicy | None = PrivateAttr(default=None)

    def load(self) -> Trained:
        """Read the policy, once. Raises InputError for a folder that holds no whole run."""
        if self._policy is None:
            self._policy = checkpoint.load_policy(Path(self.run))
        return self

    def reset(self, context: Context) -> None:
        """Raises InputError where seats see or set other numbers than in training, too."""
        self._loaded.reset(context)

    def act(self, information: Information) -> Decision:
        """As learnt."""
        return self._loaded.act(information)

    @property
    def _loaded(self) -> NetworkPolicy:
        policy = self.load()._policy
        assert policy is not None
        return policy


@dataclass(frozen=True)
class Run:
    """A training that was done, or interrupted: what for, and what came of it."""

    folder: Path
    scenario: Scenario
    autonomy: Autonomy
    seed: int
    settings: dict[str, Any]
    """The learner's `type` and keys."""
    agent: Trained
    """The policy, as an agent to evaluate."""

    @property
    def name(self) -> str:
        """That of its folder."""
        return self.folder.name


def load_run(folder: str | Path) -> Run:
    """The run in a folder. Raises InputError for one that is missing, incomplete or damaged.

    Nothing is executed; a process that the scenario names as `package.module:Class` is imported, as for any scenario.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError("run", str(folder), "the folder of a run")
    path = folder / CONFIG
    config = validated(Config, read_yaml(path), str(path))
    agent = Trained(run=str(folder)).load()
    return Run(folder, config.scenario, config.autonomy, config.seed, config.agent, agent)


def checked_name(name: str) -> str:
    """A run's name. Raises InputError for one that is not a plain folder name."""
    if not NAME.fullmatch(name):
        raise InputError("name", name, "letters, digits, _, . and -, beginning with a letter or digit")
    return name


def check_free(folder: Path, overwrite: bool) -> None:
    """Raises InputError when a run may not go to a folder: something is there, and it is no run or is to be kept."""
    if not folder.exists():
        return
    if not overwrite:
        raise InputError("name", folder.name, f"a name that is not taken: {folder} is there; overwrite=true replaces it")
    if not (folder / CONFIG).is_file():
        raise InputError("name", folder.name, f"a new name, or that of a run: {folder} holds none")


def open_run(folder: Path, config: Config, overwrite: bool) -> None:
    """Make a run's folder, and write what does not change while it is trained. Raises InputError as `check_free`."""
    check_free(folder, overwrite)
    for pattern in (checkpoint.FILE, checkpoint.TENSORS, METRICS, PROVENANCE, CURVES):
        for old in folder.glob(pattern):
            old.unlink()
    plain = config.model_dump(mode="json", by_alias=True, exclude_none=True)
    write_text(folder / CONFIG, yaml.safe_dump(plain, sort_keys=False, allow_unicode=True))
    write_text(folder / PROVENANCE, json.dumps(provenance(), indent=1) + "\n")
