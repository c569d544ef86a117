"""The study of all hypotheses: every scenario whose card expects something, at the autonomy levels that it is expected of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import Field

from orderup.envs.catalogue import contents, list_scenarios, load_autonomy, load_scenario, varied, with_data
from orderup.envs.foundation.errors import InputError
from orderup.envs.foundation.validation import Count, Keys, Seed
from orderup.envs.scenario.card import Hypothesis
from orderup.envs.scenario.scenario import Scenario
from orderup.envs.trace.trace import FIRST_HELD_OUT_SEED

from ..comparison.hypotheses import Question
from ..comparison.method import Method
from ..report.report import NAME
from .identity import data_digest, digest, plain
from .registrations import registered_on
from .reports import comparison_of
from .schedule import RUNS, Schedule, ScheduledScenario, schedule
from .study import SomeEntries, Study, StudyKeys, check_once

KIND = "hypotheses"
Job: TypeAlias = tuple[str, str]
"""The digests of a scenario and of a method; names that are made up for changed lists are alike."""


class Hypotheses(Keys):
    """What scenarios' cards expect, put to the test: one method at every autonomy level that they name."""

    other_words: ClassVar[Mapping[str, str]] = {"agents": "agent"}

    kind: Literal["hypotheses"]
    name: str = Field(pattern=f"^{NAME}$", description="Of its folders, runs/<name>/ and reports/<name>/")
    description: str = ""
    scenarios: SomeEntries | None = Field(None, description="Names or YAML paths; left out: all that expect something")
    small: bool = Field(False, description="Take the small version of those that have one")
    agent: Any = Field("optimised_base_stock", description="The method, the same at every autonomy level")
    seeds: Annotated[list[Seed], Field(min_length=1)] = Field([0], description="Of the trainings, where the method learns")
    learner: dict[str, Any] = Field({}, description="Keys for it, as steps: 1_000_000")
    episodes: Count = Field(200, description="Traces of each scenario")
    trace_seed: Seed = Field(FIRST_HELD_OUT_SEED, description="Of the traces; training's are lower")


@dataclass(frozen=True)
class Registered:
    """A hypothesis, and the scenarios that its two sides are played in."""

    scenario: str
    """Whose card it stands on."""
    hypothesis: Hypothesis
    registered: str
    """The day on which it was registered of the scenario as it is; nothing where it never was."""
    agent: Any
    """The method for both sides."""
    better: Scenario
    worse: Scenario


@dataclass(frozen=True)
class Inquiry(Schedule):
    """The study's jobs, with what they are done for."""

    registered: tuple[Registered, ...]
    jobs: tuple[Job, ...]
    """Which scenario and method each of the parts is of."""
    without_data: tuple[str, ...]
    """Scenarios that nobody asked for by name and whose recorded demand is not there."""


def load_any(given: Any) -> Study | Hypotheses:
    """A study of either kind, as `load_study`. Raises InputError for another kind."""
    if isinstance(given, (Study, Hypotheses)):
        return given
    asked = StudyKeys.of(given)
    if (kind := asked.keys.get("kind", KIND)) != KIND:
        raise InputError("study.kind", kind, f"{KIND}, or nothing; an atlas is evaluated, and trains nobody")
    return asked.made(Hypotheses) if "kind" in asked.keys else asked.made(Study)


def inquire(asked: Hypotheses, data: str | None = None, folder: Path = RUNS) -> Inquiry:
    """The jobs of the study, as `schedule` makes them. Raises InputError for whatever a card names that is not there, too."""
    scenarios, without_data = _scenarios(asked, data)
    registered = [found for scenario in scenarios for found in _registered(asked, scenario, data)]
    if not registered:
        raise InputError("study.scenarios", [scenario.name for scenario in scenarios], "some with hypotheses on their cards")
    jobs = _jobs(registered)
    made = [_part(asked, *job, data, folder) for job in jobs.values()]
    parts = tuple(part for one in made for part in one.parts)
    return Inquiry(made[0].study, parts, tuple(registered), tuple(jobs), tuple(without_data))


def questions(made: Inquiry, failures: Mapping[str, str]) -> list[Question]:
    """Each hypothesis with those who were evaluated for it, from the finished jobs."""
    evaluated = {job: _evaluated(part, failures) for job, part in zip(made.jobs, made.parts, strict=True)}
    found = []
    for entry in made.registered:
        asked, (better, worse) = entry.hypothesis, (_job(side, entry.agent) for side in (entry.better, entry.worse))
        sides = [evaluated[better][asked.better], evaluated[worse][asked.worse]]
        methods = [side if isinstance(side, Method) else None for side in sides]
        reason = next((side for side in sides if isinstance(side, str)), "")
        found.append(Question(entry.scenario, asked, methods[0], methods[1], entry.registered, reason))
    return found


def _scenarios(asked: Hypotheses, data: str | None) -> tuple[list[Scenario], list[str]]:
    """Those that are asked about, and the names of those left out since their recorded demand is not there."""
    if asked.scenarios is not None:
        found = []
        for number, given in enumerate(asked.scenarios):
            try:
                found.append(_loaded(given, asked.small, data))
            except InputError as error:
                raise error.moved("scenario", f"study.scenarios[{number}]") from None
        check_once("study.scenarios", [scenario.name for scenario in found])
        return found, []
    every = [_loaded(name, asked.small, data) for name in list_scenarios()]
    expecting = [scenario for scenario in every if scenario.card is not None and scenario.card.hypotheses]
    there = [scenario for scenario in expecting if scenario.data is None or data_digest(scenario) is not None]
    return there, [scenario.name for scenario in expecting if scenario not in there]


def _loaded(given: Any, small: bool, data: str | None) -> Scenario:
    scenario = load_scenario(given)
    if small and scenario.small and not isinstance(given, Mapping):
        scenario = load_scenario({"type": given, **scenario.small, "name": f"{scenario.name}_small"})
    return scenario if data is None or scenario.data is None else with_data(scenario, data)


def _registered(asked: Hypotheses, scenario: Scenario, data: str | None) -> Iterator[Registered]:
    for number, hypothesis in enumerate(scenario.card.hypotheses if scenario.card else []):
        key = f"{scenario.name}.card.hypotheses[{number}]"
        for side in ("better", "worse"):
            try:
                load_autonomy(getattr(hypothesis, side))
            except InputError as error:
                raise error.moved("autonomy", f"{key}.{side}") from None
        part = "within"
        try:
            better = worse = scenario if hypothesis.within is None else varied(scenario, hypothesis.within)
            part = "against"
            if isinstance(hypothesis.against, Mapping):
                worse = varied(better, hypothesis.against)
            elif hypothesis.against is not None:
                worse = _loaded(hypothesis.against, asked.small, data)
        except InputError as error:
            raise error.moved("scenario", f"{key}.{part}") from None
        agent = asked.agent if hypothesis.agent is None else hypothesis.agent
        day = registered_on(scenario, hypothesis)
        yield Registered(scenario.name, hypothesis, day.isoformat() if day else "", agent, better, worse)


def _jobs(registered: list[Registered]) -> dict[Job, tuple[Scenario, Any, list[str]]]:
    """Every scenario once for each method, with the autonomy levels that it is to be played at."""
    found: dict[Job, tuple[Scenario, Any, list[str]]] = {}
    for entry in registered:
        for scenario, autonomy in ((entry.better, entry.hypothesis.better), (entry.worse, entry.hypothesis.worse)):
            autonomies = found.setdefault(_job(scenario, entry.agent), (scenario, entry.agent, []))[2]
            if autonomy not in autonomies:
                autonomies.append(autonomy)
    return found


def _job(scenario: Scenario, agent: Any) -> Job:
    return digest(contents(scenario)), digest(plain(agent))


def _part(asked: Hypotheses, scenario: Scenario, agent: Any, autonomies: list[str], data: str | None, folder: Path) -> Schedule:
    keys = asked.model_dump(include={"name", "description", "seeds", "learner", "episodes", "trace_seed"})
    study = Study(scenarios=[scenario], levels=autonomies, agents=[agent], **keys)
    try:
        return schedule(study, None, folder)
    except InputError as error:
        known = {"study.agents[0]": "study.agent", "study.scenarios[0]": f"scenario {scenario.name}"}
        raise error.rekeyed(
            lambda key: next((key.replace(old, new) for old, new in known.items() if old in key), key)
        ) from None


def _evaluated(part: ScheduledScenario, failures: Mapping[str, str]) -> dict[str, Method | str]:
    """By autonomy level, the method as it was evaluated there, or why it was not."""
    comparison = comparison_of(part, failures)
    found: dict[str, Method | str] = {job.contestant.autonomy.name: failures.get(job.name, "") for job in part.evaluations}
    found |= {entry.autonomy: entry.reason for entry in (comparison.skipped if comparison else part.refused)}
    return found | {method.autonomy.name: method for method in (comparison.methods if comparison else ())}
