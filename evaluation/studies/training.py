"""A training as a job: whoever comes to it goes on where the last one was stopped."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from orderup.agents import agents
from orderup.agents.learner import Learner
from orderup.agents.lock import only_one
from orderup.agents.runs import CONFIG, RESULT, Config
from orderup.agents.training import carry_out, plan, resume
from orderup.envs.catalogue import contents
from orderup.envs.errors import InputError

from .identity import digest, named, plain

PATIENCE = 60.0
"""Seconds that a training waits for a worker that was left alone to let go of its run."""
POLL = 0.05


@dataclass(frozen=True)
class TrainingJob:
    """A run of a study, in a folder that bears its hash."""

    config: Config
    learner: Learner
    agent: str
    """What the learner is called in the study."""
    study: Path
    """The study's folder of runs."""
    data: str | None = None
    """Digest of the recorded demand that the scenario uses."""

    @cached_property
    def key(self) -> str:
        """The hash of the scenario's contents, the level, the learner's keys and the seed."""
        config = self.config
        task = {"scenario": contents(config.scenario), "autonomy": contents(config.autonomy), "data": self.data}
        return digest({**task, "agent": plain(self.learner), "seed": config.seed})

    @property
    def name(self) -> str:
        config = self.config
        return named([config.scenario.name, config.autonomy.name, self.agent, str(config.seed)], self.key)

    @property
    def folder(self) -> Path:
        """Of the run."""
        return self.study / self.name

    @property
    def kind(self) -> str:
        return f"train {agents.name_of(type(self.learner))}"

    @property
    def periods(self) -> int:
        return self.learner.total

    @property
    def finished(self) -> bool:
        return (self.folder / RESULT).is_file()

    @property
    def begun(self) -> bool:
        return (self.folder / CONFIG).is_file()

    @property
    def seconds(self) -> float | None:
        try:
            return float(json.loads((self.folder / RESULT).read_text(encoding="utf-8"))["seconds"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def run(self) -> None:
        _wait_for(self.folder)
        if self.begun:
            resume(self.folder, progress=False)
            return
        config = self.config
        folder, name = self.folder.parent, self.folder.name
        carry_out(plan(config.scenario, config.autonomy, self.learner, config.seed, name, folder, False, {}), progress=False)


def _wait_for(folder: Path) -> None:
    """Until a worker whose study was killed has saved its state and gone; not for ever."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with suppress(InputError), only_one(folder):
            return
        time.sleep(POLL)
