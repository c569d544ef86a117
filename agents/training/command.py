"""What the command line of training asks for, and the trainings it gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from orderup.envs.catalogue import load_scenario, with_data
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Keys, Steps, Workers

from .train import DEFAULT, PreparedTraining, learner_of, prepare, resumption


class Train(Keys):
    """Train a policy on a scenario under a level of autonomy; the run goes to runs/<name>/."""

    other_words: ClassVar[Mapping[str, str]] = {"agents": "agent"}

    scenario: Any = Field(None, description="A name or a YAML path")
    autonomy: Any = Field("autonomous_silo", description="An autonomy level, by name or YAML path")
    agent: Any = Field(DEFAULT, description="A learner; its keys as agent.<key>=…, listed by `agent=<name> --help`")
    seed: Any = Field(0, description="Of the training episodes and the network's first numbers, below 10_000; several: 0,1,2")
    steps: Steps | None = Field(None, description="Periods to simulate, over all copies; left out: the agent's")
    data: str | None = Field(None, description="File of recorded demand, for scenarios that use it")
    name: str | None = Field(None, description="Of the run; left out: <scenario>-<autonomy>-<agent>-<seed>")
    folder: str = Field("runs", description="Where runs go")
    overwrite: bool = Field(False, description="Replace a run of the same name")
    study: Any = Field(None, description="A study in place of one run; its keys: study=<name> --help")
    resume: str | None = Field(None, description="Folder of an interrupted run to go on with; no other key beside it")
    workers: Workers = Field(2, description="Seeds trained at a time, where there are several")
    allow: list[str] = Field([], description="With resume=: packages of your own that the run may import")
    tune: Count | None = Field(None, description="Trials of a search for better keys, as in configs/tuning/<agent>.yaml")
    tune_steps: Steps | None = Field(None, description="Periods of each trial; left out: a tenth of the agent's")


def prepared_of(keys: Train) -> list[PreparedTraining]:
    """The trainings that the keys ask for, one for each seed; all is checked, and nothing on disk. Raises InputError."""
    if keys.resume is not None:
        others = sorted(keys.model_fields_set - {"resume", "allow"})
        if others:
            wanted = "nothing else but allow=[…]: a run goes on as it was begun"
            raise InputError("resume", f"{', '.join(others)} beside it", wanted)
        return [resumption(keys.resume, keys.allow)]
    if keys.allow:
        raise InputError("allow", keys.allow, "nothing without resume=: what you name yourself is imported anyway")
    if keys.tune is None and keys.tune_steps is not None:
        raise InputError("tune_steps", keys.tune_steps, "nothing without tune=<trials>")
    seeds = keys.seed if isinstance(keys.seed, list) else [keys.seed]
    if len(set(map(repr, seeds))) < max(len(seeds), 1):
        raise InputError("seed", keys.seed, "one seed, or several different ones: 0,1,2")
    if len(seeds) == 1 and "workers" in keys.model_fields_set:
        raise InputError(
            "workers", keys.workers, "nothing with one seed: it is several, seed=0,1,2, that are trained side by side"
        )
    if keys.tune is not None and len(seeds) > 1:
        raise InputError("seed", keys.seed, "one seed: every trial of a search has the same")
    return [_prepare(keys, seed, len(seeds) > 1) for seed in seeds]


def check_names_differ(trainings: list[PreparedTraining]) -> None:
    """Raises InputError when two trainings would go to one folder."""
    folders = [prepared.folder for prepared in trainings]
    for folder in folders:
        if folders.count(folder) > 1:
            wanted = f"a run for each name, not {folders.count(folder)}: leave it out, or sweep it"
            raise InputError("name", folder.name, wanted)


def keys_of(agent: Any) -> str:
    """The keys of a learner, with what they are when left out, for its `--help`. Raises InputError for one that is none."""
    learner = learner_of(_with_type(agent), {})
    fields = type(learner).model_fields
    values = learner.model_dump(mode="json").items()
    cells = [(f"agent.{name}", json.dumps(value), fields[name].description or "") for name, value in values]
    widths = [max(len(row[column]) for row in cells) for column in (0, 1)]
    return "\n".join(f"  {name:{widths[0]}}  {value:{widths[1]}}  {meaning}".rstrip() for name, value, meaning in cells)


def _prepare(keys: Train, seed: Any, several: bool) -> PreparedTraining:
    if keys.scenario is None:
        raise InputError("scenario", "nothing", "a scenario, by name or YAML path; or resume=runs/<name>")
    scenario = load_scenario(keys.scenario)
    if keys.data is not None:
        scenario = with_data(scenario, keys.data)
    overrides = {} if keys.steps is None else {"steps": keys.steps}
    name = f"{keys.name}-{seed}" if several and keys.name is not None else keys.name
    return prepare(
        scenario,
        keys.autonomy,
        _with_type(keys.agent),
        seed,
        name,
        keys.folder,
        keys.overwrite,
        overrides,
        keys.tune is not None,
    )


def _with_type(agent: Any) -> Any:
    return {"type": DEFAULT, **agent} if isinstance(agent, Mapping) else agent
