"""From a study to its jobs: everything is loaded and checked, and nothing is done yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orderup.agents import Agent, agents, make_agent
from orderup.agents.learning.learner import Learner, Task
from orderup.agents.pathwise.pathwise import Pathwise
from orderup.agents.pathwise.silo_run import includes_silo_sites
from orderup.agents.runs.run import Config, Trained, load_config
from orderup.agents.training.train import learner_of
from orderup.envs.autonomy.autonomy import Autonomy
from orderup.envs.catalogue import each_autonomy, load_scenario, with_data
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.imports import packages_of
from orderup.envs.foundation.validation import Keys, Name, validated
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.simulator import Simulator

from ..running.contestant import Contestant, distinct, training_of
from ..running.result import Skipped, Traces, Training
from .evaluation_job import EvaluationJob
from .identity import data_digest, plain
from .study import Study, check_once
from .training import TrainingJob

RUNS = Path("runs")
ALONE = "autonomous_silo"
"""The level whose networks others start from in a study with a warm start."""


class Called(Keys):
    """What an agent is called in a study."""

    name: Name


@dataclass(frozen=True)
class ScheduledAgent:
    """An agent, and what it is called in the study."""

    name: str
    agent: Agent


@dataclass(frozen=True)
class ScheduledScenario:
    """One scenario of a study: what is trained on it, who is evaluated, and who is left out."""

    traces: Traces
    trainings: tuple[TrainingJob, ...]
    evaluations: tuple[EvaluationJob, ...]
    refused: tuple[Skipped, ...]
    """Learners that cannot learn at an autonomy level."""


@dataclass(frozen=True)
class Schedule:
    """A study, ready to be carried out."""

    study: Study
    parts: tuple[ScheduledScenario, ...]

    @property
    def trainings(self) -> list[TrainingJob]:
        """Of all scenarios."""
        return [job for part in self.parts for job in part.trainings]

    @property
    def evaluations(self) -> list[EvaluationJob]:
        """Of all scenarios."""
        return [job for part in self.parts for job in part.evaluations]


def schedule(study: Study, data: str | None = None, folder: Path = RUNS, allow: Iterable[str] = ()) -> Schedule:
    """The jobs of a study, whose runs and results are in `folder`/<study's name>/; `data` is a file of recorded demand.

    `allow` has the packages that runs trained elsewhere may import. Raises InputError for whatever the study names that is not
    there, and for a learner that no autonomy level of it can use.
    """
    scenarios = _scenarios(study, data)
    autonomies, entries = _autonomies(study), _entries(study)
    runs = [_run(path, number, scenarios, tuple(allow)) for number, path in enumerate(study.runs)]
    home = folder / study.name
    parts = []
    for scenario in scenarios:
        own = [contestant for its, contestant in runs if its == scenario]
        parts.append(_part(study, scenario, autonomies, entries, own, home))
    made = Schedule(study, tuple(parts))
    _check_everybody_learns(entries, made)
    return made


def _scenarios(study: Study, data: str | None) -> list[Scenario]:
    found = []
    for number, given in enumerate(study.scenarios):
        try:
            scenario = load_scenario(given)
            found.append(scenario if data is None else with_data(scenario, data))
        except InputError as error:
            raise _at(error, f"scenarios[{number}]", "scenario") from None
    check_once("study.scenarios", [scenario.name for scenario in found])
    return found


def _autonomies(study: Study) -> list[Autonomy]:
    found = []
    for number, given in enumerate(study.levels):
        try:
            if given == []:
                raise InputError("autonomy", given, "at least one autonomy level")
            found.extend(each_autonomy(given))
        except InputError as error:
            raise _at(error, f"levels[{number}]", "autonomy") from None
    if not found:
        raise InputError("study.levels", study.levels, "at least one autonomy level: nothing is left of an empty sweep")
    check_once("study.levels", [autonomy.name for autonomy in found])
    return found


def _entries(study: Study) -> list[ScheduledAgent]:
    found = []
    for number, given in enumerate(study.agents):
        try:
            found.append(scheduled_agent(given, study.learner))
        except InputError as error:
            raise _at(error, f"agents[{number}]", "agent") from None
    if study.learner and not any(isinstance(entry.agent, Learner) for entry in found):
        raise InputError("study.learner", study.learner, "nothing: none of the agents is a learner")
    check_once("study.agents", [entry.name for entry in found], "every name once: {type: …, name: …} tells two of a kind apart")
    return found


def scheduled_agent(given: Any, overrides: Mapping[str, Any]) -> ScheduledAgent:
    """An agent or a learner, with other keys for the learner, under its name in tables. Raises InputError for none."""
    keys = dict(given) if isinstance(given, Mapping) else {"type": given}
    name = keys.pop("name", None)
    kind = keys.get("type")
    if not isinstance(kind, str):
        raise InputError("agent", given, "a name, package.module:Class, or a mapping with `type`")
    learns = issubclass(agents.find(kind), Learner)
    agent = learner_of(keys, overrides) if learns else make_agent(keys)
    if name is not None:
        name = validated(Called, {"name": name}, "agent").name
    return ScheduledAgent(name or kind.rpartition(":")[2], agent)


def _at(error: InputError, where: str, known_as: str) -> InputError:
    """The complaint of a loader, which calls what it loads `known_as`, with the study's key in front."""
    return error.moved(known_as, f"study.{where}")


def _run(path: str, number: int, scenarios: list[Scenario], allow: tuple[str, ...]) -> tuple[Scenario, Contestant]:
    where = f"study.runs[{number}]"
    config = load_config(path, where, allow)
    scenario = next((its for its in scenarios if its == config.scenario), None)
    if scenario is None:
        names = ", ".join(its.name for its in scenarios)
        raise InputError(where, f"{path}, trained on {config.scenario.name}", f"a run on {names}, every key the same")
    return scenario, Contestant(config.autonomy, Trained(run=path, allow=allow), Path(path).name, training_of(path, allow))


def _part(
    study: Study,
    scenario: Scenario,
    autonomies: list[Autonomy],
    entries: list[ScheduledAgent],
    own: list[Contestant],
    home: Path,
) -> ScheduledScenario:
    traces, data = _traces(study, scenario), data_digest(scenario)
    evaluated: list[tuple[Contestant, str | None]] = []
    trainings, refused = [], []
    alone = [
        _training(entry, scenario, autonomy, seed, home, data)
        for autonomy in autonomies
        for entry in entries
        for seed in study.seeds
        if study.warm_start and autonomy.name == ALONE and isinstance(entry.agent, Pathwise)
    ]
    for autonomy in autonomies:
        for entry in entries:
            if not isinstance(entry.agent, Learner):
                evaluated.append((Contestant(autonomy, entry.agent, entry.name), None))
            elif (reason := _cannot_learn(entry.agent, scenario, autonomy)) is not None:
                refused.append(Skipped(autonomy.name, entry.name, reason))
            else:
                seeds = [_training(entry, scenario, autonomy, seed, home, data, alone) for seed in study.seeds]
                trainings += seeds
                evaluated += [_of_training(training) for training in seeds]
    contestants = distinct([contestant for contestant, _ in evaluated] + own)
    policies = [policy for _, policy in evaluated] + [None] * len(own)
    evaluations = [EvaluationJob(traces, who, policy, home, data) for who, policy in zip(contestants, policies, strict=True)]
    return ScheduledScenario(traces, tuple(trainings), tuple(evaluations), tuple(refused))


def _traces(study: Study, scenario: Scenario) -> Traces:
    horizon = study.horizon or scenario.horizon
    if horizon <= scenario.warmup:
        raise InputError("study.horizon", horizon, f"more periods than the warm-up of {scenario.name}, {scenario.warmup}")
    return Traces(scenario, study.trace_seed, study.episodes, study.split, horizon)


def _cannot_learn(learner: Learner, scenario: Scenario, autonomy: Autonomy) -> str | None:
    """Why not; None where it can."""
    try:
        Simulator(scenario, autonomy)
        task = Task(scenario, autonomy, 0)
        learner.sized(task).check(task)
    except InputError as error:
        return str(error)
    return None


def _training(
    entry: ScheduledAgent,
    scenario: Scenario,
    autonomy: Autonomy,
    seed: int,
    home: Path,
    data: str | None,
    alone: Sequence[TrainingJob] = (),
) -> TrainingJob:
    assert isinstance(entry.agent, Learner)
    task = Task(scenario, autonomy, seed)
    learner = entry.agent.sized(task)
    config = Config(scenario=scenario, autonomy=autonomy, agent=plain(learner), seed=seed)
    silo = None
    if alone and isinstance(learner, Pathwise) and learner.may_start_from_sites and includes_silo_sites(task):
        silo = next((job for job in alone if (job.agent, job.config.seed) == (entry.name, seed)), None)
    return TrainingJob(config, learner, entry.name, home, data, silo)


def _of_training(job: TrainingJob) -> tuple[Contestant, str]:
    config = job.config
    origin = Training(str(config.agent["type"]), config.agent, config.seed, config.autonomy, config.scenario)
    policy = Trained(run=str(job.folder), allow=tuple(packages_of(config.agent)))  # the user has named them in the study
    return Contestant(config.autonomy, policy, f"{job.agent}-{config.seed}", origin), job.key


def _check_everybody_learns(entries: list[ScheduledAgent], made: Schedule) -> None:
    for number, entry in enumerate(entries):
        if isinstance(entry.agent, Learner) and entry.name not in {job.agent for job in made.trainings}:
            reasons = [skipped.reason for part in made.parts for skipped in part.refused if skipped.name == entry.name]
            accepted = f"a learner that some autonomy level of the study can use ({reasons[0]})"
            raise InputError(f"study.agents[{number}]", entry.name, accepted)
