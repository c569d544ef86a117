"""A training as a job: whoever comes to it goes on where the last one was stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from orderup.agents import agents
from orderup.agents.learning.learner import Learner, Task
from orderup.agents.pathwise.pathwise import Pathwise
from orderup.agents.runs.lock import is_held, only_one
from orderup.agents.runs.run import CONFIG, OURS, RESULT, Config, is_whole
from orderup.agents.training.train import PreparedTraining, prepare, resumption, train_held
from orderup.envs.catalogue import contents
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.files import is_there
from orderup.envs.foundation.imports import packages_of
from orderup.envs.foundation.sealed_files import read_json

from .identity import digest, named, plain

PATIENCE = 2.0
"""Seconds that a job waits for another process to let go of it before others are done first."""


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
    silo: TrainingJob | None = None
    """What silo sites learn, to start from where that costs less; it has to be finished before."""

    @cached_property
    def key(self) -> str:
        """The hash of the scenario's contents, the autonomy level, the learner's keys and the seed."""
        config = self.config
        task = {"scenario": contents(config.scenario), "autonomy": contents(config.autonomy), "data": self.data}
        warm = {} if self.silo is None else {"silo": self.silo.key}
        return digest({**task, "agent": plain(self.learner, weights=True), "seed": config.seed, **warm})

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
        return is_whole(self.folder)

    @property
    def begun(self) -> bool:
        return is_there(self.folder / CONFIG)

    @property
    def held(self) -> bool:
        return is_held(self.folder)

    @property
    def seconds(self) -> float | None:
        try:
            return float(read_json(self.folder / RESULT, OURS)["seconds"])
        except (InputError, KeyError, TypeError, ValueError):
            return None

    def run(self) -> None:
        with only_one(self.folder, patience=PATIENCE):
            if not self.finished:
                train_held(self._resumption() if self.begun else self._beginning(), progress=False)

    def _beginning(self) -> PreparedTraining:
        config, folder, learner = self.config, self.folder, self.learner
        if self.silo is not None:
            assert isinstance(learner, Pathwise)  # or there is none
            learner = learner.warmed_up(Task(config.scenario, config.autonomy, config.seed), str(self.silo.folder))
        return prepare(config.scenario, config.autonomy, learner, config.seed, folder.name, folder.parent, False, {})

    def _resumption(self) -> PreparedTraining:
        try:
            return resumption(self.folder, packages_of(self.config.model_dump(mode="json")))
        except InputError as error:
            more = [*error.more, f"without {self.folder}, the same command trains it from the start"]
            raise InputError(error.key, error.found, error.accepted, more) from error


def in_turns(jobs: Sequence[TrainingJob]) -> list[list[TrainingJob]]:
    """Those that wait for nothing, and then those that start from what these learnt."""
    first, then = [job for job in jobs if job.silo is None], [job for job in jobs if job.silo is not None]
    return [turn for turn in (first, then) if turn]
